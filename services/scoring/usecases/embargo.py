"""What the public may know of a cycle's result, and from when (S14): nothing before its publication."""

from typing import cast

from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.meeting import State
from services.scoring.store import meetings, releases, results, units
from services.scoring.store.tables import RankingRow
from services.scoring.usecases.desk import Desk
from shared.errors import Refusal
from shared.programme.publication import PublicationForm


def is_public(session: Session, cycle: str) -> bool:
    """Whether a cycle's result is published: ranked, and every meeting that counts is published with it.

    Without a meeting: released by the office, and its time has come.
    """
    if results.ranking(session, cycle) is None:
        return False
    held = meetings.of_cycle(session, cycle)
    if not held:
        return releases.is_open(session, f"cycle/{cycle}")
    return all(meeting.state == State.PUBLISHED for meeting in held)


def in_form(desk: Desk, cycle: str, form: PublicationForm) -> None:
    """The programme publishes in this form. Raises Refusal (404), worded as before the publication."""
    if form not in desk.programme.publication.form:
        raise Refusal("cycle", cycle, "its ranking is not published", "the programme publishes in another form", 404)


def public_ranking(session: Session, cycle: str, version: int | None = None) -> RankingRow:
    """A cycle's result as everybody may see it, a version or the last. Raises Refusal (404)."""
    units.cycle(session, cycle)
    if not is_public(session, cycle):
        raise Refusal("cycle", cycle, "its ranking is not published", "come back after the publication", 404)
    row = results.ranking(session, cycle) if version is None else session.get(RankingRow, (cycle, version))
    if row is None:
        raise Refusal("version", version, "no such version is published", "see GET …/rankings", 404)
    return row


def rows_of(ranking: RankingRow) -> list[dict[str, Json]]:
    """The units of a result as issued."""
    return cast(dict[str, list[dict[str, Json]]], parse_canonical(ranking.result))["units"]
