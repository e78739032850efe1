"""Stand-ins: entered, withdrawn, and asked whenever an office decides (I7)."""

import uuid

from sqlmodel import Session

from services.intake import store
from services.intake.domain import absence as domain
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models.absences import AbsenceIn, AbsenceList, AbsenceOut, HandoverIn
from services.intake.rules import Rules
from services.intake.store.paging import following
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

ROLES = ("approver", "custodian", "discipline", "office")
"""Offices of one or few persons, whose work cannot wait."""


def enter(rules: Rules, tx: Tx, actor: Actor, given: AbsenceIn) -> AbsenceOut:
    """Enter an absence: one's own, or anybody's by the office. Raises Refusal."""
    person = given.person or actor.sub
    if given.role not in ROLES:
        raise Refusal("role", given.role, "nobody stands in for this role here", f"use one of {', '.join(ROLES)}")
    if actor.role != "office" and (person != actor.sub or given.role != actor.role):
        raise Refusal("person", person, "only the office enters somebody else's absence", "enter your own", 403)
    today = rules.calendar.local_date(tx.now)
    new = domain.Absence(given.role, person, given.deputy, given.first, given.last)
    known = store.absences.standing(tx.session, today)
    domain.entered(new, [row.fact() for row in known if row.role == given.role], today)
    row = store.absences.Absence(
        id=uuid.uuid4().hex,
        role=given.role,
        person=person,
        deputy=given.deputy,
        first=given.first,
        last=given.last,
        reason=scrub(given.reason),
        entered_by=actor.sub,
        entered_at=tx.now,
    )
    tx.session.add(row)
    return _out(row)


def withdraw(rules: Rules, tx: Tx, actor: Actor, key: str, reason: str) -> AbsenceOut:
    """The person is back early, or does not go. What the deputy decided stands. Raises Refusal."""
    row = tx.session.get(store.absences.Absence, key)
    if row is None:
        raise Refusal("absence", key, "no absence has this id", "see GET /api/v1/absences", 404)
    if actor.role != "office" and actor.sub != row.person:
        raise Refusal("absence", key, "it is somebody else's", "ask him or the office", 403)
    if row.withdrawn_at:
        raise Refusal("absence", key, "it is withdrawn already", "see GET /api/v1/absences", 409)
    if row.last < rules.calendar.local_date(tx.now):
        raise Refusal("absence", key, "it is over", "nothing need be withdrawn", 409)
    row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = actor.sub, tx.now, scrub(reason)
    return _out(row)


def acting_for(rules: Rules, tx: Tx, actor: Actor, role: str) -> str | None:
    """Whose place the actor takes in an office now; none when it is his own. Raises Refusal (403, 409)."""
    today = rules.calendar.local_date(tx.now)
    known = [row.fact() for row in store.absences.standing(tx.session, today)]
    return domain.stands_in_for(actor.sub, actor.role, role, known, today)


def hand_over(rules: Rules, tx: Tx, given: HandoverIn, _actor: Actor) -> list[str]:
    """Places that the leaver was to take; his own absences in the office end, for the successor is there."""
    leaves, successor, moved = given.leaves, given.successor, []
    for row in store.absences.standing(tx.session, rules.calendar.local_date(tx.now)):
        if row.role != given.role:
            continue
        if row.deputy == leaves and row.person != successor:
            row.deputy = successor
            moved.append(f"stand-in {row.id}")
        elif leaves in (row.person, row.deputy):
            row.withdrawn_by, row.withdrawn_at, row.withdrawn_reason = "handover", tx.now, f"{leaves} → {successor}"
            moved.append(f"absence {row.id}")
    return moved


def listed(session: Session, after: Mark | None, limit: int) -> AbsenceList:
    """Absences, the newest first."""
    rows = store.absences.listed(session, after, limit)
    return AbsenceList(items=[_out(row) for row in rows], next=following(rows, limit, lambda row: (row.first, row.id)))


def _out(row: store.absences.Absence) -> AbsenceOut:
    return AbsenceOut.model_validate(row, from_attributes=True)
