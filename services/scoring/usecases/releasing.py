"""The office releases a result; it becomes public by the clock, at the programme's time (S14)."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.meeting import State, Step
from services.scoring.domain.years import year_of
from services.scoring.store import meetings, proceedings, results, units
from services.scoring.store import releases as store
from services.scoring.store.releases import ReleaseRow
from services.scoring.store.tables import MeetingRow, RankingRow
from services.scoring.usecases import holding, issued
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.embargo import is_public
from services.scoring.usecases.publishing import PublicationView, publish
from services.scoring.usecases.steps import begin
from shared.errors import Refusal
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 100


class ReleaseView(BaseModel):
    """What was released: `meeting/<name>`, or `cycle/<name>` where nothing is voted on. `waits`: what held it back."""

    subject: str
    released_by: str
    released_at: dt.datetime
    opens_at: dt.datetime
    opened_at: dt.datetime | None
    waits: list[str]


class CyclePublication(BaseModel):
    """How far a cycle's publication is. opens_from: the earliest time, known once everything is sealed and ranked."""

    cycle: str
    public: bool
    version: int | None
    opens_from: dt.datetime | None
    waits: list[str]
    releases: list[ReleaseView]


def release_meeting(desk: Desk, tx: Tx, name: str) -> PublicationView:
    """Release a sealed meeting with the cycle's result: public at once, or when its time has come. Raises Refusal."""
    row = begin(tx, name, Step.PUBLICATION)
    if row.rehearsal:
        return publish(desk, tx, row)
    _ranked(tx.session, row.cycle)
    opens_at = _release(desk, tx, f"meeting/{name}", row.cycle)
    if opens_at > tx.now:
        return PublicationView(meeting=name, state="released", opens_at=opens_at)
    return _open_meeting(desk, tx, row)


def release_cycle(desk: Desk, tx: Tx, cycle: str) -> CyclePublication:
    """Release a cycle's whole result: all its sealed meetings, or, without any, the ranking itself. Raises Refusal."""
    units.cycle(tx.session, cycle)
    _ranked(tx.session, cycle)
    held = meetings.of_cycle(tx.session, cycle)
    if is_public(tx.session, cycle):
        raise Refusal("cycle", cycle, "is published", "a correction is a further version of the ranking", 409)
    for row in held:
        if row.state != State.PUBLISHED:
            release_meeting(desk, tx, row.name)
    if not held and _release(desk, tx, f"cycle/{cycle}", cycle) <= tx.now:
        issued.tell(desk, tx, cycle)
    tx.session.flush()
    return publication(desk, tx.session, cycle, tx.now)


def publication(desk: Desk, session: Session, cycle: str, now: dt.datetime) -> CyclePublication:
    """What was released, when it opens, and what holds it back. Raises Refusal (404)."""
    units.cycle(session, cycle)
    ranking = results.ranking(session, cycle)
    return CyclePublication(
        cycle=cycle, public=is_public(session, cycle), version=ranking.version if ranking else None,
        opens_from=opens_from(desk, session, cycle, ranking, now) if ranking else None,
        waits=holding.waiting(session, cycle),
        releases=[ReleaseView.model_validate(r, from_attributes=True) for r in store.of_cycle(session, cycle)],
    )  # fmt: skip


def opens_from(desk: Desk, session: Session, cycle: str, ranking: RankingRow, now: dt.datetime) -> dt.datetime:
    """The earliest time: the programme's, and the end of every period in which canvassing may be appealed."""
    ends = holding.runs_until(session, cycle, now)
    found = _earliest(desk, session, cycle, ranking)
    return found if ends is None else max(found, ends)


def tick(desk: Desk, tx: Tx, aside: Aside) -> bool:
    """Open what was released and whose time has come; what an appeal holds back waits. True if there is more."""
    rows = store.due(tx.session, tx.now, left=aside.left("release"), limit=AT_ONCE)
    opened = 0
    for row in rows:
        with aside.trying(tx, "release", row.subject):
            row.waits = _in_the_way(tx, row)
            if not row.waits:
                _open(desk, tx, row)
                opened += 1
    return opened == AT_ONCE


def _in_the_way(tx: Tx, row: ReleaseRow) -> list[str]:
    waits = holding.waiting(tx.session, row.cycle)
    if until := holding.runs_until(tx.session, row.cycle, tx.now):
        waits = [*waits, f"canvassing may be appealed until {until.isoformat()}"]
    return waits


def _open(desk: Desk, tx: Tx, row: ReleaseRow) -> None:
    kind, _, name = row.subject.partition("/")
    row.opened_at = tx.now
    tx.session.flush()
    if kind == "meeting":
        publish(desk, tx, meetings.meeting(tx.session, name))
    issued.tell(desk, tx, row.cycle)


def _open_meeting(desk: Desk, tx: Tx, row: MeetingRow) -> PublicationView:
    view = publish(desk, tx, row)
    issued.tell(desk, tx, row.cycle)
    return view


def _ranked(session: Session, cycle: str) -> RankingRow:
    found = results.ranking(session, cycle)
    if found is None:
        raise Refusal("cycle", cycle, "has no ranking yet", "POST /api/v1/cycles/{name}/ranking first", 409)
    return found


def _release(desk: Desk, tx: Tx, subject: str, cycle: str) -> dt.datetime:
    """Put the release on record; the time at which it opens. Raises Refusal (409): released already, appeals wait."""
    known = tx.session.get(ReleaseRow, subject)
    if known is not None:
        reason = f"is released, opens at {known.opens_at.isoformat()}"
        raise Refusal("publication", subject, reason, "wait; see GET /api/v1/cycles/{name}/publication", 409)
    holding.nothing_waits(tx.session, cycle)
    at = max(opens_from(desk, tx.session, cycle, _ranked(tx.session, cycle), tx.now), tx.now)
    tx.session.add(
        ReleaseRow(
            subject=subject, cycle=cycle, released_by=acting(tx).sub, released_at=tx.now, opens_at=at,
            opened_at=tx.now if at <= tx.now else None, waits=[],
        )
    )  # fmt: skip
    tx.session.flush()
    return at


def _earliest(desk: Desk, session: Session, cycle: str, ranking: RankingRow) -> dt.datetime:
    """The programme's earliest time, in its own zone; without a meeting counted from the ranking."""
    rule, calendar = desk.programme.publication.earliest, desk.calendar
    sealed = [at for row in meetings.of_cycle(session, cycle) if (at := proceedings.sealed_at(session, row.name))]
    last = max(sealed, default=ranking.issued_at)
    if rule.is_at_once:
        return last
    named = next(((p.key, y) for p in desk.programme.cycles if (y := year_of(p.name, cycle)) is not None), None)
    key, year = named or (None, None)
    day = calendar.local_date(last)
    due = calendar.due(day, rule.days_after_seal).date if rule.days_after_seal else day
    local = dt.datetime.combine(rule.first_day(day, key, year, due), rule.hour or dt.time(), desk.programme.zone)
    return local.astimezone(dt.UTC)
