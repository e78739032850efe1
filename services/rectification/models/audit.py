"""Entries of the ledger, what a verification found, and figures, as the API gives them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from services.rectification.domain.ledger import Entry, Verdict
from services.rectification.store.reports import Statistics


class EntryOut(BaseModel):
    """An entry of the ledger."""

    seq: int
    case: str
    kind: str
    at: datetime
    actor: str
    data: dict[str, Any]
    previous: str
    hash: str

    @classmethod
    def of(cls, entry: Entry) -> "EntryOut":
        """From the domain."""
        return cls(**asdict(entry))


class LedgerPage(BaseModel):
    """Entries in the order of the chain; `cursor`: the last position, null behind the end."""

    items: tuple[EntryOut, ...]
    cursor: str | None


class VerdictOut(BaseModel):
    """Whether the hash chain holds. Note `length` and `head`: given again later they prove that nothing was cut off."""

    holds: bool
    entries: int = Field(description="entries that fit, from the first")
    length: int
    head: str
    position: int | None = Field(description="the first entry that does not fit")
    reason: str

    @classmethod
    def of(cls, verdict: Verdict) -> "VerdictOut":
        """From the domain."""
        return cls(
            holds=verdict.holds,
            entries=verdict.entries,
            length=verdict.head.length,
            head=verdict.head.hash,
            position=verdict.position,
            reason=verdict.reason,
        )


class FiguresOut(BaseModel):
    """Counts of cases."""

    opened: int
    solved: int = Field(description="reported solved, each case once")
    closed: int
    late: int = Field(description="due day over: solved after it, or not at all")
    excused: int = Field(description="late by the dates, excused by a ruling on the unit's appeal; not in `late`")
    reopened: int
    returned: int
    no_result: int
    open: int = Field(description="open at `to`")


class UnitFigures(FiguresOut):
    """Counts of a unit's cases."""

    unit: str
    name: str


class StatisticsOut(FiguresOut):
    """Figures of a period."""

    since: datetime | None
    to: datetime
    by_unit: tuple[UnitFigures, ...]

    @classmethod
    def of(cls, found: Statistics, names: dict[str, str], since: datetime | None, to: datetime) -> "StatisticsOut":
        """From the store."""
        by_unit = tuple(
            UnitFigures(unit=unit, name=names.get(unit, unit), **asdict(figures))
            for unit, figures in sorted(found.by_unit.items())
        )
        return cls(since=since, to=to, by_unit=by_unit, **asdict(found.total))
