"""What happens in the demo: the matters that people report, and how each will go. Made before the play begins."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal


@dataclass(frozen=True, slots=True)
class Matter:
    """One report and how it will go.

    solved_at: when the unit reports it solved, None if it never does. grade: the petitioner's answer when called
    back, None if he cannot be reached. second_grade: after a return. misconduct: the unit finds some.
    """

    row: int
    ticket: str
    channel: str
    title: str
    text: str
    reported_at: datetime
    identity: dict[str, str] = field(repr=False)
    unit: str | None
    lead_unit: str
    topic: str | None
    solved_at: datetime | None
    reply: str
    grade: str | None = "satisfied"
    second_grade: str = "satisfied"
    misconduct: bool = False
    route: Literal["bus", "desk"] = "bus"


@dataclass(frozen=True, slots=True)
class Kept:
    """A row that could not be registered as it is."""

    row: int
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Script:
    """The whole play: matters in the order in which they are reported, and the cycle they lie in."""

    name: str
    matters: tuple[Matter, ...]
    kept: tuple[Kept, ...]
    starts: datetime
    ends: datetime
    meeting_day: date


@dataclass(frozen=True, slots=True)
class Router:
    """The clerk's judgement of which unit a text concerns: its keywords, else evenly by the ticket."""

    keywords: tuple[tuple[str, tuple[str, ...]], ...]

    def unit_of(self, ticket: str, text: str) -> str:
        """The unit whose keywords stand most often in the text; ties and none go by the ticket's hash."""
        counts = [(sum(text.count(word) for word in words), unit) for unit, words in self.keywords]
        most = max(count for count, _ in counts)
        likely = sorted(unit for count, unit in counts if count == most)
        return pick(likely, ticket)


def pick(choices: Sequence[str], key: str) -> str:
    """One of `choices`, always the same for the same key."""
    digest = hashlib.sha256(key.encode()).digest()
    return choices[int.from_bytes(digest[:8], "big") % len(choices)]


def same_day(at: datetime, minutes: int) -> datetime:
    """Some minutes later, but on the same local day (`at` carries the programme's zone)."""
    end = at.replace(hour=23, minute=59, second=59, microsecond=0)
    return max(at, min(at + timedelta(minutes=minutes), end))
