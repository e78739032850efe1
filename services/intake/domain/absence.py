"""Stand-ins (AB角): who is absent from when to when, and who decides in his place, on record (I7)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Absence:
    """Both days inclusive, local. person and deputy are the `sub` of their tokens."""

    role: str
    person: str
    deputy: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether the person is away on a day."""
        return self.first <= day <= self.last

    def overlaps(self, other: "Absence") -> bool:
        """Whether two absences share a day."""
        return self.first <= other.last and other.first <= self.last


def entered(new: Absence, known: Iterable[Absence], today: date) -> None:
    """Whether an absence can be entered. Raises Refusal: no deputy of one's own, no gap, no deputy who is away too."""
    if new.person == new.deputy:
        raise Refusal("deputy", new.deputy, "nobody stands in for himself", "name another person")
    if new.last < new.first:
        raise Refusal("last", new.last.isoformat(), "it lies before the first day", "check the dates")
    if new.last < today:
        raise Refusal("last", new.last.isoformat(), "the absence is over", "a stand-in is entered beforehand")
    for other in known:
        if not new.overlaps(other):
            continue
        days = f"{other.first} to {other.last}"
        if other.person == new.person:
            remedy = "withdraw that absence first"
            raise Refusal("first", new.first.isoformat(), f"an absence from {days} is entered", remedy, 409)
        if other.person == new.deputy:
            raise Refusal("deputy", new.deputy, f"the deputy is away himself from {days}", "name another deputy", 409)
        if other.deputy == new.person:
            remedy = f"name another deputy for {other.person} first"
            raise Refusal("person", new.person, f"he stands in for {other.person} from {days}", remedy, 409)


def stands_in_for(sub: str, role: str, needed: str, absences: Iterable[Absence], day: date) -> str | None:
    """For whom somebody acts on a day: an absent person, or none when he acts in his own office.

    Raises Refusal: he is entered as absent (409), or has neither the office nor anybody's place (403).
    """
    today = [absence for absence in absences if absence.role == needed and absence.holds(day)]
    if any(absence.person == sub for absence in today):
        remedy = "withdraw the absence first, or let the deputy decide"
        raise Refusal("absence", sub, "you are entered as absent today", remedy, 409)
    places = sorted(absence.person for absence in today if absence.deputy == sub)
    if places:
        return places[0]
    if role != needed:
        raise Refusal("role", role, f"this is for the {needed}, or his deputy while he is away", "ask him", 403)
    return None
