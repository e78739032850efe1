"""What a terminal asks before it shows a ballot: the meetings, may it vote here, is this card still good."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.cards import card_hash, parse_card
from services.scoring.store import meetings as store
from services.scoring.store.tables import BallotRow, CardRow
from shared.errors import Refusal

NO_CARD = "vote on this meeting's terminals with a card of this meeting"


class Listed(BaseModel):
    """A meeting in the list."""

    meeting: str
    cycle: str
    date: dt.date
    state: str
    rehearsal: bool


class MeetingList(BaseModel):
    """Meetings by name; `next` is the cursor of the following page, null at the end."""

    items: list[Listed]
    next: str | None


def listed(session: Session, state: str | None, after: str, limit: int) -> MeetingList:
    """A page of the meetings whose name comes after `after`."""
    rows = store.listed(session, state, after, limit)
    items = [
        Listed(meeting=row.name, cycle=row.cycle, date=row.date, state=row.state, rehearsal=row.rehearsal)
        for row in rows
    ]
    return MeetingList(items=items, next=rows[-1].name if len(rows) == limit else None)


class StationView(BaseModel):
    """Where the meeting stands, for a terminal that may vote in it."""

    meeting: str
    state: str
    halted: bool
    rehearsal: bool


def station(session: Session, name: str) -> StationView:
    """Where the meeting stands. Raises Refusal (404)."""
    row = store.meeting(session, name)
    return StationView(meeting=name, state=row.state, halted=row.halted is not None, rehearsal=row.rehearsal)


class CardState(BaseModel):
    """Whether a ballot was cast with a card."""

    token_hash: str
    state: Literal["unused", "used"]


def check_card(session: Session, name: str, token: str) -> CardState:
    """Look at a card before somebody fills a ballot in vain. Nothing is written. Raises Refusal (404, 422)."""
    store.meeting(session, name)
    token_hash = card_hash(parse_card(token))
    if session.get(CardRow, (name, token_hash)) is None:
        raise Refusal("token", "…", "is no card of this meeting", NO_CARD)
    used = session.get(BallotRow, (name, token_hash)) is not None
    return CardState(token_hash=token_hash, state="used" if used else "unused")
