"""Values of the composite's other parts: entered with a document, confirmed by a second person (S9).

A correction is a new version with its reason; the earlier one stays. What nobody has confirmed holds the ranking back.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.figures import plain
from services.scoring.domain.parts import PartRule, PartValue, absent, entered, resolution
from services.scoring.domain.points import Line
from services.scoring.store import parts as store
from services.scoring.store import units
from services.scoring.store.parts import PartValueRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.matters import matters_of, trouble
from shared.errors import Refusal
from shared.store import Tx

Mark = Annotated[Decimal, Field(ge=0, le=100, decimal_places=6)]


class NewValue(BaseModel):
    """A unit's value of a part: `value`, or `items` where the part has items. reason: of a correction."""

    unit: str
    value: Mark | None = None
    items: dict[str, Mark] = Field(default_factory=dict, max_length=50)
    sample: int | None = Field(default=None, ge=0, le=1_000_000_000)
    document: str = Field(min_length=1, max_length=500, description="what proves it: title, number, date")
    document_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    reason: str = Field(default="", max_length=2000)


class NewValues(BaseModel):
    """Values of several units at once: all are taken, or none."""

    values: list[NewValue] = Field(min_length=1, max_length=1000)


class Named(BaseModel):
    """A version of a unit's value."""

    unit: str
    version: int = Field(ge=1)


class Decision(BaseModel):
    """What a second person says of values: he confirms, or refuses with a reason."""

    values: list[Named] = Field(min_length=1, max_length=1000)
    confirmed: bool
    reason: str = Field(default="", max_length=2000)


class PartValueView(BaseModel):
    """A version of a unit's value. state: waiting, confirmed, refused."""

    id: int
    cycle: str
    part: str
    unit: str
    version: int
    marks: dict[str, str]
    sample: int | None
    document: str
    document_sha256: str | None
    reason: str
    entered_by: str
    entered_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class PartValuePage(BaseModel):
    """Values in the order in which they were entered; `next` is the cursor of the following page, null at the end."""

    items: list[PartValueView]
    next: str | None = None


def enter(desk: Desk, tx: Tx, cycle: str, part: str, given: NewValues) -> list[PartValueView]:
    """The office enters values, each with its document (S9). Raises Refusal naming the entry."""
    rule = _rule(desk, tx.session, cycle, part)
    found = []
    for number, one in enumerate(given.values):
        at = f"values.{number}"
        units.unit(tx.session, one.unit)
        if (one.value is None) == (not one.items):
            raise Refusal(f"{at}.value", one.value, "needs a value or items", "give the one that the part has")
        if not one.document.strip():
            raise Refusal(f"{at}.document", one.document, "empty", "name the document that proves it")
        marks = one.items or {"": one.value or Decimal(0)}
        entered(rule, marks, one.sample)
        before = store.versions(tx.session, cycle, part, one.unit)
        if before and before[-1].state == "waiting":
            raise Refusal(f"{at}.unit", one.unit, "has a value that waits", "confirm or refuse it first", 409)
        if any(row.state == "confirmed" for row in before) and not one.reason.strip():
            raise Refusal(f"{at}.reason", one.reason, "the value is confirmed", "a correction gives its reason", 409)
        row = PartValueRow(
            cycle=cycle, part=part, unit=one.unit, version=len(before) + 1,
            marks={key: plain(mark) for key, mark in marks.items()}, sample=one.sample, document=one.document,
            document_sha256=one.document_sha256, reason=one.reason, entered_by=acting(tx).sub, entered_at=tx.now,
        )  # fmt: skip
        tx.session.add(row)
        tx.session.flush()
        found.append(_view(row))
    return found


def decide(desk: Desk, tx: Tx, cycle: str, part: str, given: Decision) -> list[PartValueView]:
    """Somebody else than who entered them confirms or refuses values; all or none. Raises Refusal."""
    _rule(desk, tx.session, cycle, part)
    if not given.confirmed and not given.reason.strip():
        raise Refusal("reason", given.reason, "empty", "say what is wrong with them")
    found = []
    for number, one in enumerate(given.values):
        rows = {row.version: row for row in store.versions(tx.session, cycle, part, one.unit)}
        row = rows.get(one.version)
        if row is None:
            raise Refusal(f"values.{number}", f"{one.unit}/{one.version}", "was not entered", "see the values", 404)
        if row.state != "waiting":
            raise Refusal(f"values.{number}", f"{one.unit}/{one.version}", f"is {row.state}", "nothing to decide", 409)
        if row.entered_by == acting(tx).sub:
            raise Refusal("decided_by", acting(tx).sub, "entered it", "let a second person look at it", 403)
        row.state = "confirmed" if given.confirmed else "refused"
        row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
        tx.session.add(row)
        found.append(_view(row))
    return found


def listed(
    desk: Desk, session: Session, cycle: str, part: str, *, unit: str | None, after: int, limit: int
) -> PartValuePage:
    """Every version of the values of a part after a cursor. Raises Refusal (404)."""
    _rule(desk, session, cycle, part)
    rows = store.values(session, cycle, part, unit=unit, after=after, limit=limit)
    return PartValuePage(items=[_view(row) for row in rows], next=str(rows[-1].id) if len(rows) == limit else None)


def part_values(
    desk: Desk, session: Session, cycle: str, of: Mapping[str, Sequence[str]], lines: Iterable[Line]
) -> dict[str, dict[str, PartValue]]:
    """By unit: values of the parts besides daily and vote. of: unit → it and whom it follows; lines: everybody's.

    Computed from the events, or the newest confirmed version; without one the part is missing.
    """
    known = store.confirmed(session, cycle)
    computed = {part.key for part in desk.programme.composite if part.is_computed}
    known_trouble = trouble(cycle, lines)
    found: dict[str, dict[str, PartValue]] = {}
    for unit, itself in of.items():
        found[unit] = {
            rule.key: resolution(rule, matters_of(desk, session, cycle, itself, known_trouble))
            if rule.key in computed
            else _known(rule, known.get((rule.key, unit)))
            for rule in desk.numbers.parts
        }
    return found


def _known(rule: PartRule, row: PartValueRow | None) -> PartValue:
    if row is None:
        return absent("no value was entered and confirmed")
    about = {"document": row.document, "document_sha256": row.document_sha256, "version": row.version}
    return entered(rule, {key: Decimal(mark) for key, mark in row.marks.items()}, row.sample, about)


def _rule(desk: Desk, session: Session, cycle: str, part: str) -> PartRule:
    """The rule of a part that is entered. Raises Refusal."""
    units.cycle(session, cycle)
    rule = next((rule for rule in desk.numbers.parts if rule.key == part), None)
    if rule is None:
        known = ", ".join(rule.key for rule in desk.numbers.parts) or "none"
        raise Refusal("part", part, "the programme's composite has no such part", f"other parts: {known}", 404)
    if desk.programme.part(part).is_computed:
        raise Refusal("part", part, "is computed from events", "nobody enters it", 409)
    return rule


def _view(row: PartValueRow) -> PartValueView:
    return PartValueView.model_validate(row, from_attributes=True)
