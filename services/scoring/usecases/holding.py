"""What holds a result's publication back (S8, S11): appeals that wait, and appeals that may still be made."""

import datetime as dt

from sqlmodel import Session

from services.scoring.store import courses, points, results
from services.scoring.usecases.embargo import rows_of
from shared.errors import Refusal


def waiting(session: Session, cycle: str) -> list[str]:
    """What waits for a ruling, and where the ranking is older than a ruling: it is to be issued again."""
    found = [*points.pending_appeals(session, cycle), *courses.under_appeal(session, cycle, canvassing=True)]
    ranking = results.ranking(session, cycle)
    if ranking is not None:
        ruled = points.upheld_since(session, cycle, ranking.issued_at)
        behind = {str(row["unit"]) for row in rows_of(ranking) if row["canvassing"] is True}
        known = {str(row["unit"]) for row in rows_of(ranking)}
        moved = sorted((behind ^ results.canvassers(session, cycle)) & known)
        found += [f"ranking/older than the ruling on {one}" for one in (*ruled, *(f"canvassing of {u}" for u in moved))]
    return found


def runs_until(session: Session, cycle: str, now: dt.datetime) -> dt.datetime | None:
    """The end of the last period in which canvassing may still be appealed; None where none runs."""
    return max((end for end in results.appealable(session, cycle) if end > now), default=None)


def nothing_waits(session: Session, cycle: str) -> None:
    """Raises Refusal (409) naming what waits."""
    if found := waiting(session, cycle):
        raise Refusal("appeals", found, "hold publication back", "rule on them; then issue the ranking again", 409)


def nothing_runs(session: Session, cycle: str, now: dt.datetime) -> None:
    """Raises Refusal (409) while canvassing may still be appealed."""
    if until := runs_until(session, cycle, now):
        reason = f"canvassing may be appealed until {until.isoformat()}: the result waits for it"
        raise Refusal("appeals", until.isoformat(), reason, "come back after that time", 409)
