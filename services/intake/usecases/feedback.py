"""The outcome of every hotline matter is fed back in the media (I12), for channels that the programme marks so."""

from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain import complaint
from services.intake.domain.complaint import State
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models.filing import BroadcastIn, BroadcastOut, FeedbackList, FeedbackOut
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.usecases import deadlines
from shared.contracts.publicity import OutcomeBroadcast
from shared.errors import Refusal
from shared.store import Tx


def ended(rules: Rules, tx: Tx, line: store.Complaint) -> None:
    """A matter has its outcome: the period for the feedback runs, if it or one linked to it came by such a channel."""
    if State(line.state) != State.CLOSED and State(line.state) not in complaint.ENDED:
        return
    lines = (line, *store.followers(tx.session, line.number))
    if not any(rules.programme.channel(one.channel).feedback for one in lines):
        return
    deadlines.finish(rules, tx, "feedback", line.number)  # of an outcome that this one takes the place of
    rounds = len(store.deadlines.numbered(tx.session, "feedback", line.number))
    days = rules.programme.deadlines.feedback
    deadlines.begin(rules, tx, "feedback", line.number, days=days, at=tx.now, round_=rounds + 1)


def reopened(rules: Rules, tx: Tx, number: str) -> None:
    """There is no outcome any more: the next closing begins a new period."""
    deadlines.finish(rules, tx, "feedback", number)


def broadcast(rules: Rules, tx: Tx, number: str, given: BroadcastIn, by: str) -> BroadcastOut:
    """Enter that an outcome was told in the media, where, when and in which words. Raises Refusal."""
    line = store.by_number(tx.session, number)
    lead = store.lead_of(tx.session, line)
    if State(lead.state) != State.CLOSED and State(lead.state) not in complaint.ENDED:
        raise Refusal("number", number, "the matter has no outcome yet", "wait until it is closed", 409)
    if given.on > rules.calendar.local_date(tx.now):
        raise Refusal("on", given.on.isoformat(), "it lies in the future", "enter it when it was on air")
    ended_at = lead.closed_at or lead.screened_at
    if ended_at and given.on < rules.calendar.local_date(ended_at):
        raise Refusal("on", given.on.isoformat(), "the matter had no outcome then", "give the day it was on air")
    deadlines.finish(rules, tx, "feedback", lead.number)
    row = store.broadcasts.Broadcast(
        number=number,
        outlet=scrub(given.outlet),
        on=given.on,
        words=scrub(given.words),
        receipt=scrub(given.receipt),
        by=by,
        at=tx.now,
    )
    tx.session.add(row)
    data = OutcomeBroadcast(number=number, outlet=row.outlet, on=row.on, receipt=row.receipt)
    tx.publish(data, subject=number)
    return BroadcastOut.model_validate(row, from_attributes=True)


def owed(session: Session, now: datetime, after: Mark | None, limit: int, *, overdue: bool) -> FeedbackList:
    """Outcomes not fed back yet, the longest due first."""
    rows = store.deadlines.open_of(session, "feedback", now if overdue else None, after, limit)
    items = []
    for row in rows:
        line = store.by_number(session, row.number)
        items.append(
            FeedbackOut(
                number=row.number,
                title=line.title,
                outcome=line.outcome or line.state,
                ended_at=row.started_at,
                due=row.due,
                provisional=row.provisional,
                overdue=now >= row.expires_at,
            )
        )
    return FeedbackList(items=items, next=following(rows, limit, lambda row: (row.expires_at, row.id)))
