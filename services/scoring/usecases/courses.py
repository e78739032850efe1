"""What becomes of a consequence: executed, sent back, closed, appealed, chased when it is overdue (S12)."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain import course as domain
from services.scoring.domain.consequence import ConsequenceState
from services.scoring.store import courses as store
from services.scoring.store import orders, results
from services.scoring.store.courses import CourseRow
from services.scoring.store.tables import ConsequenceRow
from services.scoring.usecases.consequences import ConsequenceView, consequence_view
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.embargo import is_public
from shared.contracts import EventData
from shared.contracts.consequences import (
    ConsequenceAppealed,
    ConsequenceClosed,
    ConsequenceExecuted,
    ConsequenceOverdue,
    ConsequenceReturned,
    ConsequenceRuled,
)
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 100


class CourseView(BaseModel):
    """A consequence and what became of it. `appeal_until`: until when the unit's leader may contest it."""

    consequence: ConsequenceView
    appeal_until: dt.datetime | None = None
    executed_by: str | None = None
    executed_at: dt.datetime | None = None
    evidence: str | None = None
    returned: list[str] = []
    closed_by: str | None = None
    closed_at: dt.datetime | None = None
    proof: str | None = None
    overdue: bool = False
    grounds: str | None = None
    appealed_by: str | None = None
    appealed_at: dt.datetime | None = None
    ruled_by: str | None = None
    ruled_at: dt.datetime | None = None
    upheld: bool = False
    ruling: str | None = None


def course_view(desk: Desk, session: Session, row: ConsequenceRow, course: CourseRow | None) -> CourseView:
    """A consequence with its course, for people."""
    told = {} if course is None else course.model_dump(exclude={"consequence", "chased_for"})
    until = desk.appeal_until(row.decided_at) if row.decided_at and row.state != "withdrawn" else None
    overdue = course is not None and course.chased_for is not None and row.state == "confirmed"
    whole = {**told, "consequence": consequence_view(desk, session, row), "appeal_until": until, "overdue": overdue}
    return CourseView.model_validate(whole)


def shown(desk: Desk, session: Session, actor: Actor, key: str) -> CourseView:
    """A consequence with its course; a unit's people see their own unit's. Raises Refusal."""
    row = results.consequence(session, key)
    _own(actor, row)
    if actor.unit is not None and row.state == "proposed" and not is_public(session, row.cycle):
        raise Refusal("consequence", key, "no such consequence", "come back after the publication", 404)
    return course_view(desk, session, row, session.get(CourseRow, key))


def execute(desk: Desk, tx: Tx, key: str, evidence: str) -> CourseView:
    """It was carried out, by the office or the unit's own leader (a self-criticism). Raises Refusal."""
    row, course, actor = _taken(tx, key)
    if row.kind == "rectification":
        orders.closed_case(tx.session, key)
    row.state = domain.execute(ConsequenceState(row.state), evidence)
    course.executed_by, course.executed_at, course.evidence = actor.sub, tx.now, evidence.strip()
    return _done(desk, tx, row, course, ConsequenceExecuted(**_about(row)))


def send_back(desk: Desk, tx: Tx, key: str, reason: str) -> CourseView:
    """The office does not accept the evidence: a new deadline, as long as the first. Raises Refusal."""
    row, course, _ = _taken(tx, key)
    row.state = domain.send_back(ConsequenceState(row.state), reason)
    row.due = desk.calendar.due(desk.calendar.local_date(tx.now), row.days).date
    course.returned = [*course.returned, reason.strip()]
    return _done(desk, tx, row, course, ConsequenceReturned(**_about(row), reason=reason.strip(), due=row.due))


def close(desk: Desk, tx: Tx, key: str, proof: str) -> CourseView:
    """The office closes it, with proof; never who confirmed or executed it. Raises Refusal."""
    row, course, actor = _taken(tx, key)
    row.state = domain.close(
        ConsequenceState(row.state), proof, closer=actor.sub, others=(row.decided_by, course.executed_by),
        appealed=course.is_appealed,
    )  # fmt: skip
    course.closed_by, course.closed_at, course.proof = actor.sub, tx.now, proof.strip()
    return _done(desk, tx, row, course, ConsequenceClosed(**_about(row)))


def appeal(desk: Desk, tx: Tx, key: str, grounds: str) -> CourseView:
    """The unit's leader contests it within the programme's working days from the decision. Raises Refusal."""
    row, course, actor = _taken(tx, key)
    until = desk.appeal_until(row.decided_at) if row.decided_at else tx.now
    first = course.appealed_at is None
    domain.appeal(ConsequenceState(row.state), grounds, is_first=first, now=tx.now, until=until)
    course.appealed_by, course.appealed_at, course.grounds = actor.sub, tx.now, grounds.strip()
    return _done(desk, tx, row, course, ConsequenceAppealed(**_about(row), grounds=grounds.strip()))


def rule(desk: Desk, tx: Tx, key: str, *, upheld: bool, reason: str) -> CourseView:
    """Somebody else rules; a dismissed appeal leaves the deadline where it was. Raises Refusal."""
    row, course, actor = _taken(tx, key)
    row.state = domain.rule(
        ConsequenceState(row.state), reason, upheld=upheld, ruler=actor.sub, pending=course.is_appealed,
        others=(row.decided_by, course.executed_by, course.appealed_by),
    )  # fmt: skip
    course.ruled_by, course.ruled_at, course.upheld, course.ruling = actor.sub, tx.now, upheld, reason.strip()
    return _done(desk, tx, row, course, ConsequenceRuled(**_about(row), upheld=upheld, reason=reason.strip()))


def tick(desk: Desk, tx: Tx, aside: Aside) -> bool:
    """Tell of the consequences whose deadline passed, each once; True if there are more."""
    today = desk.calendar.local_date(tx.now)
    rows = store.overdue(tx.session, today, left=aside.left("consequence"), limit=AT_ONCE)
    for row in rows:
        with aside.trying(tx, "consequence", row.id):
            assert row.due is not None  # `overdue` finds those with a deadline only
            store.course(tx.session, row.id).chased_for = row.due
            tx.publish(ConsequenceOverdue(**_about(row), due=row.due), subject=row.id, cycle=row.cycle)
            metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("overdue").inc())
    return len(rows) == AT_ONCE


def _taken(tx: Tx, key: str) -> tuple[ConsequenceRow, CourseRow, Actor]:
    row, actor = results.consequence(tx.session, key), acting(tx)
    _own(actor, row)
    return row, store.course(tx.session, key), actor


def _own(actor: Actor, row: ConsequenceRow) -> None:
    if actor.unit is not None and actor.unit != row.unit:
        raise Refusal("consequence", row.id, "is about another unit", "act for your own unit", 403)


def _done(desk: Desk, tx: Tx, row: ConsequenceRow, course: CourseRow, data: EventData) -> CourseView:
    metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels(row.state).inc())
    tx.publish(data, subject=row.id, cycle=row.cycle)
    tx.session.flush()
    return course_view(desk, tx.session, row, course)


def _about(row: ConsequenceRow) -> dict[str, object]:
    return {"consequence": row.id, "cycle_name": row.cycle, "unit": row.unit, "kind": row.kind}
