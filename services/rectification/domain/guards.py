"""四个不放过: the four assertions without which nothing closes, and what each must rest on (R5)."""

import re

from services.rectification.domain.case import GUARDS, STANDARDS, ClosingClaim, Guard, Report, Signature
from shared.errors import Refusal

ELSEWHERE = ("unfounded", "outside_jurisdiction")
"""Outcomes that the office may find for any case, apart from the rates of what was solved."""

NOTHING_TO_SOLVE = (*ELSEWHERE, "explained")
"""Outcomes under which nobody has to say that the problem was solved: that guard, and that measures were carried out,
may then be said not to hold, with what shows it. Otherwise calling things solved would be the only way to close."""

_OF_A_SOLUTION = frozenset({"measures_carried_out", "problem_solved"})
_NAMED = re.compile(r"《[^》]+》|[A-Za-z0-9\uff10-\uff19〇一二三四五六七八九十]")
_SHORTEST = 4


def intended(report: Report, claim: ClosingClaim) -> str:
    """The outcome that the officer means, or that the unit's report names, whatever the petitioners say."""
    return claim.outcome or report.finding


def must_hold(report: Report, claim: ClosingClaim, signature: Signature, known: frozenset[str]) -> dict[str, Guard]:
    """The four guards, evidenced, asserted by somebody else than who signs, and the standards.

    known: evidence of the case by id and by name; evidence refers to one of these or names a document. Raises Refusal
    naming the guard or standard that fails: 422, 403 where one person asserts and signs.
    """
    without_solution = intended(report, claim) in NOTHING_TO_SOLVE
    found: dict[str, Guard] = {}
    for name in GUARDS:
        guard = claim.guards.get(name)
        if guard is None:
            raise Refusal(f"guards.{name}", None, "the guard is not asserted", "assert it, or return the case")
        if not guard.holds and not (without_solution and name in _OF_A_SOLUTION):
            raise Refusal(f"guards.{name}.holds", False, "the guard does not hold", "return the case, with reasons")
        if not guard.evidence.strip():
            remedy = "name the document, picture or talk that shows it"
            raise Refusal(f"guards.{name}.evidence", guard.evidence, "the guard has no evidence", remedy)
        if not guard.by.strip():
            raise Refusal(f"guards.{name}.by", guard.by, "nobody asserts the guard", "name the person who asserts it")
        if guard.by.strip() == signature.sub:
            reason = "who asserts a guard may not sign the closing: it takes a second pair of eyes"
            raise Refusal(f"guards.{name}.by", guard.by, reason, "let another officer sign", 403)
        _must_refer(f"guards.{name}.evidence", guard.evidence.strip(), known)
        found[name] = guard
    for name in STANDARDS:
        if name not in claim.standards:
            raise Refusal(f"standards.{name}", None, "the standard is not judged", "say true or false")
        # Whether the public is satisfied, and measures are in place, depends on the outcome.
        open_one = name == "public_satisfied" or (without_solution and name == "measures_in_place")
        if not open_one and not claim.standards[name]:
            raise Refusal(f"standards.{name}", False, "the standard does not hold", "return the case, with reasons")
    return found


def evidence_of(report: Report, round_: int) -> tuple[tuple[str, str], ...]:
    """The evidence of a report, each piece with its id: `r2-1` is the first of the second round."""
    return tuple((f"r{round_}-{n}", piece) for n, piece in enumerate(report.evidence, 1))


def _must_refer(field: str, said: str, known: frozenset[str]) -> None:
    if said in known or (len(said) >= _SHORTEST and _NAMED.search(said)):
        return
    remedy = "give the id of a piece of evidence of the case, or name the document with its title or number"
    raise Refusal(field, said, "refers to nothing that can be looked up", remedy)
