"""A quarter's figures for supervisors (I10): counts, and good practice in words; no complainant, no text of his."""

from collections import Counter
from datetime import datetime, time

from sqlmodel import Session

from services.intake import store
from services.intake.domain.quarter import Quarter
from services.intake.models.supervisors import Briefing, CardFigures, GoodPractice
from services.intake.rules import Rules
from services.intake.store.inspections import Quarter as Looked
from shared.errors import Refusal
from shared.identity import Actor


def of(rules: Rules, session: Session, name: str, now: datetime, actor: Actor) -> Briefing:
    """The briefing of a quarter; a supervisor gets it while he serves. Raises Refusal."""
    quarter = Quarter.named(name)
    if actor.role == "supervisor":
        who = store.supervisors.by_sub(session, actor.sub)
        if who is None or who.state != "serving":
            raise Refusal("supervisor", actor.sub, "briefings are for supervisors who serve", "ask the office", 403)
    zone = rules.programme.zone
    since = datetime.combine(quarter.first, time.min, zone)
    until = datetime.combine(quarter.following.first, time.min, zone)

    def counted(column: str) -> dict[str, int]:
        return store.inspections.complaints_by(session, column, since, until)

    inspections = store.inspections.done_in(session, name)
    cards = store.supervisors.cards_between(session, since, until)
    presences = store.supervisors.presences(session, since=quarter.first, until=quarter.last)
    looked = session.get(Looked, name)
    by_channel = counted("channel")
    return Briefing(
        quarter=name,
        registered=sum(by_channel.values()),
        by_channel=by_channel,
        by_topic=counted("topic"),
        by_state=counted("state"),
        by_outcome=counted("outcome"),
        by_unit=counted("unit"),
        hot=store.inspections.hot_between(session, since, until),
        inspections=dict(Counter(row.kind for row in inspections)),
        findings=sum(len(row.findings) for row in inspections),
        good_practice=[
            GoodPractice(unit=row.unit, on=row.on, words=row.good_practice) for row in inspections if row.good_practice
        ],
        missed=looked.missed if looked else [],
        cards=CardFigures(
            submitted=len(cards),
            answered_by_office=sum(1 for card in cards if card.office_answer is not None),
            answered_by_unit=sum(1 for card in cards if card.unit_answer is not None),
            overdue=sum(
                1
                for card in cards
                if (card.office_answer is None and now >= card.office_due)
                or (card.unit_answer is None and card.unit_due is not None and now >= card.unit_due)
            ),
        ),
        meetings=len({row.meeting for row in presences}),
        present=sum(1 for row in presences if row.present),
        absent=sum(1 for row in presences if not row.present),
        serving=store.supervisors.serving(session),
    )
