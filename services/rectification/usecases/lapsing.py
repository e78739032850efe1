"""A cycle ended: what was open and past due then has no result, once a cycle, and stays open (R7)."""

from datetime import datetime

from services.rectification import store
from services.rectification.domain import facts
from services.rectification.domain.case import Case
from services.rectification.domain.escalation import DECIDING
from services.rectification.domain.request import Wish
from services.rectification.store.deadlines import Running
from services.rectification.usecases.record import tell, wanted
from shared.contracts import Event
from shared.contracts.scoring import CycleClosed
from shared.store import Tx

SCORING = "scoring"
MOVES_THE_DATE = (Wish.EXTENSION, Wish.TRACK)


def lapse_cases(tx: Tx, event: Event[CycleClosed]) -> None:
    """Past due is what runs with the unit: the case's period, or after a return or reopening the rework period.

    Where the unit asked in time for another date and the office has not answered, nobody knows yet whether the case
    was past due: that is settled when the office answers.
    """
    said = event.data
    known = store.lapses.recorded(tx.session, said.name)
    for running in store.deadlines.overdue_at(tx.session, said.ends):
        if running.deadline.case in known:
            continue
        case = wanted(tx, running.deadline.case)
        if _undecided(case, running):
            store.lapses.hold(tx.session, case.number, said.name, said.ends)
        else:
            _lapse(tx, case, running, said.name, said.ends)


def settle_held(tx: Tx, number: str) -> None:
    """The office has answered: what was past due at the end of a cycle by the date as it is now, has no result."""
    for cycle, ends in store.lapses.take_held(tx.session, number):
        for running in store.deadlines.overdue_at(tx.session, ends, number):
            _lapse(tx, wanted(tx, number), running, cycle, ends)


def _undecided(case: Case, running: Running) -> bool:
    asked = case.request is not None and case.request.kind in MOVES_THE_DATE
    return asked and running.deadline.kind in DECIDING


def _lapse(tx: Tx, case: Case, running: Running, cycle: str, ends: datetime) -> None:
    store.lapses.record(tx.session, case.number, cycle, ends)
    tell(tx, case, (facts.Lapsed(ends, cycle, running.deadline.due),), by=SCORING)
