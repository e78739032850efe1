"""What units are made of, and what becomes of them: sections, posts, successions, what counts above (S1)."""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.rules import check_key
from services.scoring.domain.succession import Kind, succeed
from services.scoring.store import organisation as store
from services.scoring.store import units
from services.scoring.store.organisation import PostRow, SectionRow, SuccessionRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.issued import ranking_view
from shared.contracts.scoring import RankedUnit, UnitSucceeded
from shared.errors import Refusal
from shared.store import Tx

Key = Field(min_length=1, max_length=48)


class Section(BaseModel):
    """A section of a unit: 处、科、室、站、所."""

    section: str = Key
    unit: str = Key
    name: str = Field(min_length=1, max_length=200)
    name_en: str = Field(default="", max_length=200)


class Post(BaseModel):
    """A person's office, not the person: `窗口负责人`."""

    post: str = Key
    unit: str = Key
    section: str | None = Field(default=None, max_length=48)
    title: str = Field(min_length=1, max_length=200, description="the office; a person's name does not belong here")


class SectionPage(BaseModel):
    """Sections by key; `cursor` for the next page, null on the last."""

    items: list[Section]
    cursor: str | None


class PostPage(BaseModel):
    """Posts by key; `cursor` for the next page, null on the last."""

    items: list[Post]
    cursor: str | None


class NewSuccession(BaseModel):
    """A reorganisation that was decided: units merged, one renamed (under a new key), one split."""

    kind: Kind
    on: dt.date
    document: str = Field(max_length=500, description="the decision, with its number")
    predecessors: list[str] = Field(min_length=1, max_length=50)
    successors: list[str] = Field(min_length=1, max_length=50)
    heir: str | None = Field(default=None, description="who takes over what is open; needed where several follow")


class SuccessionView(NewSuccession):
    """A reorganisation on record."""

    recorded_by: str
    recorded_at: dt.datetime


class PastResult(BaseModel):
    """A published result of a unit, under the name and key that it had then."""

    cycle: str
    result: RankedUnit


class History(BaseModel):
    """A unit with all that went before it: successions, and the published results of it and its predecessors."""

    unit: str
    successions: list[SuccessionView]
    results: list[PastResult]


class Subordinates(BaseModel):
    """What a competent department's units came to in a cycle; it counts in the department's own appraisal."""

    department: str
    cycle: str
    mean: Decimal | None = Field(description="of the composites, half-up to two places; null while none is ranked")
    units: list[RankedUnit]


def put_sections(tx: Tx, wanted: Sequence[Section]) -> int:
    """Register sections, or correct their names; all or none. Raises Refusal; gives how many are new or changed."""
    changed = 0
    for one in wanted:
        check_key(one.section, "section")
        units.unit(tx.session, one.unit)
        row = SectionRow(key=one.section, unit=one.unit, name=one.name.strip(), name_en=one.name_en.strip())
        known = tx.session.get(SectionRow, one.section)
        if known is not None and known.unit != one.unit:
            raise Refusal("section", one.section, f"is a section of {known.unit}", "give it another key", 409)
        changed += known is None or (known.name, known.name_en) != (row.name, row.name_en)
        tx.session.merge(row)
    return changed


def put_posts(tx: Tx, wanted: Sequence[Post]) -> int:
    """Register posts, or correct their titles; all or none. Raises Refusal; gives how many are new or changed."""
    changed = 0
    for one in wanted:
        check_key(one.post, "post")
        units.unit(tx.session, one.unit)
        section = tx.session.get(SectionRow, one.section) if one.section else None
        if one.section and (section is None or section.unit != one.unit):
            raise Refusal("section", one.section, f"is no section of {one.unit}", "register the section first")
        known = tx.session.get(PostRow, one.post)
        if known is not None and known.unit != one.unit:
            raise Refusal("post", one.post, f"is a post of {known.unit}", "give it another key", 409)
        row = PostRow(key=one.post, unit=one.unit, section=one.section, title=one.title.strip())
        changed += known is None or (known.section, known.title) != (row.section, row.title)
        tx.session.merge(row)
    return changed


def sections(session: Session, unit: str | None, after: str, limit: int) -> SectionPage:
    """A page of sections."""
    rows = store.sections(session, unit, after, limit)
    items = [Section(section=r.key, unit=r.unit, name=r.name, name_en=r.name_en) for r in rows]
    return SectionPage(items=items, cursor=rows[-1].key if len(rows) == limit else None)


def posts(session: Session, unit: str | None, after: str, limit: int) -> PostPage:
    """A page of posts."""
    rows = store.posts(session, unit, after, limit)
    items = [Post(post=r.key, unit=r.unit, section=r.section, title=r.title) for r in rows]
    return PostPage(items=items, cursor=rows[-1].key if len(rows) == limit else None)


def record(desk: Desk, tx: Tx, wanted: NewSuccession) -> SuccessionView:
    """Put a reorganisation on record (S1): from its day the heir stands in the place of who is no more; told to all."""
    known = {row.key: row for row in units.units(tx.session)}
    found = succeed(
        wanted.kind, wanted.on, wanted.document, wanted.predecessors, wanted.successors, wanted.heir,
        today=desk.calendar.local_date(tx.now), retired={key: row.retired_on for key, row in known.items()},
    )  # fmt: skip
    row = SuccessionRow(
        kind=found.kind.value, on=found.on, document=found.document, predecessors=list(found.predecessors),
        successors=list(found.successors), heir=found.heir, recorded_by=acting(tx).sub, recorded_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    for unit in found.retired:
        known[unit].retired_on = found.on
    tx.publish(
        UnitSucceeded(
            kind=found.kind.value, on=found.on, document=found.document, retired=found.retired,
            successors=found.successors, heir=found.heir,
        ),
        subject=found.heir,
    )  # fmt: skip
    return _view(row)


def history(desk: Desk, session: Session, unit: str) -> History:
    """A unit's past, through all reorganisations. Raises Refusal (404)."""
    units.unit(session, unit)
    line, told = {unit}, []
    for row in reversed(store.successions(session)):
        if line & set(row.successors):
            told.append(row)
            line |= set(row.predecessors)
    past = [
        PastResult(cycle=cycle.name, result=ranked)
        for cycle in units.cycles(session)
        for ranked in _published(desk, session, cycle.name)
        if ranked.unit in line
    ]
    return History(unit=unit, successions=[_view(row) for row in reversed(told)], results=past)


def _published(desk: Desk, session: Session, cycle: str) -> list[RankedUnit]:
    """The rows of a cycle's ranking, none before it is published."""
    try:
        return ranking_view(desk, session, cycle).rows
    except Refusal as why:
        if why.status != 404:
            raise
        return []


def subordinates(desk: Desk, session: Session, department: str, cycle: str) -> Subordinates:
    """Published results of the units whose competent department it is. Raises Refusal (404)."""
    own = {row.key for row in units.units(session) if row.parent == department}
    if not own:
        raise Refusal("department", department, "is no unit's competent department", "see GET /api/v1/units", 404)
    ranked = [row for row in ranking_view(desk, session, cycle).rows if row.unit in own]
    counted = [row.composite for row in ranked if row.composite is not None]
    mean = (sum(counted, Decimal()) / len(counted)).quantize(Decimal("0.01"), ROUND_HALF_UP) if counted else None
    return Subordinates(department=department, cycle=cycle, mean=mean, units=ranked)


def listed(session: Session) -> list[SuccessionView]:
    """Every reorganisation on record, the oldest day first."""
    return [_view(row) for row in store.successions(session)]


def _view(row: SuccessionRow) -> SuccessionView:
    return SuccessionView(
        kind=Kind(row.kind), on=row.on, document=row.document, predecessors=row.predecessors,
        successors=row.successors, heir=row.heir, recorded_by=row.recorded_by, recorded_at=row.recorded_at,
    )  # fmt: skip
