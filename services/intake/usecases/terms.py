"""When a complainant may expect what, and of whom, while the case's terms change; whatever order the news comes in."""

from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain.complaint import State
from services.intake.usecases.telling import tell_sources
from shared.contracts.envelope import Event
from shared.contracts.rectification_terms import CaseReassigned, DeadlineExtended, DeadlineResumed, DeadlineSuspended
from shared.errors import NotYet, Refusal
from shared.store import Tx

FIRST_PERIOD = ("solve", "explain")
"""Deadlines that the unit that leads has from the approval; `rework` is the one after a return or a reopening."""


def deadline_extended(tx: Tx, event: Event[DeadlineExtended]) -> None:
    """The office moved the date: that is the one to expect."""
    _expect(tx, event)


def deadline_resumed(tx: Tx, event: Event[DeadlineResumed]) -> None:
    """The period runs again, with a date moved by the time it stood still."""
    _expect(tx, event)


def deadline_suspended(tx: Tx, event: Event[DeadlineSuspended]) -> None:
    """The period stands still: no date can be expected until it runs again."""
    line = registered(tx.session, event.data.case)
    if _is_the_date(line, event.data.kind) and newest(line, event.time):
        line.suspended = True


def case_reassigned(tx: Tx, event: Event[CaseReassigned]) -> None:
    """Another unit leads, with a date of its own (I17)."""
    line = registered(tx.session, event.data.case)
    if newest(line, event.time):
        line.unit, line.due, line.suspended = event.data.unit, event.data.due, False
        tell_sources(tx, line, "rescheduled", "")


def newest(line: store.Complaint, at: datetime) -> bool:
    """Whether news of a date or unit, of this instant, is the newest there is; if so it is noted."""
    if line.terms_at is not None and at < line.terms_at:
        return False
    line.terms_at = at
    return True


def _expect(tx: Tx, event: Event[DeadlineExtended] | Event[DeadlineResumed]) -> None:
    line = registered(tx.session, event.data.case)
    if not _is_the_date(line, event.data.kind) or not newest(line, event.time):
        return
    changed = line.suspended or line.due != event.data.due
    line.due, line.suspended = event.data.due, False
    if changed:
        tell_sources(tx, line, "rescheduled", "")


def _is_the_date(line: store.Complaint, kind: str) -> bool:
    """Whether this deadline is the one that the complainant waits for now: not a helping unit's, and not the first
    period's while the unit reworks the case."""
    return kind == "rework" or (kind in FIRST_PERIOD and line.state != State.REWORKING)


def registered(session: Session, number: str) -> store.Complaint:
    """A complaint that news from the bus is about. Raises NotYet: it comes before the complaint itself."""
    try:
        return store.by_number(session, number)
    except Refusal:
        raise NotYet(f"complaint {number} is not registered here") from None
