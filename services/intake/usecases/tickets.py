"""A source asks after its own ticket (I18)."""

from sqlmodel import Session

from services.intake import store
from services.intake.domain.complaint import WORDS, State
from services.intake.models.roster import TicketOut, TicketStep
from services.intake.usecases.supplement import answer_of
from shared.errors import Refusal


def shown(session: Session, source: str, ticket: str) -> TicketOut:
    """Where a ticket stands and what it went through. Raises Refusal (404), also for another source's."""
    known = store.by_ticket(session, source, ticket)
    if known is None:
        raise Refusal("ticket", ticket, "you sent no such ticket", "send it as a complaint first", 404)
    line = store.by_number(session, known.number)
    about = store.lead_of(session, line)
    words = WORDS[State(about.state)]
    unit = session.get(store.Unit, about.unit) if about.unit else None
    task = store.task_of(session, line.number)
    return TicketOut(
        ticket=line.ticket,
        number=line.number,
        linked_to=line.lead,
        status=about.state,
        status_zh=words.zh,
        status_en=words.en,
        expected=about.due.isoformat() if about.due and not about.suspended else None,
        unit=unit.name if unit else about.unit,
        reply=about.reply,
        outcome=about.outcome,
        reason=answer_of(about),
        grade=task.grade if task else None,
        steps=[
            TicketStep(status=step.state, status_zh=WORDS[State(step.state)].zh, status_en=WORDS[State(step.state)].en,
                       at=step.at)
            for step in store.progress.steps(session, [line.number, about.number])
        ],
    )  # fmt: skip
