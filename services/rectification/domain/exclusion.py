"""Petitioners determined as serial or unreasonable by two persons (I5): heard, but outside the rates. Pure."""

from services.rectification.domain import facts
from services.rectification.domain.case import Case, Petitioner
from services.rectification.domain.facts import Decision


def counting(petitioners: tuple[Petitioner, ...]) -> tuple[Petitioner, ...]:
    """Those whose answers decide about a case; the others are heard, and nothing follows from it."""
    return tuple(p for p in petitioners if not p.excluded)


def joined(case: Case, newcomer: Petitioner, how: str) -> Decision:
    """A new complaint of one who is left out is recorded with the closed case and reopens nothing (R6)."""
    fact = facts.Linked(newcomer.linked_at, newcomer.number, how, "excluded")
    return Decision(case, (fact,), petitioners=(newcomer,))
