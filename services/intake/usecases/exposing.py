"""Media exposures (I8): verified first by the discipline office, followed up in the media in the end."""

from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain.complaint import State
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models.exposures import CoverageIn, CoverageOut, ExposureList, ExposureOut, VerificationIn
from services.intake.rules import Rules
from services.intake.store.exposures import Coverage, Exposure
from services.intake.store.paging import following
from services.intake.usecases import deadlines
from shared.contracts.publicity import ExposureFollowed, ExposureVerified
from shared.errors import Refusal
from shared.store import Tx

UNVERIFIED = "the exposure is not verified"


def begin(rules: Rules, tx: Tx, number: str, reported_at: datetime, outlet: str) -> None:
    """An exposure is registered: the verification's period runs from the report."""
    tx.session.add(Exposure(number=number, reported_at=reported_at, outlet=outlet))
    days = rules.programme.deadlines.verification
    deadlines.begin(rules, tx, "verification", number, days=days, at=reported_at)


def verify(rules: Rules, tx: Tx, number: str, given: VerificationIn, by: str) -> ExposureOut:
    """The discipline office's finding, once. Raises Refusal (404 no exposure, 409 found already)."""
    line, row = store.by_number(tx.session, number), _row(tx.session, number)
    if row.verified is not None:
        raise Refusal("verified", row.verified, "the finding is on record", "a finding is given once", 409)
    if not given.outlet and not row.outlet:
        raise Refusal("outlet", None, "it is not known where it was published", "name the outlet")
    deadlines.finish(rules, tx, "verification", number)
    row.verified, row.verified_by, row.verified_at = given.verified, by, tx.now
    row.outlet, row.reason = scrub(given.outlet) if given.outlet else row.outlet, scrub(given.reason)
    row.evidence = [scrub(one) for one in given.evidence]
    tx.publish(
        ExposureVerified(number=number, outlet=row.outlet, verified=given.verified, reason=row.reason), subject=number
    )
    return _out(tx.session, row, line, tx.now)


def before_screening(rules: Rules, tx: Tx, line: store.Complaint, decision: str) -> None:
    """Only a verified exposure is accepted; only one found not to hold is unfounded. Raises Refusal (409)."""
    if not rules.programme.channel(line.channel).verification:
        return
    row = tx.session.get(Exposure, line.number)
    found = row.verified if row else None
    if decision == "accepted" and not found:
        reason = UNVERIFIED if found is None else "the discipline office found that it does not hold"
        raise Refusal("decision", decision, reason, "the discipline office verifies it first", 409)
    if decision == "unfounded" and found is not False:
        reason = UNVERIFIED if found is None else "the discipline office has verified it"
        raise Refusal("decision", decision, reason, "go by the discipline office's finding", 409)
    if decision == "outside_jurisdiction":
        deadlines.finish(rules, tx, "verification", line.number)


def follow_up(rules: Rules, tx: Tx, number: str, given: CoverageIn, by: str) -> ExposureOut:
    """Enter follow-up coverage. It finishes the exposure if the case is closed by then. Raises Refusal."""
    line, row = store.by_number(tx.session, number), _row(tx.session, number)
    if not row.verified:
        raise Refusal("number", number, "the exposure is not verified", "verify it first", 409)
    if given.on > rules.calendar.local_date(tx.now):
        raise Refusal("on", given.on.isoformat(), "it lies in the future", "enter coverage when it was published")
    if given.promise and not given.promise_due:
        raise Refusal("promise_due", None, "a promise has a date", "give the day by which it was promised")
    lead = store.lead_of(tx.session, line)
    closed_at = lead.closed_at if State(lead.state) == State.CLOSED else None
    made = Coverage(
        number=number,
        outlet=scrub(given.outlet),
        on=given.on,
        outcome=scrub(given.outcome),
        accountability=scrub(given.accountability),
        statement=scrub(given.statement),
        promise=scrub(given.promise),
        promise_due=given.promise_due,
        closed_at=closed_at,
        by=by,
        at=tx.now,
    )
    tx.session.add(made)
    tx.session.flush()
    data = ExposureFollowed(
        number=number,
        outlet=made.outlet,
        on=made.on,
        statement=made.statement,
        promise_due=made.promise_due,
        unit=lead.unit,
        outcome=made.outcome,
        accountability=made.accountability,
        promise=made.promise,
    )
    tx.publish(data, subject=number)
    return _out(tx.session, row, line, tx.now)


def listed(session: Session, state: str, after: Mark | None, limit: int, now: datetime) -> ExposureList:
    """Exposures in a state, oldest first: `outstanding` are those whose follow-up is owed."""
    found = store.exposures.listed(session, state, after, limit)
    end = following(found, limit, lambda pair: (pair[0].reported_at, pair[0].number))
    return ExposureList(items=[_out(session, row, line, now) for row, line in found], next=end)


def shown(session: Session, number: str, now: datetime) -> ExposureOut:
    """One exposure. Raises Refusal (404)."""
    return _out(session, _row(session, number), store.by_number(session, number), now)


def _row(session: Session, number: str) -> Exposure:
    row = session.get(Exposure, number)
    if row is None:
        raise Refusal("number", number, "no exposure has this number", "see GET /api/v1/exposures", 404)
    return row


def _out(session: Session, row: Exposure, line: store.Complaint, now: datetime) -> ExposureOut:
    due = store.deadlines.one(session, "verification", row.number, 1)
    pieces = store.exposures.coverage(session, row.number)
    lead = store.lead_of(session, line)
    closed = State(lead.state) == State.CLOSED
    return ExposureOut(
        **row.model_dump(),
        title=line.title,
        state=lead.state,
        unit=lead.unit,
        verify_by=due.expires_at if due else None,
        overdue=bool(due and row.verified is None and due.done_at is None and now >= due.expires_at),
        closed_at=lead.closed_at,
        coverage=[CoverageOut(**piece.model_dump(), final=piece.closed_at is not None) for piece in pieces],
        finished=closed and any(piece.closed_at == lead.closed_at for piece in pieces),
    )
