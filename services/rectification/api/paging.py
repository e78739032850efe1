"""What reading has in common: how much of a list, whose it is, where a page goes on, who sees which case."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query as Param
from sqlmodel import Session

from services.rectification import store
from services.rectification.domain.case import Case
from services.rectification.usecases.record import unknown
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor

Limit = Annotated[int, Param(ge=1, le=500)]


def own_unit(actor: Actor, unit: str | None) -> str | None:
    """The unit whose matters are asked for. Raises Refusal (404) if it is not the asker's own."""
    if actor.role not in OF_A_UNIT:
        return unit
    if unit is not None and unit != actor.unit:
        raise Refusal("unit", unit, "there is no such unit for you", "leave it out: you see your own unit", 404)
    return actor.unit or ""


def visible(session: Session, actor: Actor, number: str) -> Case:
    """The case, for whoever may see it: a unit those in which it has a part. Raises Refusal (404)."""
    found = store.cases.find(session, number)
    if found is None or (actor.role in OF_A_UNIT and actor.unit not in found.card.units):
        raise unknown(number)
    return found


def day_position(cursor: str | None) -> tuple[date, str] | None:
    """A cursor made of a day and a key. Raises Refusal (422)."""
    if cursor is None:
        return None
    day, _, key = cursor.partition("|")
    try:
        return date.fromisoformat(day), key
    except ValueError:
        raise Refusal("cursor", cursor, "not a cursor of ours", "give the one of the page before") from None


def position(cursor: str | None) -> tuple[datetime, int] | None:
    """A cursor made of an instant and a key. Raises Refusal (422)."""
    if cursor is None:
        return None
    at, _, key = cursor.partition("|")
    try:
        # A plus sign that was not escaped arrives as a space.
        return datetime.fromisoformat(at.replace(" ", "+")).astimezone(), int(key)
    except ValueError:
        raise Refusal("cursor", cursor, "not a cursor of ours", "give the one of the page before") from None
