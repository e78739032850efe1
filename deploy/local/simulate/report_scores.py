"""The report's part about scores: points, parts, ranks, consequences; and about letters and what went wrong."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.labels import Words, kind, word
from deploy.local.simulate.mechanism import Seen
from deploy.local.simulate.report_model import Cell, Number, Section, Table, counted, table
from services.scoring.domain.working import terms

DEDUCTED, AWARDED = "scoring.points.deducted", "scoring.points.awarded"
BACK = ("scoring.points.restored", "scoring.points.withdrawn")
COURSE = ("confirmed", "withdrawn", "executed", "overdue", "returned", "closed", "appealed", "ruled")
TROUBLE = (
    "intake.transfer.overdue", "intake.transfer.refused", "intake.exposure.chased", "intake.feedback.overdue",
    "intake.coverage.missed", "intake.disclosure.refused", "intake.petitioner.excluded", "intake.objection.raised",
    "rectification.case.lapsed", "rectification.commitment.broken", "rectification.obligation.missed",
    "scoring.representative.replaced", "scoring.canvassing.established", "scoring.consequence.overdue",
    "scoring.programme.amended", "scoring.unit.succeeded", "notify.notice.failed", "notify.notice.uncertain",
    "notify.notice.dropped", "notify.address.failed", "notify.term.expiring",
)  # fmt: skip


def points(seen: Seen) -> Section:
    """Lines of the daily score by rule and by unit."""
    rules: dict[str, Words] = {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.points.rules}
    if seen.programme.points.bonus:
        rules |= {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.points.bonus.rules}
    lines = seen.of(DEDUCTED, AWARDED)
    rule_of = {str(fact.data["line"]): str(fact.data["rule"]) for fact in lines}
    appealed, back = seen.of("scoring.points.appealed"), seen.of(*BACK)
    heads = (("lines", "条数", "lines"), ("points", "分数", "points"), ("appealed", "申诉", "appealed"),
             ("back", "恢复或撤销", "taken back"))  # fmt: skip
    by_rule: list[tuple[Cell, ...]] = [
        (rules.get(key) or word(key), *_sum(_of(lines, "rule", key)),
         *(counted(fact for fact in facts if rule_of.get(str(fact.data["line"])) == key) for facts in (appealed, back)))
        for key in sorted({str(fact.data["rule"]) for fact in lines})
    ]  # fmt: skip
    by_unit: list[tuple[Cell, ...]] = [
        (cycle, unit, *_sum(_of(_of(lines, "cycle_name", cycle), "unit", unit)),
         *(counted(_of(_of(facts, "cycle_name", cycle), "unit", unit)) for facts in (appealed, back)))
        for cycle, unit in sorted({(str(fact.data.get("cycle_name", "")), str(fact.data["unit"])) for fact in lines})
    ]  # fmt: skip
    return Section(
        "points", Words("日常评议扣分、加分", "Points"),
        (
            table("by_rule", "按规则", "By rule", (("rule", "规则", "rule"), *heads), by_rule),
            table("by_unit", "按单位", "By unit",
                  (("cycle", "周期", "cycle"), ("unit", "单位", "unit"), *heads), by_unit),
        ),
    )  # fmt: skip


def _of(facts: Iterable[Fact], field: str, value: str) -> list[Fact]:
    return [fact for fact in facts if fact.data.get(field, "") == value]


def _sum(facts: Sequence[Fact]) -> tuple[Number, Number]:
    total = sum((Decimal(str(fact.data["points"])) for fact in facts), Decimal(0))
    return counted(facts), Number(f"{total.normalize():f}", tuple(fact.number for fact in facts))


def ranking(seen: Seen) -> Section:
    """Each cycle's published result: parts, composite, rank with its interval, flags."""
    shown = [_cycle(seen, name, result) for name, result in seen.figures.results.items()]
    return Section("ranking", Words("得分和名次", "Scores and ranks"), tuple(shown))


def _cycle(seen: Seen, cycle: str, result: Mapping[str, Any]) -> Table:
    parts = list(seen.programme.composite)
    lines = [fact for fact in seen.of(DEDUCTED, AWARDED, *BACK) if fact.data.get("cycle_name") == cycle]
    issued = tuple(fact.number for fact in _of(seen.of("scoring.ranking.published"), "cycle_name", cycle))
    sealed = _of(seen.of("scoring.meeting.sealed"), "cycle_name", cycle)
    rows: list[tuple[Cell, ...]] = []
    for row in sorted(result["units"], key=lambda one: (one["scope"], one["rank"] or 9999, one["unit"])):
        values = {term.part: term.value for term in terms(str(row["formula"]))}
        behind = {
            "daily": tuple(fact.number for fact in lines if fact.data["unit"] == row["unit"]),
            "concentrated": tuple(one.number for one in sealed if one.data["meeting"] == row.get("meeting")),
        }
        low, high = row.get("rank_low"), row.get("rank_high")
        rows.append((
_scope(seen, str(row["scope"])), str(row["unit"]),
            *(Number(values.get(part.key) or "—", behind.get(part.key, ())) for part in parts),
            Number(str(row["composite"] or "—"), issued), Number(str(row["rank"] or "—"), issued),
            f"{low}–{high}" if low else "—", _flags(row),
        ))  # fmt: skip
    heads = (
        ("scope", "范围", "scope"), ("unit", "单位", "unit"),
        *((part.key, part.label.zh, part.label.en) for part in parts), ("composite", "综合", "composite"),
        ("rank", "名次", "rank"), ("interval", "95%区间", "95% interval"), ("flags", "说明", "flags"),
    )  # fmt: skip
    return table(cycle, cycle, cycle, heads, rows)


def _scope(seen: Seen, key: str) -> Words:
    """`township:白桥镇` by the scope's label and the place."""
    rule, _, place = key.partition(":")
    label = seen.programme.scope(rule).label
    return Words(f"{label.zh} {place}", f"{label.en} {place}") if place else Words(label.zh, label.en)


def _flags(row: Mapping[str, Any]) -> Words:
    certain = row.get("last") and row.get("rank_low") == row.get("rank_high")
    said = [
        words for key, words in (
            ("last", ("末位", "last")), ("may_be_last", ("名次存疑：可能末位", "may be last")),
            ("canvassing", ("拉选票", "canvassing")),
        ) if row.get(key) and not (key == "may_be_last" and certain)
    ]  # fmt: skip
    if row.get("not_ranked"):
        said.append((f"不排名：{row['not_ranked']}", f"not ranked: {row['not_ranked']}"))
    return Words("；".join(zh for zh, _ in said), "; ".join(en for _, en in said))


def consequences(seen: Seen) -> Section:
    """What was proposed, by rule; and each with its course to the end."""
    proposed = seen.of("scoring.consequence.proposed")
    course: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for step in COURSE:
        for fact in seen.of(f"scoring.consequence.{step}"):
            course[str(fact.data["consequence"])][step].append(fact)
    rules = {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.consequences}
    by_rule: list[tuple[Cell, ...]] = [
        (words, *_totals([fact for fact in proposed if _rule(fact) == key], course)) for key, words in rules.items()
    ]
    each: list[tuple[Cell, ...]] = [
        (
            str(fact.data["cycle_name"]), str(fact.data["unit"]), rules.get(_rule(fact)) or _rule(fact),
            word(str(fact.data["kind"])), Words("须复核", "review") if fact.data.get("review") else None,
            _when([fact]), *(_when(course[str(fact.data["consequence"])][step]) for step in COURSE),
        )
        for fact in proposed
    ]  # fmt: skip
    steps = tuple((step, kind(f"scoring.consequence.{step}").zh, step) for step in COURSE)
    return Section(
        "consequences", Words("结果运用", "Consequences"),
        (
            table("by_rule", "按规则", "By rule", (("rule", "规则", "rule"), ("proposed", "提出", "proposed"),
                  ("review", "名次存疑", "in doubt"), *steps), by_rule),
            table("each", "每一项的经过", "Each and its course", (
                ("cycle", "周期", "cycle"), ("unit", "单位", "unit"), ("rule", "规则", "rule"),
                ("kind", "处理", "kind"), ("review", "复核", "review"), ("proposed", "提出", "proposed"), *steps,
            ), each),
        ),
    )  # fmt: skip


def _rule(fact: Fact) -> str:
    """The rule in a consequence's key: `cycle.unit.rule[.about].kind`."""
    rest = str(fact.data["consequence"]).removeprefix(f"{fact.data['cycle_name']}.{fact.data['unit']}.")
    return rest.split(".")[0]


def _totals(proposed: list[Fact], course: Mapping[str, Mapping[str, list[Fact]]]) -> tuple[Number, ...]:
    keys = [str(fact.data["consequence"]) for fact in proposed]
    after = (counted(fact for key in keys for fact in course[key][step]) for step in COURSE)
    return (counted(proposed), counted(fact for fact in proposed if fact.data.get("review")), *after)


def _when(facts: Sequence[Fact]) -> Number | None:
    if not facts:
        return None
    return Number("、".join(fact.day for fact in facts), tuple(fact.number for fact in facts))


def letters(seen: Seen) -> Section:
    """Notices by what caused them and by whom they went to; circulars, briefings, entries of the bulletin."""
    fates = ("sent", "failed", "uncertain", "dropped")
    facts = {fate: seen.of(f"notify.notice.{fate}") for fate in fates}
    heads = tuple((fate, kind(f"notify.notice.{fate}").zh, fate) for fate in fates)

    def caused(fact: Fact) -> str:
        cause = seen.cause(fact)
        return cause.kind if cause else ""

    causes = {fate: [(caused(fact), fact) for fact in found] for fate, found in facts.items()}
    keys = sorted({key for found in causes.values() for key, _ in found})
    by_kind: list[tuple[Cell, ...]] = [
        (kind(key) if key else Words("其他", "other"),
         *(counted(fact for of, fact in causes[fate] if of == key) for fate in fates))
        for key in keys
    ]  # fmt: skip
    roles = sorted({str(fact.data["role"]) for found in facts.values() for fact in found})
    by_role: list[tuple[Cell, ...]] = [
        (word(role), *(counted(_of(facts[fate], "role", role)) for fate in fates)) for role in roles
    ]
    papers: list[tuple[Cell, ...]] = [
        (kind(name), counted(seen.of(name)))
        for name in ("notify.circular.issued", "notify.briefing.issued", "notify.bulletin.entered")
    ]
    return Section(
        "letters", Words("通知", "Letters"),
        (
            table("by_kind", "因何事", "By what happened", (("kind", "起因", "cause"), *heads), by_kind),
            table("by_role", "致何人", "By role", (("role", "角色", "role"), *heads), by_role),
            table("papers", "通报、简报、公开栏", "Circulars, briefings, bulletin",
                  (("kind", "种类", "kind"), ("number", "件数", "number")), papers),
        ),
    )  # fmt: skip


def incidents(seen: Seen) -> Section:
    """What did not go as it should, or out of the ordinary."""
    rows = [(kind(name), counted(seen.of(name))) for name in TROUBLE]
    heads = (("what", "事项", "what"), ("number", "件数", "number"))
    return Section("incidents", Words("异常", "Incidents"), (table("all", "异常事项", "What went wrong", heads, rows),))
