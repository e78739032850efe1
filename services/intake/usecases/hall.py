"""A question of a meeting that got a date: a complaint whose transfer the leader's own promise approves (S4)."""

from services.intake import store
from services.intake.models import ScreeningIn, TransferIn
from services.intake.rules import Rules
from services.intake.usecases import gate
from services.intake.usecases.report import Submission, register
from services.intake.usecases.screening import screen
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.contracts.scoring import MeetingQuestionDeferred
from shared.errors import NotYet
from shared.identity import Actor
from shared.store import Tx

SOURCE = "meeting"
"""Source of the complaints that questions become; their ticket is meeting and number."""
CHANNEL = "meeting_question"


def question_deferred(rules: Rules, tx: Tx, event: Event[MeetingQuestionDeferred]) -> None:
    """Register the question, accept it and approve its transfer at once, with exactly the promised date (S4 ③).

    It joins no earlier matter: its date is its own. The same question told twice is one complaint. Raises NotYet
    while its unit is not registered here.
    """
    said = event.data
    if not store.unit_keys(tx.session, [said.unit]):
        raise NotYet(f"unit {said.unit} is not registered here")
    data = ComplaintSubmitted(
        ticket=f"{said.meeting}-Q{said.question}",
        channel=CHANNEL,
        title=said.text[:40],
        text=said.text,
        unit=said.unit,
        particulars={"meeting": said.meeting},
    )
    report = Submission(source=SOURCE, data=data, reported_at=event.time, on_bus=False, may_join=False)
    receipt = register(rules, tx, report)
    if receipt.state == "repeated" or receipt.number is None:
        return
    today = rules.calendar.local_date(event.time)
    days = max(rules.calendar.working_days_between(today, said.due), 1)
    asked = f"集中评议大会 {said.meeting} 现场质询第{said.question}号"
    promise = f"{asked}，{said.promised_by}承诺于{said.due}前办结：{said.reason}"
    wanted = TransferIn(lead_unit=said.unit, days=days, basis=promise[:1000])
    given = ScreeningIn(decision="accepted", reason=promise[:1000], transfer=wanted)
    screen(rules, tx, receipt.number, given, SOURCE)
    promiser = Actor(sub=f"{said.unit}:{said.promised_by}", role="leader", unit=said.unit)
    gate.approve(rules, tx, receipt.number, None, promiser, promised=said.due)
