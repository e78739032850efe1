"""Reorganised units keep their history (S1): merged, renamed, split, each on record with its day and document.

The rule: what is closed stays with the unit of its time. From the day on the *heir* stands in the place of a unit that
is no more: open cases are his, and lines of the cycle that runs count for him. Nothing is rewritten for it.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from services.scoring.domain.points import Line
from shared.errors import Refusal


class Kind(StrEnum):
    """合并、更名、拆分."""

    MERGED = "merged"
    RENAMED = "renamed"
    SPLIT = "split"


@dataclass(frozen=True, slots=True)
class Succession:
    """From `on` the predecessors are no more, but those that are successors too. heir: who takes over what is open."""

    kind: Kind
    on: date
    document: str
    predecessors: tuple[str, ...]
    successors: tuple[str, ...]
    heir: str

    @property
    def retired(self) -> tuple[str, ...]:
        """The units that are no more."""
        return tuple(unit for unit in self.predecessors if unit not in self.successors)


def succeed(
    kind: Kind,
    on: date,
    document: str,
    predecessors: Collection[str],
    successors: Collection[str],
    heir: str | None,
    *,
    today: date,
    retired: Mapping[str, date | None],
) -> Succession:
    """A reorganisation as it may be recorded. retired: every registered unit, with the day on which it was no more.

    Raises Refusal naming the field: units that are not there or are no more, numbers that do not fit the kind, no
    document, a day to come, no heir where there is a choice.
    """
    before, after = tuple(dict.fromkeys(predecessors)), tuple(dict.fromkeys(successors))
    for field, units in (("predecessors", before), ("successors", after)):
        for unit in units:
            if unit not in retired:
                raise Refusal(field, unit, "no such unit is registered", "register it first")
            if gone := retired[unit]:
                raise Refusal(field, unit, f"is no more since {gone.isoformat()}", "name the unit that stands", 409)
    fits = {
        Kind.MERGED: (len(before) > 1 and len(after) == 1, "several become one"),
        Kind.RENAMED: (len(before) == len(after) == 1 and before != after, "one becomes another one"),
        Kind.SPLIT: (len(before) == 1 and len(after) > 1, "one becomes several"),
    }
    right, said = fits[kind]
    if not right:
        given = f"{', '.join(before)} → {', '.join(after)}"
        raise Refusal("kind", kind.value, f"{said}: {given} does not fit", "correct the units, or the kind")
    if not document.strip():
        raise Refusal("document", document, "a reorganisation rests on a decision", "name the document with its number")
    if on > today:
        raise Refusal("on", on.isoformat(), "is still to come", "record it from that day on", 409)
    if heir is None and len(after) > 1:
        raise Refusal("heir", None, "several units follow", f"say which takes over what is open: {', '.join(after)}")
    if heir is not None and heir not in after:
        raise Refusal("heir", heir, "is no successor", f"name one of: {', '.join(after)}")
    return Succession(kind, on, document.strip(), before, after, heir or after[0])


def heirs(recorded: Iterable[Succession]) -> dict[str, str]:
    """Who stands now in the place of each unit that is no more, through all successions."""
    next_of = {unit: one.heir for one in recorded for unit in one.retired}
    found = {}
    for unit in next_of:
        heir = next_of[unit]
        while heir in next_of:
            heir = next_of[heir]
        found[unit] = heir
    return found


def as_of(heir: str, lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines of predecessors as they count for the heir; what was written stays as it was."""
    return tuple(line if line.unit == heir else replace(line, unit=heir) for line in lines)
