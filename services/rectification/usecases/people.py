"""Who acts on which case: the unit that leads on its own, the office on any, each after what fell due earlier."""

from services.rectification.domain.case import Case, Signature
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.record import unknown, wanted
from shared.identity import Actor
from shared.store import Tx


def of_own_unit(rules: Rules, tx: Tx, number: str) -> Case:
    """The case, for the unit that leads it. Raises Refusal (404), the same to a unit whose case it is not."""
    case = wanted(tx, number)
    if acting(tx).unit != case.unit:
        raise unknown(number)
    fire_case(rules, tx, case)
    return case


def to_judge(rules: Rules, tx: Tx, number: str) -> Case:
    """The case, for the office. Raises Refusal (404)."""
    case = wanted(tx, number)
    fire_case(rules, tx, case)
    return case


def signature(tx: Tx) -> Signature:
    """Who signs."""
    actor = acting(tx)
    return Signature(actor.sub, actor.unit)


def acting(tx: Tx) -> Actor:
    """The person who acts."""
    if tx.actor is None:
        raise AssertionError("nobody is signed in where a person has to sign")
    return tx.actor
