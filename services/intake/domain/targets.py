"""On time or overdue, judged from an export's own target times, beside what the export says of itself (I13). Pure."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Flag = Literal["ontime", "overdue"]
Why = Literal[
    "no_target", "no_flag", "unreadable",
    "open_past_target", "open_before_target", "closed_after_target", "closed_by_target",
]  # fmt: skip

EXPLAINED: dict[Why, str] = {
    "no_target": "the row has no target time: there is nothing to be late for, whatever the flag says",
    "no_flag": "the export says neither on time nor overdue; the times decide",
    "unreadable": "a time of the row cannot be read",
    "open_past_target": "flagged on time, but still open past its target at the end of the export",
    "open_before_target": "flagged overdue, but still open and its target lies after the end of the export",
    "closed_after_target": "flagged on time, but closed after its target",
    "closed_by_target": "flagged overdue, but closed by its target",
}
"""Every kind of difference and what it means."""

_SAID: dict[str, Flag] = {
    **dict.fromkeys(("ontime", "on time", "on-time", "按时", "按期", "未超期", "未逾期", "正常"), "ontime"),
    **dict.fromkeys(("overdue", "late", "超期", "逾期", "超时"), "overdue"),
}


@dataclass(frozen=True, slots=True)
class Timed:
    """A row of an export: when it was opened, was to be done by, was closed; and its flag as it stands there."""

    row: int
    opened: datetime | None
    target: datetime | None
    closed: datetime | None
    flag: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row where the flag and the times do not say the same, or where there is nothing to compare."""

    timed: Timed
    ours: Flag | None
    why: Why


@dataclass(frozen=True, slots=True)
class Checked:
    """All rows: `agreeing` by flag, and each other row with its reason. as_of: the last moment in the export."""

    rows: int
    as_of: datetime | None
    agreeing: dict[Flag, int]
    differing: tuple[Difference, ...]


def judged(target: datetime | None, closed: datetime | None, as_of: datetime) -> Flag | None:
    """Overdue if done after the target, or not done when it had passed; a target is kept up to its last second.

    None without a target.
    """
    if target is None:
        return None
    return "overdue" if (closed or as_of) > target else "ontime"


def said(flag: str) -> Flag | None:
    """What an export's flag means; None for an empty or unknown one."""
    return _SAID.get(flag.strip().casefold())


def checked(rows: Iterable[Timed]) -> Checked:
    """Compare every row's flag with its own times. What is still open is judged at the last moment in the export."""
    every = list(rows)
    moments = [moment for one in every for moment in (one.opened, one.closed) if moment]
    as_of = max(moments, default=None)
    agreeing: Counter[Flag] = Counter()
    differing = []
    for one in every:
        ours = judged(one.target, one.closed, as_of) if as_of else None
        theirs = said(one.flag)
        why = _why(one, ours, theirs)
        if why is None and ours is not None:
            agreeing[ours] += 1
        elif why is not None:
            differing.append(Difference(one, ours, why))
    return Checked(len(every), as_of, dict(agreeing), tuple(differing))


def by_reason(differing: Sequence[Difference]) -> dict[Why, int]:
    """How many of each kind, most frequent first."""
    return dict(Counter(one.why for one in differing).most_common())


def _why(one: Timed, ours: Flag | None, theirs: Flag | None) -> Why | None:
    if one.problem:
        return "unreadable"
    if ours is None:
        return "no_target"
    if theirs is None:
        return "no_flag"
    if ours == theirs:
        return None
    if one.closed is None:
        return "open_past_target" if ours == "overdue" else "open_before_target"
    return "closed_after_target" if ours == "overdue" else "closed_by_target"
