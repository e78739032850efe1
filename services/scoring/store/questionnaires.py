"""Questionnaires of a cycle (S8, S9): codes by their hash; answers without person, time, address or code.

An answer is kept under a hash that only who has the code can make: nothing here leads from a code to its answer.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Table, func, select
from sqlmodel import Field, Session, col
from sqlmodel import select as select_rows

from services.scoring.store.tables import Base
from shared.errors import Refusal
from shared.tables import JSONType, UtcDateTime


class QuestionnaireRow(Base, table=True):
    """A questionnaire that is held in a cycle, with its questions as they were at the opening."""

    __tablename__ = "questionnaire"

    cycle: str = Field(primary_key=True)
    questionnaire: str = Field(primary_key=True)
    form: dict[str, Any] = Field(sa_type=JSONType)
    opened_by: str
    opened_at: dt.datetime = Field(sa_type=UtcDateTime)
    annulled_by: str | None = None
    annulled_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    reason: str = ""


class QuestionnaireBatchRow(Base, table=True):
    """Codes issued together. `id` is drawn by lot, so that it tells nothing of an order."""

    __tablename__ = "questionnaire_batch"
    __table_args__ = (Index("ix_questionnaire_batch_cycle", "cycle", "questionnaire", "unit"),)

    id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    cycle: str
    questionnaire: str
    unit: str
    codes: int
    expires_at: dt.datetime = Field(sa_type=UtcDateTime)
    issued_by: str
    issued_at: dt.datetime = Field(sa_type=UtcDateTime)


class QuestionnaireCodeRow(Base, table=True):
    """SHA-256 of a code, and whether it was used."""

    __tablename__ = "questionnaire_code"
    __table_args__ = ({"sqlite_with_rowid": False},)

    code_hash: bytes = Field(primary_key=True)
    batch: int = Field(sa_type=BigInteger)
    used: bool = False


class QuestionnaireAnswerRow(Base, table=True):
    """What one person chose, packed."""

    __tablename__ = "questionnaire_answer"
    __table_args__ = (
        Index("ix_questionnaire_answer_unit", "cycle", "questionnaire", "unit"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(primary_key=True)
    cycle: str
    questionnaire: str
    unit: str
    chosen: str


class QuestionnaireTextRow(Base, table=True):
    """What was written to a question, scrubbed; apart from what the same person chose."""

    __tablename__ = "questionnaire_text"
    __table_args__ = (
        Index("ix_questionnaire_text_unit", "cycle", "questionnaire", "unit"),
        {"sqlite_with_rowid": False},
    )

    id: bytes = Field(primary_key=True)
    cycle: str
    questionnaire: str
    unit: str
    question: str
    text: str


ANSWERS: Table = QuestionnaireAnswerRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__
CODES: Table = QuestionnaireCodeRow.__table__  # type: ignore[attr-defined]  # SQLModel gives every table class its __table__


def held(session: Session, cycle: str, questionnaire: str) -> QuestionnaireRow | None:
    """A questionnaire of a cycle, if it was opened and not annulled."""
    row = session.get(QuestionnaireRow, (cycle, questionnaire))
    return None if row is None or row.annulled_at is not None else row


def every(session: Session, cycle: str) -> list[QuestionnaireRow]:
    """The questionnaires that are held in a cycle, without those annulled."""
    query = select_rows(QuestionnaireRow).where(QuestionnaireRow.cycle == cycle)
    return [row for row in session.exec(query.order_by(col(QuestionnaireRow.questionnaire))) if not row.annulled_at]


def opened(session: Session, cycle: str, questionnaire: str) -> QuestionnaireRow:
    """A questionnaire of a cycle, annulled or not. Raises Refusal (404)."""
    row = session.get(QuestionnaireRow, (cycle, questionnaire))
    if row is None:
        raise Refusal("questionnaire", questionnaire, "is not held in this cycle", "the office opens it first", 404)
    return row


def add_codes(session: Session, batch: int, hashes: Iterable[bytes]) -> None:
    """Keep the hashes of new codes."""
    session.flush()
    rows = [{"code_hash": one, "batch": batch, "used": False} for one in sorted(hashes)]
    session.connection().execute(CODES.insert(), rows)


def code(session: Session, code_hash: bytes) -> tuple[QuestionnaireCodeRow, QuestionnaireBatchRow]:
    """A code and its batch. Raises Refusal (404)."""
    found = session.get(QuestionnaireCodeRow, code_hash)
    batch = session.get(QuestionnaireBatchRow, found.batch) if found else None
    if found is None or batch is None:
        raise Refusal("code", "…", "is no code of ours", "see the letter again", 404)
    return found, batch


def batches(session: Session, cycle: str, questionnaire: str, after: int, limit: int) -> list[QuestionnaireBatchRow]:
    """A page of the batches of a questionnaire whose number comes after `after`."""
    row = QuestionnaireBatchRow
    query = select_rows(row).where(row.cycle == cycle, row.questionnaire == questionnaire, col(row.id) > after)
    return list(session.exec(query.order_by(col(row.id)).limit(limit)))


def answers(
    session: Session, cycle: str, questionnaire: str, units: Iterable[str] | None = None
) -> dict[str, list[tuple[str, int]]]:
    """By unit: packed choices, and how often they came; of these units, or of all."""
    c = ANSWERS.c
    wanted = [] if units is None else [c.unit.in_(list(units))]
    query = (
        select(c.unit, c.chosen, func.count())
        .where(c.cycle == cycle, c.questionnaire == questionnaire, *wanted)
        .group_by(c.unit, c.chosen)
        .order_by(c.unit, c.chosen)
    )
    found: dict[str, list[tuple[str, int]]] = {}
    for unit, chosen, times in session.connection().execute(query):
        found.setdefault(unit, []).append((chosen, int(times)))
    return found


def texts(
    session: Session, cycle: str, questionnaire: str, unit: str, after: bytes, limit: int
) -> Sequence[QuestionnaireTextRow]:
    """A page of what was written about a unit, in the order of the hashes: in none."""
    row = QuestionnaireTextRow
    query = select_rows(row).where(
        row.cycle == cycle, row.questionnaire == questionnaire, row.unit == unit, col(row.id) > after
    )
    return session.exec(query.order_by(col(row.id)).limit(limit)).all()
