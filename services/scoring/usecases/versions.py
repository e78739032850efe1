"""Figures that the office enters: with a document, confirmed by a second person, corrected by a new version (S8, S9).

What a figure means is its own subject's business (a part of the composite, a service volume); who may say it is here.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Protocol

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.store import parts as store
from services.scoring.store import units
from services.scoring.store.parts import PartValueRow
from services.scoring.usecases.desk import acting
from shared.errors import Refusal
from shared.store import Tx


class Named(BaseModel):
    """A version of a unit's value."""

    unit: str
    version: int = Field(ge=1)


class Decision(BaseModel):
    """What a second person says of values: he confirms, or refuses with a reason."""

    values: list[Named] = Field(min_length=1, max_length=1000)
    confirmed: bool
    reason: str = Field(default="", max_length=2000)


class Entered(Protocol):
    """What is entered of a unit besides the figure itself."""

    unit: str
    document: str
    document_sha256: str | None
    reason: str


def add(
    tx: Tx, at: str, cycle: str, part: str, given: Entered, marks: Mapping[str, str], sample: int | None = None
) -> PartValueRow:
    """A further version of a unit's figure, waiting for a second person. Raises Refusal naming the entry `at`."""
    units.unit(tx.session, given.unit)
    if not given.document.strip():
        raise Refusal(f"{at}.document", given.document, "empty", "name the document that proves it")
    before = store.versions(tx.session, cycle, part, given.unit)
    if before and before[-1].state == "waiting":
        raise Refusal(f"{at}.unit", given.unit, "has a value that waits", "confirm or refuse it first", 409)
    if any(row.state == "confirmed" for row in before) and not given.reason.strip():
        raise Refusal(f"{at}.reason", given.reason, "the value is confirmed", "a correction gives its reason", 409)
    row = PartValueRow(
        cycle=cycle, part=part, unit=given.unit, version=len(before) + 1, marks=dict(marks), sample=sample,
        document=given.document, document_sha256=given.document_sha256, reason=given.reason,
        entered_by=acting(tx).sub, entered_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row


def decide(tx: Tx, cycle: str, part: str, given: Decision) -> list[PartValueRow]:
    """Somebody else than who entered them confirms or refuses values; all or none. Raises Refusal."""
    if not given.confirmed and not given.reason.strip():
        raise Refusal("reason", given.reason, "empty", "say what is wrong with them")
    found = []
    for number, one in enumerate(given.values):
        rows = {row.version: row for row in store.versions(tx.session, cycle, part, one.unit)}
        row, said = rows.get(one.version), f"{one.unit}/{one.version}"
        if row is None:
            raise Refusal(f"values.{number}", said, "was not entered", "see the values", 404)
        if row.state != "waiting":
            raise Refusal(f"values.{number}", said, f"is {row.state}", "nothing to decide", 409)
        second_person(tx, row.entered_by)
        row.state = "confirmed" if given.confirmed else "refused"
        row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
        tx.session.add(row)
        found.append(row)
    return found


def second_person(tx: Tx, entered_by: str) -> None:
    """Who entered something does not confirm it. Raises Refusal (403)."""
    if entered_by == acting(tx).sub:
        raise Refusal("decided_by", acting(tx).sub, "entered it", "let a second person look at it", 403)


class EnteredView(BaseModel):
    """Who entered a version and who decided. state: waiting, confirmed, refused."""

    id: int
    cycle: str
    unit: str
    version: int
    document: str
    document_sha256: str | None
    reason: str
    entered_by: str
    entered_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


def page(
    session: Session, cycle: str, part: str, *, unit: str | None, after: int, limit: int
) -> tuple[list[PartValueRow], str | None]:
    """Versions in the order in which they were entered, and the cursor of the following page."""
    rows = list(store.values(session, cycle, part, unit=unit, after=after, limit=limit))
    return rows, str(rows[-1].id) if len(rows) == limit else None
