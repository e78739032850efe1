"""The units of a case, each with a duty of its own (R1): who leads, who helps, and what helpers hand in."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.rectification.domain import term_facts as facts
from services.rectification.domain.case import WITH_THE_UNIT, Card, Case
from services.rectification.domain.deadline import Deadline, begin
from services.rectification.domain.escalation import Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Helper:
    """A unit that helps, in one part or both. handler: whom its main leader named."""

    unit: str
    cooperating: bool
    territorial: bool
    handler: str | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What a unit that helps did, with what shows it."""

    unit: str
    at: datetime
    by: str
    text: str
    evidence: tuple[str, ...]


def helpers_of(card: Card) -> tuple[Helper, ...]:
    """The units that help, by key; a unit that leads owes no second duty to itself."""
    named = dict.fromkeys((*card.cooperating_units, *((card.territorial_unit,) if card.territorial_unit else ())))
    return tuple(
        Helper(unit, unit in card.cooperating_units, unit == card.territorial_unit)
        for unit in sorted(named)
        if unit != card.lead_unit
    )


def duties(rules: Rules, card: Card, at: datetime, units: Iterable[str]) -> tuple[Deadline, ...]:
    """The deadline of each of these helping units: the same date as the case's."""
    return tuple(begin(rules, card.number, Kind.CONTRIBUTE, at, card.days, unit) for unit in units)


def contribute(case: Case, given: Contribution, running: Iterable[Deadline]) -> Decision:
    """A helping unit hands in what it did; the first time that meets its deadline. running: those of the case.

    Raises Refusal: 409 the state, 422 what is missing.
    """
    if case.state not in WITH_THE_UNIT:
        reason = f"case {case.number} is {case.state}: nothing is contributed now"
        raise Refusal("case.state", case.state.value, reason, "wait until the units have the case again", 409)
    case.must_not_precede(given.at)
    evidence = tuple(piece.strip() for piece in given.evidence if piece.strip())
    if not given.text.strip():
        raise Refusal("text", given.text, "a contribution says what was done", "write what the unit did")
    if not evidence:
        raise Refusal("evidence", list(given.evidence), "no evidence is named", "name at least one piece of evidence")
    met = tuple(d for d in running if d.kind is Kind.CONTRIBUTE and d.unit == given.unit)
    late = any(given.at >= d.expires_at and d.suspended_at is None for d in met)
    fact = facts.Contributed(given.at, given.unit, given.by, given.text.strip(), evidence, late)
    return Decision(case, (fact,), met=met)


def assign(
    case: Case, unit: str, handler: str, previous: str | None, reason: str, at: datetime, handover: int | None = None
) -> Decision:
    """The main leader names who handles the case in his unit; nothing happens if it is that person already."""
    if handler == previous:
        return Decision(case)
    case.must_not_precede(at)
    fact = facts.Assigned(at, unit, handler, previous, reason, handover)
    return Decision(replace(case, handler=handler) if unit == case.unit else case, (fact,))
