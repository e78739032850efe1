"""A complaint as its complainant looks at it on the page: standing, stages, what he can do now. Reading only."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain import codes, progress
from services.intake.domain.complaint import State
from services.intake.domain.progress import Stage
from services.intake.domain.publication import WITH_UNIT
from services.intake.models import TrackOut
from services.intake.rules import Rules
from services.intake.usecases import view
from shared.language import Language


@dataclass(frozen=True, slots=True)
class Tracked:
    """`days` and `since`: the period of the card and the day it began. `objection_until`: the last day, if he may."""

    code: str
    shown: TrackOut
    stages: list[Stage]
    text: str
    unit: str | None
    days: int | None
    since: date | None
    objection_until: date | None


def tracked(rules: Rules, session: Session, typed: str, now: datetime, language: Language) -> Tracked:
    """What the page shows. Raises Refusal (404) for every code that is none."""
    shown = view.track(rules, session, typed)
    line = store.by_number(session, shown.number)
    about = store.lead_of(session, line)
    state = State(about.state)
    steps = [(State(step.state), step.at) for step in store.progress.steps(session, [about.number])]
    unit = session.get(store.Unit, about.unit) if about.unit and state in WITH_UNIT else None
    card = session.get(store.Transfer, about.number)
    approved = card if card and card.state == "approved" else None
    decided = approved.decided_at if approved else None
    return Tracked(
        code=codes.read_code(typed),
        shown=shown,
        stages=progress.stages(state, line.reported_at, steps),
        text=line.text,
        unit=((language == "en" and unit.name_en) or unit.name) if unit else None,
        days=approved.days if approved else None,
        since=rules.calendar.local_date(decided) if decided else None,
        objection_until=_objection_until(rules, line, about, now),
    )


def _objection_until(rules: Rules, line: store.Complaint, about: store.Complaint, now: datetime) -> date | None:
    if State(about.state) != State.CLOSED or about.closed_at is None or line.objected_to >= about.round:
        return None
    until = about.closed_at + rules.reopen_within
    return rules.calendar.local_date(until) if now <= until else None
