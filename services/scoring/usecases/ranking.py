"""A cycle's result: composites and ranks from daily and concentrated scores (S9, S10, S15)."""

from decimal import Decimal
from fractions import Fraction
from typing import cast

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.doubt import Doubts, doubts_from_json
from services.scoring.domain.figures import exact
from services.scoring.domain.meeting import State
from services.scoring.domain.result import Numbers, UnitInput, ranking_bytes, result_bytes, rows
from services.scoring.domain.succession import as_of
from services.scoring.store import bonus, meetings, parts, points, results, units
from services.scoring.store.tables import MeetingRow, RankingRow
from services.scoring.usecases import custody, embargo, holding, poor, sections
from services.scoring.usecases.custody import DRAFT
from services.scoring.usecases.daily import daily_of, inputs
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.issued import RankingView, tell, view_of
from services.scoring.usecases.parts import part_values
from services.scoring.usecases.points import DailyView, explain_daily, inherited
from services.scoring.usecases.proposing import propose_all
from services.scoring.usecases.publishing import issue_bundle, seal_holds
from shared.errors import Refusal
from shared.store import Tx


def rank_cycle(desk: Desk, tx: Tx, cycle: str, reason: str = "") -> RankingView:
    """Compute the ranking of a closed cycle, and propose its consequences (S9–S12); units learn it at the publication.

    Refused while the cycle is open, an appeal is pending (S8), or a meeting is not sealed. Issued again only with a
    reason; the earlier one stays beside it (S15). To issue a published result again is to publish it.
    """
    row = units.cycle(tx.session, cycle)
    before = results.ranking(tx.session, cycle)
    if before is not None and not reason.strip():
        raise Refusal("reason", reason, "the ranking is published", "a reissue gives its reason", 409)
    if row.closed_at is None:
        raise Refusal("cycle", cycle, "is not closed", "POST /api/v1/cycles/{name}/closing first", 409)
    if pending := points.pending_appeals(tx.session, cycle):
        raise Refusal("appeals", pending, "are pending", "rule on them first: they hold publication back", 409)
    if undecided := [*parts.waiting(tx.session, cycle), *bonus.waiting(tx.session, cycle)]:
        raise Refusal("values", undecided, "wait for a second person", "confirm or refuse them first", 409)
    if embargo.is_public(tx.session, cycle):
        holding.nothing_runs(tx.session, cycle, tx.now)
    held = meetings.of_cycle(tx.session, cycle)
    if unsealed := [m.name for m in held if m.state not in (State.SEALED, State.PUBLISHED)]:
        raise Refusal("meetings", unsealed, "are not sealed", "seal or annul them first", 409)
    if locked := [m.name for m in held if custody.is_locked(tx.session, m.name)]:
        raise Refusal("meetings", locked, "have their results under lock", "tellers open them: …/result-opening", 409)
    for meeting in held:
        seal_holds(tx.session, meeting.name)
    doubts = {m.name: _doubts(tx.session, m) for m in held}
    given, numbers = _inputs(desk, tx.session, cycle, held)
    found = rows(given, list(doubts.values()), numbers)
    version = before.version + 1 if before else 1
    issued = RankingRow(
        cycle=cycle, version=version, reason=reason, issued_by=acting(tx).sub, issued_at=tx.now,
        result=ranking_bytes(found, numbers, list(doubts.values())),
    )  # fmt: skip
    tx.session.add(issued)
    for meeting in held:
        data = result_bytes(
            found, doubts[meeting.name], numbers, programme=desk.programme.key, programme_sha256=desk.sha256,
            cycle=cycle, meeting=meeting.name, version=version, reason=reason, issued_at=tx.now,
        )  # fmt: skip
        meetings.keep_file(tx.session, meeting.name, f"result-{version}.json", data)
    tx.session.flush()
    for meeting in held:
        if meeting.state == State.PUBLISHED:
            issue_bundle(desk, tx, meeting)
    proposed = propose_all(desk, tx, cycle, found)
    before_it = inherited(desk, tx.session, cycle)
    poor.judge_cycle(
        desk, tx, cycle, {row.given.unit: [row.given.unit, *before_it.get(row.given.unit, ())] for row in found}
    )
    sections.judge_sections(desk, tx, cycle)
    tell(desk, tx, cycle)
    return view_of(desk, issued, proposed)


def _doubts(session: Session, meeting: MeetingRow) -> Doubts:
    return doubts_from_json(parse_canonical(meetings.file(session, meeting.name, DRAFT + "interval.json")))


def _inputs(desk: Desk, session: Session, cycle: str, held: list[MeetingRow]) -> tuple[list[UnitInput], Numbers]:
    """What is known of every unit: its daily score, its exact meeting score, whether it canvassed; and the numbers
    that the cycle's result is computed with."""
    earlier = units.earlier_cycles(session, cycle)
    lines = points.lines_for(session, cycle, earlier)
    counted = {unit: (m.name, *score) for m in held for unit, score in _scores(session, m).items()}
    canvassers = results.canvassers(session, cycle)
    before = inherited(desk, session, cycle)
    gone = {unit for of_heir in before.values() for unit in of_heir}
    found = []
    of = {unit.key: [unit.key, *before.get(unit.key, ())] for unit in units.units(session)}
    known = inputs(desk, session, cycle, of)
    others = part_values(desk, session, cycle, of, (line for some in lines.values() for line in some))
    for unit in units.units(session):
        if unit.key in gone:
            continue  # its heir stands in its place (S1)
        own = as_of(unit.key, (line for key in (unit.key, *before.get(unit.key, ())) for line in lines.get(key, ())))
        daily, settled = daily_of(known, unit.key, cycle, own, earlier)
        meeting, score, ratings = counted.get(unit.key, (None, None, 0))
        found.append(
            UnitInput(
                unit=unit.key, name=unit.name, category=unit.category, scope=unit.scope, daily=daily, lines=own,
                meeting=meeting, concentrated=score, ratings=ratings, canvassing=unit.key in canvassers,
                parts=others.get(unit.key, {}), settled=settled,
            )
        )  # fmt: skip
    return found, known.numbers


def _scores(session: Session, meeting: MeetingRow) -> dict[str, tuple[Fraction | None, int]]:
    """Exact score and ratings of each unit, from the sealed tally."""
    tally = cast(dict[str, Json], parse_canonical(meetings.file(session, meeting.name, DRAFT + "tally.json")))
    found = {}
    for entry in cast(list[dict[str, Json]], tally["units"]):
        score = entry["exact"]
        found[str(entry["unit"])] = (None if score is None else exact(str(score)), cast(int, entry["ratings"]))
    return found


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
