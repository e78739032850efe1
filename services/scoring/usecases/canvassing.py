"""Canvassing: established with evidence, told to the unit, appealable; those who did it are held to account (S11)."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.store import results, units
from services.scoring.store.tables import CanvassingRow
from services.scoring.usecases.desk import Desk, acting
from shared.contracts.canvassing import CanvassingAppealed, CanvassingEstablished, CanvassingRuled
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx


class NewCanvassing(BaseModel):
    """Canvassing as the office established it. `persons`: the posts that canvassed, who are to be held to account."""

    cycle: str
    unit: str
    evidence: str = Field(min_length=1, max_length=5000)
    persons: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(default=(), max_length=20)


class CanvassingView(BaseModel):
    """A case of canvassing and its appeal. state: standing, appealed, or overturned."""

    id: int
    unit: str
    cycle: str
    evidence: str
    persons: list[str]
    state: str
    established_by: str
    established_at: dt.datetime
    appeal_until: dt.datetime
    grounds: str | None
    appealed_by: str | None
    ruled_by: str | None
    reason: str | None


class CanvassingPage(BaseModel):
    """Cases of canvassing, oldest first; `next` is the cursor of the following page, null at the end."""

    items: list[CanvassingView]
    next: str | None = None


def canvassing_view(row: CanvassingRow) -> CanvassingView:
    """A case of canvassing for people."""
    return CanvassingView.model_validate(row, from_attributes=True)


def listed(session: Session, actor: Actor, *, cycle: str | None, after: int, limit: int) -> CanvassingPage:
    """Cases of canvassing after a cursor; a unit sees its own."""
    unit = actor.unit or "" if actor.role == "leader" else None
    rows = results.canvassing_cases(session, cycle=cycle, unit=unit, after=after, limit=limit)
    last = str(rows[-1].id) if len(rows) == limit else None
    return CanvassingPage(items=[canvassing_view(row) for row in rows], next=last)


def establish(desk: Desk, tx: Tx, wanted: NewCanvassing) -> CanvassingView:
    """The office establishes canvassing, with evidence (S11): the unit stands behind all others. Raises Refusal."""
    units.cycle(tx.session, wanted.cycle)
    units.unit(tx.session, wanted.unit)
    if not wanted.evidence.strip():
        raise Refusal("evidence", wanted.evidence, "empty", "say what proves it")
    if wanted.unit in results.canvassers(tx.session, wanted.cycle):
        raise Refusal("unit", wanted.unit, "canvassing is established in this cycle", "nothing to do", 409)
    row = CanvassingRow(
        unit=wanted.unit, cycle=wanted.cycle, evidence=wanted.evidence, persons=list(wanted.persons),
        established_by=acting(tx).sub, established_at=tx.now, appeal_until=desk.appeal_until(tx.now),
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    data = CanvassingEstablished(**_about(row), persons=wanted.persons, appeal_until=row.appeal_until)
    tx.publish(data, subject=_subject(row), cycle=row.cycle)
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
    tx.publish(CanvassingAppealed(**_about(row), grounds=grounds), subject=_subject(row), cycle=row.cycle)
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
    data = CanvassingRuled(**_about(row), upheld=is_upheld, reason=reason)
    tx.publish(data, subject=_subject(row), cycle=row.cycle)
    return canvassing_view(row)


def persons_meant(desk: Desk, session: Session, cycle: str, unit: str, rule: str) -> tuple[str, ...]:
    """Whose accountability a consequence is about: those who canvassed, by a rule about canvassing; else nobody's."""
    about = any(one.key == rule and one.when.canvassing for one in desk.programme.consequences)
    return results.persons_of(session, cycle, unit) if about else ()


def _about(row: CanvassingRow) -> dict[str, object]:
    return {"canvassing": row.id, "cycle_name": row.cycle, "unit": row.unit}


def _subject(row: CanvassingRow) -> str:
    return f"canvassing/{row.id}"
