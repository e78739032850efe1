"""What people do with a case: the unit accepts and solves, the office closes or returns, a leader disputes."""

from dataclasses import dataclass

from services.rectification import store
from services.rectification.domain import closing, handling
from services.rectification.domain.case import Case, ClosingClaim, Report, Signature
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.record import take, unknown, wanted
from shared.identity import Actor
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Solution:
    """What the handler reports."""

    measures: str
    reply: str
    misconduct_found: bool
    misconduct_dealt_with: str
    evidence: tuple[str, ...]


def acknowledge(rules: Rules, tx: Tx, number: str) -> Case:
    """Handler or leader say that the unit got the case. Raises Refusal: 404 unknown or another unit's, 409 state."""
    case = _of_own_unit(rules, tx, number)
    return take(rules, tx, handling.acknowledge(case, tx.now, _actor(tx).sub), by="unit")


def accept(rules: Rules, tx: Tx, number: str) -> Case:
    """The unit takes the case in hand. Raises Refusal: 404 unknown or another unit's, 409 state."""
    case = _of_own_unit(rules, tx, number)
    return take(rules, tx, handling.accept(case, tx.now, _actor(tx).sub), by="unit")


def solve(rules: Rules, tx: Tx, number: str, given: Solution) -> Case:
    """The unit reports the case solved (R5). Raises Refusal: 404, 409 state, 422 what is missing."""
    case = _of_own_unit(rules, tx, number)
    report = Report(
        at=tx.now,
        by=_actor(tx).sub,
        measures=given.measures,
        reply=given.reply,
        misconduct_found=given.misconduct_found,
        misconduct_dealt_with=given.misconduct_dealt_with,
        evidence=given.evidence,
    )
    known = store.cases.petitioners_of(tx.session, number)
    return take(rules, tx, handling.solve(rules, case, known, report), by="unit")


def close(rules: Rules, tx: Tx, number: str, claim: ClosingClaim) -> Case:
    """Write the case off behind the four guards (R5). Raises Refusal: 404, 403, 409, 422 naming the guard."""
    case = _to_judge(rules, tx, number)
    known = store.cases.petitioners_of(tx.session, number)
    return take(rules, tx, closing.close(rules, case, known, claim, _signature(tx), tx.now), by="office")


def send_back(rules: Rules, tx: Tx, number: str, reasons: tuple[str, ...]) -> Case:
    """Return the case to the unit with a rework deadline (R5). Raises Refusal: 404, 403, 409, 422."""
    case = _to_judge(rules, tx, number)
    return take(rules, tx, closing.send_back(rules, case, reasons, _signature(tx), tx.now), by="office")


def dispute(rules: Rules, tx: Tx, number: str, reasons: str) -> Case:
    """A leader closes as disputed, after enough returns (R5). Raises Refusal: 404, 403, 409, 422."""
    case = _to_judge(rules, tx, number)
    known = store.cases.petitioners_of(tx.session, number)
    return take(rules, tx, closing.dispute(rules, case, known, reasons, _signature(tx), tx.now), by="approver")


def _of_own_unit(rules: Rules, tx: Tx, number: str) -> Case:
    case = wanted(tx, number)
    if _actor(tx).unit != case.unit:
        raise unknown(number)
    fire_case(rules, tx, case)
    return case


def _to_judge(rules: Rules, tx: Tx, number: str) -> Case:
    case = wanted(tx, number)
    fire_case(rules, tx, case)
    return case


def _signature(tx: Tx) -> Signature:
    actor = _actor(tx)
    return Signature(actor.sub, actor.unit)


def _actor(tx: Tx) -> Actor:
    if tx.actor is None:
        raise AssertionError("nobody is signed in where a person has to sign")
    return tx.actor
