"""A unit's record through all cycles, and its results handed over to other assessments (S12)."""

import datetime as dt
from typing import Literal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.store import courses, recorded, results, units
from services.scoring.store.courses import HandoverRow
from services.scoring.usecases import opinions
from services.scoring.usecases.courses import CourseView, course_view
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.embargo import is_public, public_ranking, rows_of
from services.scoring.usecases.opinions import OpinionView
from shared.contracts.consequences import ResultHandedOver
from shared.errors import Refusal
from shared.store import Tx

Assessment = Literal["integrity_responsibility", "performance", "civilised_unit", "promotion_title"]
KEPT = ("name", "scope", "daily", "composite", "rank", "of", "last", "canvassing", "not_ranked")


class HandoverView(BaseModel):
    """A result as it was handed over, and who received it when, with the receipt's number or words."""

    id: int
    cycle: str
    unit: str
    assessment: str
    version: int
    content: dict[str, str | int | bool | None]
    handed_by: str
    handed_at: dt.datetime
    received_by: str | None
    received_at: dt.datetime | None
    receipt: str | None


class HandoverPage(BaseModel):
    """Hand-overs, oldest first; `next` is the cursor of the following page, null at the end."""

    items: list[HandoverView]
    next: str | None = None


class CycleRecord(BaseModel):
    """How a unit stood in a cycle's published result, and what followed.

    recorded: the document of a result from before this system; its figures are that document's, not computed here.
    """

    cycle: str
    recorded: str | None = None
    version: int | None
    composite: str | None = None
    rank: int | None = None
    of: int | None = None
    last: bool | None = None
    canvassing: bool | None = None
    not_ranked: str | None = None
    consequences: list[CourseView] = []
    handovers: list[HandoverView] = []
    opinions: list[OpinionView] = []


def record(desk: Desk, session: Session, unit: str) -> list[CycleRecord]:
    """Every cycle and year of a unit, latest first; a cycle that is not published says so (version null).

    Raises Refusal (404).
    """
    units.unit(session, unit)
    rows = courses.of_unit(session, unit)
    became = courses.courses(session, (row.id for row in rows))
    handed, said = courses.handovers(session, unit=unit), opinions.of_unit(session, unit)
    found = []
    for cycle in reversed(units.cycles(session)):
        one = CycleRecord(cycle=cycle.name, version=None)
        if is_public(session, cycle.name) and (ranking := results.ranking(session, cycle.name)) is not None:
            row = next((r for r in rows_of(ranking) if r["unit"] == unit), {})
            known = {name: row.get(name) for name in CycleRecord.model_fields if name in row}
            one = CycleRecord.model_validate({**known, "cycle": cycle.name, "version": ranking.version})
            one.consequences = [
                course_view(desk, session, r, became.get(r.id)) for r in rows if r.cycle == cycle.name
            ]  # fmt: skip
            one.handovers = [_view(h) for h in handed if h.cycle == cycle.name]
        one.opinions = said.get(cycle.name, [])
        found.append(one)
    return [*found, *_before(session, unit)]


def _before(session: Session, unit: str) -> list[CycleRecord]:
    """What is recorded of a unit from before this system, latest first."""
    found = []
    for row in recorded.confirmed(session):
        mine = next((one for one in row.rows if one["unit"] == unit), None)
        if mine is not None:
            of = sum(one["scope"] == mine["scope"] and one["rank"] is not None for one in row.rows)
            known = {name: mine[name] for name in ("composite", "rank", "last", "canvassing", "not_ranked")}
            found.append(CycleRecord(cycle=row.cycle, version=None, recorded=row.document, of=of, **known))
    return found


def hand_over(tx: Tx, cycle: str, unit: str, assessment: Assessment) -> HandoverView:
    """Give a unit's published result to another assessment; the same version once. Raises Refusal."""
    ranking = public_ranking(tx.session, cycle)
    row = next((r for r in rows_of(ranking) if r["unit"] == unit), None)
    if row is None:
        raise Refusal("unit", unit, "has no result in this cycle", "see the ranking for its units", 404)
    before = courses.handovers(tx.session, cycle=cycle, unit=unit)
    if any(h.assessment == assessment and h.version == ranking.version for h in before):
        raise Refusal("assessment", assessment, "has this version already", "nothing to do", 409)
    content = {name: value for name in KEPT if isinstance(value := row[name], str | int | None)}
    found = HandoverRow(
        cycle=cycle, unit=unit, assessment=assessment, version=ranking.version, content=content,
        handed_by=acting(tx).sub, handed_at=tx.now,
    )  # fmt: skip
    tx.session.add(found)
    tx.session.flush()
    assert found.id is not None  # flushed
    data = ResultHandedOver(handover=found.id, cycle_name=cycle, unit=unit, assessment=assessment)
    tx.publish(data, subject=f"handover/{found.id}", cycle=cycle)
    return _view(found)


def receive(tx: Tx, key: int, received_by: str, receipt: str) -> HandoverView:
    """The other side's receipt is put on record, once. Raises Refusal."""
    row = courses.handover(tx.session, key)
    if row.received_at is not None:
        raise Refusal("handover", key, f"was received by {row.received_by}", "the receipt stands", 409)
    for field, text in (("received_by", received_by), ("receipt", receipt)):
        if not text.strip():
            raise Refusal(field, "", "empty", "say who received it, and the receipt's number")
    row.received_by, row.receipt, row.received_at = received_by.strip(), receipt.strip(), tx.now
    return _view(row)


def handovers(session: Session, cycle: str, *, after: int, limit: int) -> HandoverPage:
    """Hand-overs of a cycle after a cursor. Raises Refusal (404)."""
    units.cycle(session, cycle)
    rows = courses.handovers(session, cycle=cycle, after=after, limit=limit)
    return HandoverPage(items=[_view(row) for row in rows], next=str(rows[-1].id) if len(rows) == limit else None)


def _view(row: HandoverRow) -> HandoverView:
    return HandoverView.model_validate(row, from_attributes=True)
