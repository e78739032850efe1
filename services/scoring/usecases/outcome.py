"""A cycle's result as everybody reads it: the ranking of each scope, and each unit with its whole arithmetic (S14)."""

import datetime as dt
from collections.abc import Sequence
from typing import Any, cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.figures import plain
from services.scoring.domain.rules import rules_from_bytes
from services.scoring.domain.working import Step, Term, terms, working
from services.scoring.store import meetings, units
from services.scoring.store.tables import RankingRow
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.embargo import in_form, is_public, public_ranking, rows_of
from services.scoring.usecases.issued import IssueView, issues
from services.scoring.usecases.points import LineView, explain_daily
from shared.errors import Refusal
from shared.scrub import scrub


class CycleOutcome(BaseModel):
    """A run of the programme, and whether its result is public."""

    cycle: str
    starts: dt.datetime
    ends: dt.datetime
    public: bool


class Placed(BaseModel):
    """A unit's row of the published result. `parts`: as the formula prints them; `lines`: what its daily score lost."""

    unit: str
    name: str
    name_en: str
    category: str
    scope: str
    meeting: str | None
    daily: str | None
    concentrated: str | None
    composite: str | None
    formula: str
    parts: list[Term]
    lines: int
    ratings: int
    rank: int | None
    merit_rank: int | None
    category_rank: int | None
    of: int
    last: bool
    rank_low: int | None
    rank_high: int | None
    may_be_last: bool | None
    canvassing: bool
    not_ranked: str | None


class Outcome(BaseModel):
    """A version of a cycle's published result; `versions`: all of them, oldest first, with the reasons."""

    cycle: str
    version: int
    reason: str
    issued_at: dt.datetime
    versions: list[IssueView]
    meetings: list[str]
    rows: list[Placed]

    @property
    def is_latest(self) -> bool:
        """Whether no correction came after it."""
        return self.version == self.versions[-1].version


class UnitOutcome(BaseModel):
    """One unit of it: the arithmetic, the lines with evidence and appeals. `since`: the daily score of today, where
    a ruling after the publication changed it and the result was not issued again."""

    outcome: Outcome
    row: Placed
    steps: list[Step]
    lines: list[LineView]
    may_be_last: list[Placed] = Field(default_factory=list)
    since: str | None = None


def cycles(session: Session) -> list[CycleOutcome]:
    """Every run, latest first."""
    return [
        CycleOutcome(cycle=row.name, starts=row.starts, ends=row.ends, public=is_public(session, row.name))
        for row in reversed(units.cycles(session))
    ]


def outcome(session: Session, cycle: str, version: int | None = None) -> Outcome:
    """A published result. Raises Refusal (404) before the publication."""
    return _outcome(session, public_ranking(session, cycle, version))


def for_everybody(desk: Desk, session: Session, cycle: str, version: int | None = None) -> Outcome:
    """A published result, where the programme publishes to the public. Raises Refusal (404)."""
    in_form(desk, cycle, "public")
    return outcome(session, cycle, version)


def _outcome(session: Session, ranking: RankingRow) -> Outcome:
    content = rows_of(ranking)
    english = {row.key: row.name_en for row in units.units(session)}
    return Outcome(
        cycle=ranking.cycle, version=ranking.version, reason=ranking.reason, issued_at=ranking.issued_at,
        versions=issues(session, ranking.cycle), meetings=sorted({str(r["meeting"]) for r in content if r["meeting"]}),
        rows=[_placed(row, english.get(str(row["unit"]), "")) for row in content],
    )  # fmt: skip


def _placed(row: dict[str, Json], english: str) -> Placed:
    cases = cast(list[dict[str, list[Json]]], row["cases"])
    more: dict[str, Any] = {
        "name_en": english or row["name"], "concentrated": row["concentrated_published"],
        "parts": list(terms(str(row["formula"]))), "lines": sum(len(case["lines"]) for case in cases),
    }  # fmt: skip
    return Placed.model_validate({**row, **more})


def unit_outcome(desk: Desk, session: Session, cycle: str, unit: str, version: int | None = None) -> UnitOutcome:
    """A unit of a published result with its arithmetic. Raises Refusal (404)."""
    in_form(desk, cycle, "public")
    ranking = public_ranking(session, cycle, version)
    row = next((one for one in rows_of(ranking) if one["unit"] == unit), None)
    if row is None:
        raise Refusal("unit", unit, "has no result in this cycle", "see the ranking for its units", 404)
    whole = _outcome(session, ranking)
    mine = next(one for one in whole.rows if one.unit == unit)
    beside = [one for one in whole.rows if one.scope == mine.scope and one.may_be_last]
    daily = explain_daily(desk, session, unit, cycle)
    for line in daily.lines:
        for appeal in line.appeals:
            appeal.grounds, appeal.reason = "", scrub(appeal.reason or "")
        line.withdrawn = scrub(line.withdrawn) if line.withdrawn else None
    today = None if daily.missing else plain(daily.score)
    return UnitOutcome(
        outcome=whole, row=mine, steps=list(steps_of(desk, session, ranking, row)), lines=daily.lines,
        may_be_last=beside, since=today if today != mine.daily and whole.is_latest else None,
    )  # fmt: skip


def steps_of(desk: Desk, session: Session, ranking: RankingRow, row: dict[str, Json]) -> Sequence[Step]:
    """The arithmetic of a row of a result, from what was sealed and issued with it."""
    start, floor, tally, rules = desk.numbers.start, desk.numbers.floor, None, None
    if row["meeting"] is not None:
        name = str(row["meeting"])
        sealed = cast(dict[str, Json], parse_canonical(meetings.file(session, name, DRAFT + "tally.json")))
        tally = next(one for one in cast(list[dict[str, Json]], sealed["units"]) if one["unit"] == row["unit"])
        rules = rules_from_bytes(meetings.file(session, name, DRAFT + "rules.json"))
    beside = [one for one in rows_of(ranking) if one["scope"] == row["scope"]]
    return working(row, beside, start=start, floor=floor, tally=tally, rules=rules)
