"""How long what identifies a complainant is kept (I3): so many days after his matter ended, and anew when something
happens in it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.errors import Refusal

Happening = tuple[datetime, str]
"""When something happened, and what."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """From when the period counts (None: the matter has not ended), because of what, and what stops it now."""

    counted_from: datetime | None = None
    because: str = ""
    stopped_by: tuple[str, ...] = field(default=())

    def until(self, days: int) -> datetime | None:
        """When the period of so many days is over; None while the matter has not ended."""
        return self.counted_from + timedelta(days=days) if self.counted_from else None

    def is_over(self, days: int, now: datetime) -> bool:
        """Whether it is time to erase: the period is over and nothing stops it."""
        until = self.until(days)
        return until is not None and now >= until and not self.stopped_by


def keeping(ended: Happening | None, since: Iterable[Happening], stopped_by: Iterable[str]) -> Keeping:
    """The period counts from the end of the matter, or from what happened in it after that, whichever is later."""
    if ended is None:
        return Keeping(stopped_by=tuple(stopped_by))
    at, because = max([ended, *since])
    return Keeping(at, because, tuple(stopped_by))


def lifted(placed_by: str, lifted_by: str) -> None:
    """Who placed a hold does not lift it. Raises Refusal (403)."""
    if placed_by == lifted_by:
        raise Refusal("hold", lifted_by, "you placed it yourself", "another person has to lift it", 403)
