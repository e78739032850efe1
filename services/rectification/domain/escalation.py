"""Who is told at which step of a deadline (R4): the programme's warnings and escalation as a ladder of rungs."""

from dataclasses import dataclass
from enum import StrEnum

from services.rectification.domain.rules import Rules


class Phase(StrEnum):
    """Where a step lies: before the expiry, at it, after it."""

    APPROACHING = "approaching"
    PASSED = "passed"
    ESCALATED = "escalated"


class Kind(StrEnum):
    """What a deadline is for."""

    ACCEPT = "accept"
    SOLVE = "solve"
    REWORK = "rework"
    CALLBACK = "callback"
    ACKNOWLEDGE = "acknowledge"
    PLAN = "plan"
    MILESTONE = "milestone"
    EXPLAIN = "explain"
    CONTRIBUTE = "contribute"
    EXTENSION_DECISION = "extension_decision"
    OBLIGATION = "obligation"
    OFFICE_OBLIGATION = "office_obligation"
    APPEAL_DECISION = "appeal_decision"


OF_THE_UNIT = (
    Kind.ACKNOWLEDGE, Kind.ACCEPT, Kind.SOLVE, Kind.REWORK, Kind.PLAN, Kind.MILESTONE, Kind.EXPLAIN, Kind.CONTRIBUTE,
)  # fmt: skip
"""Deadlines that units must keep; they stand still while the case is suspended and end when it is solved."""

DECIDING = (Kind.SOLVE, Kind.EXPLAIN)
"""Deadlines that decide whether a case was late: one of them begins with a case, by its track."""

OF_DUTIES = (Kind.OBLIGATION, Kind.OFFICE_OBLIGATION)
"""Deadlines whose matter is a dated duty (R9), not a case."""


def deciding(track: str) -> Kind:
    """The deadline that decides on this track."""
    return Kind.EXPLAIN if track == "explained" else Kind.SOLVE


OF_THE_OFFICE = (Kind.CALLBACK, Kind.EXTENSION_DECISION, Kind.APPEAL_DECISION)
"""Deadlines that the office must keep."""


def deputy_first(tells: tuple[str, ...]) -> tuple[str, ...]:
    """Of an outstanding problem the deputy in charge of the field is named before all others (R4)."""
    return tuple(dict.fromkeys(("deputy_in_charge", *tells)))


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: `offset` working days from the due date (negative: before), and the roles that are told."""

    name: str
    phase: Phase
    offset: int
    tells: tuple[str, ...]


def ladder(rules: Rules, kind: Kind, *, assigned: bool) -> tuple[Rung, ...]:
    """The steps of a deadline in their order. Raises nothing.

    Warnings go to the handler; as long as nobody was assigned they go to the unit's main leader as well, so that
    no warning falls into a hole (R4). The office is told of the expiry of its own deadlines only. An acknowledgement
    has its expiry only, told to handler and main leader: the whole ladder of the acceptance follows a day later.
    Of a duty of its own the office is warned, and the leading group hears that it was missed.
    """
    if kind in OF_THE_OFFICE:
        return (Rung("expired", Phase.PASSED, 0, ("office",)),)
    if kind is Kind.ACKNOWLEDGE:
        return (Rung("expired", Phase.PASSED, 0, ("handler", "main_leader")),)
    warned = ("handler",) if assigned else ("handler", "main_leader")
    warnings = sorted(set(rules.programme.warnings), reverse=True)
    if kind is Kind.OFFICE_OBLIGATION:
        early = (Rung(f"warning_{days}", Phase.APPROACHING, -days, ("office",)) for days in warnings)
        return (*early, Rung("expired", Phase.PASSED, 0, ("office", "leading_group")))
    rungs = [Rung(f"warning_{days}", Phase.APPROACHING, -days, warned) for days in warnings]
    told = {level.days: tuple(level.tells) for level in rules.programme.escalation}
    # Expiry is a step whatever the programme writes, and reaches the main leader in any case.
    at_expiry = told.pop(0, ())
    if "main_leader" not in at_expiry:
        at_expiry = (*at_expiry, "main_leader")
    rungs.append(Rung("expired", Phase.PASSED, 0, at_expiry))
    rungs += [Rung(f"escalation_{days}", Phase.ESCALATED, days, told[days]) for days in sorted(told)]
    return tuple(rungs)
