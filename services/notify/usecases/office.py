"""Who holds which office: entered, corrected with a reason, undone with a reason; never silently (N1)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from sqlmodel import Session

from services.notify.domain import terms
from services.notify.domain.letter import checked_address, checked_header
from services.notify.domain.recipient import OFFICE, OFFICE_ROLES, PUBLIC_ROLES, UNIT_ROLES, Holder
from services.notify.domain.terms import Change, Gap
from services.notify.store import changes as history
from services.notify.usecases.desk import Desk
from services.notify.usecases.directory import readdress
from services.notify.usecases.suppressing import vouch
from shared.contracts.notify import LeaderChanged
from shared.errors import Refusal
from shared.store import Tx

EntryKind = Literal["entered", "imported", "corrected", "undone"]
LOOKS_AHEAD = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Entered:
    """What a change of the directory did. entry: its number, none if everything was known just so.

    gaps: days from now on, a year ahead, on which a unit concerned has no main leader.
    """

    holders: int
    notices_moved: int
    entry: int | None = None
    changes: tuple[Change, ...] = ()
    gaps: tuple[Gap, ...] = ()


def put_holders(
    desk: Desk, tx: Tx, seats: Sequence[Holder], *, kind: EntryKind = "entered", reason: str = ""
) -> Entered:
    """Enter terms of office, all or none; then move what is open. Raises Refusal naming row and field."""
    many = len(seats) > 1
    for number, seat in enumerate(seats, 1):
        check(desk, seat, f"rows.{number}." if many else "")
    done: list[Change] = []
    entering = Entering(tx.session, {seat.unit for seat in seats})
    for number, seat in enumerate(seats, 1):
        try:
            done += entering.enter(seat)
        except Refusal as refusal:
            row = f"rows.{number}." if many else ""
            raise Refusal(f"{row}{refusal.field}", refusal.value, refusal.reason, refusal.remedy, 409) from refusal
        vouch(tx, seat)
    return _record(desk, tx, len(seats), done, kind, reason)


class Entering:
    """Terms entered one after the other, each beside those that are there by then. Writes nothing."""

    def __init__(self, session: Session, units: Collection[str]) -> None:
        self._present: dict[str, list[Holder]] = {unit: [] for unit in units}
        for term in history.terms_of(session, units):
            self._present[term.unit].append(term)

    def gaps(self, today: date) -> tuple[Gap, ...]:
        """Days, a year ahead, on which the units would have no main leader."""
        units = sorted(self._present.keys() - {OFFICE})
        found = (terms.gaps(u, "main_leader", self._present[u], today, today + LOOKS_AHEAD) for u in units)
        return tuple(gap for gaps in found for gap in gaps)

    def enter(self, seat: Holder) -> list[Change]:
        """What the entry changes. Raises Refusal (409)."""
        new = terms.enter(self._present[seat.unit], seat)
        for change in new:
            kept = [term for term in self._present[seat.unit] if term != change.before]
            self._present[seat.unit] = [*kept, change.after] if change.after else kept
        return new


def correct(desk: Desk, tx: Tx, wrong: tuple[str, str, str, date], right: Holder, reason: str) -> Entered:
    """A term as it should have been entered, with the reason. Raises Refusal: 404 no such term, 409, 422."""
    unit, _, person, since = wrong
    present = history.terms_of(tx.session, {unit, right.unit})
    known = next((t for t in present if (t.unit, t.role, t.person, t.since) == wrong), None)
    if known is None:
        raise Refusal("person", person, f"holds no such office from {since}", f"see GET /api/v1/directory/{unit}", 404)
    check(desk, right, "")
    if known == right:
        raise Refusal("person", person, "this is what the directory says", "say what is to be another", 409)
    vouch(tx, right)
    return _record(desk, tx, 1, terms.correct(present, known, right), "corrected", reason)


def undo(desk: Desk, tx: Tx, number: int, reason: str) -> Entered:
    """Take an entry back whole, be it one term or an imported table; what it ended goes on again.

    Raises Refusal: 404 no such entry, 409 undone already, or something of it was changed since.
    """
    if history.entry(tx.session, number) is None:
        raise Refusal("entry", number, "no such entry", "see GET /api/v1/directory/changes", 404)
    by = history.undone_by(tx.session, number)
    if by is not None:
        raise Refusal("entry", number, f"entry {by} undid it", f"undo {by} to have it again", 409)
    made = history.of_entry(tx.session, number)
    present = history.terms_of(tx.session, {change.term.unit for change in made})
    undone = terms.take_back(present, made)
    return _record(desk, tx, len(undone), undone, "undone", reason, undoes=number)


def check(desk: Desk, seat: Holder, row: str) -> None:
    """What a term must be in itself. Raises Refusal naming the field."""
    roles = OFFICE_ROLES if seat.unit == OFFICE else UNIT_ROLES
    if seat.role not in roles:
        raise Refusal(f"{row}role", seat.role, f"not a role of {seat.unit}", f"use one of: {', '.join(sorted(roles))}")
    if seat.until is not None and seat.until < seat.since:
        raise Refusal(f"{row}until", seat.until.isoformat(), "before the first day", "give a later day")
    if seat.acting and not seat.substitute:
        raise Refusal(f"{row}acting", True, "only a substitute acts for the holder", "enter him as a substitute")
    if seat.acting and seat.until is None:
        raise Refusal(f"{row}until", None, "nobody acts for a holder without end", "give the last day")
    if seat.fields and seat.role != "deputy_in_charge":
        raise Refusal(f"{row}fields", list(seat.fields), "only deputies are in charge of fields", "leave it empty")
    known = {topic.key for topic in desk.programme.topics} | {d.key for d in desk.programme.dimensions}
    for one in seat.fields:
        if one not in known:
            raise Refusal(f"{row}fields", one, "no topic or dimension", f"use one of: {', '.join(sorted(known))}")
    checked_address(seat.email, f"{row}email")
    checked_header(seat.name, f"{row}name")
    checked_header(seat.person, f"{row}person")
    for channel, address in seat.contacts.items():
        checked_header(address, f"{row}contacts.{channel}")
        if "；" in address:
            raise Refusal(f"{row}contacts.{channel}", address[:80], "has a ；", "write one address a channel")


def _record(
    desk: Desk, tx: Tx, count: int, done: Sequence[Change], kind: EntryKind, reason: str, undoes: int | None = None
) -> Entered:
    """Write, keep, publish; then give what has not gone yet to whom it belongs now."""
    if not done:
        return Entered(count, 0)
    history.apply(tx.session, done)
    actor = tx.actor.sub if tx.actor else ""
    entry = {"at": tx.now, "actor": actor, "kind": kind, "reason": reason, "undoes": undoes}
    number = history.keep(tx.session, entry, done)
    for change in done:
        _publish(tx, change)
    units = sorted({term.unit for change in done for term in (change.before, change.after) if term})
    moved = sum(readdress(desk, tx, unit) for unit in units)
    today = desk.calendar.local_date(tx.now)
    return Entered(count, moved, number, tuple(done), leaderless(tx, units, today))


def leaderless(tx: Tx, units: Iterable[str], today: date) -> tuple[Gap, ...]:
    """Days, a year ahead, on which these units have no main leader."""
    asked = [unit for unit in units if unit != OFFICE]
    present = history.terms_of(tx.session, asked)
    found = (terms.gaps(unit, "main_leader", present, today, today + LOOKS_AHEAD) for unit in asked)
    return tuple(gap for gaps in found for gap in gaps)


def _publish(tx: Tx, change: Change) -> None:
    """Tell the other services of a term as it is now, and of one that is no more; not of substitutes, nor of people of
    the public: who evaluates is nobody's business on the bus."""
    before, after = change.before, change.after
    if any(term is not None and term.role in PUBLIC_ROLES for term in (before, after)):
        return
    moved = before is not None and (after is None or not terms.is_term(before, after))
    if before is not None and moved and not before.substitute:
        tx.publish(_told(before, taken_back=True), subject=before.unit)
    if after is not None and not after.substitute:
        tx.publish(_told(after), subject=after.unit)


def _told(term: Holder, *, taken_back: bool = False) -> LeaderChanged:
    return LeaderChanged(
        unit=term.unit, role=term.role, person=term.person, name=term.name, since=term.since, until=term.until,
        fields=term.fields, taken_back=taken_back,
    )  # fmt: skip
