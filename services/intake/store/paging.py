"""Pages of lists that are ordered by a time: what follows a mark, whatever was added or has left the list meanwhile."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Date, Integer, Select, or_
from sqlmodel import col

from services.intake.domain import mark
from services.intake.domain.mark import Mark
from shared.errors import Refusal

T = TypeVar("T")
Q = TypeVar("Q", bound=Select[*tuple[Any, ...]])
Place = Callable[[T], tuple[datetime | date, str | int | None]]


def paged(query: Q, at: Any, key: Any, after: Mark | None, limit: int, *, newest_first: bool = False) -> Q:
    """A list ordered by `at` and then by `key`, from behind the mark. Raises Refusal for a mark of another list."""
    when: Any = col(at)
    which: Any = col(key)
    ordered = query.order_by(when.desc() if newest_first else when, which).limit(limit)
    if after is None:
        return ordered
    numbered = isinstance(which.type, Integer)
    if isinstance(after.at, datetime) == isinstance(when.type, Date) or (numbered and not _number(after)):
        raise Refusal("cursor", after.key, "it is a cursor of another list", "give `next` of the page before, or none")
    further = when < after.at if newest_first else when > after.at
    return ordered.where(or_(further, (when == after.at) & (which > (int(after.key) if numbered else after.key))))


def following(rows: Sequence[T], limit: int, place: Place[T]) -> str | None:
    """The cursor of the page after these rows; None where there was no full page."""
    return mark.written(*place(rows[-1])) if rows and len(rows) == limit else None


def _number(after: Mark) -> bool:
    return after.key.isascii() and after.key.isdigit() and len(after.key) < 19
