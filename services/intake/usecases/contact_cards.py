"""Supervisors' contact cards (I10): each becomes a complaint, and the unit and the office both answer it."""

from datetime import datetime

from sqlmodel import Session

from services.intake import store
from services.intake.domain import supervisor as domain
from services.intake.domain.complaint import ENDED, State
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.domain.supervisor import Asked
from services.intake.models.supervisors import CardAnswerOut, CardIn, CardList, CardOut, ToldIn
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.store.supervisors import Card
from services.intake.usecases import card_units
from services.intake.usecases.report import Submission, register
from services.intake.vault import Identity
from shared.contracts.inbox import ComplaintSubmitted
from shared.contracts.inspection import CardAnswered
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.store import Tx

SOURCE = "supervisor"
CHANNEL = "supervisor_card"


def write(rules: Rules, tx: Tx, given: CardIn, actor: Actor) -> CardOut:
    """A serving supervisor writes a card; who he is stands in the vault, as for any petitioner. Raises Refusal."""
    who = store.supervisors.by_sub(tx.session, actor.sub)
    if who is None:
        raise Refusal("supervisor", actor.sub, "you are not in the register", "ask the office to enter you", 403)
    today = rules.calendar.local_date(tx.now)
    domain.may_write(who.state, who.since, who.until, today)
    key = f"{today.year}-K{store.supervisors.card_count(tx.session, f'{today.year}-K') + 1:04d}"
    data = ComplaintSubmitted(
        ticket=key,
        channel=CHANNEL,
        title=given.title,
        text=given.text,
        unit=given.unit,
        topic=given.topic,
        place=given.place,
        identity="confidential",
        particulars={"card": key},
        evidence=tuple(given.evidence),
    )
    person = Identity(name=who.name, address=who.id)
    report = Submission(source=SOURCE, data=data, reported_at=tx.now, on_bus=False, person=person)
    receipt = register(rules, tx, report)
    number = receipt.number or ""
    row = Card(
        id=key,
        supervisor=who.id,
        by=actor.sub,
        number=number,
        submitted_at=tx.now,
        office_due=card_units.answer_due(rules, tx.now),
    )
    tx.session.add(row)
    tx.session.flush()
    if receipt.linked_to:
        card_units.joined(rules, tx, number, receipt.linked_to)
    return _out(tx.session, row, tx.now, actor)


def answer(tx: Tx, key: str, text: str, actor: Actor) -> CardOut:
    """The unit or the office answers, once each. Raises Refusal (404, 403, 409)."""
    row = store.supervisors.card(tx.session, key)
    asked = Asked(row.unit, row.office_answer is not None, row.unit_answer is not None)
    who = domain.answer_by(asked, role=actor.role, unit=actor.unit if actor.role in OF_A_UNIT else None)
    if who == "office":
        row.office_answer, row.office_by, row.office_at = scrub(text), actor.sub, tx.now
    else:
        row.unit_answer, row.unit_by, row.unit_at = scrub(text), actor.sub, tx.now
    unit = row.unit if who == "unit" else None
    tx.publish(CardAnswered(card=row.id, number=row.number, unit=unit, answered_by=who), subject=row.id)
    return _out(tx.session, row, tx.now, actor)


def told(tx: Tx, key: str, given: ToldIn, actor: Actor) -> CardOut:
    """The office told the reported unit of the card. Raises Refusal (404; 409 before its matter was transferred)."""
    row = store.supervisors.card(tx.session, key)
    if row.unit is None:
        remedy = "wait until the transfer is approved"
        raise Refusal("card", key, "no unit sees the matter yet, so none is told", remedy, 409)
    row.told_on, row.told_how, row.told_by = given.on, scrub(given.how), actor.sub
    return _out(tx.session, row, tx.now, actor)


def listed(session: Session, now: datetime, actor: Actor, after: Mark | None, limit: int, *, overdue: bool) -> CardList:
    """Cards: a supervisor's own, a unit's those that were transferred to it; overdue: an answer is late."""
    rows = store.supervisors.cards(
        session,
        by=actor.sub if actor.role == "supervisor" else None,
        unit=actor.unit or "" if actor.role in OF_A_UNIT else None,
        overdue_at=now if overdue else None,
        after=after,
        limit=limit,
    )
    end = following(rows, limit, lambda row: (row.submitted_at, row.id))
    return CardList(items=[_out(session, row, now, actor) for row in rows], next=end)


def shown(session: Session, key: str, now: datetime, actor: Actor) -> CardOut:
    """A card. Raises Refusal (404; 403 where it is another's)."""
    row = store.supervisors.card(session, key)
    if actor.role == "supervisor" and row.by != actor.sub:
        raise Refusal("card", key, "another supervisor wrote it", "see your own cards", 403)
    if actor.role in OF_A_UNIT and row.unit != actor.unit:
        raise Refusal("card", key, "its matter was not transferred to your unit", "see your own cards", 403)
    return _out(session, row, now, actor)


def _out(session: Session, row: Card, now: datetime, actor: Actor) -> CardOut:
    line = store.by_number(session, row.number)
    state = store.lead_of(session, line).state
    unit = None
    if row.unit is not None and row.unit_due is not None:
        late = row.unit_answer is None and now >= row.unit_due
        unit = CardAnswerOut(due=row.unit_due, text=row.unit_answer, at=row.unit_at, overdue=late)
    late = row.office_answer is None and now >= row.office_due
    asked = Asked(row.unit, row.office_answer is not None, row.unit_answer is not None)
    settled = row.unit is not None or State(state) in ENDED
    return CardOut(
        id=row.id,
        supervisor=None if actor.role in OF_A_UNIT else row.supervisor,
        number=row.number,
        title=line.title,
        text=line.text,
        state=state,
        unit=row.unit,
        submitted_at=row.submitted_at,
        office=CardAnswerOut(due=row.office_due, text=row.office_answer, at=row.office_at, overdue=late),
        by_unit=unit,
        complete=settled and asked.complete,
        told_on=row.told_on,
        told_how=row.told_how,
    )
