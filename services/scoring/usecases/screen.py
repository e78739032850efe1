"""What the hall's big screen shows: steps, ordinary share, alternates to call, turnout; never a result (S4, S7)."""

import datetime as dt
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.meeting import HALL, State
from services.scoring.store import meetings as store
from services.scoring.store import proceedings, units
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases import ballots, hall
from services.scoring.usecases.announcing import speaking
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.steps import drawn_of

_S = State
PARTS: dict[str, tuple[State, ...]] = {
    "announcement": (_S.ANNOUNCED,),
    "check_in": (_S.CHECK_IN,),
    "statements": (_S.STATEMENTS,),
    "questions": (_S.QUESTIONS,),
    "ballots": (_S.VOTING,),
    "count": (_S.CLOSED, _S.COUNTED),
    "seal": (_S.SEALED,),
    "publication": (_S.PUBLISHED,),
}
"""The parts of a meeting as people in the hall see them, and the states in which each is under way."""


class Part(BaseModel):
    """A part of the meeting: over, under way, or to come."""

    key: str
    state: Literal["done", "now", "next"]


class Called(BaseModel):
    """An alternate to be called."""

    representative: str
    stratum: str


class Speaker(BaseModel):
    """A unit that speaks."""

    unit: str
    name: str
    given: bool


class Asked(BaseModel):
    """The question that is being dealt with, and how many there were."""

    number: int
    unit: str
    name: str
    text: str


class ScreenView(BaseModel):
    """The screen. `ordinary_share` and `to_call` until the ballots open; `returned` from then on."""

    meeting: str
    state: str
    rehearsal: bool
    halted: str | None
    annulled: bool
    place: str | None
    starts_at: dt.datetime | None
    units: int
    parts: list[Part]
    seats: int
    present: int
    ordinary: int
    ordinary_share: Decimal
    ordinary_least: Decimal
    enough: bool
    to_call: list[Called]
    speakers: list[Speaker]
    question: Asked | None
    questions: int
    answered: int
    deferred: int
    issued: int
    returned: int | None


def screen(desk: Desk, session: Session, name: str) -> ScreenView:
    """What the hall sees now. Raises Refusal (404)."""
    row = store.meeting(session, name)
    told = session.get(proceedings.AnnouncementRow, name)
    shown = hall.hall(desk, session, name)
    turnout = ballots.turnout(session, name)
    asked = proceedings.questions(session, name)
    opened = row.present is not None
    return ScreenView(
        meeting=name, state=row.state, rehearsal=row.rehearsal, halted=row.halted, annulled=row.state == State.VOID,
        place=told.place if told else None, starts_at=told.starts_at if told else None, units=len(row.units),
        parts=_parts(State(row.state)), seats=row.seats, present=row.present if opened else shown.present,
        ordinary=row.ordinary if opened else shown.ordinary, ordinary_share=shown.ordinary_share,
        ordinary_least=desk.programme.meeting.ordinary_present_least, enough=shown.may_open,
        to_call=_called(session, row, shown.to_call), speakers=_speakers(session, row),
        question=_question(session, row, asked), questions=len(asked),
        answered=sum(q.state == "answered" for q in asked), deferred=sum(q.state == "deferred" for q in asked),
        issued=turnout.issued, returned=turnout.returned if opened else None,
    )  # fmt: skip


def _parts(state: State) -> list[Part]:
    order = list(State)
    found = []
    for key, during in PARTS.items():
        if state in during and state is not State.VOID:
            found.append(Part(key=key, state="now"))
        elif state is not State.VOID and order.index(state) > order.index(during[-1]):
            found.append(Part(key=key, state="done"))
        else:
            found.append(Part(key=key, state="next"))
    return found


def _called(session: Session, row: MeetingRow, wanted: list[str]) -> list[Called]:
    if not wanted:
        return []
    drawn = drawn_of(session, row.name)
    return [Called(representative=one, stratum=drawn.stratum_of(one)) for one in wanted]


def _speakers(session: Session, row: MeetingRow) -> list[Speaker]:
    if row.state not in (*HALL, State.ANNOUNCED):
        return []
    wanted = speaking(session, row.name)
    names = {unit.key: unit.name for unit in units.units(session, wanted)}
    given = proceedings.statements(session, row.name)
    return [Speaker(unit=unit, name=names[unit], given=unit in given) for unit in wanted]


def _question(session: Session, row: MeetingRow, asked: list[proceedings.QuestionRow]) -> Asked | None:
    waiting = next((q for q in asked if q.state == "open"), None)
    if row.state != State.QUESTIONS or waiting is None:
        return None
    name = units.unit(session, waiting.unit).name
    return Asked(number=waiting.number, unit=waiting.unit, name=name, text=waiting.text)
