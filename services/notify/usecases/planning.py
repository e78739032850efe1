"""From an event to notices, by the programme's rules (N2). Planning sends nothing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session

from services.notify.domain.channel import route_of
from services.notify.domain.recipient import OFFICE_ROLES, PUBLIC_ROLES, told
from services.notify.store import cases
from services.notify.store import directory as people
from services.notify.usecases import documents
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Cause, Planned, enter
from services.notify.usecases.following import AS_ESCALATED, is_public
from services.notify.usecases.matter import Matter
from services.notify.usecases.matters import matter_of
from services.notify.usecases.routes import on_each_way
from shared.contracts import Event
from shared.contracts.rectification import CaseOpened
from shared.contracts.scoring import UnitRegistered
from shared.programme.parts import NoticeRule
from shared.store import Tx

Units = tuple[tuple[str, dict[str, Any]], ...]


def tell(desk: Desk, tx: Tx, event: Event[Any]) -> None:
    """Plan whatever the programme's rules say about an event (N2); of a rehearsal nobody is told (S16)."""
    if isinstance(event.data, CaseOpened) and event.data.topic:
        cases.keep(tx.session, event.data.case, event.data.topic)
    rules = desk.rules.get(event.type)
    if rules and not getattr(event.data, "rehearsal", False):
        plan(desk, tx, matter_of(event), rules, Cause(event.id, event.type, event.time))


def register_unit(tx: Tx, event: Event[UnitRegistered]) -> None:
    """Keep a unit's names and parent."""
    unit = event.data
    people.put_unit(tx.session, unit.unit, unit.name, unit.name_en, unit.parent)


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rule with one role and unit that it tells, and the notices that follow: to a person, or to nobody yet."""

    rule: NoticeRule
    role: str
    unit: str | None
    notices: tuple[Planned, ...]


def plan(desk: Desk, tx: Tx, matter: Matter, rules: Sequence[NoticeRule], cause: Cause) -> list[Planned]:
    """Plan a matter's notices and return those that are new; those that exist already stay as they are."""
    wanted: dict[str, Planned] = {}
    for weighed in weigh(desk, tx.session, matter, rules, tx.now):
        for notice in weighed.notices:
            wanted.setdefault(notice.key, notice)
    new = enter(desk, tx, list(wanted.values()), cause)
    documents.prepare(desk, tx, new, cause.type)
    return new


def weigh(
    desk: Desk, session: Session, matter: Matter, rules: Sequence[NoticeRule], now: datetime
) -> Iterator[Weighed]:
    """Whom the rules tell about a matter that arises now, in the rules' order. Writes nothing.

    The same notice may follow from two rules, or from two offices of one person: it is told once.
    """
    units = matter.units
    if matter.everyone:
        units = tuple((unit, {}) for unit in people.unit_keys(session))
    directory = people.directory(session, [unit for unit, _ in units])
    fields = desk.fields_of(cases.topic_of(session, matter.case)) if matter.case else ()
    for rule, role in _audience(matter, rules):
        if role in PUBLIC_ROLES and not is_public(desk.programme, rule):
            continue
        due = desk.due(rule.urgency, now)
        day = desk.calendar.local_date(due)
        kept = desk.as_kept(rule)
        of = directory.by(route_of(kept), desk.channels)
        for unit, facts in _addressees(matter, units, role):
            found: list[Planned] = []
            # a programme may run without addresses of supervisors and evaluators: then there is nobody to find
            for answer in told(of, unit, role, day, fields) or (() if role in PUBLIC_ROLES else (None,)):
                notice = Planned(
                    rule.template, rule.urgency, matter.key, matter.case, unit, role, facts,
                    answer.holder if answer else None, due, rule=kept, why=answer.why if answer else "",
                )  # fmt: skip
                found += on_each_way(desk, of, notice)
            yield Weighed(rule, role, unit, tuple(found))


def _audience(matter: Matter, rules: Sequence[NoticeRule]) -> list[tuple[NoticeRule, str]]:
    """Each rule with each role that it tells; `as_escalated` stands for the roles the event names (R4).

    A rule for certain steps of a deadline says nothing at the others.
    """
    audience: list[tuple[NoticeRule, str]] = []
    for rule in () if matter.quiet else rules:
        if rule.steps is not None and matter.facts.get("step") not in rule.steps:
            continue
        for tells in rule.tells:
            roles: Iterable[str] = matter.roles if tells == AS_ESCALATED else (tells,)
            audience += ((rule, role) for role in roles)
    return audience


def _addressees(matter: Matter, units: Units, role: str) -> Iterable[tuple[str | None, dict[str, Any]]]:
    """An office role is told once; a unit's role in each of the matter's units."""
    if role in OFFICE_ROLES:
        yield matter.about, {**matter.facts, **matter.office_facts}
        return
    for unit, own in units:
        yield unit, {**matter.facts, **own}
