"""③ Questions of representatives: answered on the spot, or with a date that becomes a case (S4)."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.meeting import Step
from services.scoring.store import meetings as store
from services.scoring.store import proceedings
from services.scoring.store.proceedings import QuestionRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.steps import begin, on_record
from shared.contracts.scoring import MeetingQuestionDeferred
from shared.errors import Refusal
from shared.scrub import scrub
from shared.store import Tx


class NewQuestion(BaseModel):
    """What a representative asks a unit. Who asks is not written down."""

    unit: str
    text: str = Field(min_length=1, max_length=2000)


class Answer(BaseModel):
    """An answer on the spot, and the post that gave it."""

    text: str = Field(min_length=1, max_length=8000)
    answered_by: str = Field(min_length=1, max_length=100, description="post, e.g. 局长")


class Deferral(BaseModel):
    """A leader's promise: the date, why not now, and the post that promised. It is its own approval (S4 ③)."""

    due: dt.date
    reason: str = Field(min_length=1, max_length=2000)
    promised_by: str = Field(min_length=1, max_length=100, description="post, e.g. 局长")


class QuestionView(BaseModel):
    """A question and what came of it. `by`: the post that answered or promised."""

    number: int
    unit: str
    text: str
    state: Literal["open", "answered", "deferred"]
    answer: str | None
    by: str | None
    due: dt.date | None
    reason: str | None


class QuestionsView(BaseModel):
    """The questions of a meeting by number."""

    meeting: str
    state: str
    rehearsal: bool
    items: list[QuestionView]


def ask(tx: Tx, name: str, given: NewQuestion) -> QuestionView:
    """Write a question down, without who asks; phone and ID numbers are taken out. Raises Refusal."""
    row = begin(tx, name, Step.QUESTION)
    if given.unit not in row.units:
        raise Refusal("unit", given.unit, "is not voted on at this meeting", "name a unit of the meeting")
    number = proceedings.next_question(tx.session, name)
    found = QuestionRow(meeting=name, number=number, unit=given.unit, text=scrub(given.text))
    tx.session.add(found)
    on_record(tx, name, Step.QUESTION, number=number, unit=given.unit, state="open")
    tx.session.flush()
    return _view(found)


def answer(tx: Tx, name: str, number: int, given: Answer) -> QuestionView:
    """Write down the answer that was given on the spot. Raises Refusal."""
    found = _waiting(tx, name, number)
    found.state, found.answer, found.by = "answered", scrub(given.text), given.answered_by
    on_record(tx, name, Step.QUESTION, number=number, unit=found.unit, state="answered")
    return _view(found)


def defer(desk: Desk, tx: Tx, name: str, number: int, given: Deferral) -> QuestionView:
    """Write down the leader's promise; outside a rehearsal it becomes a case with exactly that date. Raises Refusal.

    The date lies after today, and not beyond the period of a planned rectification: a promise is no way round R3.
    """
    found = _waiting(tx, name, number)
    desk.programme.channel("meeting_question")  # what is promised must have a way into the register
    today = desk.calendar.local_date(tx.now)
    last = desk.calendar.due(today, desk.programme.deadlines.planned).date
    if not today < given.due <= last:
        raise Refusal("due", given.due.isoformat(), f"lies not between {today} and {last}", "promise a date between")
    found.state, found.by, found.due, found.reason = "deferred", given.promised_by, given.due, scrub(given.reason)
    on_record(tx, name, Step.QUESTION, number=number, unit=found.unit, state="deferred", due=given.due.isoformat())
    row = store.meeting(tx.session, name)
    if not row.rehearsal:
        tx.publish(
            MeetingQuestionDeferred(
                meeting=name, cycle_name=row.cycle, unit=found.unit, question=number, text=found.text,
                promised_by=given.promised_by, due=given.due, reason=found.reason,
            ),
            subject=f"{name}-{number}",
            cycle=row.cycle,
        )  # fmt: skip
    return _view(found)


def _waiting(tx: Tx, name: str, number: int) -> QuestionRow:
    begin(tx, name, Step.QUESTION)
    found = proceedings.question(tx.session, name, number)
    who = acting(tx)
    if who.role == "leader" and who.unit != found.unit:
        raise Refusal("unit", found.unit, f"you act for {who.unit}", "answer your own unit's questions", 403)
    if found.state != "open":
        raise Refusal("question", number, f"is {found.state} already", "what was said stays", 409)
    return found


def questions_view(session: Session, name: str) -> QuestionsView:
    """The questions, for everybody. Raises Refusal (404)."""
    row = store.meeting(session, name)
    return QuestionsView(
        meeting=name,
        state=row.state,
        rehearsal=row.rehearsal,
        items=[_view(one) for one in proceedings.questions(session, name)],
    )


def _view(row: QuestionRow) -> QuestionView:
    return QuestionView.model_validate(row, from_attributes=True)
