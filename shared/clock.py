"""The one source of time of a service: the system's, or in a simulation the clock that all services follow."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from pydantic import AwareDatetime, BaseModel

from shared.errors import Refusal


class ClockEntry(BaseModel):
    """The simulated clock on the bus: `now`, how far actions may already lie (`horizon`), and its revision.

    settled: all that happened up to then has been told everywhere; what gathers (a digest) is complete to there.
    """

    now: AwareDatetime
    horizon: AwareDatetime
    revision: int
    settled: AwareDatetime | None = None


class Clock(Protocol):
    """All time comes from one of these, given by `main`."""

    def now(self) -> datetime:
        """The present, aware, UTC."""

    def at(self, given: datetime | None) -> datetime:
        """The time of an action: the present, or in a simulation the time it names. Raises Refusal."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present, aware, UTC."""
        return datetime.now(UTC)

    def at(self, given: datetime | None) -> datetime:
        """The present; nobody may date an action on a real clock."""
        if given is not None:
            raise Refusal("Minping-At", given.isoformat(), "actions are dated by the server", "leave it out", 400)
        return self.now()


@dataclass(slots=True)
class SimulatedClock:
    """A clock that stands until it is moved. Actions may be dated between `now` and `horizon`."""

    current: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    horizon: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    revision: int = 0
    told: datetime | None = None
    """what the mover of the clock says of `settled`"""
    done: int = 0
    """the newest revision at which everything due was fired"""

    def now(self) -> datetime:
        """The simulated present, aware, UTC."""
        return self.current

    @property
    def settled(self) -> datetime:
        """All that happened up to then has been told everywhere; the present, if nobody says."""
        return min(self.told, self.current) if self.told else self.current

    def at(self, given: datetime | None) -> datetime:
        """`given`, if it lies between now and the horizon. Raises Refusal."""
        if given is None:
            return self.current
        given = given.astimezone(UTC)
        if not self.current <= given <= self.horizon:
            window = f"{self.current.isoformat()} … {self.horizon.isoformat()}"
            raise Refusal("Minping-At", given.isoformat(), f"outside the window {window}", "move the clock first", 409)
        return given

    def move(self, entry: ClockEntry) -> bool:
        """Take the bus's entry; False if it is not newer than what is known. Never moves back."""
        if entry.revision <= self.revision:
            return False
        self.current = max(self.current, entry.now.astimezone(UTC)) if self.revision else entry.now.astimezone(UTC)
        self.horizon = entry.horizon.astimezone(UTC)
        self.told = entry.settled.astimezone(UTC) if entry.settled else None
        self.revision = entry.revision
        return True
