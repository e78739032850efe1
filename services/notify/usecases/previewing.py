"""Who would be told what about an event, when, by which rule and channel, and why. Sends and writes nothing (N2)."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from jinja2 import TemplateError
from pydantic import ValidationError
from sqlmodel import Session

from services.notify.domain.channel import EMAIL, route_of
from services.notify.domain.recipient import PUBLIC_ROLES, line
from services.notify.domain.schedule import gathered
from services.notify.store import cases, notices
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk
from services.notify.usecases.envelopes import Planned
from services.notify.usecases.matter import Matter
from services.notify.usecases.matters import MATTERS, matter_of
from services.notify.usecases.planning import Weighed, weigh
from services.notify.usecases.sending import unit_keys
from shared.contracts import EVENTS, Event
from shared.errors import Refusal
from shared.programme.parts import NoticeRule

State = Literal["new", "told_already", "same_person", "nobody"]


@dataclass(frozen=True, slots=True)
class Passed:
    """Somebody who stands earlier in line, but whose address takes no letters."""

    person: str
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One notice as it would be, with the words of its letter (in a digest: its part of it)."""

    rule: Mapping[str, Any]
    unit: str | None
    role: str
    notice: Planned
    state: State
    passed: tuple[Passed, ...]
    language: str
    subject: str
    text: str
    digest: bool


@dataclass(frozen=True, slots=True)
class Silent:
    """A rule about such events that tells nobody of this one, and why."""

    rule: Mapping[str, Any]
    reason: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an event would lead to if it came at `at`."""

    event: Event[Any]
    at: datetime
    foreseen: tuple[Foreseen, ...]
    silent: tuple[Silent, ...]


def read_event(values: Mapping[str, Any]) -> Event[Any]:
    """An event as it crosses the bus (CloudEvents JSON). Raises Refusal (422) naming what is wrong with it."""
    type_ = values.get("type")
    kind = EVENTS.get(str(type_))
    if kind is None:
        near = difflib.get_close_matches(str(type_), EVENTS, n=3)
        raise Refusal("event.type", type_, "no such event", f"did you mean: {', '.join(near or sorted(EVENTS)[:3])}")
    try:
        return Event[kind].model_validate(values)  # type: ignore[valid-type]  # known at run time only
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(("event", *(str(part) for part in first["loc"])))
        value = str(first.get("input"))[:80]
        raise Refusal(field, value, first["msg"], f"{error.error_count()} in all; see docs/asyncapi.json") from error


def foresee(desk: Desk, session: Session, event: Event[Any], at: datetime) -> Preview:
    """Who would be told about an event that comes at `at`. Raises Refusal (422) for an event no letter is about."""
    rules = desk.rules.get(event.type, ())
    if type(event.data) not in MATTERS:
        possible = ", ".join(sorted(kind.TYPE for kind in MATTERS))
        raise Refusal("event.type", event.type, "no letters are written about this event", f"use one of: {possible}")
    if getattr(event.data, "rehearsal", False):
        return Preview(event, at, (), tuple(Silent(desk.as_kept(rule), "a rehearsal tells nobody") for rule in rules))
    matter = matter_of(event)
    weighed = list(weigh(desk, session, matter, rules, at))
    known = notices.known(session, [notice.key for one in weighed for notice in one.notices])
    seen: set[str] = set()
    found: list[Foreseen] = []
    for one in weighed:
        for notice in one.notices:
            found.append(_foreseen(desk, session, matter, one, notice, _state(notice, known, seen)))
            seen.add(notice.key)
    return Preview(event, at, tuple(found), tuple(_silent(desk, matter, rules, weighed)))


def moment(desk: Desk, on: date | None, now: datetime) -> datetime:
    """The opening of the office on a day, or now."""
    if on is None:
        return now
    return datetime.combine(on, desk.programme.working_hours.opens, desk.calendar.zone)


def _state(notice: Planned, known: set[str], seen: set[str]) -> State:
    if notice.key in known:
        return "told_already"
    if notice.key in seen:
        return "same_person"
    return "new" if notice.holder else "nobody"


def _foreseen(
    desk: Desk, session: Session, matter: Matter, weighed: Weighed, notice: Planned, state: State
) -> Foreseen:
    rule = notice.rule or {}
    language = rule.get("language") or (notice.holder.language if notice.holder else desk.language)
    subject, text = _words(desk, session, notice, language)
    return Foreseen(
        rule, weighed.unit, weighed.role, notice, state, _passed(desk, session, matter, notice), language, subject,
        text, notice.channel == EMAIL and gathered(notice.urgency),
    )  # fmt: skip


def _passed(desk: Desk, session: Session, matter: Matter, notice: Planned) -> tuple[Passed, ...]:
    """Those before him in line whom nothing reaches."""
    directory = people.directory(session, [notice.unit] if notice.unit else [])
    of = directory.by(route_of(notice.rule), desk.channels)
    fields = desk.fields_of(cases.topic_of(session, matter.case)) if matter.case else ()
    passed: list[Passed] = []
    for answer in line(of, notice.unit, notice.role, desk.calendar.local_date(notice.due), fields):
        if notice.holder is not None and answer.person == notice.holder.person:
            break
        if not of.reaches(answer.holder):
            passed.append(Passed(answer.person, answer.holder.name, answer.why))
    return tuple(passed)


def _words(desk: Desk, session: Session, notice: Planned, language: str) -> tuple[str, str]:
    names = people.names(session, unit_keys(notice.facts))
    try:
        item = desk.wording.item(notice.template, notice.facts, names, language)
    except (TemplateError, ValueError, TypeError, LookupError) as error:
        raise Refusal(
            "event.data", notice.template, f"no letter can be written of it: {error}", "see the template"
        ) from error
    name = notice.holder.name if notice.holder else ""
    return desk.wording.letter(name, [item], notice.due.astimezone(desk.calendar.zone), language)


def _silent(desk: Desk, matter: Matter, rules: tuple[NoticeRule, ...], weighed: list[Weighed]) -> list[Silent]:
    found: list[Silent] = []
    for rule in rules:
        kept = desk.as_kept(rule)
        mine = [one for one in weighed if one.rule is rule]
        step = matter.facts.get("step")
        if matter.quiet:
            found.append(Silent(kept, "this matter is not told"))
        elif rule.steps is not None and step not in rule.steps:
            found.append(Silent(kept, f"it is for {', '.join(rule.steps)}, this is {step}"))
        elif not mine:
            found.append(Silent(kept, "the event names nobody whom this rule would tell"))
        for one in mine:
            if not one.notices and one.role in PUBLIC_ROLES:
                found.append(Silent(kept, f"the directory has no {one.role}"))
    return found
