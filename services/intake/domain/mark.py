"""Where a page of a list ended: the value that the list is ordered by, and the key of the row that stood there."""

from datetime import UTC, date, datetime
from typing import NamedTuple

from shared.errors import Refusal


class Mark(NamedTuple):
    """The last row of a page. Rows of one instant follow by their keys: none is left out, and none comes twice."""

    at: datetime | date
    key: str


def written(at: datetime | date, key: str | int | None) -> str:
    """A mark as a cursor: `2026-03-02T01:00:00.000000Z~2026-000001`."""
    said = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(at, datetime) else at.isoformat()
    return f"{said}~{key}"


def read(cursor: str | None) -> Mark | None:
    """The mark of a cursor, None for the first page. Raises Refusal."""
    if cursor is None:
        return None
    said, tilde, key = cursor.partition("~")
    try:
        at = datetime.fromisoformat(said) if "T" in said else date.fromisoformat(said)
        if not tilde or (isinstance(at, datetime) and at.tzinfo is None):
            raise ValueError
    except ValueError:
        remedy = "give `next` of the page before, or none"
        raise Refusal("cursor", cursor, "it is no cursor of ours", remedy) from None
    return Mark(at, key)
