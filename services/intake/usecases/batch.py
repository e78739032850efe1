"""Batches: all of it or nothing, and a refusal says which item it is about."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from shared.errors import Refusal

S = TypeVar("S")
T = TypeVar("T")


def each(field: str, items: Sequence[S], step: Callable[[S], T]) -> list[T]:
    """A step for each item. Raises Refusal naming the one at fault (`numbers.3.…`)."""
    done = []
    for index, item in enumerate(items):
        try:
            done.append(step(item))
        except Refusal as refusal:
            where = f"{field}.{index}.{refusal.field}"
            raise Refusal(where, refusal.value, refusal.reason, refusal.remedy, refusal.status) from None
    return done
