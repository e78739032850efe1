"""HTTP: the proof of what was told, from the cause to every try (N8)."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi import Query as Parameter

from services.notify import usecases
from services.notify.api.asked import PAGE, Text
from services.notify.domain.letter import message_id
from services.notify.models import trace as forms
from shared.errors import Refusal
from shared.web import Query, allow_read


def add(router: APIRouter, desk: usecases.Desk) -> None:
    """The endpoint of the proof."""

    @router.get("/trace", tags=["notices"])
    async def get_trace(
        case: Text = None,
        cause: Text = None,
        unit: Text = None,
        person: Text = None,
        cursor: Annotated[int, Parameter(ge=0, le=2**53)] = 0,
        limit: Annotated[int, Parameter(ge=1, le=1000)] = PAGE,
        ask: Query = allow_read("office", "operator", "auditor"),
    ) -> forms.TraceOut:
        """Who was told what because of which event, by which rule, with every try and what followed (N8).

        By a case's number, an event's id, a unit or a person. A cause goes on in the next page where the pages part.
        """
        wanted = {"case": case, "cause": cause, "unit": unit, "person": person}
        if not any(wanted.values()):
            raise Refusal("case", None, "nothing is asked for", "name a case, or a cause, unit or person")
        found = await ask.run(lambda session: usecases.trace(session, cursor, limit, wanted))
        following = str(found[-1].notice["seq"]) if len(found) == limit else None
        return forms.TraceOut(causes=_causes(desk, found), next=following)


def _causes(desk: usecases.Desk, found: list[usecases.Traced]) -> list[forms.CauseOut]:
    causes: dict[str, forms.CauseOut] = {}
    for traced in found:
        row = traced.notice
        cause = causes.setdefault(
            row["cause"],
            forms.CauseOut(id=row["cause"], event=row["event"], at=row["cause_at"], case=row["case"], notices=[]),
        )
        cause.notices.append(_traced(desk, traced))
    return list(causes.values())


def _traced(desk: usecases.Desk, traced: usecases.Traced) -> forms.TracedOut:
    letter = traced.letter
    alarms = [{"notice": alarm["id"], **alarm} for alarm in traced.alarms]
    fields: dict[str, Any] = {
        **traced.notice,
        "message_id": message_id(letter["id"], desk.domain) if letter else None,
        "subject": letter["subject"] if letter else "",
        "digest": bool(letter and letter["digest"]),
        "beside": traced.beside,
        "moves": [dict(move) for move in traced.moves],
        "tries": [dict(one) for one in traced.tries],
        "decisions": [dict(one) for one in traced.decisions],
        "followed_by": list(traced.followed_by),
        "alarms": alarms,
        "documents": [dict(one) for one in traced.documents],
    }
    return forms.TracedOut.model_validate(fields)
