"""Answering a questionnaire with a code (S9): one answer a code, kept without who, when and where.

The answer stands under a hash made of the code's own bytes, which the store does not have: who reads the store cannot
tell which code gave it, and who sends the same answer again (a phone that lost the reply) is told that it is there.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.cards import parse_card
from services.scoring.domain.evaluation import check_code
from services.scoring.domain.questionnaire import Answer, Form, Question, form_from
from services.scoring.store import questionnaires as store
from services.scoring.store import units
from services.scoring.store.questionnaires import (
    QuestionnaireAnswerRow,
    QuestionnaireBatchRow,
    QuestionnaireCodeRow,
    QuestionnaireTextRow,
)
from services.scoring.usecases.desk import Desk
from shared.errors import Refusal
from shared.programme.values import Label
from shared.scrub import scrub
from shared.store import Tx

Given = Mapping[str, str | Sequence[str]]
State = Literal["accepted", "repeated"]


class OptionView(BaseModel):
    """Something to choose."""

    key: str
    label: Label
    alone: bool


class QuestionView(BaseModel):
    """A question as it is asked. most: characters of a text."""

    key: str
    label: Label
    kind: str
    required: bool
    options: list[OptionView]
    most: int


class SurveyForm(BaseModel):
    """What somebody with a code is asked, about which unit, and whether it was done."""

    questionnaire: str
    label: Label
    intro: Label | None
    cycle: str
    unit: str
    name: str
    name_en: str
    expires_at: dt.datetime
    last_day: dt.date
    used: bool
    questions: list[QuestionView]


def form_of(desk: Desk, session: Session, typed: str) -> SurveyForm:
    """What a code is for. Raises Refusal: 422 for a typing error, 404 for no code of ours, 410 for one annulled."""
    _, code, batch = _code(session, typed)
    form, words = _form(session, batch), Words(desk)
    unit = units.unit(session, batch.unit)
    last = desk.calendar.local_date(batch.expires_at - dt.timedelta(microseconds=1))
    return SurveyForm(
        questionnaire=batch.questionnaire, label=words.label(batch.questionnaire),
        intro=words.intro(batch.questionnaire), cycle=batch.cycle, unit=unit.key, name=unit.name,
        name_en=unit.name_en or unit.name, expires_at=batch.expires_at, last_day=last, used=code.used,
        questions=[words.question(batch.questionnaire, question) for question in form.questions],
    )  # fmt: skip


def take(tx: Tx, typed: str, given: Given) -> State:
    """Keep an answer; the very same again is `repeated`. Raises Refusal naming the question, or 404, 409, 410."""
    session = tx.session
    token, code, batch = _code(session, typed)
    answer = _scrubbed(_form(session, batch).read(given))
    key = hashlib.sha256(b"minping.questionnaire.answer.v1\x1f" + token).digest()
    if code.used:
        if _same(session, key, token, answer):
            return "repeated"
        raise Refusal("code", "…", "has been used", "one code is one answer", 409)
    if tx.now >= batch.expires_at:
        raise Refusal("code", "…", "its time is over", "answer within the days that the letter says", 410)
    code.used = True
    about = {"cycle": batch.cycle, "questionnaire": batch.questionnaire, "unit": batch.unit}
    session.add(QuestionnaireAnswerRow(id=key, chosen=answer.packed, **about))
    for question, text in answer.texts.items():
        session.add(QuestionnaireTextRow(id=_text_key(token, question), question=question, text=text, **about))
    return "accepted"


def _code(session: Session, typed: str) -> tuple[bytes, QuestionnaireCodeRow, QuestionnaireBatchRow]:
    check_code(typed)
    token = parse_card(typed)
    return (token, *store.code(session, hashlib.sha256(token).digest()))


def _form(session: Session, batch: QuestionnaireBatchRow) -> Form:
    row = store.held(session, batch.cycle, batch.questionnaire)
    if row is None:
        raise Refusal("code", "…", "its questionnaire was annulled", "there is nothing to answer any more", 410)
    return form_from(row.form)


def _scrubbed(answer: Answer) -> Answer:
    """Phones, ID numbers and the like go before anything is kept."""
    return Answer(answer.chosen, {question: scrub(text) for question, text in answer.texts.items()})


def _text_key(token: bytes, question: str) -> bytes:
    return hashlib.sha256(b"minping.questionnaire.text.v1\x1f" + question.encode() + b"\x1f" + token).digest()


def _same(session: Session, key: bytes, token: bytes, answer: Answer) -> bool:
    row = session.get(QuestionnaireAnswerRow, key)
    if row is None or row.chosen != answer.packed:
        return False
    form = store.opened(session, row.cycle, row.questionnaire)
    kept = {}
    for question in form_from(form.form).questions:
        found = session.get(QuestionnaireTextRow, _text_key(token, question.key))
        if found is not None:
            kept[question.key] = found.text
    return kept == answer.texts


class Words:
    """The programme's words for a questionnaire; a key that it no longer has is shown as it is."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def label(self, key: str) -> Label:
        """The questionnaire's name."""
        asked = next((q for q in self._desk.programme.questionnaires if q.key == key), None)
        return asked.label if asked else Label(zh=key, en=key)

    def intro(self, key: str) -> Label | None:
        """What stands before its questions."""
        return next((q.intro for q in self._desk.programme.questionnaires if q.key == key), None)

    def question(self, key: str, question: Question) -> QuestionView:
        """A question with its options."""
        p = self._desk.programme
        asked = next((q for q in p.questionnaires if q.key == key), None)
        mine = next((q for q in asked.questions if q.key == question.key), None) if asked else None
        labels = {o.key: o.label for o in mine.options} if mine else {}
        if question.kind == "grade":
            labels = {g.key: g.label for g in p.grades} | {p.abstain.key: p.abstain.label}
        return QuestionView(
            key=question.key, label=mine.label if mine else Label(zh=question.key, en=question.key),
            kind=question.kind, required=question.required, most=question.most,
            options=[
                OptionView(key=o.key, label=labels.get(o.key) or Label(zh=o.key, en=o.key), alone=o.alone)
                for o in question.options
            ],
        )  # fmt: skip
