"""Consequences are proposals until a leader confirms or withdraws them (S12)."""

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.consequence import ConsequenceState, confirm, withdraw
from services.scoring.store import results, units
from services.scoring.store.tables import ConsequenceRow
from services.scoring.usecases import orders
from services.scoring.usecases.canvassing import persons_meant
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.embargo import is_public
from shared.contracts.scoring import ConsequenceConfirmed, ConsequenceWithdrawn
from shared.errors import Refusal
from shared.store import Tx

OF_NO_RESULT = ("nomination", "city_rank")
"""What proposes consequences that say nothing of the cycle's result: a leader need not wait for its publication."""


class ConsequenceView(BaseModel):
    """A consequence and what was decided. `review`: the rank is in doubt, a leader answers that in writing.

    persons: the posts that it is about, where it is not the unit alone (S11).
    """

    id: str
    cycle: str
    unit: str
    rule: str
    kind: str
    reason: str
    review: bool
    rank: int | None
    composite: Decimal | None
    state: str
    answer: str | None
    decided_by: str | None
    decided_at: dt.datetime | None
    due: dt.date | None
    persons: tuple[str, ...] = ()


def consequence_view(desk: Desk, session: Session, row: ConsequenceRow) -> ConsequenceView:
    """A consequence for people."""
    persons = persons_of(desk, session, row)
    return ConsequenceView.model_validate({**row.model_dump(), "persons": persons})


def persons_of(desk: Desk, session: Session, row: ConsequenceRow) -> tuple[str, ...]:
    """The posts that a consequence is about: those that its fact names, or who canvassed."""
    return tuple(row.persons or ()) or persons_meant(desk, session, row.cycle, row.unit, row.rule)


def consequences_of(desk: Desk, session: Session, cycle: str) -> list[ConsequenceView]:
    """The consequences of a cycle."""
    units.cycle(session, cycle)
    return [consequence_view(desk, session, row) for row in results.consequences(session, cycle)]


def confirm_one(desk: Desk, tx: Tx, key: str, answer: str) -> ConsequenceView:
    """A leader confirms; a review flag needs a written answer; the deadline runs from now (S12). Raises Refusal."""
    row = results.consequence(tx.session, key)
    if row.source not in OF_NO_RESULT and not is_public(tx.session, row.cycle):
        reason = "the result is not published: its unit would learn of it by this decision"
        raise Refusal(
            "consequence", key, reason, "release the result first: POST /api/v1/cycles/{name}/publication", 409
        )
    row.state = confirm(ConsequenceState(row.state), review=row.review, answer=answer)
    row.answer, row.decided_by, row.decided_at = answer.strip(), acting(tx).sub, tx.now
    row.due = desk.calendar.due(desk.calendar.local_date(tx.now), row.days).date
    metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("confirmed").inc())
    tx.publish(
        ConsequenceConfirmed(
            consequence=row.id, cycle_name=row.cycle, unit=row.unit, kind=row.kind, reason=row.reason,
            answer=row.answer, due=row.due,
            persons=persons_of(desk, tx.session, row),
        ),
        subject=row.id,
        cycle=row.cycle,
    )  # fmt: skip
    if row.kind == "rectification":
        orders.order_rectification(desk, tx, row)
    return consequence_view(desk, tx.session, row)


def withdraw_one(desk: Desk, tx: Tx, key: str, reason: str) -> ConsequenceView:
    """A leader does not confirm, with a reason. Raises Refusal."""
    row = results.consequence(tx.session, key)
    row.state = withdraw(ConsequenceState(row.state), reason=reason)
    row.answer, row.decided_by, row.decided_at = reason.strip(), acting(tx).sub, tx.now
    metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("withdrawn").inc())
    tx.publish(
        ConsequenceWithdrawn(consequence=row.id, cycle_name=row.cycle, unit=row.unit, kind=row.kind, reason=row.answer),
        subject=row.id,
        cycle=row.cycle,
    )
    return consequence_view(desk, tx.session, row)
