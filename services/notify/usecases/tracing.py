"""The proof (N8): from a cause over rule, persons and tries to what became of each notice, and what followed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping
from sqlmodel import Session

from services.notify.store import attempts, documents, letters, moves, notices
from services.notify.usecases.documents import about_of
from services.notify.usecases.following import OWN


@dataclass(frozen=True, slots=True)
class Traced:
    """One notice with everything that is on record about it.

    tries, decisions: of its letter. beside: how many other notices that letter carries. followed_by: notices to the
    next person in line. alarms: notices to operators about its letter. documents: of the matter, in the letter's
    language, that its rule encloses.
    """

    notice: RowMapping
    letter: RowMapping | None
    tries: Sequence[RowMapping]
    decisions: Sequence[RowMapping]
    moves: Sequence[RowMapping]
    beside: int
    followed_by: tuple[str, ...]
    alarms: tuple[RowMapping, ...]
    documents: tuple[Mapping[str, Any], ...]


def trace(session: Session, after: int, limit: int, wanted: Mapping[str, str | None]) -> list[Traced]:
    """Notices in the order they arose, by case, cause, unit or person, each with its proof."""
    found = notices.page(session, after, limit, **wanted)
    keys = {row["letter"] for row in found if row["letter"]}
    carriers = letters.some(session, keys)
    tried = attempts.of_letters(session, keys)
    moved = moves.of_notices(session, [row["seq"] for row in found])
    decided = letters.resolutions_of(session, keys)
    carried = notices.counts_of_letters(session, keys)
    followers = notices.followers(session, [row["id"] for row in found])
    alarmed = notices.of_matters(session, [matter for row in carriers.values() for matter in _alarms(row)])
    papers = documents.of_matters(session, {row["matter"] for row in found if (row["rule"] or {}).get("documents")})
    return [
        Traced(
            notice=row,
            letter=carriers.get(row["letter"]),
            tries=tried.get(row["letter"], ()),
            decisions=decided.get(row["letter"], ()),
            moves=moved[row["seq"]],
            beside=max(0, carried.get(row["letter"], 0) - 1),
            followed_by=followers.get(row["id"], ()),
            alarms=tuple(alarm for alarm in alarmed if _letter_of(alarm) == row["letter"]),
            documents=_enclosed(row, carriers.get(row["letter"]), papers.get(row["matter"], ())),
        )
        for row in found
    ]


def _enclosed(
    notice: RowMapping, letter: RowMapping | None, papers: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], ...]:
    if letter is None:
        return ()
    kinds = (notice["rule"] or {}).get("documents") or ()
    mine = {about_of(kind, notice["matter"], notice["unit"]) for kind in kinds}
    return tuple(one for one in papers if one["about"] in mine and one["language"] == letter["language"])


def alarm_matter(what: type[Any], letter: str, tries: int) -> str:
    """What operators are told of: this trouble with this letter, at this try."""
    return f"{what.TYPE.removeprefix('minping.notify.').removesuffix('.v1')} {letter} {tries}"


def _alarms(letter: RowMapping) -> list[str]:
    return [alarm_matter(kind, letter["id"], tries) for kind in OWN for tries in range(letter["tries"] + 1)]


def _letter_of(alarm: RowMapping) -> str:
    return str(alarm["matter"]).split()[1]
