"""The record of a meeting: every step, who took it, when and why (S4). For everybody: steps and times only."""

import datetime as dt
from typing import Any

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.store import meetings as store
from services.scoring.store import proceedings


class EntryView(BaseModel):
    """A step as it was taken."""

    number: int
    step: str
    at: dt.datetime
    role: str
    by: str
    reason: str | None
    what: dict[str, Any]


class RecordView(BaseModel):
    """All steps in their order; `departures`: who left before the ballots opened and why, without a time."""

    meeting: str
    rehearsal: bool
    items: list[EntryView]
    departures: dict[str, str]


class StepView(BaseModel):
    """A step without persons."""

    number: int
    step: str
    at: dt.datetime


class StepsView(BaseModel):
    """The steps of a meeting for everybody."""

    meeting: str
    rehearsal: bool
    items: list[StepView]


def record_view(session: Session, name: str) -> RecordView:
    """The whole record. Raises Refusal (404)."""
    row = store.meeting(session, name)
    items = [
        EntryView(number=i, step=r.step, at=r.at, role=r.role, by=r.by, reason=r.reason, what=r.what)
        for i, r in enumerate(proceedings.record(session, name), 1)
    ]
    return RecordView(
        meeting=name, rehearsal=row.rehearsal, items=items, departures=proceedings.departures(session, name)
    )


def steps_view(session: Session, name: str) -> StepsView:
    """Steps and times only. Raises Refusal (404)."""
    row = store.meeting(session, name)
    items = [StepView(number=i, step=r.step, at=r.at) for i, r in enumerate(proceedings.record(session, name), 1)]
    return StepsView(meeting=name, rehearsal=row.rehearsal, items=items)
