"""The register of supervisors (I10): appointed by letter for a term, renewed, dismissed; its end is warned of."""

from datetime import date, timedelta

from sqlmodel import Session

from services.intake import store
from services.intake.domain import supervisor as domain
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.domain.supervisor import OFFICE, Told
from services.intake.models.supervisors import (
    AppointIn,
    DismissIn,
    EndIn,
    LetterIn,
    PointIn,
    PointList,
    PointOut,
    PresenceIn,
    PresenceList,
    PresenceOut,
    SupervisorDetail,
    SupervisorList,
    SupervisorOut,
    TermOut,
)
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.store.supervisors import Point, Presence, Supervisor, Term
from shared.contracts.inspection import SupervisorAppointed, SupervisorExpiring
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx
from shared.tick import Aside

AT_ONCE = 200


def appoint(rules: Rules, tx: Tx, given: AppointIn, actor: Actor) -> SupervisorDetail:
    """Enter a supervisor with his letter; the office appoints, or a unit's leader for the unit. Raises Refusal."""
    known = store.supervisors.by_sub(tx.session, given.account)
    if known is not None:
        raise Refusal("account", given.account, f"he is registered as {known.id}", "renew that appointment", 409)
    until = _until(rules, given)
    key = f"JD-{store.supervisors.supervisor_count(tx.session) + 1:04d}"
    row = Supervisor(
        id=key,
        sub=given.account,
        name=given.name,
        kind=given.kind,
        appointed_by=actor.unit or OFFICE if actor.role == "leader" else OFFICE,
        since=given.since,
        until=until,
    )
    tx.session.add(row)
    tx.session.add(_term(tx, row, "appointed", given, until, actor))
    _announce(tx, row, given, until)
    return detail(tx.session, key)


def renew(rules: Rules, tx: Tx, key: str, given: LetterIn, actor: Actor) -> SupervisorDetail:
    """A new term; the old entries stay. Raises Refusal (404, 403, 409 dismissed)."""
    row = _mine(tx.session, key, actor)
    if row.state == "dismissed":
        raise Refusal("supervisor", key, "the appointment was ended", "appoint him anew under another sign-in", 409)
    until = _until(rules, given)
    domain.renewed(row.until, given.since)
    if until <= row.until:
        raise Refusal("until", until.isoformat(), f"the term runs until {row.until}", "give a later day")
    row.until, row.state = until, "serving"
    tx.session.add(_term(tx, row, "renewed", given, until, actor))
    _announce(tx, row, given, until, renewed=True)
    return detail(tx.session, key)


def _announce(tx: Tx, row: Supervisor, given: LetterIn, until: date, *, renewed: bool = False) -> None:
    appointed = SupervisorAppointed(
        supervisor=row.id,
        kind=row.kind,
        appointed_by=row.appointed_by,
        letter=given.letter,
        letter_date=given.letter_date,
        since=given.since,
        until=until,
        renewed=renewed,
    )
    tx.publish(appointed, subject=row.id)


def dismiss(tx: Tx, key: str, given: DismissIn, actor: Actor) -> SupervisorDetail:
    """End an appointment before its term, with letter and reason. Raises Refusal (404, 403, 409)."""
    row = _mine(tx.session, key, actor)
    if row.state == "dismissed":
        raise Refusal("supervisor", key, "the appointment was ended already", "see its entries", 409)
    row.state, row.until = "dismissed", min(row.until, given.on)
    letter = LetterIn(letter=given.letter, letter_date=given.letter_date, since=row.since)
    entry = _term(tx, row, "dismissed", letter, given.on, actor)
    entry.reason = scrub(given.reason)
    tx.session.add(entry)
    return detail(tx.session, key)


def tick(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Warn of terms that end soon and tell of those that have ended, each once a term; True if there may be more."""
    today, warn = rules.calendar.local_date(tx.now), rules.programme.supervisors.warn_days
    found = store.supervisors.ending_by(tx.session, today + timedelta(days=warn), AT_ONCE, aside.left("supervisor"))
    fired = 0
    for row in found:
        with aside.trying(tx, "supervisor", row.id):
            fired += _tell(tx, row, today, warn)
    return fired == AT_ONCE


def _tell(tx: Tx, row: Supervisor, today: date, warn: int) -> bool:
    soon, ended = domain.due(row.until, today, warn, Told(row.warned_for, row.expired_for))
    if soon:
        row.warned_for = row.until
    if ended:
        row.expired_for, row.state = row.until, "expired"
    if soon or ended:
        tx.publish(SupervisorExpiring(supervisor=row.id, until=row.until, expired=ended), subject=row.id)
    return soon or ended


def listed(session: Session, actor: Actor, after: Mark | None, limit: int) -> SupervisorList:
    """The register; a unit's leader sees those whom the unit appointed, a supervisor himself."""
    unit = actor.unit if actor.role == "leader" else None
    sub = actor.sub if actor.role == "supervisor" else None
    rows = store.supervisors.supervisors(session, appointed_by=unit, sub=sub, after=after, limit=limit)
    items = [SupervisorOut.model_validate(row, from_attributes=True) for row in rows]
    return SupervisorList(items=items, next=following(rows, limit, lambda row: (row.since, row.id)))


def detail(session: Session, key: str) -> SupervisorDetail:
    """A supervisor with every entry about him. Raises Refusal (404)."""
    session.flush()
    row = store.supervisors.supervisor(session, key)
    terms = [TermOut.model_validate(term, from_attributes=True) for term in store.supervisors.terms(session, key)]
    return SupervisorDetail(**row.model_dump(), terms=terms)


def attend(tx: Tx, given: PresenceIn, by: str) -> PresenceList:
    """Record who came to a meeting, once a supervisor. Raises Refusal (404, 409)."""
    rows = []
    for index, (key, present) in enumerate([(k, True) for k in given.present] + [(k, False) for k in given.absent]):
        store.supervisors.supervisor(tx.session, key)
        known = store.supervisors.presences(tx.session, meeting=given.meeting, since=date.min, until=date.max)
        if any(row.supervisor == key for row in known):
            field = f"present.{index}" if present else f"absent.{index - len(given.present)}"
            raise Refusal(field, key, "it is recorded whether he was there", "see GET /api/v1/presences", 409)
        row = Presence(
            meeting=given.meeting,
            on=given.on,
            supervisor=key,
            present=present,
            words=scrub(given.words),
            by=by,
            at=tx.now,
        )
        tx.session.add(row)
        tx.session.flush()
        rows.append(PresenceOut.model_validate(row, from_attributes=True))
    return PresenceList(items=rows)


def attended(session: Session, meeting: str) -> PresenceList:
    """The attendance list of a meeting."""
    rows = store.supervisors.presences(session, meeting=meeting, since=date.min, until=date.max)
    return PresenceList(items=[PresenceOut.model_validate(row, from_attributes=True) for row in rows])


def add_point(tx: Tx, given: PointIn, by: str) -> PointOut:
    """Register a monitoring point: a source of that name may report by its channel. Raises Refusal (409)."""
    if tx.session.get(Point, given.key) is not None:
        raise Refusal("key", given.key, "a monitoring point has this key", "use another", 409)
    if given.until is not None and given.until < given.since:
        raise Refusal("until", given.until.isoformat(), "it ends before it begins", "give a later day")
    row = Point(**given.model_dump(), by=by, at=tx.now)
    tx.session.add(row)
    return PointOut.model_validate(row, from_attributes=True)


def end_point(tx: Tx, key: str, given: EndIn) -> PointOut:
    """A monitoring point reports no more after a day. Raises Refusal (404)."""
    row = tx.session.get(Point, key)
    if row is None:
        raise Refusal("point", key, "there is no such point", "see GET /api/v1/monitoring-points", 404)
    row.until, row.end_reason = given.on, scrub(given.reason)
    return PointOut.model_validate(row, from_attributes=True)


def points(session: Session) -> PointList:
    """The monitoring points."""
    rows = store.supervisors.points(session)
    return PointList(items=[PointOut.model_validate(row, from_attributes=True) for row in rows])


def _until(rules: Rules, given: LetterIn) -> date:
    until = given.until or domain.last_day(given.since, rules.programme.supervisors.term_years)
    if until < given.since:
        raise Refusal("until", until.isoformat(), "the term ends before it begins", "give a later day")
    return until


def _mine(session: Session, key: str, actor: Actor) -> Supervisor:
    row = store.supervisors.supervisor(session, key)
    if actor.role == "leader" and row.appointed_by != actor.unit:
        raise Refusal("supervisor", key, "your unit did not appoint him", "ask who did", 403)
    return row


def _term(tx: Tx, row: Supervisor, step: str, given: LetterIn, until: date, actor: Actor) -> Term:
    return Term(
        supervisor=row.id,
        step=step,
        letter=given.letter,
        letter_date=given.letter_date,
        since=given.since,
        until=until,
        by=actor.sub,
        at=tx.now,
    )
