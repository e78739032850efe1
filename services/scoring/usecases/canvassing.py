"""Canvassing: established with evidence, appealable (S11)."""

import datetime as dt

from pydantic import BaseModel, Field

from services.scoring.store import results, units
from services.scoring.store.tables import CanvassingRow
from services.scoring.usecases.desk import Desk, acting
from shared.errors import Refusal
from shared.store import Tx


class NewCanvassing(BaseModel):
    """Canvassing as the office established it."""

    cycle: str
    unit: str
    evidence: str = Field(min_length=1, max_length=5000)
    persons: tuple[str, ...] = ()


class CanvassingView(BaseModel):
    """A case of canvassing and its appeal."""

    id: int
    unit: str
    cycle: str
    evidence: str
    persons: list[str]
    state: str
    appeal_until: dt.datetime
    grounds: str | None
    reason: str | None


def canvassing_view(row: CanvassingRow) -> CanvassingView:
    """A case of canvassing for people."""
    return CanvassingView.model_validate(row, from_attributes=True)


def establish(desk: Desk, tx: Tx, wanted: NewCanvassing) -> CanvassingView:
    """The office establishes canvassing, with evidence (S11): the unit stands behind all others. Raises Refusal."""
    units.cycle(tx.session, wanted.cycle)
    units.unit(tx.session, wanted.unit)
    if wanted.unit in results.canvassers(tx.session, wanted.cycle):
        raise Refusal("unit", wanted.unit, "canvassing is established in this cycle", "nothing to do", 409)
    row = CanvassingRow(
        unit=wanted.unit, cycle=wanted.cycle, evidence=wanted.evidence, persons=list(wanted.persons),
        established_by=acting(tx).sub, established_at=tx.now, appeal_until=desk.appeal_until(tx.now),
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return canvassing_view(row)


def appeal_canvassing(tx: Tx, key: int, grounds: str) -> CanvassingView:
    """The unit's leader appeals within the period. Raises Refusal."""
    row, actor = results.canvassing(tx.session, key), acting(tx)
    if actor.unit != row.unit:
        raise Refusal("canvassing", key, "is about another unit", "appeal for your own unit", 403)
    if row.state != "standing" or row.grounds is not None:
        raise Refusal("canvassing", key, f"is {row.state}, appealed once", "there is one appeal", 409)
    if tx.now >= row.appeal_until:
        raise Refusal("canvassing", key, f"could be appealed until {row.appeal_until.isoformat()}", "it stands", 409)
    if not grounds.strip():
        raise Refusal("grounds", grounds, "empty", "say why it is wrong")
    row.state, row.grounds, row.appealed_by = "appealed", grounds, actor.sub
    return canvassing_view(row)


def rule_on_canvassing(tx: Tx, key: int, *, is_upheld: bool, reason: str) -> CanvassingView:
    """Somebody else than who established it rules; upheld: it is overturned. Raises Refusal."""
    row, actor = results.canvassing(tx.session, key), acting(tx)
    if row.state != "appealed":
        raise Refusal("canvassing", key, "is not under appeal", "nothing to rule on", 409)
    if actor.sub in (row.established_by, row.appealed_by):
        raise Refusal("ruled_by", actor.sub, "established or appealed it", "let somebody else rule", 403)
    if not reason.strip():
        raise Refusal("reason", reason, "empty", "give the ruling's reason")
    row.state = "overturned" if is_upheld else "standing"
    row.ruled_by, row.reason = actor.sub, reason
    return canvassing_view(row)
