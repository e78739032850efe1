"""What people do with a case: the unit accepts and solves, the office closes or returns, a leader disputes."""

from dataclasses import dataclass

from services.rectification import store
from services.rectification.domain import closing, handling, planning
from services.rectification.domain.asking import must_be_decided
from services.rectification.domain.case import Case, ClosingClaim, Report, State
from services.rectification.domain.rules import Rules
from services.rectification.usecases.people import acting, of_own_unit, signature, to_judge
from services.rectification.usecases.planning import note_returned
from services.rectification.usecases.record import take
from services.rectification.usecases.terms import end_standstill, run_for_the_report, settle_requests
from shared.scrub import scrub
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Solution:
    """What the handler reports."""

    measures: str
    reply: str
    misconduct_found: bool
    misconduct_dealt_with: str
    evidence: tuple[str, ...]
    finding: str = "solved"


def acknowledge(rules: Rules, tx: Tx, number: str) -> Case:
    """Handler or leader say that the unit got the case. Raises Refusal: 404 unknown or another unit's, 409 state."""
    case = of_own_unit(rules, tx, number)
    return take(rules, tx, handling.acknowledge(case, tx.now, acting(tx).sub), by="unit")


def accept(rules: Rules, tx: Tx, number: str) -> Case:
    """The unit takes the case in hand. Raises Refusal: 404 unknown or another unit's, 409 state."""
    case = of_own_unit(rules, tx, number)
    return take(rules, tx, handling.accept(case, tx.now, acting(tx).sub), by="unit")


def solve(rules: Rules, tx: Tx, number: str, given: Solution) -> Case:
    """The unit reports the case solved (R5). Raises Refusal: 404, 409 state, 422 what is missing."""
    case = run_for_the_report(rules, tx, of_own_unit(rules, tx, number))
    report = Report(
        at=tx.now,
        by=acting(tx).sub,
        measures=scrub(given.measures),
        reply=scrub(given.reply),
        misconduct_found=given.misconduct_found,
        misconduct_dealt_with=scrub(given.misconduct_dealt_with),
        evidence=given.evidence,
        finding=given.finding,
    )
    if case.card.track == "planned":
        versions = store.plans.of_case(tx.session, number)
        planning.must_be_done(case, store.plans.filed(versions), store.plans.milestones_of(tx.session, number))
    known = store.cases.petitioners_of(tx.session, number)
    solved = take(rules, tx, handling.solve(rules, case, known, report), by="unit")
    return settle_requests(rules, tx, solved)


def close(rules: Rules, tx: Tx, number: str, claim: ClosingClaim) -> Case:
    """Write the case off behind the four guards (R5). Raises Refusal: 404, 403, 409, 422 naming the guard."""
    case = to_judge(rules, tx, number)
    must_be_decided(case)
    known = store.cases.petitioners_of(tx.session, number)
    pieces = frozenset(part for piece in store.evidence.of_case(tx.session, case) for part in piece)
    decision = closing.close(rules, case, known, claim, signature(tx), tx.now, pieces)
    return take(rules, tx, decision, by="office")


def send_back(rules: Rules, tx: Tx, number: str, reasons: tuple[str, ...]) -> Case:
    """Return the case to the unit with a rework deadline (R5). Raises Refusal: 404, 403, 409, 422."""
    case = to_judge(rules, tx, number)
    said = tuple(scrub(reason) for reason in reasons)
    returned = take(rules, tx, closing.send_back(rules, case, said, signature(tx), tx.now), by="office")
    if case.state is State.EXPLAINED:
        note_returned(tx, number)
    return returned


def dispute(rules: Rules, tx: Tx, number: str, reasons: str) -> Case:
    """A leader closes as disputed, after enough returns (R5). Raises Refusal: 404, 403, 409, 422."""
    case = to_judge(rules, tx, number)
    must_be_decided(case)
    known = store.cases.petitioners_of(tx.session, number)
    closing.dispute(rules, case, known, reasons, signature(tx), tx.now)  # refused before anything is resumed
    case = end_standstill(rules, tx, case)
    return take(rules, tx, closing.dispute(rules, case, known, reasons, signature(tx), tx.now), by="approver")
