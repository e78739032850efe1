"""A questionnaire is opened for a cycle, and codes are issued for it; annulled, it was never held (S8, S9)."""

import datetime as dt
import hashlib
from datetime import datetime, time, timedelta
from typing import Any, cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.domain.questionnaire import Form, Option, Question
from services.scoring.store import questionnaires as store
from services.scoring.store import units
from services.scoring.store.questionnaires import QuestionnaireBatchRow, QuestionnaireRow
from services.scoring.usecases.desk import Desk, acting
from shared.errors import Refusal
from shared.programme.questionnaire import Question as Asked
from shared.programme.questionnaire import Questionnaire
from shared.store import Tx


class HeldView(BaseModel):
    """A questionnaire of a cycle. An annulled one counts nowhere; its reason stays to be seen."""

    cycle: str
    questionnaire: str
    opened_by: str
    opened_at: dt.datetime
    annulled_by: str | None = None
    annulled_at: dt.datetime | None = None
    reason: str = ""


class NewSurveyCodes(BaseModel):
    """Codes for people whom a unit has served, asked by the office."""

    unit: str
    count: int = Field(ge=1, le=10_000)


class SurveyBatchView(BaseModel):
    """Codes issued together. They may be used up to, not including, `expires_at`."""

    batch: int
    cycle: str
    questionnaire: str
    unit: str
    codes: int
    expires_at: dt.datetime


class IssuedSurveyCodes(SurveyBatchView):
    """The codes themselves, to be printed or sent: shown here only, the server keeps their hashes."""

    name: str = Field(description="of the unit")
    last_day: dt.date = Field(description="the last on which they may be used")
    texts: list[str] = Field(repr=False)
    link: str = Field(default="", description="what goes before a code to make its link")


class SurveyBatchList(BaseModel):
    """Batches by their number; `next` is the cursor of the following page, null at the end."""

    items: list[SurveyBatchView]
    next: int | None


def open_for(desk: Desk, tx: Tx, cycle: str, key: str) -> HeldView:
    """The office holds a questionnaire in a cycle: its questions are fixed from now on. Raises Refusal."""
    row, asked = units.cycle(tx.session, cycle), desk.programme.questionnaire(key)
    if row.closed_at is not None or tx.now >= row.ends:
        raise Refusal("cycle", cycle, "is over", "hold it in the next one", 409)
    _held_on(desk, tx, key)
    if tx.session.get(QuestionnaireRow, (cycle, key)) is not None:
        raise Refusal("questionnaire", key, "was opened in this cycle", "issue its codes", 409)
    form = cast("dict[str, Any]", _form(desk, asked).to_json())
    found = QuestionnaireRow(cycle=cycle, questionnaire=key, form=form, opened_by=acting(tx).sub, opened_at=tx.now)
    tx.session.add(found)
    tx.session.flush()
    return _held(found)


def annul(tx: Tx, cycle: str, key: str, reason: str) -> HeldView:
    """A leader annuls a questionnaire: it counts as not held. A ranking that was made changes only by a reissue.

    Raises Refusal.
    """
    row = store.opened(tx.session, cycle, key)
    if row.annulled_at is not None:
        raise Refusal("questionnaire", key, "is annulled", "nothing to annul", 409)
    if not reason.strip():
        raise Refusal("reason", reason, "empty", "say why it does not count")
    row.annulled_by, row.annulled_at, row.reason = acting(tx).sub, tx.now, reason.strip()
    return _held(row)


def issue(desk: Desk, tx: Tx, cycle: str, key: str, wanted: NewSurveyCodes) -> IssuedSurveyCodes:
    """New codes, answered once, valid from now for the programme's days and never past the cycle. Raises Refusal."""
    asked, session = desk.programme.questionnaire(key), tx.session
    if store.held(session, cycle, key) is None:
        raise Refusal("questionnaire", key, "is not held in this cycle", "open it first", 409)
    unit = units.unit(session, wanted.unit)
    if unit.retired_on is not None:
        raise Refusal("unit", wanted.unit, "is no more", "issue codes of its successor", 409)
    if wanted.count > asked.codes_at_once:
        raise Refusal("count", wanted.count, f"more than {asked.codes_at_once} at a time", "issue them in parts")
    today = desk.calendar.local_date(tx.now)
    last = datetime.combine(today + timedelta(days=asked.code_days + 1), time(), desk.programme.zone)
    expires = min(last, units.cycle(session, cycle).ends, *_held_on(desk, tx, key))
    if expires <= tx.now:
        raise Refusal("cycle", cycle, "is over", "its codes would have expired already", 409)
    tokens = [desk.entropy(TOKEN_BYTES) for _ in range(wanted.count)]
    row = QuestionnaireBatchRow(
        id=int.from_bytes(desk.entropy(7), "big") >> 3, cycle=cycle, questionnaire=key, unit=wanted.unit,
        codes=len(tokens), expires_at=expires, issued_by=acting(tx).sub, issued_at=tx.now,
    )  # fmt: skip
    session.add(row)
    store.add_codes(session, row.id, [hashlib.sha256(token).digest() for token in tokens])
    return IssuedSurveyCodes(
        **_batch(row).model_dump(), texts=[code_text(token) for token in tokens], name=unit.name,
        last_day=desk.calendar.local_date(expires - timedelta(microseconds=1)),
    )  # fmt: skip


def issued(session: Session, cycle: str, key: str, after: int, limit: int) -> SurveyBatchList:
    """A page of the batches of a questionnaire, without codes. Raises Refusal (404)."""
    store.opened(session, cycle, key)
    rows = store.batches(session, cycle, key, after, limit)
    return SurveyBatchList(items=[_batch(row) for row in rows], next=rows[-1].id if len(rows) == limit else None)


def _held_on(desk: Desk, tx: Tx, key: str) -> tuple[datetime, ...]:
    """Of a questionnaire that makes up a round, the end of the round; nothing for others. Raises Refusal (409)."""
    window = desk.programme.questionnaire_window(key)
    if window is None:
        return ()
    days = window.holding(desk.calendar.local_date(tx.now))
    if days is None:
        reason = f"is held from {window.opens} to {window.closes} of the year"
        raise Refusal("questionnaire", key, reason, "open it and issue its codes on these days", 409)
    return (desk.calendar.end_of(days[1]),)


def _form(desk: Desk, asked: Questionnaire) -> Form:
    return Form(asked.key, asked.least, tuple(_question(desk, question) for question in asked.questions))


def _question(desk: Desk, asked: Asked) -> Question:
    """A question with its options; one of kind `grade` has the programme's grades and its abstention."""
    p = desk.programme
    options = tuple(Option(o.key, o.mark, o.alone) for o in asked.options)
    if asked.kind == "grade":
        options = (*(Option(g.key, g.mark) for g in p.grades), Option(p.abstain.key))
    return Question(asked.key, asked.kind, asked.weight, asked.required, options, asked.most)


def _held(row: QuestionnaireRow) -> HeldView:
    return HeldView(**row.model_dump(exclude={"form"}))


def _batch(row: QuestionnaireBatchRow) -> SurveyBatchView:
    return SurveyBatchView(batch=row.id, **row.model_dump(exclude={"id", "issued_by", "issued_at"}))
