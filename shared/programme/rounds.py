"""What must hold of the parts of a composite that count on some days, or for some units, only (S9).

Rounds (轮次) are parts with a window inside their cycle; a part with categories counts for units of these only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Any

from pydantic import ValidationError

from shared.programme.composite import OWN, CompositePart
from shared.programme.marks import Finding, Path, Said, rows, sums_to
from shared.programme.messages import meant
from shared.programme.parts import Cycle

_YEAR = 2025
WHOLE = (*OWN, "resolution")
"""Kinds that count the whole cycle: they have no window."""


@dataclass(frozen=True, slots=True)
class _Placed:
    """A well formed part with its path, and the days of its window in a year."""

    path: Path
    part: CompositePart
    days: tuple[date, date] | None


def findings(data: Any) -> Iterator[Finding]:
    """Everything that does not hold."""
    placed = []
    for where, row in rows(data, "composite"):
        try:
            part = CompositePart.model_validate(row)
        except ValidationError:
            continue  # the schema tells what is wrong with it
        placed.append(_Placed(where, part, part.window.on(_YEAR) if part.window else None))
    cycles = []
    for where, row in rows(data, "cycles"):
        try:
            cycles.append((where, Cycle.model_validate(row)))
        except ValidationError:
            continue
    for one in placed:
        if one.days:
            yield from _window(one, one.days, [cycle for _, cycle in cycles])
    for first, second in combinations(placed, 2):
        yield from _together(first, second)
    yield from _categories(data, placed)
    if any(one.part.is_of == "concentrated" for one in placed):
        for where, cycle in cycles:
            if cycle.meeting is None:
                yield Finding(
                    (*where, "meeting"),
                    None,
                    Said("有集中评议，却没有写大会的日期", "the composite has a vote, and no days of the meeting"),
                    Said("写 meeting: {opens: …, closes: …}", "write meeting: {opens: …, closes: …}"),
                )


def _window(one: _Placed, days: tuple[date, date], cycles: list[Cycle]) -> Iterator[Finding]:
    part, window = one.part, one.part.window
    first, last = days
    if part.is_of in WHOLE:
        yield Finding(
            (*one.path, "window"),
            part.is_of,
            Said(f"{part.is_of} 按整个周期计算，没有轮次", f"{part.is_of} counts the whole cycle and has no rounds"),
            Said("删去 window", "leave the window out"),
        )
        return
    if last < first:
        yield Finding(
            (*one.path, "window", "closes"),
            str(window and window.closes),
            Said("早于开始日", "lies before its opening"),
            Said("改正日期；次年的日期写“+1 月-日”", "correct it; a day of the following year is written `+1 MM-DD`"),
        )
    for cycle in cycles:
        opens, closes = cycle.daily.on(_YEAR)
        if not part.is_computed:  # what was found in the cycle is marked up to the publication
            closes = cycle.publish_by.on(_YEAR)
        for name, day in (("opens", first), ("closes", last)):
            if not opens <= day <= closes:
                end = cycle.daily.closes if part.is_computed else cycle.publish_by
                said = getattr(window, name)
                yield Finding(
                    (*one.path, "window", name),
                    str(said),
                    Said(
                        f"不在周期 {cycle.key} 的 {cycle.daily.opens} 至 {end} 之内",
                        f"lies outside the cycle {cycle.key} ({cycle.daily.opens} to {end})",
                    ),
                    Said(
                        "改到周期之内；有轮次的方案一年一个周期",
                        "move it inside; a programme with rounds has one cycle a year",
                    ),
                )


def _together(first: _Placed, second: _Placed) -> Iterator[Finding]:
    """Two rounds that would count the same answers."""
    if not _share_units(first.part, second.part):
        if first.part.questionnaire and first.part.questionnaire == second.part.questionnaire:
            yield from _held_twice(first, second)
        return
    if first.part.questionnaire and first.part.questionnaire == second.part.questionnaire:
        yield Finding(
            (*second.path, "questionnaire"),
            second.part.questionnaire,
            Said(
                f"{first.part.key} 已经用了这份问卷，同样的回答会算两次",
                f"{first.part.key} is made of it too: the same answers would count twice",
            ),
            Said(
                "每一轮写一份自己的问卷；题目相同可以用 &名字 和 *名字 引用",
                "give each round a questionnaire of its own; the same questions may be repeated with &name and *name",
            ),
        )
    both = (first.part, second.part)
    if any(part.is_of != "online" or not part.is_computed for part in both) or not (first.days and second.days):
        return
    if first.days[0] <= second.days[1] and second.days[0] <= first.days[1]:
        yield Finding(
            (*second.path, "window", "opens"),
            str(second.part.window and second.part.window.opens),
            Said(
                f"与 {first.part.key} 的轮次重叠，一份评价只能算在一轮",
                f"overlaps the round {first.part.key}: an evaluation counts in one round",
            ),
            Said("让各轮首尾错开", "let one round end before the next begins"),
        )


def _held_twice(first: _Placed, second: _Placed) -> Iterator[Finding]:
    if first.part.window != second.part.window:
        yield Finding(
            (*second.path, "window"),
            str(second.part.window and second.part.window.opens),
            Said(
                f"同一份问卷在 {first.part.key} 里是另外的日期",
                f"{first.part.key} holds the same questionnaire on other days",
            ),
            Said("写成同样的 window，或各用一份问卷", "write the same window, or use two questionnaires"),
        )


def _share_units(first: CompositePart, second: CompositePart) -> bool:
    return not first.categories or not second.categories or bool(set(first.categories) & set(second.categories))


def _categories(data: Any, placed: list[_Placed]) -> Iterator[Finding]:
    """Weights sum to 100 for every category; who is ranked together is scored alike."""
    if all(not one.part.categories for one in placed):
        yield from sums_to(("composite",), [row for _, row in rows(data, "composite")], "weight", Decimal(100), "100")
        return
    known = [str(row["key"]) for _, row in rows(data, "categories") if "key" in row]
    for one in placed:
        for i, value in enumerate(one.part.categories):
            if value not in known:
                listed = ", ".join(known)
                yield Finding(
                    (*one.path, "categories", i),
                    value,
                    Said("没有这个类别", "there is no such category"),
                    meant(value, known) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
                )
    of = {category: tuple(one.part for one in placed if one.part.counts_for(category)) for category in known}
    whole = len(placed) == len(list(rows(data, "composite")))  # a malformed part is told first
    for category, parts in of.items() if whole else ():
        total = sum((part.weight for part in parts), Decimal(0))
        if total != 100:
            yield Finding(
                ("composite",),
                f"{category}: {total.normalize():f}",
                Said(
                    f"类别 {category} 的各部分 weight 合计是 {total.normalize():f}，应为 100",
                    f"the weights of the parts of {category} sum to {total.normalize():f}, not to 100",
                ),
                Said(
                    "调整 weight 或 categories，使每个类别合计为 100",
                    "change them so that they sum to 100 for each category",
                ),
            )
    for where, row in rows(data, "scopes"):
        listed_in = row.get("categories")
        mine = [c for c in listed_in if c in of] if isinstance(listed_in, list) else []
        for other in mine[1:]:
            if {p.key for p in of[other]} != {p.key for p in of[mine[0]]}:
                yield Finding(
                    (*where, "categories"),
                    other,
                    Said(
                        f"与 {mine[0]} 在一起排名，得分的组成却不同",
                        f"is ranked together with {mine[0]}, and is scored by other parts",
                    ),
                    Said(
                        "分成两个排名范围，或让两类的组成相同", "make two scopes of it, or score both by the same parts"
                    ),
                )
