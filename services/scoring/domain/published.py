"""result.json as everybody takes it away (S14): a cycle's whole result with all numbers it is computed with, signed."""

from collections.abc import Mapping
from datetime import datetime

from services.scoring.domain.canon import Json, canonical, digest, moment
from services.scoring.domain.result import RANKING_KIND

PUBLISHED_KIND = "minping.published.v1"
MEMBERS = (
    *("kind", "programme", "cycle", "version", "reason", "issued_at", "key"),
    *("weights", "least_ratings", "least_units_for_last", "points", "intervals", "units"),
)
"""What the file holds; `parts` too where the composite has other parts than daily score and vote, `only` where
some of them count for units of some categories only."""


def published_bytes(
    ranking: Mapping[str, Json], *, programme: str, cycle: str, version: int, reason: str, issued_at: datetime, key: str
) -> bytes:
    """The file. ranking: a ranking as it is kept, with its numbers; key: the system's vkey, with which it is signed."""
    content = {name: value for name, value in ranking.items() if name != "kind" or value != RANKING_KIND}
    about: dict[str, Json] = {"programme": programme, "cycle": cycle, "version": version, "reason": reason}
    return canonical(
        {**content, **about, "kind": PUBLISHED_KIND, "issued_at": moment(issued_at), "key": key}
    )  # fmt: skip


def published_note(programme: str, cycle: str, version: int, data: bytes) -> str:
    """What the system signs: whose result, which version, and the file's SHA-256 on the third line."""
    return f"minping/{programme}/{cycle}/published\n{version}\n{digest(data)}\n"
