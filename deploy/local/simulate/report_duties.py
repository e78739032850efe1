"""The report's part about time: the calendar of cycles and phases, duties, deadlines and their steps."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.labels import Words, word
from deploy.local.simulate.mechanism import Seen
from deploy.local.simulate.report_model import Cell, Number, Section, counted, table
from shared.programme import CycleDates, Programme
from shared.programme.obligations import OFFICE, TASK

DUE, MET, MISSED = (f"rectification.obligation.{what}" for what in ("due", "met", "missed"))
SET, APPROACHING, PASSED, ESCALATED = (
    f"rectification.deadline.{what}" for what in ("set", "approaching", "passed", "escalated")
)
DUTIES = ("obligation", "office_obligation")
YES, NO, OPEN = Words("是", "yes"), Words("否", "no"), Words("—", "—")


def calendar(seen: Seen, cycles: Sequence[CycleDates]) -> Section:
    """Each cycle's and phase's days as the programme has them, and when it was really so."""
    rows = [_cycle(seen, one) for one in cycles]
    heads = (
        ("cycle", "周期", "cycle"), ("step", "事项", "step"), ("planned", "计划", "planned"),
        ("actual", "实际", "actual"), ("kept", "按期", "kept"),
    )  # fmt: skip
    steps = [row for found in rows for row in found]
    phases = [row for one in _years(cycles) for row in _phases(seen, one)]
    shown = [table("cycles", "周期", "Cycles", heads, steps)]
    if phases:
        shown.append(table("phases", "阶段", "Phases", PHASES, phases))
    return Section("calendar", Words("日程", "Calendar"), tuple(shown))


PHASES = (
    ("phase", "阶段", "phase"), ("year", "年度", "year"), ("planned", "计划", "planned"), ("due", "规定动作", "duties"),
    ("met", "按时完成", "met in time"), ("late", "补报", "late"), ("missed", "到期未报", "missed"),
)  # fmt: skip


def _years(cycles: Sequence[CycleDates]) -> list[int]:
    return sorted({one.year for one in cycles})


def _cycle(seen: Seen, cycle: CycleDates) -> list[tuple[Cell, ...]]:
    def of(kind: str, field: str = "cycle_name") -> list[Fact]:
        return [fact for fact in seen.of(kind) if fact.data.get(field) == cycle.name and not fact.data.get("rehearsal")]

    programme, name = seen.programme, Words(cycle.label.zh, cycle.label.en)
    closed, ranked = of("scoring.cycle.closed", "name"), of("scoring.ranking.published")[:1]
    rows: list[tuple[Cell, ...]] = [
        (name, Words("日常评议开始", "daily part opens"), str(cycle.opens),
         _days(of("scoring.cycle.opened", "name")), OPEN),
        (name, Words("日常评议结束", "daily part closes"), str(cycle.closes), _ends(closed),
         _kept(closed, cycle.closes, programme)),
    ]  # fmt: skip
    held = of("scoring.meeting.opened")
    if held or any(one.is_of == "concentrated" for one in programme.composite):
        planned = f"{cycle.meeting_opens} – {cycle.meeting_closes}"
        within = all(str(cycle.meeting_opens) <= fact.day <= str(cycle.meeting_closes) for fact in held)
        rows += [
            (name, Words("大会", "meetings"), planned, _days(held), (YES if within else NO) if held else OPEN),
            (name, Words("封存", "sealed"), planned, _days(of("scoring.meeting.sealed")), OPEN),
        ]  # fmt: skip
    publish = _kept(ranked, cycle.publish_by, programme)
    return [*rows, (name, Words("结果公布", "result published"), str(cycle.publish_by), _days(ranked), publish)]


def _days(facts: Iterable[Fact]) -> Number:
    """The days of these facts, as a number that knows them."""
    listed = tuple(facts)
    return Number("、".join(dict.fromkeys(fact.day for fact in listed)) or "—", tuple(one.number for one in listed))


def _ends(facts: Sequence[Fact]) -> Number:
    """As `_days`, of what ends with a day: midnight belongs to the day before."""
    days = (datetime.fromisoformat(fact.at) - timedelta(seconds=1) for fact in facts)
    return Number("、".join(day.date().isoformat() for day in days) or "—", tuple(fact.number for fact in facts))


def _kept(facts: Sequence[Fact], last: date, programme: Programme) -> Words:
    """Whether it happened by the day, rolled to a working day; what ends with a day ends at the midnight after it."""
    if not facts:
        return OPEN
    rolled = programme.working_calendar.roll(last)
    until = programme.working_calendar.end_of(rolled).astimezone(programme.zone).isoformat(timespec="seconds")
    return YES if all(fact.at <= until for fact in facts) else NO


def _phases(seen: Seen, year: int) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for one in seen.programme.phases:
        mine = {o.key for o in seen.programme.obligations if o.phase == one.key}
        facts = [fact for fact in seen.of(DUE, MET, MISSED) if fact.data["obligation"] in mine]
        facts = [fact for fact in facts if str(fact.data["period"]).startswith(str(year))]
        planned = f"{one.opens.on(year)} – {one.closes.on(year)}"
        rows.append((Words(one.label.zh, one.label.en), year, planned, *_course(facts)))
    return rows


def _course(facts: Iterable[Fact]) -> tuple[Number, Number, Number, Number]:
    listed = list(facts)
    met = [fact for fact in listed if fact.kind == MET]
    return (
        counted(fact for fact in listed if fact.kind == DUE),
        counted(fact for fact in met if not fact.data.get("late")),
        counted(fact for fact in met if fact.data.get("late")),
        counted(fact for fact in listed if fact.kind == MISSED),
    )


def duties(seen: Seen) -> Section:
    """Duties by what they are and by unit: due, met, late, missed, escalated."""
    heads = (("due", "下达", "due"), ("met", "按时", "met in time"), ("late", "补报", "late"),
             ("missed", "到期未报", "missed"), ("escalated", "升级", "escalated"))  # fmt: skip
    labels = {one.key: Words(one.label.zh, one.label.en) for one in seen.programme.obligations}
    labels[TASK] = Words("任务分解", "tasks")
    facts, steps = seen.of(DUE, MET, MISSED), seen.of(ESCALATED)
    kinds = [key for key in labels if any(fact.data["obligation"] == key for fact in facts)]
    by_kind = [
        (labels[key], *_course(fact for fact in facts if fact.data["obligation"] == key),
         counted(fact for fact in steps if str(fact.data["case"]).startswith(f"duty:{key}:")))
        for key in kinds
    ]  # fmt: skip
    units = sorted({str(fact.data["unit"]) for fact in facts})
    by_unit = [
        (unit, *_course(fact for fact in facts if fact.data["unit"] == unit),
         counted(fact for fact in steps if fact.data["unit"] == unit and str(fact.data["case"]).startswith("duty:")))
        for unit in units
    ]  # fmt: skip
    return Section(
        "duties", Words("规定动作", "Duties"),
        (
            table("by_duty", "各项规定动作", "By duty", (("duty", "规定动作", "duty"), *heads), by_kind),
            table("by_unit", "各单位", "By unit", (("unit", "单位", "unit"), *heads), by_unit),
        ),
    )  # fmt: skip


def _set(seen: Seen, kind: str, mine: Iterable[Fact]) -> list[Fact]:
    """What set the dates of a kind: of duties their announcement."""
    if kind not in DUTIES:
        return [fact for fact in mine if fact.kind == SET]
    return [fact for fact in seen.of(DUE) if (fact.data["unit"] == OFFICE) is (kind == "office_obligation")]


def deadlines(seen: Seen) -> Section:
    """Dates set and the steps that fired, by kind of deadline."""
    steps = [f"warning_{days}" for days in seen.programme.warnings]
    later = [f"escalation_{one.days}" for one in seen.programme.escalation if one.days]
    said = {**{step: Words(f"届满前{step[8:]}日", f"{step[8:]} days before") for step in steps},
            **{step: Words(f"届满后第{step[11:]}日", f"{step[11:]} days after") for step in later}}  # fmt: skip
    fired = seen.of(SET, APPROACHING, PASSED, ESCALATED)
    moved = seen.of(*(f"rectification.deadline.{what}" for what in ("extended", "suspended", "resumed")))
    rows: list[tuple[Cell, ...]] = []
    for kind in sorted({str(fact.data["kind"]) for fact in fired}):
        mine = [fact for fact in fired if fact.data["kind"] == kind]
        rows.append((
            word(kind), counted(_set(seen, kind, mine)),
            *(counted(fact for fact in mine if fact.data.get("step") == step) for step in steps),
            counted(fact for fact in mine if fact.kind == PASSED),
            *(counted(fact for fact in mine if fact.data.get("step") == step) for step in later),
            counted(fact for fact in moved if fact.data["kind"] == kind),
            counted(fact for fact in mine if fact.kind == SET and fact.data.get("provisional")),
        ))  # fmt: skip
    heads = (
        ("kind", "期限", "deadline"), ("set", "定期限", "set"),
        *((step, said[step].zh, said[step].en) for step in steps), ("expired", "届满", "expired"),
        *((step, said[step].zh, said[step].en) for step in later),
        ("moved", "延期、中止、恢复", "extended, suspended, resumed"), ("provisional", "暂定", "provisional"),
    )  # fmt: skip
    return Section("deadlines", Words("期限和升级", "Deadlines and escalation"),
                   (table("steps", "各类期限的步骤", "Steps by kind of deadline", heads, rows),))  # fmt: skip
