"""Cursors and limits of lists."""

from typing import Annotated

from fastapi import Query

from shared.errors import Refusal

Limit = Annotated[int, Query(ge=1, le=1000, description="most items of a page")]
Cursor = Annotated[str | None, Query(max_length=20, description="`next` of the page before")]


Behind = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]
"""The cursor of a list that is ordered by a time; `mark.read` reads it."""


def after(cursor: str | None) -> int:
    """The position that a cursor stands for. Raises Refusal."""
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit()) or int(cursor) >= 2**62:
        raise Refusal("cursor", cursor, "it is no cursor of ours", "give `next` of the page before, or none")
    return int(cursor)


def after_pair(cursor: str | None) -> tuple[int, int] | None:
    """The position of a list ordered by two numbers. Raises Refusal."""
    if cursor is None:
        return None
    first, dash, second = cursor.partition("-")
    if not dash:
        raise Refusal("cursor", cursor, "it is no cursor of ours", "give `next` of the page before, or none")
    return after(first), after(second)


def following(last: int | None, count: int, limit: int) -> str | None:
    """The cursor of the page after one that ended with `last`; None where there was no full page."""
    return str(last) if last is not None and count == limit else None
