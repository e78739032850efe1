"""What cannot be held though each field is well formed: days that come too late, seats that nobody can fill (S2–S14).

Told of a programme whose fields are all well formed. Days are looked at in a year whose official calendar is known.
"""

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, Decimal
from typing import Any

from shared.programme.marks import Finding, Path, Said
from shared.programme.messages import meant
from shared.programme.schema import Programme

YEAR = 2026
FEW_DICE = 10
"""So many throws of a die of ten sides are some ten thousand million outcomes: fewer are tried one by one."""

_LATER = Said("改日期；次年的日期写“+1 月-日”", "change the days; one of the following year is written `+1 MM-DD`")


def findings(programme: Programme, own: Callable[[str], bool]) -> Iterator[Finding]:
    """Everything that cannot be held. own: whether the file itself writes a part, or takes it from another."""
    for rule in (
        _meeting_days,
        _publication_days,
        _duties,
        _seats,
        _scopes,
        _points,
        _deadlines,
        _consequences,
        _channels,
    ):
        yield from rule(programme)
    yield from _told(programme, own)


def _has(programme: Programme, kind: str) -> bool:
    return any(part.is_of == kind for part in programme.composite)


def _meeting_days(p: Programme) -> Iterator[Finding]:
    if not (_has(p, "daily") and _has(p, "concentrated")):
        return
    for i, cycle in enumerate(p.cycles):
        if cycle.meeting and cycle.meeting.opens.on(YEAR) <= cycle.daily.closes.on(YEAR):
            yield Finding(
                ("cycles", i, "meeting", "opens"),
                str(cycle.meeting.opens),
                Said(
                    f"日常评议 {cycle.daily.closes} 才截止，代表投票时日常得分还会变",
                    f"the daily part runs until {cycle.daily.closes}: people would vote before it stands",
                ),
                Said("大会放在日常评议截止之后", "hold the meeting after the daily part has closed"),
            )


def _publication_days(p: Programme) -> Iterator[Finding]:
    calendar = p.working_calendar
    for i, cycle in enumerate(p.cycles):
        due = calendar.roll(cycle.publish_by.on(YEAR))
        if _has(p, "daily"):
            days = p.deadlines.appeal + p.deadlines.appeal_decision
            until = calendar.due(cycle.daily.closes.on(YEAR), days).date
            if due < until:
                yield Finding(
                    ("cycles", i, "publish_by"),
                    str(cycle.publish_by),
                    Said(
                        f"最后一天扣的分，申诉和裁定要 {days} 个工作日，最早 {until:%Y-%m-%d} 才完",
                        f"appeals against the last day's points take {days} working days, until {until:%Y-%m-%d}",
                    ),
                    Said("推迟公布日，或缩短 deadlines 的申诉期限", "publish later, or shorten the appeals"),
                )
        earliest = p.publication.earliest
        first = earliest.on.get(cycle.key)
        if first is not None and due < first.on(YEAR):
            yield _too_late(("publication", "earliest", "on", cycle.key), first, cycle.publish_by)
        if cycle.meeting and earliest.days_after_seal:
            sealed = calendar.due(cycle.meeting.closes.on(YEAR), earliest.days_after_seal).date
            if due < sealed:
                yield _too_late(("publication", "earliest", "days_after_seal"), f"{sealed:%m-%d}", cycle.publish_by)
    for i, rule in enumerate(p.rollup.takes):
        last = max(cycle.publish_by.on(YEAR) for cycle in p.cycles)
        if rule.part is not None and rule.by.on(YEAR) > last:
            yield _too_late(("rollup", "takes", i, "by"), rule.by, f"{last:%m-%d}")


def _too_late(path: Path, day: object, last: object) -> Finding:
    return Finding(
        path, str(day), Said(f"晚于最迟公布日 {last}", f"lies after the last day of publication ({last})"), _LATER
    )


def _duties(p: Programme) -> Iterator[Finding]:
    for i, duty in enumerate(p.obligations):
        path: Path = ("obligations", i, "when")
        if duty.inspection and duty.when.quarterly is None:
            yield Finding(
                path,
                ", ".join(duty.when.model_dump(exclude_none=True)),
                Said(
                    "单位登记检查按季度算完成，这样写永远完不成",
                    "an inspection meets a quarter's duty: this is never met",
                ),
                Said("写 quarterly，或删去 inspection", "write quarterly, or leave inspection out"),
            )
        if not (duty.costs and _has(p, "daily")):
            continue
        grace, calendar = duty.when.report_within, p.working_calendar
        for period in duty.when.periods(YEAR):
            due = calendar.due(period.by, grace).date if grace else calendar.roll(period.by)
            if p.cycle_on(due) is None:
                yield Finding(
                    path,
                    f"{due:%m-%d}",
                    Said(
                        f"{due:%m-%d} 不在任何周期的日常评议之内，未完成也扣不了分",
                        f"{due:%m-%d} lies in no cycle's daily part: a missed one costs nothing",
                    ),
                    Said("改日期，或写 points: none", "change the day, or write points: none"),
                )
                break


def _seats(p: Programme) -> Iterator[Finding]:
    if not _has(p, "concentrated"):
        return
    seats, pool = p.meeting.seats, p.pool
    ordinary = int((seats.most * seats.ordinary_seats_min).to_integral_value(ROUND_CEILING))
    groups = ((True, ordinary, "普通群众", "ordinary people"), (False, seats.most - ordinary, "其他代表", "the others"))
    for is_ordinary, wanted, zh, en in groups:
        share = sum((s.share for s in pool.strata if s.ordinary is is_ordinary), Decimal(0))
        there = int(pool.least * share)
        if wanted > there:
            yield Finding(
                ("meeting", "seats", "most"),
                seats.most,
                Said(
                    f"要 {wanted} 名{zh}，{pool.least} 人的库里只有 {there} 名",
                    f"needs {wanted} of {en}, and a pool of {pool.least} has {there}",
                ),
                Said("减少名额、改名额比例，或扩大评议员库", "take fewer seats, another share, or a larger pool"),
            )
    if p.ranking.least_ratings > seats.most:
        yield Finding(
            ("ranking", "least_ratings"),
            p.ranking.least_ratings,
            Said(
                f"比最多的代表人数 {seats.most} 还多，没有单位能排名",
                f"is more than all {seats.most} seats: no unit is ever ranked",
            ),
            Said("不超过 meeting.seats.least", "give at most meeting.seats.least"),
        )
    if p.meeting.dice_least < FEW_DICE:
        yield Finding(
            ("meeting", "dice_least"),
            p.meeting.dice_least,
            Said("掷得太少，抽取结果可以预先试出来", "so few throws can be tried out beforehand"),
            Said(f"至少 {FEW_DICE} 次，自带方案是 20 次", f"at least {FEW_DICE}; the bundled programme has 20"),
        )


def _scopes(p: Programme) -> Iterator[Finding]:
    for i, scope in enumerate(p.scopes):
        if scope.each == "group" and not p.groups:
            yield Finding(
                ("scopes", i, "each"),
                scope.each,
                Said("每组一个排名范围，却没有写 groups", "is one for each group, and there are no groups"),
                Said("写上 groups，或删去 each", "list the groups, or leave each out"),
            )


def _points(p: Programme) -> Iterator[Finding]:
    for i, rule in enumerate(p.points.rules):
        if -rule.points > p.points.most_per_case:
            yield Finding(
                ("points", "rules", i, "points"),
                rule.points,
                Said(
                    f"同一件事最多扣 {p.points.most_per_case}，扣不到这么多",
                    f"a case costs at most {p.points.most_per_case}",
                ),
                Said("减少扣分，或提高 most_per_case", "deduct less, or raise most_per_case"),
            )


def _deadlines(p: Programme) -> Iterator[Finding]:
    for first, then in (("acknowledge", "accept"), ("accept", "immediate"), ("plan", "planned")):
        early, late = getattr(p.deadlines, first), getattr(p.deadlines, then)
        if early > late:
            yield Finding(
                ("deadlines", first),
                early,
                Said(f"比 {then}（{late}）还长", f"is longer than {then} ({late})"),
                Said(f"不超过 {then}", f"must not exceed {then}"),
            )


def _consequences(p: Programme) -> Iterator[Finding]:
    ordered = any("rectification" in rule.kinds for rule in p.consequences)
    grades = [grade.key for grade in p.grades]
    for i, rule in enumerate(p.consequences):
        poor, section = rule.when.rectification, rule.when.section
        if poor is not None and poor.solved_below is None and not ordered:
            yield Finding(
                ("consequences", i, "when", "rectification"),
                rule.key,
                Said(
                    "没有一条结果运用责令整改，这个条件不会出现",
                    "no consequence orders a rectification: this never happens",
                ),
                Said(
                    "给一条规则的 kinds 加上 rectification，或写 solved_below",
                    "add the kind rectification to a rule, or write solved_below",
                ),
            )
        for j, key in enumerate(section.good if section else ()):
            if key not in grades:
                listed = ", ".join(grades)
                yield Finding(
                    ("consequences", i, "when", "section", "good", j),
                    key,
                    Said("没有这个等次", "there is no such grade"),
                    meant(key, grades) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
                )


def _channels(p: Programme) -> Iterator[Finding]:
    """What is found at an inspection or asked at a meeting becomes a matter: it needs its way into the register."""
    known = {channel.key for channel in p.channels}
    coverage = p.inspections.coverage
    needed: list[tuple[Path, str, str]] = []
    for i, by in enumerate(coverage.by):
        for channel in _of_inspection(by, coverage.kinds):
            needed.append((("inspections", "coverage", "by", i), by, channel))
    needed += [
        (("obligations", i, "inspection"), duty.key, "self_inspection")
        for i, duty in enumerate(p.obligations)
        if duty.inspection
    ]
    needed += [
        (("composite", i, "key"), part.key, "meeting_question")
        for i, part in enumerate(p.composite)
        if part.is_of == "concentrated"
    ]
    for path, value, channel in needed:
        if channel not in known:
            yield Finding(
                path,
                value,
                Said(
                    f"发现的问题要经渠道 {channel} 登记，channels 里没有",
                    f"what comes of it needs the channel {channel}",
                ),
                Said(f"在 channels 里加上 key: {channel}", f"list the channel {channel}"),
            )


def _of_inspection(by: str, kinds: tuple[Any, ...]) -> tuple[str, ...]:
    if by == "unit":
        return ("self_inspection",)
    covert = {"covert"}
    asked = set(kinds) or {"covert", "open"}
    return tuple(
        channel
        for channel, wanted in (("inspection_covert", asked & covert), ("inspection_open", asked - covert))
        if wanted
    )


def _told(p: Programme, own: Callable[[str], bool]) -> Iterator[Finding]:
    """Who is told though nobody holds the role; steps that the ladder does not have."""
    for i, step in enumerate(p.escalation):
        for j, role in enumerate(step.tells):
            if role == "as_escalated":
                yield Finding(
                    ("escalation", i, "tells", j),
                    role,
                    Said("升级要写明告诉谁", "the ladder says itself who is told"),
                    Said("写角色，如 main_leader", "name a role, such as main_leader"),
                )
    if not own("notices"):
        return  # what is taken from another programme may speak of what this one does not have
    steps = [
        *(f"warning_{d}" for d in p.warnings),
        "expired",
        *(f"escalation_{e.days}" for e in p.escalation if e.days),
    ]
    for i, notice in enumerate(p.notices):
        for j, role in enumerate(notice.tells):
            if role == "evaluator" and not _has(p, "concentrated"):
                yield Finding(
                    ("notices", i, "tells", j),
                    role,
                    Said("没有集中评议，就没有评议员", "there is no vote, and so there are no evaluators"),
                    Said("删去 evaluator", "leave evaluator out"),
                )
        for j, name in enumerate(notice.steps or ()):
            if name not in steps:
                listed = ", ".join(steps)
                yield Finding(
                    ("notices", i, "steps", j),
                    name,
                    Said("提醒和升级里没有这一步", "warnings and escalation have no such step"),
                    meant(name, steps) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
                )
