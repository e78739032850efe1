"""Terms of office (N1): what an entry, a correction or its undoing does to those that are there; gaps and overlaps.

Pure: each function says what changes; the store writes it and the history keeps it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from services.notify.domain.recipient import UNIT_ROLES, Holder
from shared.errors import Refusal

DAY = timedelta(days=1)
Kind = Literal["entered", "changed", "ended", "replaced", "corrected", "taken_back", "restored"]


@dataclass(frozen=True, slots=True)
class Change:
    """A term before and after; nothing before: it is new; nothing after: it is gone."""

    kind: Kind
    before: Holder | None
    after: Holder | None

    @property
    def term(self) -> Holder:
        """The term that is concerned, as it is now, or as it was."""
        found = self.after or self.before
        if found is None:
            raise ValueError("a change of nothing")
        return found


@dataclass(frozen=True, slots=True)
class Gap:
    """Days on which nobody holds an office; `last` is None if nobody is known to come."""

    unit: str
    role: str
    first: date
    last: date | None


def alone(term: Holder) -> bool:
    """Whether one person at a time holds this: an office of a unit, or a substitution there."""
    return term.role in UNIT_ROLES


def same_seat(one: Holder, other: Holder) -> bool:
    """Whether two terms are of one seat. Deputies of different fields sit beside each other, and so does whoever acts
    for a holder beside the substitute who stands by."""
    if (one.unit, one.role, one.substitute, one.acting) != (other.unit, other.role, other.substitute, other.acting):
        return False
    if one.role != "deputy_in_charge":
        return True
    return not set(one.fields).isdisjoint(other.fields) or one.fields == other.fields == ()


def is_term(one: Holder, other: Holder) -> bool:
    """Whether two are the same term: this person in this office from this day."""
    return (one.unit, one.role, one.person, one.since) == (other.unit, other.role, other.person, other.since)


def overlap(one: Holder, other: Holder) -> bool:
    """Whether there is a day in both."""
    return (one.until is None or other.since <= one.until) and (other.until is None or one.since <= other.until)


def enter(terms: Sequence[Holder], new: Holder) -> list[Change]:
    """A new term, or new data of one that is there; the predecessor's ends the day before, where one person holds it.

    Nothing if it is known just so. Raises Refusal (409) when a later term of somebody else stands in the way.
    """
    changes: list[Change] = []
    known = next((term for term in terms if is_term(term, new)), None)
    if known == new:
        return []
    if alone(new):
        for term in (t for t in terms if same_seat(t, new) and not is_term(t, new) and overlap(t, new)):
            if term.since > new.since:
                raise _in_the_way("until", new.until, term)
            if term.since == new.since:
                changes.append(Change("replaced", term, None))
            else:
                changes.append(Change("ended", term, replace(term, until=new.since - DAY)))
    changes.append(Change("changed" if known else "entered", known, new))
    return changes


def correct(terms: Sequence[Holder], wrong: Holder, right: Holder) -> list[Change]:
    """A term as it should have been entered. Whoever's last day was the day before its first goes along with it.

    Raises Refusal (409) where it would run into another term, naming that.
    """
    others = [term for term in terms if not is_term(term, wrong)]
    changes = [Change("corrected", wrong, right)]
    if alone(right):
        for term in others:
            if right.since != wrong.since and same_seat(term, wrong) and term.until == wrong.since - DAY:
                if term.since >= right.since:
                    raise _in_the_way("since", right.since, term)
                changes.insert(0, Change("corrected", term, replace(term, until=right.since - DAY)))
            elif same_seat(term, right) and overlap(term, right):
                raise _in_the_way("since" if term.since < right.since else "until", right.until, term)
    elif any(is_term(term, right) for term in others):
        raise Refusal("since", right.since.isoformat(), "the same term is there already", "look at the directory", 409)
    return changes


def take_back(terms: Sequence[Holder], done: Iterable[Change]) -> list[Change]:
    """What undoes changes. Raises Refusal (409) when something of it was changed since."""
    undone: list[Change] = []
    present = list(terms)
    for change in reversed(list(done)):
        if change.after is not None and change.after not in present:
            raise Refusal(
                "entry", _said(change.after), "this term was changed since", "undo the later entry first", 409
            )
        if change.after is not None:
            present.remove(change.after)
        if change.before is not None:
            present.append(change.before)
        undone.append(Change("restored" if change.before else "taken_back", change.after, change.before))
    _check_alone(present, [change.after for change in undone if change.after])
    return undone


def _check_alone(terms: Sequence[Holder], restored: Iterable[Holder]) -> None:
    for one in (term for term in restored if term in terms and alone(term)):
        for other in terms:
            if not is_term(one, other) and same_seat(one, other) and overlap(one, other):
                raise _in_the_way("entry", one.until, other)


def gaps(unit: str, role: str, terms: Iterable[Holder], first: date, last: date) -> list[Gap]:
    """Days from `first` to `last` on which nobody holds (unit, role), substitutes left out, in their order.

    The last gap is open where no later term is known.
    """
    held = sorted(
        (t.since, t.until) for t in terms if t.unit == unit and t.role == role and not t.substitute
    )  # fmt: skip
    found: list[Gap] = []
    day = first
    for since, until in sorted(held, key=lambda term: (term[0], term[1] or date.max)):
        if since > last:
            break
        if since > day:
            found.append(Gap(unit, role, day, since - DAY))
        if until is None:
            return found
        day = max(day, until + DAY)
    if day <= last:
        later = min((since for since, _ in held if since > last), default=None)
        found.append(Gap(unit, role, day, later - DAY if later else None))
    return found


def plain(term: Holder | None) -> dict[str, Any] | None:
    """A term as plain values, for the history."""
    if term is None:
        return None
    values = {name: getattr(term, name) for name in Holder.__slots__}
    return values | {
        "since": term.since.isoformat(), "until": term.until and term.until.isoformat(), "fields": list(term.fields),
        "contacts": dict(term.contacts),
    }  # fmt: skip


def of_plain(values: dict[str, Any] | None) -> Holder | None:
    """A term of the history."""
    if values is None:
        return None
    until = values["until"]
    return Holder(
        **values | {
            "since": date.fromisoformat(values["since"]), "until": date.fromisoformat(until) if until else None,
            "fields": tuple(values["fields"]),
        }
    )  # fmt: skip


def _said(term: Holder) -> str:
    return f"{term.unit}/{term.role} {term.person} {term.since}"


def _in_the_way(field: str, value: date | None, term: Holder) -> Refusal:
    runs = f"{term.since} – {term.until or '…'}"
    return Refusal(
        field, value and value.isoformat(), f"somebody else's term runs then: {term.name} ({term.person}), {runs}",
        "give days outside it, or correct that term first", 409,
    )  # fmt: skip
