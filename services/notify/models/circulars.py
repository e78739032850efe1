"""Forms of circulars (N6)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from services.notify.models.bulletin import WordsIn
from services.notify.models.form import Form
from services.notify.store.circulars import Circular, CircularStep
from services.notify.usecases.circulars import Whole
from shared.contracts.circulars import UnitFigures

State = Literal["draft", "approved", "issued"]


class DraftIn(Form):
    """A quarter that is over."""

    quarter: str = Field(max_length=10, description="2026-Q1")


class TextIn(WordsIn):
    """What the circular says, as the office edits it: a paragraph a line."""


class ReturnIn(Form):
    """Why a leader returns the draft."""

    reason: str = Field(min_length=3, max_length=500)


class StepOut(BaseModel):
    """What was done with it; `before`: the words that an edit replaced."""

    what: str
    by: str
    at: datetime
    reason: str
    before: dict[str, str] | None


class CircularOut(BaseModel):
    """A circular without its figures."""

    key: str
    kind: str
    period: str
    first: date
    last: date
    state: State
    number: str
    title: str
    drafted_at: datetime
    approved_at: datetime | None
    approved_by: str
    issued_at: datetime | None

    @classmethod
    def of(cls, row: Circular, title: str = "") -> "CircularOut":
        """A row of the list; a draft that nobody edited has no title of its own."""
        return cls.model_validate(row.model_dump(include=set(cls.model_fields)) | {"title": title or row.title})


class CircularsOut(BaseModel):
    """All circulars, the latest period first."""

    circulars: list[CircularOut]


class WholeOut(CircularOut):
    """A circular with its words, its figures by unit with what each counts, and every step of its making."""

    title_en: str
    text: str
    text_en: str
    edited: bool
    units: list[UnitFigures]
    topics: dict[str, int]
    steps: list[StepOut]

    @classmethod
    def whole(cls, found: Whole, steps: list[CircularStep]) -> "WholeOut":
        """As it stands."""
        same = CircularOut.of(found.row, found.words.title).model_dump()
        return cls(
            **same,
            title_en=found.words.title_en,
            text=found.words.text,
            text_en=found.words.text_en,
            edited=found.row.edited,
            units=list(found.units),
            topics=found.topics,
            steps=[StepOut(**step.model_dump(include=set(StepOut.model_fields))) for step in steps],
        )
