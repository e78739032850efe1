"""A cycle's ranking as it was issued, in every version; told to units when it is published (S10, S14, S15)."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.canon import Json
from services.scoring.store import results, units
from services.scoring.store.tables import RankingRow
from services.scoring.usecases import embargo
from services.scoring.usecases.desk import Desk
from shared.contracts.scoring import RankedUnit, RankingPublished
from shared.store import Tx


class RankingView(BaseModel):
    """A cycle's ranking as issued."""

    cycle: str
    version: int
    reason: str
    issued_at: dt.datetime
    rows: list[RankedUnit]
    consequences: int = 0


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
    embargo.in_form(desk, cycle, "public")
    row = embargo.public_ranking(session, cycle, version)
    return view_of(desk, row)


def view_of(desk: Desk, row: RankingRow, consequences: int = 0) -> RankingView:
    """A ranking for people who may know it."""
    return RankingView(
        cycle=row.cycle, version=row.version, reason=row.reason, issued_at=row.issued_at,
        rows=list(ranked_units(desk, row)), consequences=consequences,
    )  # fmt: skip


def tell(desk: Desk, tx: Tx, cycle: str) -> None:
    """The result became public: every unit's leader is told where it stands. Nothing while it is not public."""
    row = results.ranking(tx.session, cycle)
    if row is not None and embargo.is_public(tx.session, cycle):
        tx.publish(RankingPublished(cycle_name=cycle, rows=ranked_units(desk, row)), subject=cycle, cycle=cycle)


def ranked_units(desk: Desk, row: RankingRow) -> tuple[RankedUnit, ...]:
    """The rows of a ranking as the event and everybody's view have them."""
    return tuple(RankedUnit.model_validate({**r, **_shown(desk, r)}) for r in embargo.rows_of(row))


def _shown(desk: Desk, row: dict[str, Json]) -> dict[str, object]:
    """What a row of the result is called in the ranking."""
    graded = _graded(desk, canvassing=row["canvassing"] is True)
    return {"concentrated": row["concentrated_published"], "may_be_last": _flag(row), "graded": graded}


def _flag(row: dict[str, Json]) -> bool:
    return row["last"] is True if row["may_be_last"] is None else row["may_be_last"] is True


def _graded(desk: Desk, *, canvassing: bool) -> str | None:
    """A canvasser is graded with the programme's worst grade, whatever the vote was (S11)."""
    return min(desk.programme.grades, key=lambda grade: grade.mark).key if canvassing else None
