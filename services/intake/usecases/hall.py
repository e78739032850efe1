"""A question of a meeting that got a date: a complaint whose transfer the leader's own promise approves (S4)."""

from services.intake.rules import Rules
from services.intake.usecases.orders import Order, put_in_hand
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.contracts.scoring import MeetingQuestionDeferred
from shared.identity import Actor
from shared.store import Tx

SOURCE = "meeting"
"""Source of the complaints that questions become; their ticket is meeting and number."""
CHANNEL = "meeting_question"


def question_deferred(rules: Rules, tx: Tx, event: Event[MeetingQuestionDeferred]) -> None:
    """Register the question, accept it and approve its transfer at once, with exactly the promised date (S4 ③).

    The same question told twice is one complaint. Raises NotYet while its unit is not registered here.
    """
    said = event.data
    data = ComplaintSubmitted(
        ticket=f"{said.meeting}-Q{said.question}",
        channel=CHANNEL,
        title=said.text[:40],
        text=said.text,
        unit=said.unit,
        particulars={"meeting": said.meeting},
    )
    asked = f"集中评议大会 {said.meeting} 现场质询第{said.question}号"
    promise = f"{asked}，{said.promised_by}承诺于{said.due}前办结：{said.reason}"
    promiser = Actor(sub=f"{said.unit}:{said.promised_by}", role="leader", unit=said.unit)
    put_in_hand(rules, tx, Order(SOURCE, data, said.due, promise, promiser), event.time)
