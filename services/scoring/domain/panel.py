"""The panel of a group (评议组): appointed, published, with dates of office; not drawn (S1). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Seat:
    """A person's office in a panel from `since` to `until`, both days inclusive; without `until` it goes on."""

    person: str
    leader: bool
    since: date
    until: date | None

    def holds(self, day: date) -> bool:
        """Whether the person sits on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    def meets(self, other: "Seat") -> bool:
        """Whether two offices share a day."""
        return (self.until is None or other.since <= self.until) and (other.until is None or self.since <= other.until)


def appointed(new: Seat, seats: Iterable[Seat]) -> None:
    """Whether somebody may be appointed. Raises Refusal: one leader at a time, nobody sits twice."""
    if new.until is not None and new.until < new.since:
        raise Refusal("until", new.until.isoformat(), "lies before the first day", "check the dates")
    for other in seats:
        if not new.meets(other):
            continue
        if other.person == new.person:
            raise Refusal("person", new.person, "sits in this panel then already", "end that office first", 409)
        if other.leader and new.leader:
            raise Refusal("leader", other.person, "leads this panel then already", "end that office first", 409)
