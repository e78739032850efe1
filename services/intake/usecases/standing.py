"""What a case does, for those who complained: projected from rectification's events, in whatever order they come."""

from services.intake import store
from services.intake.domain import complaint
from services.intake.domain.complaint import Standing, State
from services.intake.domain.scrub import scrub
from services.intake.rules import Rules
from services.intake.usecases import feedback, terms
from services.intake.usecases.telling import tell_sources
from shared.contracts.envelope import Event
from shared.contracts.rectification import CaseClosed, CaseOpened, CaseReopened, CaseReturned, CaseSolved
from shared.contracts.rectification_promises import CaseExplained
from shared.contracts.scoring import UnitRegistered
from shared.store import Tx


def unit_registered(tx: Tx, event: Event[UnitRegistered]) -> None:
    """A unit that complaints can be transferred to; the newest name counts."""
    data = event.data
    unit = tx.session.get(store.Unit, data.unit) or store.Unit(key=data.unit, name="", category="")
    unit.registered_at = unit.registered_at or event.time
    unit.name, unit.name_en, unit.category, unit.parent = data.name, data.name_en, data.category, data.parent
    tx.session.add(unit)


def case_opened(tx: Tx, event: Event[CaseOpened]) -> None:
    """The case stands: its due date is what the complainant may expect."""
    line = terms.registered(tx.session, event.data.case)
    newest = terms.newest(line, event.time)
    if newest:
        line.unit = event.data.lead_unit
    if _moved(tx, line, "opened", event):
        line.due = event.data.due if newest else line.due
        tell_sources(tx, line, "rectifying", "")
    elif line.due is None:
        line.due = event.data.due


def case_solved(tx: Tx, event: Event[CaseSolved]) -> None:
    """The unit reports it solved, with its answer; sources on the bus are told (I18)."""
    line = terms.registered(tx.session, event.data.case)
    if event.data.round >= line.round:
        line.round, line.reply = event.data.round, scrub(event.data.reply)
    if _moved(tx, line, "solved", event):
        tell_sources(tx, line, "solved", "", reply=line.reply)


def case_explained(tx: Tx, event: Event[CaseExplained]) -> None:
    """The office approved the unit's explanation: it is what the complainant is answered (R2)."""
    line = terms.registered(tx.session, event.data.case)
    if event.data.round >= line.round:
        line.round, line.reply = event.data.round, scrub(event.data.text)
    if _moved(tx, line, "explained", event):
        tell_sources(tx, line, "explained", "", reply=line.reply)


def case_returned(tx: Tx, event: Event[CaseReturned]) -> None:
    """Back to the unit; who was not asked yet is asked about the next round."""
    line = terms.registered(tx.session, event.data.case)
    if _moved(tx, line, "returned", event):
        if terms.newest(line, event.time):
            line.due, line.suspended = event.data.rework_due, False
        tell_sources(tx, line, "reworking", "")
    supersede(tx, event.data.case, event.data.round)


def case_closed(rules: Rules, tx: Tx, event: Event[CaseClosed]) -> None:
    """Written off; who was not asked yet may still answer, a bad answer reopens it (R6)."""
    line = terms.registered(tx.session, event.data.case)
    line.round = max(line.round, event.data.round)
    if _moved(tx, line, "closed_again" if event.data.again else "closed", event):
        line.outcome, line.closed_at = event.data.outcome, event.time
        tell_sources(tx, line, "closed", event.data.outcome, reply=line.reply)
        feedback.ended(rules, tx, line)


def case_reopened(rules: Rules, tx: Tx, event: Event[CaseReopened]) -> None:
    """Open again, with a new date."""
    line = terms.registered(tx.session, event.data.case)
    if _moved(tx, line, "reopened", event):
        line.outcome, line.closed_at = None, None
        if terms.newest(line, event.time):
            line.due, line.suspended = event.data.due, False
        tell_sources(tx, line, "reopened", "")
        feedback.reopened(rules, tx, line.number)


def supersede(tx: Tx, case: str, through_round: int) -> None:
    """Close the questions of rounds that are over."""
    for task in store.open_callbacks(tx.session, case, through_round):
        task.state = "superseded"


def _moved(
    tx: Tx, line: store.Complaint, fact: str, event: Event[CaseOpened] | Event[CaseSolved] | Event[CaseReturned]
    | Event[CaseClosed] | Event[CaseReopened] | Event[CaseExplained]
) -> bool:  # fmt: skip
    round_ = 0 if isinstance(event.data, CaseOpened) else event.data.round
    new = complaint.after(Standing(State(line.state), line.state_at, line.state_rank), fact, event.time, round_)
    if new is None:
        return False
    line.state, line.state_at, line.state_rank = new.state.value, new.at, new.rank
    store.progress.note(tx.session, line.number, line.state, event.time)
    return True
