"""Promises are inspected, and wrong records corrected (R8); how hard a case is (R1)."""

from dataclasses import replace

from services.rectification import store
from services.rectification.domain import difficulty as hardness
from services.rectification.domain import fulfilment
from services.rectification.domain.case import Case
from services.rectification.domain.commitment import Commitment, Inspection
from services.rectification.domain.fulfilment import Found
from services.rectification.domain.rules import Rules
from services.rectification.usecases.people import acting, signature, to_judge
from services.rectification.usecases.record import take, wanted
from shared.errors import Refusal
from shared.scrub import scrub
from shared.store import Tx


def inspect_commitment(rules: Rules, tx: Tx, id: str, found: Found) -> tuple[Commitment, Inspection]:
    """Record whether a promise was kept (R8). Raises Refusal: 404, 403, 409 too early or done already, 422."""
    commitment = wanted_commitment(tx, id)
    case = wanted(tx, commitment.case)
    records = store.commitments.inspections_of(tx.session, id)
    return _taken(
        rules,
        tx,
        fulfilment.inspect(rules, case, commitment, records, _scrubbed(found), signature(tx), acting(tx).role, tx.now),
    )


def correct_inspection(rules: Rules, tx: Tx, id: str, found: Found, reason: str) -> tuple[Commitment, Inspection]:
    """A new record in the place of a wrong one, which is kept (R8). Raises Refusal: 404, 403, 409, 422."""
    commitment = wanted_commitment(tx, id)
    case = wanted(tx, commitment.case)
    records = store.commitments.inspections_of(tx.session, id)
    return _taken(
        rules,
        tx,
        fulfilment.correct(
            rules, case, commitment, records, _scrubbed(found), scrub(reason), signature(tx), acting(tx).role, tx.now
        ),
    )


def wanted_commitment(tx: Tx, id: str) -> Commitment:
    """The promise. Raises Refusal (404)."""
    found = store.commitments.find(tx.session, id)
    if found is None:
        raise Refusal("commitment", id, "there is no such commitment", "check its id", 404)
    return found


def set_difficulty(rules: Rules, tx: Tx, number: str, difficulty: str, reason: str) -> Case:
    """The office says how hard the matter is (R1). Raises Refusal: 404, 422."""
    case = to_judge(rules, tx, number)
    return take(rules, tx, hardness.set_difficulty(case, difficulty, reason, tx.now), by="office")


def _scrubbed(found: Found) -> Found:
    evidence = tuple(scrub(piece) for piece in found.evidence)
    return replace(found, findings=scrub(found.findings), evidence=evidence)


def _taken(rules: Rules, tx: Tx, judged: fulfilment.Judged) -> tuple[Commitment, Inspection]:
    decision, commitment, record = judged
    take(rules, tx, decision, by="office")
    store.commitments.save(tx.session, commitment)
    store.commitments.add_inspection(tx.session, record)
    return commitment, record
