"""An official leaves: what is his to do goes to the successor, on record.

Not handed over is what consent was given to one person for: a disclosure that he asked for ends with him.
"""

import uuid
from collections.abc import Callable

from sqlmodel import Session

from services.intake import store
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models.absences import HandoverIn, HandoverList, HandoverOut
from services.intake.rules import Rules
from services.intake.store.absences import Handover
from services.intake.store.paging import following
from services.intake.usecases import absences, planning, roster
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

MOVES: tuple[Callable[[Rules, Tx, HandoverIn, Actor], list[str]], ...] = (
    absences.hand_over,
    roster.hand_over,
    planning.hand_over,
)
"""What can be a person's own to do. Each says what it moved (`kind id`)."""


def hand_over(rules: Rules, tx: Tx, actor: Actor, given: HandoverIn) -> HandoverOut:
    """Move everything that is open and assigned to the leaver in a role. Raises Refusal."""
    if given.leaves == given.successor:
        raise Refusal("successor", given.successor, "nobody succeeds himself", "name another person")
    moved = [what for move in MOVES for what in move(rules, tx, given, actor)]
    row = Handover(
        id=uuid.uuid4().hex,
        leaves=given.leaves,
        successor=given.successor,
        role=given.role,
        reason=scrub(given.reason),
        by=actor.sub,
        at=tx.now,
        moved=moved,
    )
    tx.session.add(row)
    return HandoverOut.model_validate(row, from_attributes=True)


def listed(session: Session, after: Mark | None, limit: int) -> HandoverList:
    """Handovers, the newest first."""
    rows = store.absences.handovers(session, after, limit)
    items = [HandoverOut.model_validate(row, from_attributes=True) for row in rows]
    return HandoverList(items=items, next=following(rows, limit, lambda row: (row.at, row.id)))
