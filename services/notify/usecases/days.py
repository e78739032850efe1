"""What a new day does: what still waits goes to whoever holds the office now, ends of terms are told of (N1)."""

from datetime import date, timedelta

from sqlalchemy import event
from sqlmodel import Session

from services.notify.domain import terms
from services.notify.domain.recipient import OFFICE, PUBLIC_ROLES, Holder
from services.notify.store import changes as history
from services.notify.store import directory as people
from services.notify.store import letters, warnings
from services.notify.usecases.desk import Desk
from services.notify.usecases.directory import readdress
from services.notify.usecases.envelopes import Cause
from services.notify.usecases.matter import Matter
from services.notify.usecases.planning import plan
from shared.contracts.notify import TermExpiring
from shared.store import Tx
from shared.tick import Aside


class NewDay:
    """Called in a transaction whenever the clock moved; does something once a day."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._done: date | None = None

    def __call__(self, tx: Tx, _aside: Aside) -> bool:
        """The day's turn; never more to do."""
        today = self._desk.calendar.local_date(tx.now)
        if today == self._done:
            return False
        for unit in _changed(tx.session, self._desk, today):
            readdress(self._desk, tx, unit)
        for term in ending(tx.session, today, self._desk.programme.directory.warn_days):
            _tell(self._desk, tx, term, today)
        event.listen(tx.session, "after_commit", lambda _: self._is_done(today), once=True)
        return False

    def _is_done(self, today: date) -> None:
        self._done = today


def ending(session: Session, today: date, warn_days: int) -> list[Holder]:
    """The last terms of offices that end within `warn_days`, or have ended, while no successor is known."""
    units = {OFFICE, *people.units_with_ends(session, today + timedelta(days=warn_days))}
    present = history.terms_of(session, units)
    held = [term for term in present if not term.substitute and term.role not in PUBLIC_ROLES]
    return [term for term in held if _ends(term, held, today + timedelta(days=warn_days))]


def _ends(term: Holder, held: list[Holder], horizon: date) -> bool:
    """Whether nobody comes after: nobody in the same seat is in office after its last day, or later."""
    until = term.until
    if until is None or until > horizon:
        return False
    return not any(
        terms.same_seat(other, term) and other is not term and (other.until is None or other.until > until)
        for other in held
    )


def _changed(session: Session, desk: Desk, today: date) -> list[str]:
    """Units in which somebody came or went since the oldest letter that waits was due."""
    _, oldest = letters.waiting(session, desk.end_of(today))
    if oldest is None:
        return []
    return people.units_changed(session, desk.calendar.local_date(oldest), today)


def _tell(desk: Desk, tx: Tx, term: Holder, today: date) -> None:
    if term.until is None:
        return
    expired = term.until < today
    key = (term.unit, term.role, term.person, term.until, expired)
    if key in warnings.told(tx.session):
        return
    warnings.keep(tx.session, key)
    told = TermExpiring(
        unit=term.unit, role=term.role, person=term.person, name=term.name, until=term.until, expired=expired
    )
    cause = tx.publish(told, subject=term.unit)
    facts = {
        "unit": None if term.unit == OFFICE else term.unit, "role": term.role, "person_name": term.name,
        "until": term.until.isoformat(), "expired": expired,
    }  # fmt: skip
    what = "expired" if expired else "expiring"
    matter = Matter(f"term {term.unit} {term.role} {term.person} {term.until} {what}", facts, about=term.unit)
    plan(desk, tx, matter, desk.rules.get(TermExpiring.TYPE, ()), Cause(cause, TermExpiring.TYPE, tx.now))
