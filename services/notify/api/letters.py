"""HTTP: letters with their text, and the figures."""

from typing import Any

from fastapi import APIRouter
from sqlmodel import Session

from services.notify import usecases
from services.notify.domain.letter import message_id
from services.notify.models import letters as forms
from services.notify.store import letters, notices
from shared.errors import Refusal
from shared.web import Query, allow_read


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoints of letters."""

    @router.get("/letters/{letter}", tags=["letters"])
    async def get_letter(letter: str, ask: Query = allow_read("office", "operator", "auditor")) -> forms.LetterOut:
        """One letter with its text: as sent, or as it would be sent now."""
        return await ask.run(lambda session: letter_out(desk, session, letter))

    @router.get("/statistics", tags=["statistics"])
    async def get_statistics(
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.StatisticsOut:
        """Notices and letters by state."""
        return await ask.run(_statistics)


def letter_out(desk: usecases.Desk, session: Session, letter: str) -> forms.LetterOut:
    """A letter with its text and the decisions on it. Raises Refusal (404)."""
    row = letters.some(session, [letter]).get(letter)
    if row is None:
        raise Refusal("letter", letter, "no such letter", "look it up under /api/v1/notices", 404)
    items = notices.of_letters(session, [letter])[letter]
    subject, text = usecases.preview(desk, session, row, items)
    fields: dict[str, Any] = {
        **row,
        "subject": subject,
        "text": text,
        "message_id": message_id(letter, desk.domain),
        "notices": [item["id"] for item in items],
        "resolutions": [dict(found) for found in letters.resolutions(session, letter)],
    }
    return forms.LetterOut.model_validate(fields)


def _statistics(session: Session) -> forms.StatisticsOut:
    by_state, of_letters = notices.counts(session), letters.counts(session)
    waiting = sum(of_letters.get(state, 0) for state in ("planned", "retry", "claimed"))
    return forms.StatisticsOut(
        **{
            state: by_state.get(state, 0) for state in ("planned", "sent", "uncertain", "failed", "unaddressed", "void")
        },
        letters_sent=of_letters.get("sent", 0),
        letters_uncertain=of_letters.get("uncertain", 0),
        letters_failed=of_letters.get("failed", 0),
        letters_waiting=waiting,
        letters_by_state=of_letters,
        notices_by_template=notices.counts_by_template(session),
    )
