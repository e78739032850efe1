"""Results of cycles from before this system (S12): entered with their document, confirmed by a second person."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain import recorded as domain
from services.scoring.domain.figures import plain
from services.scoring.domain.ranking import Standing
from services.scoring.domain.recorded import Recorded
from services.scoring.domain.years import year_of
from services.scoring.store import recorded as store
from services.scoring.store.recorded import RecordedRow
from services.scoring.store.tables import CycleRow
from services.scoring.usecases.desk import Desk, acting
from shared.errors import Refusal
from shared.store import Tx

Mark = Annotated[Decimal, Field(ge=0, le=100, decimal_places=2)]


class RecordedUnit(BaseModel):
    """A unit of an earlier result, as its document has it. A unit that is no more may stand in it too."""

    unit: str = Field(min_length=1, max_length=48)
    scope: str = Field(min_length=1, max_length=100)
    composite: Mark | None = None
    rank: int | None = Field(default=None, ge=1, le=1_000_000)
    last: bool = False
    canvassing: bool = False
    not_ranked: str | None = Field(default=None, min_length=1, max_length=500)


class NewRecord(BaseModel):
    """An earlier cycle's whole result."""

    cycle: str = Field(min_length=1, max_length=64)
    document: str = Field(min_length=1, max_length=500, description="what proves it: title, number, date")
    document_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    rows: list[RecordedUnit] = Field(min_length=1, max_length=10_000)


class Decided(BaseModel):
    """What a second person says of it; a refusal gives its reason."""

    confirmed: bool
    reason: str = Field(default="", max_length=2000)


class RecordView(BaseModel):
    """A recorded result. state: waiting, confirmed, refused."""

    id: int
    cycle: str
    document: str
    document_sha256: str | None
    rows: list[RecordedUnit]
    entered_by: str
    entered_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class RecordPage(BaseModel):
    """Recorded results in the order in which they were entered; `next` is the cursor of the following page."""

    items: list[RecordView]
    next: str | None = None


def enter(desk: Desk, tx: Tx, given: NewRecord) -> RecordView:
    """The office enters an earlier result. Raises Refusal: not the programme's cycle, run here, or contradictory."""
    if all(year_of(p.name, given.cycle) is None for p in desk.programme.cycles):
        known = ", ".join(p.name.replace("{year}", "2025") for p in desk.programme.cycles)
        raise Refusal("cycle", given.cycle, "the programme has no such cycle", f"write it like: {known}")
    if tx.session.get(CycleRow, given.cycle) is not None:
        raise Refusal("cycle", given.cycle, "was run here: its result is computed", "record earlier ones only", 409)
    if store.of_cycle(tx.session, given.cycle):
        raise Refusal("cycle", given.cycle, "is recorded, or waits for a second person", "refuse that one first", 409)
    if not given.document.strip():
        raise Refusal("document", given.document, "empty", "name the document that proves it")
    domain.check([_recorded(one) for one in given.rows], desk.numbers.least_units_for_last)
    rows: list[dict[str, Any]] = [
        {**one.model_dump(), "composite": None if one.composite is None else plain(one.composite)}
        for one in given.rows
    ]  # fmt: skip
    row = RecordedRow(
        cycle=given.cycle, rows=rows, document=given.document, document_sha256=given.document_sha256,
        entered_by=acting(tx).sub, entered_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return _view(row)


def decide(tx: Tx, key: int, given: Decided) -> RecordView:
    """Somebody else than who entered it compares it with the document, and confirms or refuses it. Raises Refusal."""
    row = store.recorded(tx.session, key)
    second_person(row.state, row.entered_by, acting(tx).sub, given)
    row.state = "confirmed" if given.confirmed else "refused"
    row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
    return _view(row)


def second_person(state: str, entered_by: str, decider: str, given: Decided) -> None:
    """Whether somebody may decide on what another person entered. Raises Refusal."""
    if state != "waiting":
        raise Refusal("state", state, f"is {state}", "nothing to decide", 409)
    if entered_by == decider:
        raise Refusal("decided_by", decider, "entered it", "let a second person look at it", 403)
    if not given.confirmed and not given.reason.strip():
        raise Refusal("reason", given.reason, "empty", "say what is wrong with it")


def listed(session: Session, *, after: int, limit: int) -> RecordPage:
    """Recorded results after a cursor."""
    rows = store.recorded_results(session, after=after, limit=limit)
    return RecordPage(items=[_view(row) for row in rows], next=str(rows[-1].id) if len(rows) == limit else None)


def standings_of(session: Session, cycle: str) -> tuple[Standing, ...] | None:
    """A confirmed record as standings; None where there is none."""
    found = [row for row in store.of_cycle(session, cycle) if row.state == "confirmed"]
    if not found:
        return None
    rows = [_recorded(RecordedUnit.model_validate(one)) for one in found[0].rows]
    of: dict[str, int] = {}
    for one in rows:
        of[one.scope] = of.get(one.scope, 0) + (one.rank is not None)
    return domain.standings(rows, of)


def _recorded(one: RecordedUnit) -> Recorded:
    return Recorded(**one.model_dump())


def _view(row: RecordedRow) -> RecordView:
    return RecordView.model_validate(row, from_attributes=True)
