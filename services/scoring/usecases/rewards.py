"""Individuals nominated for commendation, and ranks among cities (S12): what follows from each is a proposal."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.store import recorded as store
from services.scoring.store import units
from services.scoring.store.recorded import CityRankRow, NominationRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.proposing import propose_fact
from services.scoring.usecases.recording import Decided, second_person
from shared.errors import Refusal
from shared.identity import Actor
from shared.programme.parts import ConsequenceRule
from shared.scrub import scrub
from shared.store import Tx

Post = Annotated[str, Field(min_length=1, max_length=100)]


class NewNomination(BaseModel):
    """An individual: name and post, which are published with a commendation, and why. Nothing else of him is kept."""

    cycle: str
    unit: str
    name: str = Field(min_length=1, max_length=50)
    post: Post
    reasons: str = Field(min_length=1, max_length=5000)


class NominationView(NewNomination):
    """A nomination; what is decided of it stands with its consequence."""

    id: int
    nominated_by: str
    nominated_at: dt.datetime
    consequence: str | None


class NominationPage(BaseModel):
    """Nominations, oldest first; `next` is the cursor of the following page, null at the end."""

    items: list[NominationView]
    next: str | None = None


class Cause(BaseModel):
    """A unit established as the cause of the city's rank, on what ground, and the posts that it is about."""

    unit: str
    ground: str = Field(min_length=1, max_length=2000)
    persons: list[Post] = Field(default_factory=list, max_length=20)


class NewCityRank(BaseModel):
    """The city's rank among `of`, in what appraisal, with its document. Without causes nobody is meant."""

    what: str = Field(min_length=1, max_length=200, description="the appraisal, e.g. 全省政风行风评议")
    rank: int = Field(ge=1, le=10_000)
    of: int = Field(ge=1, le=10_000)
    causes: list[Cause] = Field(default_factory=list, max_length=100)
    document: str = Field(min_length=1, max_length=500)
    document_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class CityRankView(NewCityRank):
    """A rank among cities. state: waiting, confirmed, refused."""

    id: int
    cycle: str
    entered_by: str
    entered_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


def nominate(desk: Desk, tx: Tx, given: NewNomination) -> NominationView:
    """The office or the unit's own leader nominates an individual; a leader of the appraisal decides. Raises Refusal.

    On the bus goes the post, never the name.
    """
    actor = acting(tx)
    if actor.unit is not None and actor.unit != given.unit:
        raise Refusal("unit", given.unit, "is another unit", "nominate people of your own unit", 403)
    rule = next((one for one in desk.programme.consequences if one.when.nominated), None)
    if rule is None:
        raise Refusal("cycle", given.cycle, "the programme commends no individuals", "add a rule `nominated`", 409)
    units.cycle(tx.session, given.cycle)
    units.unit(tx.session, given.unit)
    row = NominationRow(
        cycle=given.cycle, unit=given.unit, name=given.name, post=given.post, reasons=scrub(given.reasons),
        nominated_by=actor.sub, nominated_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    why, about = f"{given.post}：{row.reasons[:200]}", f"n{row.id}"
    [row.consequence, *_] = propose_fact(
        desk, tx, given.cycle, given.unit, rule, why, source="nomination", persons=(given.post,), about=about
    )
    return _nomination(row)


def nominations(session: Session, actor: Actor, cycle: str, *, after: int, limit: int) -> NominationPage:
    """Nominations of a cycle after a cursor; a leader sees those of his unit. Raises Refusal (404)."""
    units.cycle(session, cycle)
    rows = store.nominations(session, cycle, unit=actor.unit, after=after, limit=limit)
    return NominationPage(items=[_nomination(r) for r in rows], next=str(rows[-1].id) if len(rows) == limit else None)


def enter_city_rank(tx: Tx, cycle: str, given: NewCityRank) -> CityRankView:
    """The office enters the city's rank with its document and who is established as its cause. Raises Refusal."""
    units.cycle(tx.session, cycle)
    if given.rank > given.of:
        raise Refusal("rank", given.rank, f"is beyond {given.of}", "compare it with the document")
    for number, cause in enumerate(given.causes):
        units.unit(tx.session, cause.unit)
        if not cause.ground.strip():
            raise Refusal(f"causes.{number}.ground", cause.ground, "empty", "say how it was established")
    if len({cause.unit for cause in given.causes}) != len(given.causes):
        raise Refusal("causes", [c.unit for c in given.causes], "a unit stands twice", "name each unit once")
    row = CityRankRow(
        cycle=cycle, what=given.what, rank=given.rank, of=given.of, causes=[c.model_dump() for c in given.causes],
        document=given.document, document_sha256=given.document_sha256, entered_by=acting(tx).sub, entered_at=tx.now,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return _city_rank(row)


def decide_city_rank(desk: Desk, tx: Tx, key: int, given: Decided) -> CityRankView:
    """A second person confirms it: what the programme says is proposed, for its causes alone. Raises Refusal."""
    row = store.city_rank(tx.session, key)
    second_person(row.state, row.entered_by, acting(tx).sub, given)
    row.state = "confirmed" if given.confirmed else "refused"
    row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
    for rule in desk.programme.consequences if given.confirmed else ():
        if _reached(rule, row):
            for cause in row.causes:
                why = f"{row.what} 第 {row.rank}/{row.of} 名：{cause['ground']}"
                propose_fact(
                    desk, tx, row.cycle, cause["unit"], rule, why, source="city_rank", persons=cause["persons"],
                    about=f"c{row.id}",
                )  # fmt: skip
    return _city_rank(row)


def city_ranks(session: Session, cycle: str) -> list[CityRankView]:
    """The ranks among cities of a cycle. Raises Refusal (404)."""
    units.cycle(session, cycle)
    return [_city_rank(row) for row in store.city_ranks(session, cycle)]


def _reached(rule: ConsequenceRule, row: CityRankRow) -> bool:
    wanted = rule.when.city_rank
    if wanted is None:
        return False
    first = wanted.first is not None and row.rank <= wanted.first
    last = wanted.last is not None and row.rank > row.of - wanted.last
    return first or last


def _nomination(row: NominationRow) -> NominationView:
    return NominationView.model_validate(row, from_attributes=True)


def _city_rank(row: CityRankRow) -> CityRankView:
    return CityRankView.model_validate(row, from_attributes=True)
