"""A unit contests an assignment, the office rules (I17). Until the ruling the first receiver stays liable."""

from dataclasses import asdict, replace

from sqlmodel import Session

from services.intake import store
from services.intake.domain import transfer
from services.intake.domain.complaint import State
from services.intake.domain.scrub import scrub
from services.intake.models.objections import ObjectionIn, ObjectionOut, RulingIn
from services.intake.rules import Rules
from services.intake.store.objections import Objection
from services.intake.usecases import cards, deadlines, papers
from shared.contracts.assignment import ObjectionRaised, ObjectionRuled
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.store import Tx

PENDING, PROPOSED, UPHELD, DISMISSED = "pending", "proposed", "upheld", "dismissed"


def object_to(rules: Rules, tx: Tx, actor: Actor, number: str, given: ObjectionIn) -> ObjectionOut:
    """Contest an assignment: once a unit and assignment, within the programme's working days. Raises Refusal."""
    row = papers.of_unit(tx.session, actor, number)
    line = store.by_number(tx.session, number)
    if State(line.state) == State.CLOSED:
        raise Refusal("transfer", number, "the matter is closed", "an objection comes before the work", 409)
    known = store.objections.of_assignment(tx.session, number, row.assignment)
    if any(one.unit == actor.unit for one in known):
        raise Refusal("objection", number, "your unit has contested this assignment already", "see the ruling", 409)
    if row.state == "reassigning":
        remedy = "wait for the decision; if the matter stays yours, nothing changes"
        raise Refusal("objection", number, "another unit's objection is upheld, a new card waits", remedy, 409)
    start = rules.calendar.local_date(row.assigned_at or row.decided_at or tx.now)
    ends = rules.calendar.due(start, rules.programme.deadlines.objection).expires_at
    if tx.now >= ends:
        days = rules.programme.deadlines.objection
        raise Refusal("objection", number, f"more than {days} working days have passed", "ask the office", 409)
    made = Objection(
        number=number,
        assignment=row.assignment,
        unit=actor.unit or "",
        reason=scrub(given.reason),
        evidence=[scrub(one) for one in given.evidence],
        raised_by=actor.sub,
        role=actor.role,
        raised_at=tx.now,
        period_ends=ends,
    )
    tx.session.add(made)
    tx.session.flush()
    data = ObjectionRaised(number=number, unit=made.unit, reason=made.reason, due=ends)
    tx.publish(data, subject=number)
    return out(made)


def rule(rules: Rules, tx: Tx, actor: Actor, number: str, given: RulingIn) -> ObjectionOut:
    """The office's ruling. Dismissed: at once. Upheld: the new card waits for an approver (I7). Raises Refusal."""
    row = tx.session.get(store.Transfer, number)
    if row is None:
        raise Refusal("transfer", number, "no transfer was asked for", "see GET /api/v1/objections", 404)
    made = _pending(tx.session, row, given.unit)
    made.ruling, made.ruled_by, made.ruled_at = scrub(given.reason), actor.sub, tx.now
    if not given.upheld:
        if given.lead_unit or given.cooperating_units or given.territorial_unit or given.days:
            raise Refusal("upheld", False, "a dismissed objection changes no card", "leave the units and days out")
        dismiss(tx, made, made.ruling, actor.role)
        return out(made)
    old = cards.card_of(row)
    changes = {key: value for key, value in given.model_dump(exclude_unset=True).items() if key in transfer.CHANGEABLE}
    if changes.get("cooperating_units") is not None:
        changes["cooperating_units"] = tuple(changes["cooperating_units"])
    kept = {key: value for key, value in changes.items() if value is not None or key == "territorial_unit"}
    new = replace(old, **kept)
    cards.check_units(tx, new)
    if transfer.parts(new).get(made.unit) == transfer.parts(old).get(made.unit):
        reason = "the objecting unit keeps its part on the new card"
        raise Refusal("lead_unit", given.lead_unit, reason, "name who does it instead, or dismiss the objection")
    made.state, made.proposed = PROPOSED, asdict(new)
    _propose(rules, tx, row, made, actor)
    return out(made)


def _propose(rules: Rules, tx: Tx, row: store.Transfer, made: Objection, actor: Actor) -> None:
    row.state, row.proposed = "reassigning", made.proposed
    row.card = transfer.card_number(row.number, row.assignment + 1)
    row.requested_by, row.requested_at = actor.sub, tx.now
    days = rules.programme.deadlines.approval
    waits = deadlines.begin(rules, tx, "approval", row.number, days=days, at=tx.now, round_=row.version + 1)
    row.due = waits.expires_at
    line = store.by_number(tx.session, row.number)
    papers.add_version(rules, tx, line, row, "upheld")
    card = cards.proposed(row)
    if card:
        cards.announce(tx, line, row, card)


def dismiss(tx: Tx, made: Objection, reason: str, role: str) -> None:
    """The matter stays where it is."""
    made.state, made.settled_by, made.settled_at = DISMISSED, tx.actor.sub if tx.actor else "", tx.now
    data = ObjectionRuled(number=made.number, unit=made.unit, upheld=False, reason=reason, ruled_by_role=role)
    tx.publish(data, subject=made.number)


def listed(
    session: Session, actor: Actor, *, state: str | None, after: int, limit: int
) -> tuple[list[ObjectionOut], int | None]:
    """Objections; a unit sees its own. Gives the last id too."""
    unit = actor.unit if actor.role in OF_A_UNIT else None
    rows = store.objections.listed(session, state=state, unit=unit, after=after, limit=limit)
    return [out(row) for row in rows], rows[-1].id if rows else None


def _pending(session: Session, row: store.Transfer, unit: str | None) -> Objection:
    waiting = [
        one for one in store.objections.of_assignment(session, row.number, row.assignment) if one.state == PENDING
    ]
    if row.state == "reassigning":
        raise Refusal("objection", row.number, "a new card waits for the approver", "wait for the approver", 409)
    mine = [one for one in waiting if one.unit == unit] if unit else waiting
    if not mine:
        raise Refusal("objection", row.number, "no objection waits", "see GET /api/v1/objections?state=pending", 409)
    if len(mine) > 1:
        units = ", ".join(one.unit for one in mine)
        raise Refusal("unit", None, "several units have objected", f"name whose: {units}")
    return mine[0]


def out(row: Objection) -> ObjectionOut:
    """An objection as it is shown."""
    return ObjectionOut.model_validate(row, from_attributes=True)
