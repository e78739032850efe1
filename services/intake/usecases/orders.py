"""What the appraisal orders to be put right becomes a transferred complaint: its order is its approval (S4, S12, S14).

A question of the hall that got a date, a consequence that is rectification by a deadline, a problem of an opinion.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.intake import store
from services.intake.models import ScreeningIn, TransferIn
from services.intake.rules import Rules
from services.intake.usecases import gate
from services.intake.usecases.report import Submission, register
from services.intake.usecases.screening import screen
from shared.contracts.assignment import OrderRegistered
from shared.contracts.consequences import RectificationOrdered
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.contracts.opinions import OpinionIssued
from shared.errors import NotYet
from shared.identity import Actor
from shared.store import Tx

SOURCE = "appraisal"
"""Source of the complaints that orders become; their ticket is the order."""
CHANNEL = "appraisal"


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be put right by whom until when, on what ground, and whose word approves the transfer."""

    source: str
    data: ComplaintSubmitted
    due: date
    basis: str
    by: Actor


def rectification_ordered(rules: Rules, tx: Tx, event: Event[RectificationOrdered]) -> None:
    """A confirmed consequence is a case of the unit, due on exactly its day (S12). Raises NotYet: unit unknown here."""
    said = event.data
    basis = f"评议结果运用 {said.consequence}，{said.due}前整改到位：{said.reason}"
    by = Actor(sub=said.ordered_by, role="approver")
    order = Order(SOURCE, _complaint(said.consequence, said.unit, said.text), said.due, basis, by)
    number = put_in_hand(rules, tx, order, event.time)
    if number is not None:
        tx.publish(OrderRegistered(order=said.consequence, number=number, unit=said.unit), subject=number)


def opinion_issued(rules: Rules, tx: Tx, event: Event[OpinionIssued]) -> None:
    """Each problem of an opinion is a case of the unit (S14). Raises NotYet: unit unknown here."""
    said = event.data
    for problem in said.problems:
        due = rules.calendar.due(said.issued_on, problem.days or rules.days_of("immediate")).date
        ticket, basis = f"{said.opinion}-{problem.item}", f"评议意见 {said.opinion} 指出的问题第{problem.item}项"
        by = Actor(sub=f"opinion:{said.author}", role="office")
        order = Order(SOURCE, _complaint(ticket, said.unit, problem.text), due, basis, by)
        number = put_in_hand(rules, tx, order, event.time)
        if number is not None:
            tx.publish(OrderRegistered(order=ticket, number=number, unit=said.unit), subject=number)


def put_in_hand(rules: Rules, tx: Tx, order: Order, at: datetime) -> str | None:
    """Register, accept and approve at once, due on exactly the day; the number, or None where it is known already.

    It joins no earlier matter: its date is its own. Raises NotYet while its unit is not registered here.
    """
    unit = str(order.data.unit)
    if not store.unit_keys(tx.session, [unit]):
        raise NotYet(f"unit {unit} is not registered here")
    report = Submission(source=order.source, data=order.data, reported_at=at, on_bus=False, may_join=False)
    receipt = register(rules, tx, report)
    if receipt.state == "repeated" or receipt.number is None:
        return None
    days = max(rules.calendar.working_days_between(rules.calendar.local_date(at), order.due), 1)
    basis = order.basis[:1000]
    wanted = TransferIn(lead_unit=unit, days=days, basis=basis)
    given = ScreeningIn(decision="accepted", reason=basis, transfer=wanted)
    screen(rules, tx, receipt.number, given, order.source)
    gate.approve(rules, tx, receipt.number, None, order.by, promised=order.due)
    return receipt.number


def _complaint(ticket: str, unit: str, text: str) -> ComplaintSubmitted:
    return ComplaintSubmitted(ticket=ticket, channel=CHANNEL, title=text[:40], text=text, unit=unit)
