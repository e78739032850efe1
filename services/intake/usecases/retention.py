"""Erasing what identifies complainants when its time is over, and what stops that (I3, X11)."""

from datetime import datetime, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import retention
from services.intake.domain.complaint import State
from services.intake.domain.retention import Happening, Keeping
from services.intake.domain.scrub import scrub
from services.intake.models.petitioners import ErasureOut, HoldOut, RetentionOut
from services.intake.rules import Rules
from services.intake.store.retention import Erasure, Hold, Sweep
from services.intake.usecases import audit
from services.intake.usecases.disclose import Denied
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx
from shared.tick import Aside

BATCH = 100
_SCREENED = (State.OUTSIDE, State.UNFOUNDED, State.RETURNED)


def place(rules: Rules, tx: Tx, actor: Actor, number: str, reason: str) -> RetentionOut:
    """Nothing of this complaint and its matter is erased any more. Raises Refusal (404; 409 held already)."""
    line = store.by_number(tx.session, number)
    if store.retention.hold_on(tx.session, line.number):
        raise Refusal("hold", number, "it is held already", "see GET /api/v1/complaints/{number}/retention", 409)
    words = scrub(reason)
    hold = Hold(number=number, reason=words, placed_by=actor.sub, placed_role=actor.role, placed_at=tx.now)
    tx.session.add(hold)
    audit.note(tx, actor, "hold_placed", number, words)
    return shown(rules, tx.session, number, tx.now)


def lift(rules: Rules, tx: Tx, actor: Actor, number: str, reason: str) -> RetentionOut | Denied:
    """Another person lifts the hold; the period counts anew from then. Raises Refusal (404); 403 is in the audit."""
    hold = store.retention.hold_on(tx.session, number)
    if hold is None:
        raise Refusal("hold", number, "nothing holds it", "see GET /api/v1/complaints/{number}/retention", 404)
    try:
        retention.lifted(hold.placed_by, actor.sub)
    except Refusal as refusal:
        audit.note(tx, actor, "hold_denied", number, refusal.reason)
        return Denied(refusal)
    hold.lifted_by, hold.lifted_at, hold.lifted_reason = actor.sub, tx.now, scrub(reason)
    audit.note(tx, actor, "hold_lifted", number, hold.lifted_reason)
    return shown(rules, tx.session, number, tx.now)


def shown(rules: Rules, session: Session, number: str, now: datetime) -> RetentionOut:
    """Until when things are kept, what starts the period anew or stops it, what was erased. Raises Refusal (404)."""
    line = store.by_number(session, number)
    sealed = session.get(store.Sealed, number)
    erasures = store.retention.erasures(session, number)
    gone = any(one.what == "identity" for one in erasures)
    kept = keeping_of(rules, session, line, now)
    days, files = periods(rules), store.evidence.unreleased(session, number)
    return RetentionOut(
        number=number,
        identity="kept" if sealed and sealed.identity else "erased" if gone else "none",
        counted_from=kept.counted_from,
        because=kept.because,
        identity_until=kept.until(days["identity"]) if sealed and sealed.identity else None,
        originals_until=kept.until(days["originals"]) if sealed and sealed.original else None,
        evidence=len(files),
        evidence_until=kept.until(days["evidence"]) if files else None,
        stopped_by=list(kept.stopped_by),
        holds=[HoldOut.model_validate(one, from_attributes=True) for one in store.retention.holds(session, number)],
        erased=[ErasureOut.model_validate(one, from_attributes=True) for one in erasures],
    )


def periods(rules: Rules) -> dict[str, int]:
    """Calendar days by what is erased; never shorter than the window in which a matter may open again (R6)."""
    given = rules.programme.retention
    least = rules.programme.reopen_within_days
    return {name: max(least, getattr(given, name)) for name in ("identity", "originals", "repairs", "evidence")}


def keeping_of(rules: Rules, session: Session, line: store.Complaint, now: datetime) -> Keeping:
    """What counts for a complaint: its whole matter, for what happens in that concerns every petitioner of it."""
    lead = store.lead_of(session, line)
    numbers = store.retention.matter_of(session, lead.number)
    since = store.retention.last_happenings(session, numbers)
    return retention.keeping(_ended(session, lead), since, _stops(rules, session, numbers, now))


def _ended(session: Session, lead: store.Complaint) -> Happening | None:
    state = State(lead.state)
    if state == State.CLOSED and lead.closed_at:
        return lead.closed_at, "its case was closed"
    if state in _SCREENED and lead.screened_at:
        return lead.screened_at, f"it was screened: {state.value}"
    if state == State.REFUSED and (at := store.retention.refused_at(session, lead.number)):
        return at, "its transfer was refused"
    if state == State.BODY_DONE and (row := store.referrals.latest(session, lead.number)) and row.concluded_at:
        return row.concluded_at, "a proceeding was concluded"
    return None


def _stops(rules: Rules, session: Session, numbers: list[str], now: datetime) -> list[str]:
    held = [number for number in numbers if store.retention.hold_on(session, number)]
    stops = [f"a hold on {number}" for number in held]
    usable_since = now - timedelta(days=rules.programme.disclosure.consent_days)
    if count := store.retention.open_disclosures(session, numbers, usable_since):
        stops.append(f"{count} open requests to see who complained")
    if store.retention.open_referrals(session, numbers):
        stops.append("a proceeding that is not concluded")
    return stops


def tick(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Once a local day look at everything whose period may be over, a batch at a time; whether there is more today."""
    return _identities(rules, tx, aside) or _repairs(rules, tx, aside)


def _identities(rules: Rules, tx: Tx, aside: Aside) -> bool:
    sweep = sweep_of(rules, tx, "identities")
    if sweep.is_done:
        return False
    days = periods(rules)
    before = tx.now - timedelta(days=min(days["identity"], days["originals"]))
    numbers = store.retention.ended_before(tx.session, store.retention.in_vault(), before, sweep.after, BATCH)
    lines = store.retention.lines(tx.session, numbers)
    left = aside.left("vault")
    for number in numbers:
        if number not in left:
            with aside.trying(tx, "vault", number):
                _erase(rules, tx, lines[number], days)
    return moved_on(sweep, numbers)


def _erase(rules: Rules, tx: Tx, line: store.Complaint, days: dict[str, int]) -> None:
    number, sealed = line.number, tx.session.get_one(store.Sealed, line.number)
    kept = keeping_of(rules, tx.session, line, tx.now)
    if sealed.identity and kept.is_over(days["identity"], tx.now):
        store.retention.erase_identity(tx.session, number)
        erased(rules, tx, number, "identity", kept)
    if store.retention.has_originals(tx.session, sealed) and kept.is_over(days["originals"], tx.now):
        store.retention.erase_originals(tx.session, number)
        erased(rules, tx, number, "originals", kept)
    store.retention.drop_empty(tx.session, number)


def _repairs(rules: Rules, tx: Tx, aside: Aside) -> bool:
    sweep = sweep_of(rules, tx, "repairs")
    if sweep.is_done:
        return False
    days = periods(rules)["repairs"]
    rows = store.retention.mended_before(tx.session, tx.now - timedelta(days=days), sweep.after, BATCH)
    left = aside.left("repair")
    for row in rows:
        if row.number is None or row.mended_at is None or row.id in left:
            continue
        with aside.trying(tx, "repair", row.id):
            kept = keeping_of(rules, tx.session, store.by_number(tx.session, row.number), tx.now)
            if not kept.stopped_by:
                row.body, row.erased_at = b"", tx.now
                erased(rules, tx, row.number, "repairs", Keeping(row.mended_at, "it was mended"))
    return moved_on(sweep, [row.id for row in rows])


def sweep_of(rules: Rules, tx: Tx, kind: str) -> Sweep:
    """How far the search of today has come."""
    today = rules.calendar.local_date(tx.now)
    sweep = tx.session.get(Sweep, kind)
    if sweep is None:
        sweep = Sweep(kind=kind, day=today)
        tx.session.add(sweep)
    elif sweep.day != today:
        sweep.day, sweep.after, sweep.is_done = today, "", False
    return sweep


def moved_on(sweep: Sweep, looked_at: list[str]) -> bool:
    """The search went past these; whether there is more today."""
    sweep.is_done = len(looked_at) < BATCH
    sweep.after = looked_at[-1] if looked_at else sweep.after
    return not sweep.is_done


def erased(rules: Rules, tx: Tx, number: str, what: str, kept: Keeping) -> None:
    """Something of a complaint was erased: on record, and in the audit."""
    rule = f"retention.{what}={periods(rules)[what]}"
    if kept.counted_from is None:
        raise AssertionError(f"{number} is erased although it has not ended")
    tx.session.add(Erasure(number=number, what=what, at=tx.now, rule=rule, counted_from=kept.counted_from))
    words = f"{what}: {rule} days from {kept.counted_from:%Y-%m-%d}, when {kept.because}"
    audit.note(tx, audit.CLOCK, "erased", number, words)
    rules.must_forget = True
