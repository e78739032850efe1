"""A quarter's inspection plan (I9): committed to, drawn, hidden until done, opened so that anybody can check it."""

import hashlib
import hmac
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import plan as domain
from services.intake.domain.mark import Mark
from services.intake.domain.quarter import Quarter
from services.intake.models.absences import HandoverIn
from services.intake.models.inspections import (
    PlanDetail,
    PlanIn,
    PlanList,
    PlanOut,
    PublicPlan,
    PublicTarget,
    TargetOut,
)
from services.intake.rules import Rules
from services.intake.store.inspections import Plan, Target
from services.intake.store.paging import following
from shared.contracts.inspection import InspectionPlanned
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx


def plan(rules: Rules, tx: Tx, wanted: PlanIn, by: str) -> PlanOut:
    """Commit to a plan, and draw it at once unless it waits for public entropy. Raises Refusal.

    Days are the working days of the quarter that are still to come.
    """
    quarter = Quarter.named(wanted.quarter)
    key = f"{quarter}-P{store.inspections.plan_count(tx.session, str(quarter)) + 1}"
    known = [unit.key for unit in store.units(tx.session)]
    if wanted.units and (unknown := sorted(set(wanted.units) - set(known))):
        raise Refusal("units", unknown[0], "no unit of this key is registered", "use a key of GET /api/v1/units")
    places = [place.key for place in rules.programme.inspections.places]
    if wanted.places and (unknown := sorted(set(wanted.places) - set(places))):
        raise Refusal("places", unknown[0], "the programme has no such place", f"use {', '.join(places)}")
    if wanted.entropy and wanted.entropy.cut_off <= tx.now:
        remedy = "name a draw that is still to come"
        raise Refusal("entropy.cut_off", wanted.entropy.cut_off.isoformat(), "it is known already", remedy)
    known_from = rules.calendar.local_date(wanted.entropy.cut_off if wanted.entropy else tx.now)
    days = [
        day
        for n in range((quarter.last - quarter.first).days + 1)
        if (day := quarter.first + timedelta(days=n)) > known_from and rules.calendar.is_working_day(day).works
    ]
    frame = domain.frame(
        plan=key,
        quarter=str(quarter),
        count=wanted.count,
        units=wanted.units or known,
        places=wanted.places or places,
        kinds=wanted.kinds,
        days=days,
        seed=_seed(rules, key),
        entropy={"name": wanted.entropy.name, "cut_off": wanted.entropy.cut_off.isoformat()}
        if wanted.entropy
        else None,
    )
    row = Plan(
        id=key,
        quarter=str(quarter),
        state="committed",
        frame=frame,
        commitment=domain.commitment(frame),
        planned_by=by,
        planned_at=tx.now,
    )
    tx.session.add(row)
    tx.publish(
        InspectionPlanned(plan=key, quarter=row.quarter, count=wanted.count, commitment=row.commitment), subject=key
    )
    if not wanted.entropy:
        _drawn(rules, tx, row, None, by)
    return _out(tx.session, row)


def draw(rules: Rules, tx: Tx, key: str, value: str, by: str) -> PlanOut:
    """Draw a plan that waited for public entropy, with its value. Raises Refusal (404; 409 drawn, or too early)."""
    row = store.inspections.plan(tx.session, key)
    if row.state != "committed":
        raise Refusal("plan", key, "it was drawn", "plan another", 409)
    cut_off = str(row.frame["entropy"]["cut_off"])
    if tx.now < datetime.fromisoformat(cut_off):
        raise Refusal("value", value, f"it is known from {cut_off} on", "wait until it was announced", 409)
    _drawn(rules, tx, row, value, by)
    return _out(tx.session, row)


def assign(tx: Tx, key: str, position: int, inspector: str) -> PlanOut:
    """Say who inspects a target; he sees it from now on. Raises Refusal (404; 409 done)."""
    row, target = _target(tx.session, key, position)
    if target.inspection:
        raise Refusal("position", position, "the target was inspected", "assign one that is open", 409)
    target.inspector = inspector
    return _out(tx.session, row)


def hand_over(_rules: Rules, tx: Tx, given: HandoverIn, _actor: Actor) -> list[str]:
    """Open targets that were assigned to an inspector who leaves."""
    if given.role != "inspector":
        return []
    moved = []
    for target in store.inspections.open_targets_of(tx.session, given.leaves):
        target.inspector = given.successor
        moved.append(f"target {target.plan}/{target.position}")
    return moved


def done(rules: Rules, tx: Tx, key: str, position: int, inspection: str, actor: Actor) -> domain.Target:
    """A target was inspected; gives what it was. With the last one the seed is public. Raises Refusal."""
    row, target = _target(tx.session, key, position)
    if target.inspection:
        raise Refusal("position", position, f"it was inspected as {target.inspection}", "correct that record", 409)
    if actor.role != "office" and target.inspector != actor.sub:
        raise Refusal("position", position, "the target was not assigned to you", "ask the office", 403)
    target.inspection = inspection
    tx.session.flush()
    if all(each.inspection for each in store.inspections.targets(tx.session, key)):
        row.state, row.opened_at = "opened", tx.now
    return _opened(rules, row)[position - 1]


def open_ended(rules: Rules, tx: Tx) -> bool:
    """The clock's part: when a quarter is over its plans are opened, also with targets that nobody inspected."""
    today = rules.calendar.local_date(tx.now)
    for row in store.inspections.open_plans(tx.session):
        if today > Quarter.named(row.quarter).last:
            row.opened_at = tx.now
            row.state = "opened" if row.state == "drawn" else "lapsed"
    return False


def listed(session: Session, quarter: str | None, after: Mark | None, limit: int) -> PlanList:
    """Plans without targets."""
    rows = store.inspections.plans(session, quarter=quarter, after=after, limit=limit)
    end = following(rows, limit, lambda row: (row.planned_at, row.id))
    return PlanList(items=[_out(session, row) for row in rows], next=end)


def detail(rules: Rules, session: Session, key: str, actor: Actor) -> PlanDetail:
    """A plan; the office sees its targets, an inspector those that were assigned to him. Raises Refusal (404)."""
    row = store.inspections.plan(session, key)
    shown = []
    if row.state != "committed" and row.state != "lapsed":
        content = _opened(rules, row)
        for target in store.inspections.targets(session, key):
            if actor.role == "office" or target.inspector == actor.sub or row.opened_at:
                what = content[target.position - 1]
                shown.append(
                    TargetOut.model_validate(
                        {
                            "position": target.position,
                            "unit": what.unit,
                            "place": what.place,
                            "kind": what.kind,
                            "on": what.on,
                            "inspector": target.inspector,
                            "inspection": target.inspection,
                        }
                    )
                )
    return PlanDetail(**_out(session, row).model_dump(), targets=shown)


def public(rules: Rules, session: Session, key: str) -> PublicPlan:
    """What anybody may know of a plan: enough to check afterwards that it was not changed. Raises Refusal (404)."""
    row = store.inspections.plan(session, key)
    targets = store.inspections.targets(session, key)
    content = _opened(rules, row) if targets else ()
    return PublicPlan(
        id=row.id,
        quarter=row.quarter,
        state=row.state,
        commitment=row.commitment,
        frame=row.frame,
        public_value=row.public_value,
        targets=[
            PublicTarget(
                position=target.position,
                sealed=target.sealed,
                opened=asdict(content[target.position - 1]) if target.inspection or row.opened_at else None,
            )
            for target in targets
        ],
        seed=_seed(rules, key).hex() if row.opened_at else None,
    )


def _drawn(rules: Rules, tx: Tx, row: Plan, value: str | None, by: str) -> None:
    row.public_value, row.state, row.drawn_by, row.drawn_at = value, "drawn", by, tx.now
    for target in _opened(rules, row):
        tx.session.add(Target(plan=row.id, position=target.position, sealed=target.sealed))
    tx.session.flush()


def _opened(rules: Rules, row: Plan) -> tuple[domain.Target, ...]:
    """The targets, drawn again: what they are stands nowhere."""
    return domain.draw(row.frame, _seed(rules, row.id), row.public_value)


def _seed(rules: Rules, key: str) -> bytes:
    """The seed of a plan: from the secret that the vault keeps for codes, which a rotation of its key leaves alone."""
    return hmac.new(rules.vault.codes, f"inspection-plan\0{key}".encode(), hashlib.sha256).digest()


def _target(session: Session, key: str, position: int) -> tuple[Plan, Target]:
    row = store.inspections.plan(session, key)
    target = session.get(Target, (key, position))
    if target is None:
        raise Refusal("position", position, "the plan has no such target, or was not drawn", "see the plan", 404)
    return row, target


def _out(session: Session, row: Plan) -> PlanOut:
    targets = store.inspections.targets(session, row.id)
    done_now = sum(1 for target in targets if target.inspection)
    return PlanOut(**row.model_dump(), count=row.frame["count"], done=done_now)
