"""A fact sheet a unit: what it does, its cases of the cycle, its promises, its earlier results (S4 ①).

The office may write on it until the announcement, which fixes the figures and makes the sheets public.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.fact_sheet import Matter, figures
from services.scoring.domain.meeting import Step
from services.scoring.store import meetings as store
from services.scoring.store import points, proceedings, results, sheets, units
from services.scoring.store.sheets import FactSheetRow
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases.steps import begin, on_record
from shared.errors import Refusal
from shared.store import Tx


class SheetText(BaseModel):
    """What the office writes on a sheet: what the unit does, and remarks."""

    duties: str = Field(max_length=4000)
    remarks: str = Field(default="", max_length=4000)


class CaseFigures(BaseModel):
    """A unit's cases of the cycle. `topics`: topic → outcome (or `open`) → how many; "" is no topic."""

    total: int
    topics: dict[str, dict[str, int]]
    outcomes: dict[str, int]
    late: int
    reopened: int
    no_result: int


class PromiseView(BaseModel):
    """A written promise: promised, kept, late or broken."""

    text: str
    due: dt.date | None
    state: str


class EarlierResult(BaseModel):
    """A unit's published result of an earlier cycle."""

    cycle: str
    composite: Decimal | None
    rank: int | None
    scope: str


class Facts(BaseModel):
    """The figures of a sheet, as they stood at an instant."""

    at: dt.datetime
    cases: CaseFigures
    promises: list[PromiseView]
    earlier: list[EarlierResult]


class FactSheet(BaseModel):
    """All that representatives are told of a unit before the meeting."""

    meeting: str
    unit: str
    name: str
    category: str
    scope: str
    cycle: str
    rehearsal: bool
    duties: str
    remarks: str
    facts: Facts


def write(tx: Tx, name: str, unit: str, given: SheetText) -> SheetText:
    """The office writes on a unit's sheet, before the announcement (S4 ①). Raises Refusal."""
    row = begin(tx, name, Step.FACT_SHEET)
    _known(row, unit)
    found = tx.session.get(FactSheetRow, (name, unit)) or FactSheetRow(meeting=name, unit=unit)
    found.duties, found.remarks = given.duties, given.remarks
    tx.session.add(found)
    on_record(tx, name, Step.FACT_SHEET, unit=unit)
    return given


def fix(tx: Tx, row: MeetingRow) -> None:
    """Fix the figures of every sheet, as they stand at the announcement."""
    written = sheets.sheets(tx.session, row.name)
    for unit in row.units:
        found = written.get(unit) or FactSheetRow(meeting=row.name, unit=unit)
        found.facts = facts_of(tx.session, row.cycle, unit, tx.now).model_dump(mode="json")
        tx.session.add(found)


def announced(session: Session, name: str, unit: str | None = None) -> list[FactSheet]:
    """The sheets of a meeting, or one of them, for everybody. Raises Refusal (404)."""
    row = store.meeting(session, name)
    proceedings.announcement(session, name)
    written = sheets.sheets(session, name)
    wanted = [_known(row, unit)] if unit else row.units
    return [_sheet(session, row, written[key], Facts.model_validate(written[key].facts)) for key in wanted]


def draft(session: Session, name: str, unit: str, now: dt.datetime) -> FactSheet:
    """A sheet as it would be announced now; after the announcement, as it was. Raises Refusal (404)."""
    row = store.meeting(session, name)
    _known(row, unit)
    found = session.get(FactSheetRow, (name, unit)) or FactSheetRow(meeting=name, unit=unit)
    facts = Facts.model_validate(found.facts) if found.facts else facts_of(session, row.cycle, unit, now)
    return _sheet(session, row, found, facts)


def _known(row: MeetingRow, unit: str) -> str:
    if unit not in row.units:
        raise Refusal("unit", unit, "is not voted on at this meeting", "see the meeting's units", 404)
    return unit


def _sheet(session: Session, row: MeetingRow, found: FactSheetRow, facts: Facts) -> FactSheet:
    unit = units.unit(session, found.unit)
    return FactSheet(
        meeting=row.name, unit=unit.key, name=unit.name, category=unit.category, scope=unit.scope, cycle=row.cycle,
        rehearsal=row.rehearsal, duties=found.duties, remarks=found.remarks, facts=facts,
    )  # fmt: skip


def facts_of(session: Session, name: str, unit: str, now: dt.datetime) -> Facts:
    """A unit's figures in a cycle as they stand. Raises Refusal (404)."""
    cycle = units.cycle(session, name)
    matters = (
        Matter(c.topic, c.outcome, c.closed, c.reopened, late=c.late, no_result=c.lapsed)
        for c in points.cases_of(session, unit, cycle.starts, cycle.ends)
    )
    promises = [PromiseView(text=p.text, due=p.due, state=p.state) for p in sheets.promises_of(session, unit)]
    return Facts(
        at=now, cases=CaseFigures(**asdict(figures(matters))), promises=promises,
        earlier=_earlier(session, name, unit),
    )  # fmt: skip


def _earlier(session: Session, cycle: str, unit: str) -> list[EarlierResult]:
    found = []
    for name in reversed(units.earlier_cycles(session, cycle)):
        issued = results.ranking(session, name)
        if issued is None:
            continue
        content = cast(Mapping[str, list[Mapping[str, Json]]], parse_canonical(issued.result))
        mine = next((row for row in content["units"] if row["unit"] == unit), None)
        if mine is not None:
            said = {key: mine[key] for key in ("composite", "rank", "scope")}
            found.append(EarlierResult.model_validate({"cycle": name, **said}))
    return found
