"""What the clock does at the end of a quarter: drafts the circular (N6), issues the briefing for supervisors (I10).

Each once a quarter, whatever the clock jumps over: what was done is on record, and the next is the quarter after it.
"""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from sqlmodel import Session

from services.notify.domain.quarter import Span, following, quarter, quarter_of
from services.notify.store import circulars, record
from services.notify.store.circulars import Briefing
from services.notify.usecases.circulars import CLOCK, draft_quarter
from services.notify.usecases.counting import counted, wired
from services.notify.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.circulars import BriefingIssued
from shared.store import Tx
from shared.tick import Aside, Tick


def jobs(desk: Desk) -> dict[str, Tick]:
    """The clock's jobs, by what the programme wants."""
    wanted: dict[str, Tick] = {}
    if desk.programme.circulars.quarterly:
        wanted["circulars"] = AtQuarterEnd(desk, desk.programme.circulars.after, circulars.last_quarter, _circular)
    if desk.programme.briefings.quarterly:
        wanted["briefings"] = AtQuarterEnd(desk, desk.programme.briefings.after, circulars.last_briefing, _briefing)
    return wanted


class AtQuarterEnd:
    """Does something once for each quarter that is over, `after` working days after its end; told when that was."""

    def __init__(
        self,
        desk: Desk,
        after: int,
        last: Callable[[Session], str | None],
        do: Callable[[Desk, Tx, Span, datetime], None],
    ) -> None:
        self._desk, self._after, self._last, self._do = desk, after, last, do
        self._not_before: datetime | None = None

    def __call__(self, tx: Tx, _aside: Aside) -> bool:
        """The oldest quarter that waits; True if there may be another. Until the next end it costs nothing."""
        if self._not_before is not None and tx.now < self._not_before:
            return False
        span = self._next(tx.session)
        if span is None:
            return False
        self._not_before = self._over(span)  # known by what is committed: a tick that fails finds the same again
        if tx.now < self._not_before:
            return False
        self._do(self._desk, tx, span, self._not_before)
        return True

    def _next(self, session: Session) -> Span | None:
        done = self._last(session)
        if done is not None:
            return following(quarter(done))
        first = record.first_at(session)
        return quarter_of(self._desk.calendar.local_date(first)) if first else None

    def _over(self, span: Span) -> datetime:
        if self._after:
            return self._desk.calendar.due(span.last, self._after).expires_at
        return datetime.combine(span.last + timedelta(days=1), time.min, self._desk.programme.zone)


def _circular(desk: Desk, tx: Tx, span: Span, _over: datetime) -> None:
    draft_quarter(desk, tx, span.name, CLOCK)


def _briefing(desk: Desk, tx: Tx, span: Span, over: datetime) -> None:
    # by the moment at which it was due, so that it says the same however late the clock comes by
    period = counted(desk, tx.session, span, over)
    tx.session.add(Briefing(quarter=span.name, at=over))
    tx.session.flush()
    data = BriefingIssued(
        quarter=span.name, first=span.first, last=span.last, units=wired(period), topics=dict(period.topics)
    )
    tx.publish(data, subject=span.name, time=over)


def keep_issued(tx: Tx, event: Event[BriefingIssued]) -> None:
    """A briefing that the store does not know: it is being made anew from the events."""
    if tx.session.get(Briefing, event.data.quarter) is None:
        tx.session.add(Briefing(quarter=event.data.quarter, at=event.time))
        tx.session.flush()
