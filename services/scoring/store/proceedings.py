"""What happens at a meeting besides the vote: announcement, statements, questions, and who did which step when (S4).

Nobody's check-in and nobody's ballot stands in the record: roll, cards and ballots know neither time nor person.
"""

import datetime as dt
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, Session, col, func, select

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class RecordRow(Base, table=True):
    """A step of a meeting as it was taken; rows are only ever added."""

    __tablename__ = "meeting_record"
    __table_args__ = (Index("ix_meeting_record_meeting", "meeting"),)

    id: int | None = Field(default=None, primary_key=True)
    meeting: str
    step: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    role: str
    by: str
    reason: str | None = None
    what: dict[str, Any] = Field(default_factory=dict, sa_type=JSONType)


class AnnouncementRow(Base, table=True):
    """What was told beforehand: where, when, what it is about, in which order."""

    __tablename__ = "meeting_announcement"

    meeting: str = Field(primary_key=True)
    place: str
    starts_at: dt.datetime = Field(sa_type=UtcDateTime)
    content: str
    procedure: list[str] = Field(sa_type=JSONType)


class SpeakersRow(Base, table=True):
    """Which units speak: `ordered` are all units of the meeting, the first `number` not excused speak."""

    __tablename__ = "meeting_speakers"

    meeting: str = Field(primary_key=True)
    method: str
    ordered: list[str] = Field(sa_type=JSONType)
    number: int
    reason: str | None = None


class StatementTextRow(Base, table=True):
    """A written statement as handed in; a corrected one is a further version."""

    __tablename__ = "statement_text"

    meeting: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    text: str
    handed_in_by: str
    at: dt.datetime = Field(sa_type=UtcDateTime)


class StatementRow(Base, table=True):
    """A unit that spoke, or was excused from speaking with a reason."""

    __tablename__ = "statement"

    meeting: str = Field(primary_key=True)
    unit: str = Field(primary_key=True)
    state: str
    presided_by: str | None = None
    spoken_by: str | None = None
    reason: str | None = None
    at: dt.datetime = Field(sa_type=UtcDateTime)


class QuestionRow(Base, table=True):
    """A representative's question. Who asked is not kept. `by`: the post that answered or promised."""

    __tablename__ = "question"

    meeting: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    unit: str
    text: str
    state: str = "open"
    answer: str | None = None
    by: str | None = None
    due: dt.date | None = None
    reason: str | None = None


class DepartureRow(Base, table=True):
    """Who left before the ballots opened, and why. No time, like the roll it was struck from."""

    __tablename__ = "departure"
    __table_args__ = ({"sqlite_with_rowid": False},)

    meeting: str = Field(primary_key=True)
    representative: str = Field(primary_key=True)
    reason: str


def record(session: Session, meeting: str) -> list[RecordRow]:
    """The steps of a meeting in the order in which they were taken."""
    return list(session.exec(select(RecordRow).where(RecordRow.meeting == meeting).order_by(col(RecordRow.id))))


def announcement(session: Session, meeting: str) -> AnnouncementRow:
    """What was announced. Raises Refusal (404)."""
    found = session.get(AnnouncementRow, meeting)
    if found is None:
        raise Refusal("meeting", meeting, "is not announced yet", "wait for the announcement", 404)
    return found


def speakers(session: Session, meeting: str) -> SpeakersRow:
    """Which units speak. Raises Refusal (404)."""
    found = session.get(SpeakersRow, meeting)
    if found is None:
        raise Refusal("meeting", meeting, "nobody is chosen to speak yet", "wait for the announcement", 404)
    return found


def texts(session: Session, meeting: str) -> dict[str, StatementTextRow]:
    """The latest written statement of each unit that handed one in."""
    query = select(StatementTextRow).where(StatementTextRow.meeting == meeting).order_by(col(StatementTextRow.version))
    return {row.unit: row for row in session.exec(query)}


def statements(session: Session, meeting: str) -> dict[str, StatementRow]:
    """Units that spoke or were excused."""
    return {row.unit: row for row in session.exec(select(StatementRow).where(StatementRow.meeting == meeting))}


def questions(session: Session, meeting: str) -> list[QuestionRow]:
    """The questions by number."""
    query = select(QuestionRow).where(QuestionRow.meeting == meeting)
    return list(session.exec(query.order_by(col(QuestionRow.number))))


def question(session: Session, meeting: str, number: int) -> QuestionRow:
    """A question. Raises Refusal (404)."""
    found = session.get(QuestionRow, (meeting, number))
    if found is None:
        raise Refusal("question", number, "no such question", "see the list of questions", 404)
    return found


def open_questions(session: Session, meeting: str) -> list[int]:
    """Numbers of the questions that are neither answered nor deferred."""
    query = select(QuestionRow.number).where(QuestionRow.meeting == meeting, QuestionRow.state == "open")
    return list(session.exec(query.order_by(col(QuestionRow.number))))


def next_question(session: Session, meeting: str) -> int:
    """The number of the next question."""
    query = select(func.count()).select_from(QuestionRow).where(QuestionRow.meeting == meeting)
    return session.exec(query).one() + 1


def departures(session: Session, meeting: str) -> dict[str, str]:
    """Who left, and why."""
    query = select(DepartureRow).where(DepartureRow.meeting == meeting).order_by(col(DepartureRow.representative))
    return {row.representative: row.reason for row in session.exec(query)}


def sealed_at(session: Session, meeting: str) -> dt.datetime | None:
    """When the last signature sealed a meeting; None before."""
    query = select(RecordRow.at).where(RecordRow.meeting == meeting, RecordRow.step == "seal")
    return session.exec(query.order_by(col(RecordRow.id).desc())).first()
