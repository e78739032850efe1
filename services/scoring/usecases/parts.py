"""Values of the composite's other parts: entered with a document, confirmed by a second person (S9).

A correction is a new version with its reason; the earlier one stays. What nobody has confirmed holds the ranking back.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.figures import plain
from services.scoring.domain.parts import PartRule, PartValue, absent, entered, resolution
from services.scoring.domain.points import Line
from services.scoring.domain.years import year_of
from services.scoring.store import parts as store
from services.scoring.store import units
from services.scoring.store.parts import PartValueRow
from services.scoring.usecases import versions
from services.scoring.usecases.computed_parts import asked_values, online_values
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.matters import matters_of, trouble
from services.scoring.usecases.versions import Decision, EnteredView
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


class PartValueView(EnteredView):
    """A version of a unit's value."""

    part: str
    marks: dict[str, str]
    sample: int | None


class PartValuePage(BaseModel):
    """Values in the order in which they were entered; `next` is the cursor of the following page, null at the end."""

    items: list[PartValueView]
    next: str | None = None


def enter(desk: Desk, tx: Tx, cycle: str, part: str, given: NewValues) -> list[PartValueView]:
    """The office enters values, each with its document (S9), of a round from its first day on. Raises Refusal."""
    rule = _rule(desk, tx.session, cycle, part)
    _has_begun(desk, tx, cycle, part)
    found, named = [], desk.programme.part(part)
    for number, one in enumerate(given.values):
        at = f"values.{number}"
        category = units.unit(tx.session, one.unit).category
        if not named.counts_for(category):
            listed = ", ".join(named.categories)
            reason = f"is of the category {category}: {part} is no part of its score"
            raise Refusal(f"{at}.unit", one.unit, reason, f"enter it for units of {listed}", 409)
        if (one.value is None) == (not one.items):
            raise Refusal(f"{at}.value", one.value, "needs a value or items", "give the one that the part has")
        marks = one.items or {"": one.value or Decimal(0)}
        entered(rule, marks, one.sample)
        said = {key: plain(mark) for key, mark in marks.items()}
        found.append(_view(versions.add(tx, at, cycle, part, one, said, one.sample)))
    return found


def decide(desk: Desk, tx: Tx, cycle: str, part: str, given: Decision) -> list[PartValueView]:
    """Somebody else than who entered them confirms or refuses values; all or none. Raises Refusal."""
    _rule(desk, tx.session, cycle, part)
    return [_view(row) for row in versions.decide(tx, cycle, part, given)]


def listed(
    desk: Desk, session: Session, cycle: str, part: str, *, unit: str | None, after: int, limit: int
) -> PartValuePage:
    """Every version of the values of a part after a cursor. Raises Refusal (404)."""
    _rule(desk, session, cycle, part)
    rows, following = versions.page(session, cycle, part, unit=unit, after=after, limit=limit)
    return PartValuePage(items=[_view(row) for row in rows], next=following)


def part_values(
    desk: Desk, session: Session, cycle: str, of: Mapping[str, Sequence[str]], lines: Iterable[Line]
) -> dict[str, dict[str, PartValue]]:
    """By unit: values of the parts besides daily and vote. of: unit → it and whom it follows; lines: everybody's.

    Computed from the events, or the newest confirmed version; without one the part is missing.
    """
    known, found = store.confirmed(session, cycle), {unit: dict[str, PartValue]() for unit in of}
    all_lines, categories = list(lines), {unit.key: unit.category for unit in units.units(session)}
    for rule in desk.numbers.parts:
        if desk.programme.part(rule.key).is_computed:
            values = _computed(desk, session, cycle, rule, of, all_lines)
        else:
            values = {unit: _known(rule, known.get((rule.key, unit))) for unit in of}
        for unit in of:
            if desk.programme.part(rule.key).counts_for(categories[unit]):
                found[unit][rule.key] = values[unit]
    return found


def _computed(
    desk: Desk, session: Session, cycle: str, rule: PartRule, of: Mapping[str, Sequence[str]], lines: Sequence[Line]
) -> dict[str, PartValue]:
    if rule.kind == "online":
        return online_values(desk, session, cycle, rule, of)
    if rule.kind == "questionnaire":
        return asked_values(desk, session, cycle, rule, of)
    seen = trouble(cycle, lines)
    return {unit: resolution(rule, matters_of(desk, session, cycle, itself, seen)) for unit, itself in of.items()}


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
        raise Refusal("part", part, "is computed", "nobody enters it", 409)
    return rule


def _has_begun(desk: Desk, tx: Tx, cycle: str, part: str) -> None:
    """Of a round nothing can be known before it begins; marks are still drawn up after it. Raises Refusal (409)."""
    window = desk.programme.part(part).window
    if window is None:
        return
    patterns = (year_of(pattern.name, cycle) for pattern in desk.programme.cycles)
    year = next((year for year in patterns if year is not None), units.cycle(tx.session, cycle).starts.year)
    opens, today = window.opens.on(year), desk.calendar.local_date(tx.now)
    if today < opens:
        raise Refusal("part", part, f"its round begins on {opens.isoformat()}", "enter what is found in it then", 409)


def _view(row: PartValueRow) -> PartValueView:
    return PartValueView.model_validate(row, from_attributes=True)
