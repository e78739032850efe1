"""Why a deadline is what it is: the day-by-day count, and the reasons in words, Chinese and English (R3). Pure."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from services.rectification.domain.deadline import Deadline, counted
from services.rectification.domain.rules import Rules
from shared.calendar import DayKind

KINDS = {
    "acknowledge": ("签收", "acknowledgement"),
    "accept": ("承办", "acceptance"),
    "solve": ("办结", "solution"),
    "explain": ("作出说明", "explanation"),
    "plan": ("整改计划", "plan"),
    "milestone": ("计划节点", "milestone"),
    "rework": ("重新办理", "rework"),
    "contribute": ("配合办理", "contribution"),
    "callback": ("回访", "callback"),
    "extension_decision": ("答复申请", "decision of a request"),
    "appeal_decision": ("答复申诉", "decision of an appeal"),
    "obligation": ("规定动作", "duty"),
    "office_obligation": ("规定动作", "duty"),
}
ONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """A day of the count. number: which working day of the period it is, None if it is not counted.

    kind: `counted`, `make_up`, `weekend`, `holiday`, `suspended`, or `kept`: after the count, before a date that was
    told earlier and is kept. extension_begins: the first working day of the extension.
    """

    date: date
    number: int | None
    kind: str
    name: str = ""
    name_en: str = ""
    extension_begins: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """The whole count of a deadline, with what decided it in words."""

    days: tuple[Counted, ...]
    zh: tuple[str, ...]
    en: tuple[str, ...]


def explain(rules: Rules, deadline: Deadline) -> Account:
    """Every day from the one after the start through the due date, and why the date is what it is."""
    rows = _days(rules, deadline) if deadline.days else ()
    said = [_period(rules, deadline), *_exceptions(rules, deadline, rows), _end(deadline)]
    return Account(rows, tuple(zh for zh, _ in said), tuple(en for _, en in said))


def _days(rules: Rules, deadline: Deadline) -> tuple[Counted, ...]:
    """Counted day by day, apart from the function that counts the date: they are tested against each other."""
    calendar, total = rules.calendar, deadline.days + deadline.extension_days
    spans = [
        (calendar.local_date(pause.since), calendar.local_date(pause.until) if pause.until else None)
        for pause in deadline.pauses
    ]
    rows: list[Counted] = []
    number, day = 0, calendar.local_date(deadline.started_at)
    while day < deadline.due:
        day += ONE
        known = calendar.day(day)
        still = any(first < day and (last is None or day < last) for first, last in spans)
        if number >= total:
            # The period is used up: a suspension on its last day, or a date told earlier, carries it on.
            rows.append(Counted(day, None, "suspended" if still else "kept", known.name, known.name_en))
        elif not known.works:
            rows.append(Counted(day, None, known.kind.value, known.name, known.name_en))
        elif still:
            rows.append(Counted(day, None, "suspended"))
        else:
            number += 1
            begins = number == deadline.days + 1
            rows.append(Counted(day, number, known.kind.value, known.name, known.name_en, begins))
    return tuple(rows)


def _period(rules: Rules, deadline: Deadline) -> tuple[str, str]:
    zh, en = KINDS[deadline.kind.value]
    if not deadline.days:
        return (
            f"{zh}:固定日期,遇休息日顺延到下一个工作日。",
            f"The {en} has a fixed date; on a day off it rolls to the next working day.",
        )
    start = rules.calendar.local_date(deadline.started_at)
    return (
        f"{zh}期限{deadline.days}个工作日,自{_zh(start)}起算,次一工作日为第1日。",
        f"The {en} has {deadline.days} working days from {start}; day 1 is the first working day after it.",
    )


def _exceptions(rules: Rules, deadline: Deadline, rows: tuple[Counted, ...]) -> list[tuple[str, str]]:
    said = []
    weekends = sum(row.kind == DayKind.WEEKEND for row in rows)
    if weekends:
        said.append((f"周末{weekends}天不计。", f"{weekends} weekend days are not counted."))
    for name in dict.fromkeys((r.name, r.name_en) for r in rows if r.kind == DayKind.HOLIDAY):
        days = [row.date for row in rows if row.kind == DayKind.HOLIDAY and row.name == name[0]]
        said.append((f"{name[0]}放假{len(days)}天不计。", f"{name[1]}: {len(days)} days off are not counted."))
    made_up = [row.date for row in rows if row.kind == DayKind.MAKE_UP]
    if made_up:
        zh, en = "、".join(map(_zh, made_up)), ", ".join(map(str, made_up))
        said.append((f"{zh}调休上班,计入。", f"{en}: worked in place of a day off, counted."))
    for pause in deadline.pauses:
        since = rules.calendar.local_date(pause.since)
        if pause.until is None:
            said.append((f"自{_zh(since)}起中止,期限停止计算。", f"It stands still since {since}."))
            continue
        until = rules.calendar.local_date(pause.until)
        said.append(
            (
                f"{_zh(since)}中止,{_zh(until)}恢复;两日之间的工作日不计,恢复当日计入。",
                f"Suspended on {since}, resumed on {until}: the working days between are not counted, "
                "the day of resuming is.",
            )
        )
    if deadline.extension_days:
        said.append(
            (
                f"经批准延期{deadline.extension_days}个工作日,接原届满日续算。",
                f"Extended by {deadline.extension_days} working days, which follow the old date.",
            )
        )
    if deadline.days and counted(rules, replace(deadline, due=date.min)).due < deadline.due:
        said.append(
            ("已告知的届满日不提前。", "A date that was told is not moved earlier by a calendar published later.")
        )
    return said


def _end(deadline: Deadline) -> tuple[str, str]:
    if deadline.suspended_at is not None:
        return (
            f"中止前的届满日为{_zh(deadline.due)},恢复后顺延。",
            f"The date so far is {deadline.due}; it moves when the case is resumed.",
        )
    zh, en = f"{_zh(deadline.due)}24时届满。", f"It expires at 24:00 local time on {deadline.due}."
    if deadline.provisional:
        zh += "所涉年度的放假安排尚未公布,先按周末和法定节假日推算,公布后重新计算,不会提前。"
        en += " Provisional: a year's official calendar is not published yet; it will be counted anew, never earlier."
    return zh, en


def _zh(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
