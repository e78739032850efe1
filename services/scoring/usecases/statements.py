"""② Statements: written ones handed in before, 3–5 spoken in the hall (S4)."""

from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.meeting import State, Step
from services.scoring.store import meetings as store
from services.scoring.store import proceedings
from services.scoring.store.proceedings import StatementRow, StatementTextRow
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases.announcing import speaking
from services.scoring.usecases.desk import acting
from services.scoring.usecases.steps import MeetingView, begin, finish, meeting_view, on_record
from shared.errors import Refusal
from shared.store import Tx

UNHEARD = frozenset((State.CREATED, State.FROZEN, State.DRAWN, State.ANNOUNCED, State.CHECK_IN, State.VOID))
"""States in which a written statement is shown to nobody but the office: units do not copy from each other."""


class StatementText(BaseModel):
    """A written statement, and the post that handed it in."""

    text: str = Field(min_length=1, max_length=20_000)
    handed_in_by: str = Field(min_length=1, max_length=100, description="post, e.g. 局长")


class Delivery(BaseModel):
    """A statement that was given by word of mouth."""

    presided_by: str = Field(min_length=1, max_length=100, description="post that presided")
    spoken_by: str = Field(min_length=1, max_length=100, description="post that spoke for the unit")


class StatementView(BaseModel):
    """A unit's statement: spoken or written, given or missing. `text` is shown once statements are open."""

    unit: str
    kind: Literal["oral", "written"]
    state: Literal["awaited", "given", "excused", "handed_in", "missing"]
    text: str | None
    presided_by: str | None = None
    spoken_by: str | None = None
    reason: str | None = None


class StatementsView(BaseModel):
    """The statements of a meeting in the order of its units; `missing`: units that said nothing at all."""

    meeting: str
    state: str
    rehearsal: bool
    items: list[StatementView]
    missing: list[str]


def hand_in(tx: Tx, name: str, unit: str, given: StatementText) -> StatementView:
    """A unit's leader hands the written statement in (the office does it for paper); again is a further version."""
    row = _unit_of(tx, name, unit, Step.STATEMENT_TEXT)
    who = acting(tx)
    if who.role == "leader" and who.unit != unit:
        raise Refusal("unit", unit, f"you act for {who.unit}", "hand in your own unit's statement", 403)
    latest = proceedings.texts(tx.session, name).get(unit)
    version = latest.version + 1 if latest else 1
    tx.session.add(
        StatementTextRow(
            meeting=name, unit=unit, version=version, text=given.text, handed_in_by=given.handed_in_by, at=tx.now
        )
    )  # fmt: skip
    on_record(tx, name, Step.STATEMENT_TEXT, unit=unit, version=version, handed_in_by=given.handed_in_by)
    tx.session.flush()
    return _one(tx.session, row, unit)


def open_statements(tx: Tx, name: str) -> MeetingView:
    """Open the statements; what is not handed in by now is missing, on record (S4 ②). Raises Refusal."""
    row = begin(tx, name, Step.STATEMENTS_OPENING)
    if not store.roll(tx.session, name):
        raise Refusal("hall", 0, "nobody is present", "check representatives in first", 409)
    handed_in = proceedings.texts(tx.session, name)
    spoken = speaking(tx.session, name)
    missing = [unit for unit in row.units if unit not in handed_in and unit not in spoken]
    finish(tx, row, Step.STATEMENTS_OPENING, speak=list(spoken), missing=missing)
    return meeting_view(tx.session, row)


def deliver(tx: Tx, name: str, unit: str, given: Delivery) -> StatementView:
    """Record a statement as given, with who presided. Raises Refusal."""
    row = _to_speak(tx, name, unit)
    tx.session.add(StatementRow(meeting=name, unit=unit, state="given", at=tx.now, **given.model_dump()))
    on_record(tx, name, Step.STATEMENT, unit=unit, state="given", **given.model_dump())
    tx.session.flush()
    return _one(tx.session, row, unit)


def excuse(tx: Tx, name: str, unit: str, reason: str) -> StatementsView:
    """Excuse a unit from speaking, on record; the next in the order speaks instead. Raises Refusal."""
    _to_speak(tx, name, unit)
    tx.session.add(StatementRow(meeting=name, unit=unit, state="excused", reason=reason, at=tx.now))
    on_record(tx, name, Step.STATEMENT, reason=reason, unit=unit, state="excused")
    tx.session.flush()
    return statements_view(tx.session, name, office=True)


def _unit_of(tx: Tx, name: str, unit: str, step: Step) -> MeetingRow:
    row = begin(tx, name, step)
    if unit not in row.units:
        raise Refusal("unit", unit, "is not voted on at this meeting", "see the meeting's units", 404)
    return row


def _to_speak(tx: Tx, name: str, unit: str) -> MeetingRow:
    row = _unit_of(tx, name, unit, Step.STATEMENT)
    if tx.session.get(StatementRow, (name, unit)) is not None:
        raise Refusal("unit", unit, "its statement is on record already", "nothing to do", 409)
    if unit not in speaking(tx.session, name):
        raise Refusal("unit", unit, "is not among those who speak", "its statement is in writing", 409)
    return row


def open_questions(tx: Tx, name: str) -> MeetingView:
    """Open the questions: every unit chosen to speak has spoken (S4 ③). Raises Refusal."""
    row = begin(tx, name, Step.QUESTIONS_OPENING)
    given = proceedings.statements(tx.session, name)
    if waiting := [unit for unit in speaking(tx.session, name) if unit not in given]:
        raise Refusal("statements", waiting, "have not spoken yet", "record or excuse their statements", 409)
    finish(tx, row, Step.QUESTIONS_OPENING)
    return meeting_view(tx.session, row)


def statements_view(session: Session, name: str, *, office: bool = False) -> StatementsView:
    """Who speaks and who wrote; `office`: texts before statements are open too. Raises Refusal (404)."""
    row = store.meeting(session, name)
    spoken = speaking(session, name)
    texts, given = proceedings.texts(session, name), proceedings.statements(session, name)
    over = row.state not in UNHEARD
    items = []
    for unit in row.units:
        text, one = texts.get(unit), given.get(unit)
        kind: Literal["oral", "written"] = "oral" if unit in spoken else "written"
        items.append(
            StatementView(
                unit=unit, kind=kind, state=_state(kind, text, one, over),
                text=text.text if text and (office or over) else None,
                presided_by=one.presided_by if one else None, spoken_by=one.spoken_by if one else None,
                reason=one.reason if one else None,
            )
        )  # fmt: skip
    missing = [i.unit for i in items if i.state == "missing"]
    return StatementsView(meeting=name, state=row.state, rehearsal=row.rehearsal, items=items, missing=missing)


def _state(
    kind: str, text: StatementTextRow | None, one: StatementRow | None, over: bool
) -> Literal["awaited", "given", "excused", "handed_in", "missing"]:
    if one is not None and one.state == "given":
        return "given"
    if kind == "written" and text is not None:
        return "handed_in"
    if one is not None:
        return "excused"
    return "missing" if kind == "written" and over else "awaited"


def _one(session: Session, row: MeetingRow, unit: str) -> StatementView:
    found = statements_view(session, row.name, office=True)
    return next(one for one in found.items if one.unit == unit)
