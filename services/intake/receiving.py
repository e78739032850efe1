"""A report over HTTPS to a submission, and its receipt back with the tracking code (which is stored nowhere)."""

from collections.abc import Callable
from datetime import datetime

from services.intake.models import Receipt, ReportIn
from services.intake.rules import Rules
from services.intake.usecases.report import Submission
from services.intake.vault import Identity
from shared.contracts.inbox import ComplaintSubmitted
from shared.errors import Refusal
from shared.store import Tx
from shared.web import Command, Replayed


def submission(source: str, body: ReportIn, at: datetime) -> Submission:
    """What came, under the source that the token names. Raises Refusal."""
    if body.sealed_identity and body.person:
        raise Refusal("person", "…", "the identity came twice", "send it sealed or in the clear, not both")
    if body.sealed_identity and body.ticket is None:
        raise Refusal("ticket", None, "a sealed identity is bound to a ticket", "give the ticket it was sealed for")
    person = Identity.of(body.person.model_dump()) if body.person else Identity()
    data = ComplaintSubmitted(ticket=body.ticket or "-", **body.model_dump(exclude={"ticket", "person"}))
    return Submission(
        source=source, data=data, reported_at=at, on_bus=False, person=person, own_ticket=body.ticket is not None
    )


async def registered(rules: Rules, do: Command, use_case: Callable[[Tx], Receipt]) -> Receipt:
    """The receipt of a use case with its code, also for a request repeated with its Idempotency-Key."""
    try:
        receipt = await do.run(lambda tx: _without_code(use_case(tx)))
    except Replayed as again:
        receipt = Receipt.model_validate_json(again.answer)
    code = rules.tracking_code(receipt.number) if receipt.number else None
    return receipt.model_copy(update={"tracking_code": code})


def _without_code(receipt: Receipt) -> Receipt:
    """What is kept for a repeated request: the code is made again, never stored."""
    return receipt.model_copy(update={"tracking_code": None})
