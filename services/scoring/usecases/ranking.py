"""A cycle's result: composites and ranks from daily and concentrated scores (S9, S10, S15)."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from typing import cast

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.consequence import Proposal, YearStanding, propose, year_result
from services.scoring.domain.doubt import Doubts, doubts_from_json
from services.scoring.domain.figures import exact, published
from services.scoring.domain.meeting import State
from services.scoring.domain.points import daily_score
from services.scoring.domain.result import Row, UnitInput, possibly_last, ranking_bytes, result_bytes, rows
from services.scoring.domain.result_check import standings_from_bytes
from services.scoring.domain.succession import as_of
from services.scoring.store import meetings, parts, points, results, units
from services.scoring.store.tables import ConsequenceRow, MeetingRow, RankingRow
from services.scoring.usecases import custody, embargo
from services.scoring.usecases.canvassing import persons_meant
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.parts import part_values
from services.scoring.usecases.points import DailyView, explain_daily, inherited
from services.scoring.usecases.publishing import issue_bundle, seal_holds
from shared.contracts.scoring import ConsequenceProposed, ConsequenceWithdrawn, RankedUnit, RankingPublished
from shared.errors import Refusal
from shared.store import Tx


class RankingView(BaseModel):
    """A cycle's ranking as issued."""

    cycle: str
    version: int
    reason: str
    issued_at: dt.datetime
    rows: list[RankedUnit]
    consequences: int = 0


def rank_cycle(desk: Desk, tx: Tx, cycle: str, reason: str = "") -> RankingView:
    """Compute and publish the ranking of a closed cycle, and propose its consequences (S9–S12).

    Refused while the cycle is open, an appeal is pending (S8), or a meeting is not sealed. Issued again only with a
    reason; the earlier one stays beside it (S15).
    """
    row = units.cycle(tx.session, cycle)
    before = results.ranking(tx.session, cycle)
    if before is not None and not reason.strip():
        raise Refusal("reason", reason, "the ranking is published", "a reissue gives its reason", 409)
    if row.closed_at is None:
        raise Refusal("cycle", cycle, "is not closed", "POST /api/v1/cycles/{name}/closing first", 409)
    if pending := points.pending_appeals(tx.session, cycle):
        raise Refusal("appeals", pending, "are pending", "rule on them first: they hold publication back", 409)
    if undecided := parts.waiting(tx.session, cycle):
        raise Refusal("values", undecided, "wait for a second person", "confirm or refuse them first", 409)
    held = meetings.of_cycle(tx.session, cycle)
    if unsealed := [m.name for m in held if m.state not in (State.SEALED, State.PUBLISHED)]:
        raise Refusal("meetings", unsealed, "are not sealed", "seal or annul them first", 409)
    if locked := [m.name for m in held if custody.is_locked(tx.session, m.name)]:
        raise Refusal("meetings", locked, "have their results under lock", "tellers open them: …/result-opening", 409)
    for meeting in held:
        seal_holds(tx.session, meeting.name)
    doubts = {m.name: _doubts(tx.session, m) for m in held}
    found = rows(_inputs(desk, tx.session, cycle, held), list(doubts.values()), desk.numbers)
    version = before.version + 1 if before else 1
    issued = RankingRow(
        cycle=cycle, version=version, reason=reason, issued_by=acting(tx).sub, issued_at=tx.now,
        result=ranking_bytes(found),
    )  # fmt: skip
    tx.session.add(issued)
    for meeting in held:
        data = result_bytes(
            found, doubts[meeting.name], desk.numbers, programme=desk.programme.key, programme_sha256=desk.sha256,
            cycle=cycle, meeting=meeting.name, version=version, reason=reason, issued_at=tx.now,
        )  # fmt: skip
        meetings.keep_file(tx.session, meeting.name, f"result-{version}.json", data)
    tx.session.flush()
    ranked = tuple(_ranked(desk, r) for r in found)
    tx.publish(RankingPublished(cycle_name=cycle, rows=ranked), subject=cycle, cycle=cycle)
    for meeting in held:
        if meeting.state == State.PUBLISHED:
            issue_bundle(desk, tx, meeting)
    proposed = _propose(desk, tx, cycle, found)
    return RankingView(
        cycle=cycle, version=version, reason=reason, issued_at=tx.now, rows=list(ranked), consequences=proposed
    )


def _doubts(session: Session, meeting: MeetingRow) -> Doubts:
    return doubts_from_json(parse_canonical(meetings.file(session, meeting.name, DRAFT + "interval.json")))


def _inputs(desk: Desk, session: Session, cycle: str, held: list[MeetingRow]) -> list[UnitInput]:
    """What is known of every unit: its daily score, its exact meeting score, whether it canvassed."""
    earlier = units.earlier_cycles(session, cycle)
    lines = points.lines_for(session, cycle, earlier)
    numbers = desk.numbers
    counted = {unit: (m.name, *score) for m in held for unit, score in _scores(session, m).items()}
    canvassers = results.canvassers(session, cycle)
    before = inherited(desk, session, cycle)
    gone = {unit for of_heir in before.values() for unit in of_heir}
    found = []
    of = {unit.key: [unit.key, *before.get(unit.key, ())] for unit in units.units(session)}
    others = part_values(desk, session, cycle, of, (line for some in lines.values() for line in some))
    for unit in units.units(session):
        if unit.key in gone:
            continue  # its heir stands in its place (S1)
        own = as_of(unit.key, (line for key in (unit.key, *before.get(unit.key, ())) for line in lines.get(key, ())))
        daily = daily_score(
            unit.key, cycle, own, start=numbers.start, floor=numbers.floor, most_per_case=numbers.most_per_case,
            earlier=earlier,
        )  # fmt: skip
        meeting, score, ratings = counted.get(unit.key, (None, None, 0))
        found.append(
            UnitInput(
                unit=unit.key, name=unit.name, category=unit.category, scope=unit.scope, daily=daily, lines=own,
                meeting=meeting, concentrated=score, ratings=ratings, canvassing=unit.key in canvassers,
                parts=others.get(unit.key, {}),
            )
        )  # fmt: skip
    return found


def _scores(session: Session, meeting: MeetingRow) -> dict[str, tuple[Fraction | None, int]]:
    """Exact score and ratings of each unit, from the sealed tally."""
    tally = cast(dict[str, Json], parse_canonical(meetings.file(session, meeting.name, DRAFT + "tally.json")))
    found = {}
    for entry in cast(list[dict[str, Json]], tally["units"]):
        score = entry["exact"]
        found[str(entry["unit"])] = (None if score is None else exact(str(score)), cast(int, entry["ratings"]))
    return found


def _ranked(desk: Desk, row: Row) -> RankedUnit:
    standing, interval = row.standing, row.interval
    score = row.given.concentrated
    return RankedUnit(
        unit=standing.unit, name=row.given.name, category=standing.category, scope=standing.scope,
        daily=row.given.daily.score, concentrated=None if score is None else published(score),
        composite=standing.composite, rank=standing.rank, rank_low=interval.low if interval else None,
        rank_high=interval.high if interval else None,
        may_be_last=interval.may_be_last if interval else standing.last,
        canvassing=standing.canvassing, graded=_graded(desk, canvassing=standing.canvassing),
        merit_rank=standing.merit_rank, not_ranked=standing.not_ranked,
    )  # fmt: skip


def _graded(desk: Desk, *, canvassing: bool) -> str | None:
    """A canvasser is graded with the programme's worst grade, whatever the vote was (S11)."""
    return min(desk.programme.grades, key=lambda grade: grade.mark).key if canvassing else None


def _propose(desk: Desk, tx: Tx, cycle: str, found: tuple[Row, ...]) -> int:
    """Propose what the programme says; a reissue withdraws proposals that no longer hold, and keeps decisions."""
    standings = [r.standing for r in found]
    by_unit = {s.unit: s for s in standings}
    wanted = propose(
        desk.programme.consequences, standings, may_be_last=possibly_last(found), years=_years(desk, tx.session, cycle)
    )
    existing = {row.id: row for row in results.consequences(tx.session, cycle)}
    names = {_key(cycle, p): p for p in wanted}
    for key, row in existing.items():
        if key not in names and row.state == "proposed":
            row.state, row.answer, row.decided_at = "withdrawn", "the ranking was reissued", tx.now
            tx.publish(
                ConsequenceWithdrawn(
                    consequence=key, cycle_name=cycle, unit=row.unit, kind=row.kind, reason=row.answer
                ),
                subject=key,
                cycle=cycle,
            )
    for key, proposal in names.items():
        if key in existing:
            continue
        standing = by_unit[proposal.unit]
        tx.session.add(
            ConsequenceRow(
                id=key, cycle=cycle, unit=proposal.unit, rule=proposal.rule, kind=proposal.kind,
                reason=proposal.reason, review=proposal.review, rank=standing.rank, composite=standing.composite,
                days=proposal.deadline,
            )
        )  # fmt: skip
        metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("proposed").inc())
        tx.publish(
            ConsequenceProposed(
                consequence=key, cycle_name=cycle, unit=proposal.unit, kind=proposal.kind, reason=proposal.reason,
                review=proposal.review, rank=standing.rank, composite=standing.composite,
                persons=persons_meant(desk, tx.session, cycle, proposal.unit, proposal.rule),
            ),
            subject=key,
            cycle=cycle,
        )  # fmt: skip
    return len(names)


def _key(cycle: str, proposal: Proposal) -> str:
    return f"{cycle}.{proposal.unit}.{proposal.rule}.{proposal.kind}"


def _years(desk: Desk, session: Session, cycle: str) -> list[dict[str, YearStanding]]:
    """This year's result and the earlier ones, latest first; empty unless this is the year's last cycle.

    Years are those of the programme's own cycles: a cycle that the programme does not name belongs to none.
    """
    patterns = desk.programme.cycles
    year = next((y for p in patterns if (y := _year_of(p.name, cycle)) is not None), None)
    if year is None or patterns[-1].name.replace("{year}", str(year)) != cycle:
        return []
    session.flush()
    found = []
    for one in range(year, year - 10, -1):
        kept = [results.ranking(session, p.name.replace("{year}", str(one))) for p in patterns]
        standings = [standings_from_bytes(row.result) for row in kept if row is not None]
        if not standings:
            break
        found.append(year_result(standings, least_units_for_last=desk.numbers.least_units_for_last))
    return found


def _year_of(pattern: str, cycle: str) -> int | None:
    head, tail = pattern.split("{year}")
    year = cycle[len(head) : len(cycle) - len(tail)]
    return int(year) if len(year) == 4 and year.isdigit() and pattern.replace("{year}", year) == cycle else None


class IssueView(BaseModel):
    """A version of a cycle's ranking; `reason` of a reissue."""

    version: int
    reason: str
    issued_at: dt.datetime


def issues(session: Session, cycle: str) -> list[IssueView]:
    """Every published version of a cycle's ranking, oldest first (S15). Raises Refusal (404)."""
    units.cycle(session, cycle)
    found = results.versions(session, cycle) if embargo.is_public(session, cycle) else ()
    return [IssueView(version=row.version, reason=row.reason, issued_at=row.issued_at) for row in found]


def ranking_view(desk: Desk, session: Session, cycle: str, version: int | None = None) -> RankingView:
    """A cycle's ranking, a version or the last. Raises Refusal (404) before it is published: no interim result."""
    row = embargo.public_ranking(session, cycle, version)
    found = [RankedUnit.model_validate({**r, **_shown(desk, r)}) for r in embargo.rows_of(row)]
    return RankingView(cycle=cycle, version=row.version, reason=row.reason, issued_at=row.issued_at, rows=found)


def _shown(desk: Desk, row: dict[str, Json]) -> dict[str, object]:
    """What a row of the result is called in the ranking."""
    graded = _graded(desk, canvassing=row["canvassing"] is True)
    return {"concentrated": row["concentrated_published"], "may_be_last": _flag(row), "graded": graded}


def _flag(row: dict[str, Json]) -> bool:
    return row["last"] is True if row["may_be_last"] is None else row["may_be_last"] is True


class ScoreView(BaseModel):
    """A unit's score with formula and inputs. `concentrated` and what follows from it only after publication."""

    unit: str
    cycle: str
    daily: DailyView
    concentrated: Decimal | None = None
    concentrated_exact: str | None = None
    ratings: int | None = None
    composite: Decimal | None = None
    formula: str | None = None
    rank: int | None = None
    merit_rank: int | None = None
    of: int | None = None
    not_ranked: str | None = None


def explain(desk: Desk, session: Session, unit: str, cycle: str, *, inside: bool) -> ScoreView:
    """How a unit's score comes about (S9): the daily part at any time, the rest once it is published.

    inside: for who runs the appraisal, from the ranking on; a unit's people wait for the publication (S14).
    """
    view = ScoreView(unit=unit, cycle=cycle, daily=explain_daily(desk, session, unit, cycle))
    row = results.ranking(session, cycle)
    if row is None or not (inside or embargo.is_public(session, cycle)):
        return view
    mine = next((r for r in embargo.rows_of(row) if r["unit"] == unit), None)
    if mine is None:
        return view
    fields = ("ratings", "composite", "formula", "rank", "merit_rank", "of", "not_ranked")
    more = {name: mine[name] for name in fields}
    more["concentrated"], more["concentrated_exact"] = mine["concentrated_published"], mine["concentrated"]
    return ScoreView.model_validate({**view.model_dump(), **more})
