"""How hard a matter is (R1): the office says so at any time; every change is an entry. Pure decisions."""

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from services.rectification.domain import promise_facts as facts
from services.rectification.domain.case import Case
from services.rectification.domain.facts import Decision
from shared.errors import Refusal


class Difficulty(StrEnum):
    """一般、疑难、积案."""

    ORDINARY = "ordinary"
    DIFFICULT = "difficult"
    LONG_STANDING = "long_standing"


OUTSTANDING = (Difficulty.DIFFICULT, Difficulty.LONG_STANDING)
"""突出问题: when such a matter is overdue, the deputy in charge is named first (R4)."""


def set_difficulty(case: Case, difficulty: str, reason: str, at: datetime) -> Decision:
    """The case with its new difficulty; the same one again changes nothing. Raises Refusal (422)."""
    known = [one.value for one in Difficulty]
    if difficulty not in known:
        raise Refusal("difficulty", difficulty, "there is no such difficulty", f"use: {', '.join(known)}")
    if not reason.strip():
        raise Refusal("reason", reason, "a change without a reason cannot be understood later", "write the reason")
    case.must_not_precede(at)
    if difficulty == case.difficulty:
        return Decision(case)
    fact = facts.DifficultySet(at, difficulty, case.difficulty, reason.strip())
    return Decision(replace(case, difficulty=difficulty), (fact,))
