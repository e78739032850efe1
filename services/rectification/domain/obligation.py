"""A duty of a period: announced to a unit, handed in, accepted or returned, missed once (R9). Pure decisions.

The due date is set once. Met in time is what the office accepts and was handed in before the due day ended: the time
the office takes is not the unit's. What was returned no longer stands; a duty of which nothing stands when its due day
has ended is missed, once, and is still to be handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from services.rectification.domain.case import Signature
from services.rectification.domain.deadline import Deadline, begin, begin_on
from services.rectification.domain.escalation import Kind
from services.rectification.domain.rules import Rules
from shared.errors import Refusal
from shared.programme.obligations import OFFICE, TASK, Obligation, Period


class State(StrEnum):
    """Where a duty stands."""

    OPEN = "open"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    ACCEPTED = "accepted"


WITH_THE_UNIT = (State.OPEN, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that what is handed in must say."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Handing:
    """What was handed in. documents: names, or ids of evidence. address: where it was published."""

    at: datetime
    by: str
    answers: Mapping[str, str]
    documents: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True, slots=True)
class Duty:
    """One period's duty of one unit. What it asks for is kept as it was announced, whatever the programme says later.

    opens: the day it was announced on. costs: whether a missed one takes points. missed_at: when nothing stood any
    more after the due day. reasons: of the last return.
    """

    obligation: str
    period: str
    unit: str
    title: str
    opens: date
    announced_at: datetime
    due: date
    expires_at: datetime
    provisional: bool
    items: tuple[Item, ...] = ()
    document: bool = True
    published: bool = False
    costs: bool = True
    state: State = State.OPEN
    missed_at: datetime | None = None
    handing: Handing | None = field(default=None)
    returns: int = 0
    reasons: tuple[str, ...] = ()
    judged_by: str = ""
    judged_at: datetime | None = None

    @property
    def id(self) -> str:
        """`duty:own_plan:2026:unit-a`; its deadline carries it as the case."""
        return duty_id(self.obligation, self.period, self.unit)

    @property
    def kind(self) -> Kind:
        """Of its deadline: the office's own duties climb another ladder."""
        return Kind.OFFICE_OBLIGATION if self.unit == OFFICE else Kind.OBLIGATION

    @property
    def late(self) -> bool:
        """Whether what was handed in last came after the due day."""
        return self.handing is not None and self.handing.at >= self.expires_at

    def must_be(self, *states: State) -> None:
        """Raises Refusal (409) naming what is possible now."""
        if self.state in states:
            return
        remedy = {
            State.OPEN: "it is with the unit: hand it in",
            State.RETURNED: "it is with the unit: hand it in again",
            State.HANDED_IN: "it is with the office: accept or return it",
            State.ACCEPTED: "nothing: it is done",
        }[self.state]
        raise Refusal("duty.state", self.state.value, f"{self.id} is {self.state}", remedy, 409)


def duty_id(obligation: str, period: str, unit: str) -> str:
    """The id by which a duty exists once."""
    return f"duty:{obligation}:{period}:{unit}"


def announced(rules: Rules, obligation: Obligation, period: Period, unit: str) -> Duty:
    """A period's duty of a unit, announced when its opening day begins. Due dates on a day off roll (R9)."""
    grace = obligation.when.report_within
    counted = rules.calendar.due(period.by, grace) if grace else None
    due = counted.date if counted else rules.calendar.roll(period.by)
    return Duty(
        obligation=obligation.key,
        period=period.key,
        unit=unit,
        title=obligation.label.zh,
        opens=period.opens,
        announced_at=rules.calendar.start_of(period.opens),
        due=due,
        expires_at=rules.calendar.end_of(due),
        provisional=counted.provisional if counted else not rules.calendar.is_official(due.year),
        items=tuple(Item(asked.key, asked.label.zh) for asked in obligation.acceptance),
        document=obligation.document,
        published=obligation.published,
        costs=obligation.costs,
    )


def deadline_of(rules: Rules, duty: Duty) -> Deadline:
    """The duty's deadline: steps that lie before the announcement are skipped."""
    deadline = begin_on(rules, duty.id, duty.kind, duty.announced_at, duty.due, unit=duty.unit)
    return replace(deadline, label=duty.title)


def hand_in(duty: Duty, handing: Handing) -> Duty:
    """The unit hands in what is due, late too. Raises Refusal: 409 state, 422 naming what is missing."""
    duty.must_be(*WITH_THE_UNIT)
    since = duty.judged_at or duty.announced_at
    if handing.at < since:
        reason = f"lies before {since.isoformat()}, when the duty came to the unit"
        raise Refusal("time", handing.at.isoformat(), reason, "date the action later", 409)
    _must_be_whole(duty, handing)
    return replace(duty, state=State.HANDED_IN, handing=handing)


def accept(duty: Duty, signature: Signature, at: datetime) -> Duty:
    """The office accepts what was handed in. Raises Refusal (403, 409)."""
    _must_be_judged_by_another(duty, signature)
    return replace(duty, state=State.ACCEPTED, judged_by=signature.sub, judged_at=at)


def send_back(rules: Rules, duty: Duty, reasons: tuple[str, ...], signature: Signature, at: datetime) -> Duty:
    """The office returns it: what was handed in stands no longer, and after the due day the duty is missed by that.

    Raises Refusal (403, 409, 422 without reasons).
    """
    _must_be_judged_by_another(duty, signature)
    given = tuple(reason.strip() for reason in reasons if reason.strip())
    if not given:
        raise Refusal("reasons", list(reasons), "a return without reasons cannot be mended", "say what is missing")
    back = replace(
        duty, state=State.RETURNED, returns=duty.returns + 1, reasons=given, judged_by=signature.sub, judged_at=at
    )
    return missed(back, at) if at >= duty.expires_at else back


def missed(duty: Duty, at: datetime) -> Duty:
    """Nothing stands after the due day: missed, once."""
    if duty.missed_at is not None or duty.state not in WITH_THE_UNIT:
        return duty
    return replace(duty, missed_at=at)


def deadline_after_return(rules: Rules, duty: Duty, before: tuple[str, ...], at: datetime) -> Deadline:
    """Before the due day has ended the first deadline runs on, without the steps that fired; later the rework period
    is a second one, which does not undo that the duty was missed."""
    if at < duty.expires_at:
        return replace(deadline_of(rules, duty), fired=before, runs_from=at)
    again = begin(rules, duty.id, duty.kind, at, rules.programme.deadlines.rework)
    return replace(again, unit=duty.unit, label=duty.title)


def _must_be_judged_by_another(duty: Duty, signature: Signature) -> None:
    duty.must_be(State.HANDED_IN)
    if signature.unit and signature.unit == duty.unit:
        reason = "an officer of the unit may not judge its duty"
        raise Refusal("unit", signature.unit, reason, "let an officer of the office do it", 403)
    if duty.handing and signature.sub == duty.handing.by:
        raise Refusal("sub", signature.sub, "who handed it in may not judge it", "let another officer do it", 403)


def _must_be_whole(duty: Duty, handing: Handing) -> None:
    for item in duty.items:
        if not handing.answers.get(item.key, "").strip():
            reason = f"“{item.label}” is not answered"
            raise Refusal(f"answers.{item.key}", "", reason, "answer every item of the acceptance list")
    known = {item.key for item in duty.items}
    for key in handing.answers:
        if key not in known:
            remedy = f"use one of: {', '.join(sorted(known)) or 'nothing is asked'}"
            raise Refusal(f"answers.{key}", key, "the duty asks for no such thing", remedy)
    if duty.document and not any(name.strip() for name in handing.documents):
        raise Refusal("documents", list(handing.documents), "no document is named", "name at least one document")
    if duty.published and not handing.address.strip():
        raise Refusal("address", handing.address, "it is to be published", "give the address where it stands")


@dataclass(frozen=True, slots=True)
class Task:
    """A task of a decision, published: who leads, who helps, on whose ground, who answers for it, by when (R9)."""

    number: str
    decision: str
    content: str
    standard: str
    lead_unit: str
    cooperating_units: tuple[str, ...]
    territorial_unit: str | None
    person: str
    due: date
    published_at: datetime
    published_by: str

    @property
    def units(self) -> frozenset[str]:
        """Every unit that has a part."""
        named = {self.lead_unit, *self.cooperating_units}
        return frozenset(named | {self.territorial_unit} if self.territorial_unit else named)

    def duty(self, rules: Rules) -> Duty:
        """The lead unit's duty that comes of it: to show that the acceptance standard is met."""
        due = rules.calendar.roll(self.due)
        return Duty(
            obligation=TASK,
            period=self.number,
            unit=self.lead_unit,
            title=self.content,
            opens=rules.calendar.local_date(self.published_at),
            announced_at=self.published_at,
            due=due,
            expires_at=rules.calendar.end_of(due),
            provisional=not rules.calendar.is_official(due.year),
            items=(Item("standard", self.standard),),
        )
