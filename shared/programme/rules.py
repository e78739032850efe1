"""What must hold between the fields of a programme.

The rules read plain values, not the models: they also tell what is wrong when other fields are malformed, so that a
clerk sees every error at once. A value that is itself malformed is left to the schema.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args

from shared.contracts import EVENTS
from shared.contracts.intake import Grade as CallbackKey
from shared.programme import publication
from shared.programme.marks import Finding, Path, Said, number, rows, sums_to
from shared.programme.messages import meant
from shared.programme.points import PointRuleKey

_KEYED: tuple[tuple[str, ...], ...] = (
    ("cycles",),
    ("categories",),
    ("scopes",),
    ("groups",),
    ("dimensions",),
    ("grades",),
    ("topics",),
    ("channels",),
    ("pool", "strata"),
    ("callback", "grades"),
    ("obligations",),
    ("points", "rules"),
    ("composite",),
    ("consequences",),
)


def at(data: Any, *path: str) -> Any:
    """The value at a path of names; None where there is none."""
    for step in path:
        data = data.get(step) if isinstance(data, dict) else None
    return data


def keys(data: Any, *path: str) -> list[str]:
    """The keys of a list's entries."""
    return [str(row["key"]) for _, row in rows(data, *path) if "key" in row]


def findings(data: Any) -> Iterator[Finding]:
    """Everything that does not hold between fields."""
    for rule in (_unique, _sums, _known, _covered, _orders, _marks, _points, _notices, publication.findings, _ordered):
        yield from rule(data)


def _unique(data: Any) -> Iterator[Finding]:
    for path in (*_KEYED, ("calendar",)):
        name = "year" if path == ("calendar",) else "key"
        seen: set[object] = {at(data, "abstain", "key")} if path == ("grades",) else set()
        for where, row in rows(data, *path):
            value = row.get(name)
            if isinstance(value, str | int):
                if value in seen:
                    yield Finding(
                        (*where, name),
                        value,
                        Said("与前面的重复", "stands twice in this list"),
                        Said("每个 key 只用一次", "use each key once"),
                    )
                seen.add(value)


def _sum(data: Any, path: tuple[str, ...], name: str, whole: Decimal, shown: str) -> Iterator[Finding]:
    yield from sums_to(path, [row for _, row in rows(data, *path)], name, whole, shown)


def _sums(data: Any) -> Iterator[Finding]:
    yield from _sum(data, ("dimensions",), "weight", Decimal(100), "100")
    yield from _sum(data, ("pool", "strata"), "share", Decimal(1), "100%")
    yield from _sum(data, ("meeting", "card_classes"), "weight", Decimal(100), "100")
    classes = [row.get("ordinary") is True for _, row in rows(data, "meeting", "card_classes")]
    if classes and sorted(classes) != [False, True]:
        yield Finding(
            ("meeting", "card_classes"),
            f"{classes.count(True)} ordinary, {classes.count(False)} other",
            Said("分类只能是普通群众一类、其他代表一类", "are not one class of ordinary people and one of the others"),
            Said("写两类，其中一类 ordinary: true；不分类则删去", "name two, one with ordinary: true; or none"),
        )
    for where, row in rows(data, "groups"):
        listed = [given for _, given in rows(row, "dimensions")]
        yield from sums_to((*where, "dimensions"), listed, "weight", Decimal(100), "100")


def _unknown(path: Path, value: object, kind: str, kind_zh: str, known: list[str]) -> Finding:
    listed = ", ".join(known) or "–"
    return Finding(
        path,
        value,
        Said(f"没有这个{kind_zh}", f"there is no such {kind}"),
        meant(value, known) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
    )


def _known(data: Any) -> Iterator[Finding]:
    dimensions, categories, scopes = (keys(data, name) for name in ("dimensions", "categories", "scopes"))
    for where, row in rows(data, "topics"):
        if isinstance(row.get("dimension"), str) and row["dimension"] not in dimensions:
            yield _unknown((*where, "dimension"), row["dimension"], "dimension", "评议内容", dimensions)
    for where, row in rows(data, "groups"):
        for inside, graded in rows(row, "dimensions"):
            if isinstance(graded.get("key"), str) and graded["key"] not in dimensions:
                yield _unknown((*where, *inside, "key"), graded["key"], "dimension", "评议内容", dimensions)
    for where, row in rows(data, "scopes"):
        for i, value in enumerate(row["categories"] if isinstance(row.get("categories"), list) else []):
            if isinstance(value, str) and value not in categories:
                yield _unknown((*where, "categories", i), value, "category", "类别", categories)
    covering = at(data, "inspections", "coverage", "categories")
    for i, value in enumerate(covering if isinstance(covering, list) else []):
        if isinstance(value, str) and value not in categories:
            yield _unknown(("inspections", "coverage", "categories", i), value, "category", "类别", categories)
    for where, row in rows(data, "consequences"):
        named = at(row, "when", "scopes")
        for i, value in enumerate(named if isinstance(named, list) else []):
            if isinstance(value, str) and value not in scopes:
                yield _unknown((*where, "when", "scopes", i), value, "scope", "排名范围", scopes)


def _covered(data: Any) -> Iterator[Finding]:
    ranked = {
        c for _, row in rows(data, "scopes") if isinstance(row.get("categories"), list) for c in row["categories"]
    }
    for where, row in rows(data, "categories"):
        key = row.get("key")
        if isinstance(key, str) and key not in ranked and at(data, "scopes"):
            yield Finding(
                (*where, "key"),
                key,
                Said("这个类别不在任何排名范围里", "no scope ranks this category"),
                Said("在 scopes 的 categories 里加上它", "add it to a scope's categories"),
            )


def _not_above(data: Any, low: tuple[str, ...], high: tuple[str, ...]) -> Iterator[Finding]:
    small, large = number(at(data, *low)), number(at(data, *high))
    if small is not None and large is not None and small > large:
        names = ".".join(low), ".".join(high)
        yield Finding(
            low,
            at(data, *low),
            Said(f"大于 {names[1]}({at(data, *high)})", f"more than {names[1]} ({at(data, *high)})"),
            Said(f"{names[0]} 不能超过 {names[1]}", f"{names[0]} must not exceed {names[1]}"),
        )


def _orders(data: Any) -> Iterator[Finding]:
    seats = ("meeting", "seats")
    for low, high in (
        (("pool", "least"), ("pool", "most")),
        ((*seats, "least"), (*seats, "default")),
        ((*seats, "default"), (*seats, "most")),
        ((*seats, "most"), ("pool", "least")),
        ((*seats, "ordinary_present_min"), (*seats, "ordinary_seats_min")),
        (("meeting", "quorum", "valid_ballots"), (*seats, "least")),
        (("meeting", "oral_statements_least"), ("meeting", "oral_statements_most")),
        (("meeting", "ballot_key", "needed"), ("meeting", "ballot_key", "given")),
        (("meeting", "dispute_key", "needed"), ("meeting", "dispute_key", "given")),
        (("meeting", "result_key", "needed"), ("meeting", "result_key", "given")),
        (("points", "floor"), ("points", "start")),
    ):
        yield from _not_above(data, low, high)
    strata = [row for _, row in rows(data, "pool", "strata")]
    if strata and not any(row.get("ordinary") is True for row in strata):
        yield Finding(
            ("pool", "strata"),
            "ordinary",
            Said("没有一类是普通群众", "no stratum is of ordinary people"),
            Said("给普通群众的身份类别写 ordinary: true", "write ordinary: true with theirs"),
        )
    days = at(data, "warnings")
    if isinstance(days, list) and all(isinstance(d, int) for d in days) and days != sorted(set(days), reverse=True):
        yield Finding(
            ("warnings",),
            days,
            Said("提醒天数要从大到小，不重复", "warnings go from the most days to the least, each once"),
            Said(f"写成 {sorted(set(days), reverse=True)}", f"write {sorted(set(days), reverse=True)}"),
        )
    before = -1
    for where, row in rows(data, "escalation"):
        if isinstance(row.get("days"), int):
            if row["days"] <= before:
                yield Finding(
                    (*where, "days"),
                    row["days"],
                    Said("升级天数要从小到大，不重复", "steps go from the least days to the most, each once"),
                    Said("按天数排好", "put the steps in order"),
                )
            before = row["days"]


def _marks(data: Any) -> Iterator[Finding]:
    for path in (("grades",), ("callback", "grades")):
        before: Decimal | None = None
        for where, row in rows(data, *path):
            mark = number(row.get("mark"))
            if mark is not None and before is not None and mark >= before:
                yield Finding(
                    (*where, "mark"),
                    row["mark"],
                    Said(f"不低于前一等的 {before}", f"not below the grade before it ({before})"),
                    Said("等次从高到低排列，折合分递减", "list the grades from best to worst, with falling marks"),
                )
            before = mark if mark is not None else before
    answers = list(rows(data, "callback", "grades"))
    good_after_bad = False
    for where, row in answers:
        bad = row.get("bad", False) is True
        if good_after_bad and not bad:
            yield Finding(
                (*where, "key"),
                row.get("key"),
                Said("排在不满意的等次之后，却不算不满意", "stands below a bad grade but is not bad"),
                Said("给它加 bad: true，或调整次序", "add bad: true, or change the order"),
            )
        good_after_bad = good_after_bad or bad
        if isinstance(row.get("key"), str) and row["key"] not in get_args(CallbackKey):
            known = list(get_args(CallbackKey))
            yield _unknown((*where, "key"), row["key"], "callback grade", "回访等次", known)
    if answers and len({row.get("bad", False) is True for _, row in answers}) < 2:
        yield Finding(
            ("callback", "grades"),
            "bad",
            Said("回访等次里要有满意的，也要有不满意（bad: true）的", "needs both good and bad answers"),
            Said("给不满意的等次写 bad: true", "write bad: true with the bad ones"),
        )


def _points(data: Any) -> Iterator[Finding]:
    given = keys(data, "points", "rules")
    for key in get_args(PointRuleKey):
        if given and key not in given:
            yield Finding(
                ("points", "rules"),
                key,
                Said(f"缺少扣分规则 {key}", f"the rule {key} is missing"),
                Said("补上这一条；不扣分就写 points: 0", "add it; points: 0 switches it off"),
            )
    for where, row in rows(data, "points", "rules"):
        points = number(row.get("points"))
        if points is not None and points > 0:
            yield Finding(
                (*where, "points"),
                row["points"],
                Said("这些规则只能扣分", "these rules deduct"),
                Said(f"写成负数:-{row['points']}", f"write it as -{row['points']}"),
            )


def _ordered(data: Any) -> Iterator[Finding]:
    """What a consequence orders to be put right becomes a case: it needs the way into the register."""
    if "appraisal" in keys(data, "channels"):
        return
    for where, row in rows(data, "consequences"):
        kinds = row.get("kinds")
        if isinstance(kinds, list) and "rectification" in kinds:
            yield Finding(
                (*where, "kinds"),
                "rectification",
                Said("要立案，但没有 appraisal 渠道", "becomes a case, and there is no channel `appraisal`"),
                Said("在 channels 里加上 key: appraisal", "list the channel `appraisal`"),
            )


def _notices(data: Any) -> Iterator[Finding]:
    known = {name.removeprefix("minping.").removesuffix(".v1"): event for name, event in EVENTS.items()}
    seen: set[tuple[object, object, object]] = set()
    for where, row in rows(data, "notices"):
        event, tells = row.get("event"), row.get("tells")
        if not isinstance(event, str):
            continue
        if event not in known:
            near = sorted(k for k in known if k.split(".")[0] == event.split(".")[0] and not k.startswith("inbox"))
            yield _unknown((*where, "event"), event, "event", "事件", near or sorted(known))
            continue
        for i, role in enumerate(tells if isinstance(tells, list) else []):
            if role == "as_escalated" and "roles" not in known[event].model_fields:
                yield Finding(
                    (*where, "tells", i),
                    role,
                    Said("这个事件不带升级角色", "this event carries no roles"),
                    Said("写明告诉谁，如 main_leader", "name who is told, such as main_leader"),
                )
            what = (event, str(role), row.get("template"))
            if what in seen:
                yield Finding(
                    (*where, "tells", i),
                    role,
                    Said("同一件事给同一人的同一封信写了两次", "the same letter to the same role stands twice"),
                    Said("删掉一条", "remove one"),
                )
            seen.add(what)
