"""The report's part about complaints and cases: what was reported, how it went, what the public said."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.labels import Words, word
from deploy.local.simulate.mechanism import Seen
from deploy.local.simulate.report_model import Cell, Number, Section, Table, counted, table
from shared.programme.obligations import OFFICE

OPENED, CLOSED, RETURNED = "rectification.case.opened", "rectification.case.closed", "rectification.case.returned"
REOPENED, LAPSED, SOLVED = "rectification.case.reopened", "rectification.case.lapsed", "rectification.case.solved"
REGISTERED, SCREENED, LINKED = (
    "intake.complaint.registered",
    "intake.complaint.screened",
    "intake.complaint.linked",
)
LIFE = (
    ("opened", "立案", "opened", OPENED, None),
    ("solved", "报结", "solved", SOLVED, None),
    ("returned", "退回", "returned", RETURNED, None),
    ("closed", "销号", "closed", CLOSED, None),
    ("late", "其中逾期", "closed late", CLOSED, "late"),
    ("reopened", "重新办理", "reopened", REOPENED, None),
    ("no_result", "无结果", "no result", LAPSED, None),
)
Group = Callable[[Fact], str]


def complaints(seen: Seen) -> Section:
    """Read, registered, repeated, kept for repair; by channel, identity, screening."""
    read = seen.figures.complaints
    registered = seen.of(REGISTERED)
    rows: list[tuple[Cell, ...]] = [
        (Words("收到", "received"), read.get("received")),
        (Words("登记", "registered"), counted(registered)),
        (Words("其中关联为同一问题", "of these linked to an earlier matter"), counted(seen.of(LINKED))),
        (Words("同一票号重复报送", "repeated by the same ticket"), read.get("repeated")),
        (Words("待补正", "kept for repair"), read.get("kept_for_repair")),
    ]
    return Section(
        "complaints", Words("投诉受理", "Complaints"),
        (
            table("read", "收到和登记", "Read and registered", HEAD, rows),
            _channels(seen),
            _by("identity", "身份", "Identity", _groups(registered, lambda fact: str(fact.data["identity"]))),
            _by("screening", "初审结果", "Screening",
                _groups(seen.of(SCREENED), lambda fact: str(fact.data["decision"]))),
            _by("answers", "回访结果", "Callbacks",
                _groups(seen.of("intake.callback.recorded"), _answer), _answers(seen)),
        ),
    )  # fmt: skip


HEAD = (("what", "项目", "what"), ("number", "件数", "number"))


def cases(seen: Seen) -> Section:
    """Cases by track, outcome, channel, topic and unit."""
    opened = {str(fact.data["case"]): fact for fact in reversed(seen.of(OPENED))}
    topics = {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.topics}

    def of_case(field: str) -> Group:
        def value(fact: Fact) -> str:
            first = opened.get(str(fact.data["case"]))
            return str(first.data.get(field) or "none") if first else "none"

        return value

    channels = {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.channels}
    outcomes = _groups(seen.of(CLOSED), lambda fact: str(fact.data["outcome"]))
    return Section(
        "cases", Words("整改台账", "Cases"),
        (
            _life("all", "总数", "All", seen, lambda fact: "all", {"all": Words("全部", "all")}),
            _life("track", "办理方式", "Track", seen, of_case("track")),
            _by("outcome", "销号结果", "Outcome", outcomes),
            _life("channel", "渠道", "Channel", seen, of_case("channel"), channels),
            _life("topic", "问题类型", "Topic", seen, of_case("topic"), topics),
            _life("unit", "单位", "Unit", seen, _unit, units(seen)),
        ),
    )  # fmt: skip


def _unit(fact: Fact) -> str:
    return str(fact.data.get("unit") or fact.data.get("lead_unit"))


def units(seen: Seen) -> dict[str, Words]:
    """Every unit that was registered, those too that came of a reorganisation, and the office."""
    return {OFFICE: Words("评议办", "the office")} | {
        str(fact.data["unit"]): Words(str(fact.data["name"]), str(fact.data.get("name_en") or fact.data["name"]))
        for fact in seen.of("scoring.unit.registered")
    }


def _answer(fact: Fact) -> str:
    return str(fact.data.get("grade") or fact.data["result"])


def _answers(seen: Seen) -> dict[str, Words]:
    return {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.callback.grades}


def _groups(facts: Iterable[Fact], group: Group) -> dict[str, list[Fact]]:
    found: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[group(fact)].append(fact)
    return dict(sorted(found.items()))


def _by(
    key: str, zh: str, en: str, groups: Mapping[str, Sequence[Fact]], names: Mapping[str, Words] | None = None
) -> Table:
    known = names or {}
    rows: list[tuple[Cell, ...]] = [(known.get(name) or word(name), counted(facts)) for name, facts in groups.items()]
    return table(key, zh, en, HEAD, rows)


def _channels(seen: Seen) -> Table:
    """Every channel of the programme, those by which nothing came too."""
    registered = _groups(seen.of(REGISTERED), lambda fact: str(fact.data["channel"]))
    channel = {str(fact.data["number"]): str(fact.data["channel"]) for fact in seen.of(REGISTERED)}
    linked = _groups(seen.of(LINKED), lambda fact: channel.get(str(fact.data["number"]), ""))
    opened = _groups(seen.of(OPENED), lambda fact: str(fact.data.get("channel", "")))
    figures = (registered, linked, opened)
    rows: list[tuple[Cell, ...]] = [
        (Words(one.label.zh, one.label.en), *(counted(found.get(one.key, ())) for found in figures))
        for one in seen.programme.channels
    ]
    heads = (
        ("channel", "渠道", "channel"),
        ("registered", "登记", "registered"),
        ("linked", "关联", "linked"),
        ("opened", "立案", "cases"),
    )
    return table("channels", "各渠道", "By channel", heads, rows)


def _life(key: str, zh: str, en: str, seen: Seen, group: Group, names: Mapping[str, Words] | None = None) -> Table:
    known = names or {}
    by = {name: _groups(_chosen(seen, kind, flag), group) for name, _, _, kind, flag in LIFE}
    there = {one for groups in by.values() for one in groups}
    keys = [*(one for one in known if one in there), *sorted(there - set(known))]
    rows: list[tuple[Cell, ...]] = []
    for one in keys:
        figures: list[Number] = [counted(by[name].get(one, ())) for name, *_ in LIFE]
        rows.append((known.get(one) or word(one), *figures))
    heads = ((key, zh, en.lower()), *((name, label, english) for name, label, english, *_ in LIFE))
    return table(f"by_{key}", zh, en, heads, rows)


def _chosen(seen: Seen, kind: str, flag: str | None) -> list[Fact]:
    return [fact for fact in seen.of(kind) if flag is None or fact.data.get(flag)]
