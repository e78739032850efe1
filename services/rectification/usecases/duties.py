"""What people do with duties: the unit hands in, the office accepts or returns, and publishes tasks (R9)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from services.rectification import metrics, store
from services.rectification.domain import obligation
from services.rectification.domain.obligation import Duty, Handing, Task
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_matter
from services.rectification.usecases.obligations import Entered, begin, tell_missed
from services.rectification.usecases.people import acting, signature
from services.rectification.usecases.record import actor_of, first_at
from services.rectification.usecases.wire_duties import handed_in, met_event, published
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.programme.obligations import OFFICE
from shared.scrub import scrub
from shared.store import Tx


@dataclass(frozen=True, slots=True)
class Wanted:
    """A task as the office wants it published."""

    decision: str
    content: str
    standard: str
    lead_unit: str
    cooperating_units: tuple[str, ...]
    territorial_unit: str | None
    person: str
    due: date


def hand_in(
    rules: Rules, tx: Tx, key: str, answers: Mapping[str, str], documents: tuple[str, ...], address: str
) -> Duty:
    """The unit hands in what is due; the office its own. Raises Refusal: 404, 409 state, 422 what is missing."""
    actor = acting(tx)
    duty = _standing(rules, tx, key, actor)
    if (duty.unit == OFFICE) is (actor.role in OF_A_UNIT):
        raise unknown(key)
    handing = Handing(tx.now, actor.sub, dict(answers), tuple(d for d in documents if d.strip()), address.strip())
    duty = obligation.hand_in(duty, handing)
    store.deadlines.end(tx.session, duty.id, [duty.kind], tx.now)
    said = handed_in(handing, late=duty.late)
    return _enter(tx, duty, (duty.id, "duty_handed_in", tx.now, actor_of(tx, "unit"), said))


def accept(rules: Rules, tx: Tx, key: str) -> Duty:
    """The office accepts what was handed in. Raises Refusal (403, 404, 409)."""
    duty = obligation.accept(_standing(rules, tx, key, acting(tx)), signature(tx), tx.now)
    if duty.handing is None:
        raise AssertionError(f"{key} was accepted and never handed in")
    tx.publish(met_event(duty, duty.handing), subject=duty.id)
    metrics.count_duties(tx, "late" if duty.missed_at else "met")
    said = {"by": duty.judged_by, "late": duty.missed_at is not None}
    return _enter(tx, duty, (duty.id, "duty_accepted", tx.now, actor_of(tx, "office"), said))


def send_back(rules: Rules, tx: Tx, key: str, reasons: tuple[str, ...]) -> Duty:
    """The office returns it; after the due day that makes it missed. Raises Refusal (403, 404, 409, 422)."""
    before = _standing(rules, tx, key, acting(tx))
    duty = obligation.send_back(rules, before, reasons, signature(tx), tx.now)
    fired = next((r.deadline.fired for r in reversed(store.deadlines.of_case(tx.session, key))), ())
    deadline = obligation.deadline_after_return(rules, duty, fired, tx.now)
    store.deadlines.insert(tx.session, duty.unit, [(deadline, first_at(rules, deadline, assigned=False))])
    said = {"reasons": list(duty.reasons), "due": deadline.due.isoformat()}
    entries: list[Entered] = [(duty.id, "duty_returned", tx.now, actor_of(tx, "office"), said)]
    if duty.missed_at is not None and before.missed_at is None:
        entries.append(tell_missed(tx, duty, tx.now))
    return _enter(tx, duty, *entries)


def publish_task(rules: Rules, tx: Tx, wanted: Wanted) -> tuple[Task, Duty]:
    """A task of a decision: published, and the lead unit's duty (R9). Raises Refusal (422) naming the field."""
    actor = acting(tx)
    _must_be_known(tx, wanted)
    today = rules.calendar.local_date(tx.now)
    if wanted.due <= today:
        raise Refusal("due", wanted.due.isoformat(), "is not in the future", "give a later day")
    for name in ("decision", "content", "standard", "person"):
        if not getattr(wanted, name).strip():
            raise Refusal(name, "", "a task without it cannot be accounted for", "fill it in")
    task = Task(
        number=store.tasks.next_number(tx.session, today.year),
        decision=scrub(wanted.decision.strip()),
        content=scrub(wanted.content.strip()),
        standard=scrub(wanted.standard.strip()),
        lead_unit=wanted.lead_unit,
        cooperating_units=wanted.cooperating_units,
        territorial_unit=wanted.territorial_unit,
        person=wanted.person.strip(),
        due=wanted.due,
        published_at=tx.now,
        published_by=actor.sub,
    )
    duty = task.duty(rules)
    task = replace(task, due=duty.due)
    store.tasks.insert(tx.session, task, duty.id)
    by = actor_of(tx, "office")
    store.ledger.append_all(tx.session, [(duty.id, "task_published", tx.now, by, published(task))])
    begin(rules, tx, [duty], by=by, task=task)
    return task, duty


def unknown(key: str) -> Refusal:
    """There is no such duty, or not for him who asks: the same answer to both."""
    return Refusal("duty", key, "there is no such duty", "see GET /api/v1/obligations", 404)


def may_see(duty: Duty, actor: Actor) -> bool:
    """Whether somebody may see a duty: a unit its own."""
    return actor.role not in OF_A_UNIT or actor.unit == duty.unit


def _standing(rules: Rules, tx: Tx, key: str, actor: Actor) -> Duty:
    """The duty after what fell due on it earlier. Raises Refusal (404)."""
    found = store.obligations.find(tx.session, key)
    if found is None or not may_see(found, actor):
        raise unknown(key)
    fire_matter(rules, tx, key)
    return store.obligations.find(tx.session, key) or found


def _enter(tx: Tx, duty: Duty, *entries: Entered) -> Duty:
    store.obligations.save(tx.session, duty)
    store.ledger.append_all(tx.session, entries)
    return duty


def _must_be_known(tx: Tx, wanted: Wanted) -> None:
    known = store.reports.names(tx.session)
    named = [("lead_unit", wanted.lead_unit)]
    named += [(f"cooperating_units.{i}", unit) for i, unit in enumerate(wanted.cooperating_units)]
    named += [("territorial_unit", wanted.territorial_unit)] if wanted.territorial_unit else []
    for field, unit in named:
        if unit not in known:
            raise Refusal(field, unit, "no such unit is registered", "check the key, or register the unit")
