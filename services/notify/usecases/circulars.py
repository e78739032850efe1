"""Circulars (N6): drafted by the clock or the office, edited, approved by a leader, numbered, issued. All on record."""

from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session

from services.notify.domain.bulletin import LONGEST_TEXT, LONGEST_TITLE, checked_text
from services.notify.domain.quarter import Span, quarter
from services.notify.store import bulletin, circulars
from services.notify.store import directory as people
from services.notify.store.circulars import Circular, CircularStep
from services.notify.usecases import circular_text
from services.notify.usecases.bulletin import Words
from services.notify.usecases.bulletin_posts import post_of
from services.notify.usecases.counting import Period, counted, wired
from services.notify.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.circulars import CircularIssued, UnitFigures
from shared.contracts.scoring import CycleClosed
from shared.errors import Refusal
from shared.identity import Actor
from shared.scrub import scrub
from shared.store import Tx

Kind = Literal["quarterly", "cycle"]
CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Whole:
    """A circular as it stands: its words and figures, drafted anew until they are approved."""

    row: Circular
    words: Words
    units: tuple[UnitFigures, ...]
    topics: dict[str, int]
    names: dict[str, dict[str, str]]

    @property
    def named(self) -> tuple[UnitFigures, ...]:
        """The units that it names."""
        return tuple(unit for unit in self.units if unit.named)


def key_of(kind: str, period: str) -> str:
    """`quarter:2026-Q1`, `cycle:2026-H1`."""
    return f"{'quarter' if kind == 'quarterly' else 'cycle'}:{period}"


def draft_quarter(desk: Desk, tx: Tx, name: str, by: str) -> Whole:
    """Draft the circular of a quarter that is over; drafted already, it is that one. Raises Refusal (409, 422)."""
    span = quarter(name)
    if desk.calendar.local_date(tx.now) <= span.last:
        raise Refusal("quarter", name, "is not over", f"draft it after {span.last}", 409)
    return _draft(desk, tx, "quarterly", span, by)


def draft_cycle(desk: Desk, tx: Tx, event: Event[CycleClosed]) -> None:
    """A cycle is over: draft its circular, where the programme wants one."""
    if desk.programme.circulars.after_cycle:
        first, last = (desk.calendar.local_date(at) for at in (event.data.starts, event.data.ends))
        _draft(desk, tx, "cycle", Span(first, last, event.data.name), CLOCK)


def _draft(desk: Desk, tx: Tx, kind: Kind, span: Span, by: str) -> Whole:
    key = key_of(kind, span.name)
    if tx.session.get(Circular, key) is None:
        row = Circular(key=key, kind=kind, period=span.name, first=span.first, last=span.last, drafted_at=tx.now)
        tx.session.add(row)
        _step(tx, key, "drafted", by)
    return whole(desk, tx.session, key, tx.now)


def edit(desk: Desk, tx: Tx, key: str, words: Words, actor: Actor) -> Whole:
    """The office's own text; what stood before is kept. Raises Refusal (404, 409 approved, 422)."""
    row = _in_state(tx, key, "draft")
    before = whole(desk, tx.session, key, tx.now).words
    row.title = checked_text(scrub(words.title), "title", LONGEST_TITLE)
    row.text = checked_text(scrub(words.text), "text", LONGEST_TEXT)
    row.title_en = checked_text(scrub(words.title_en), "title_en", LONGEST_TITLE, needed=False)
    row.text_en = checked_text(scrub(words.text_en), "text_en", LONGEST_TEXT, needed=False)
    row.edited = True
    _step(tx, key, "edited", actor.sub, before={"title": before.title, "text": before.text})
    return whole(desk, tx.session, key, tx.now)


def approve(desk: Desk, tx: Tx, key: str, actor: Actor) -> Whole:
    """A leader approves: words and figures stand from now on, and it gets its number. Raises Refusal (404, 409)."""
    row = _in_state(tx, key, "draft")
    found = whole(desk, tx.session, key, tx.now)
    row.title, row.text = found.words.title, found.words.text
    row.title_en, row.text_en = found.words.title_en, found.words.text_en
    row.figures = {"units": [unit.model_dump(mode="json") for unit in found.units], "topics": found.topics}
    row.year = desk.calendar.local_date(tx.now).year
    row.seq = circulars.following(tx.session, row.year)
    row.number = desk.programme.circulars.number.format(year=row.year, n=row.seq)
    row.state, row.approved_at, row.approved_by = "approved", tx.now, actor.sub
    _step(tx, key, "approved", actor.sub)
    return whole(desk, tx.session, key, tx.now)


def send_back(desk: Desk, tx: Tx, key: str, reason: str, actor: Actor) -> Whole:
    """A leader returns a draft to the office, with a reason. Raises Refusal (404, 409)."""
    _in_state(tx, key, "draft")
    _step(tx, key, "returned", actor.sub, reason=checked_text(scrub(reason), "reason", 500))
    return whole(desk, tx.session, key, tx.now)


def issue(desk: Desk, tx: Tx, key: str, actor: Actor) -> Whole:
    """Issue what was approved: on the bulletin now, to the leaders when the event comes round. Raises Refusal."""
    row = _in_state(tx, key, "approved")
    found = whole(desk, tx.session, key, tx.now)
    data = CircularIssued(
        circular=key, kind="quarterly" if row.kind == "quarterly" else "cycle", period=row.period, first=row.first,
        last=row.last, number=row.number, title=row.title, title_en=row.title_en, text=row.text, text_en=row.text_en,
        issued_on=desk.calendar.local_date(tx.now), approved_by=row.approved_by, units=found.units,
        topics=found.topics,
    )  # fmt: skip
    tx.publish(data, subject=key)
    event = Event[CircularIssued](id="here", source=tx.source, type=data.TYPE, time=tx.now, data=data)
    post = post_of(desk.programme, event)
    if post is not None:
        bulletin.add(tx.session, post, tx.now, actor.sub)
    row.state, row.issued_at = "issued", tx.now
    _step(tx, key, "issued", actor.sub)
    return whole(desk, tx.session, key, tx.now)


def keep_issued(tx: Tx, event: Event[CircularIssued]) -> None:
    """An issued circular that the store does not know as issued: it is being made anew from the events."""
    data = event.data
    row = tx.session.get(Circular, data.circular)
    if row is None:
        row = Circular(
            key=data.circular, kind=data.kind, period=data.period, first=data.first, last=data.last,
            drafted_at=event.time,
        )  # fmt: skip
    elif row.state == "issued":
        return
    row.state, row.edited = "issued", True
    row.title, row.title_en, row.text, row.text_en = data.title, data.title_en, data.text, data.text_en
    row.figures = {"units": [unit.model_dump(mode="json") for unit in data.units], "topics": data.topics}
    row.year, row.seq, row.number = data.issued_on.year, _seq(data.number), data.number
    row.approved_at, row.approved_by, row.issued_at = event.time, data.approved_by, event.time
    tx.session.add(row)
    _step(tx, data.circular, "issued", data.approved_by)


def _seq(number: str) -> int | None:
    digits = "".join(char if char.isdigit() else " " for char in number).split()
    return int(digits[-1]) if digits else None


def whole(desk: Desk, session: Session, key: str, now: Any) -> Whole:
    """A circular as it stands. Raises Refusal (404)."""
    row = session.get(Circular, key)
    if row is None:
        raise Refusal("circular", key, "there is no such circular", "see GET /api/v1/circulars", 404)
    period: Period | None = None
    if row.figures is None:
        period = counted(desk, session, Span(row.first, row.last, row.period), now)
        units, topics = wired(period), dict(period.topics)
    else:
        frozen: Any = row.figures
        units = tuple(UnitFigures.model_validate(unit) for unit in frozen["units"])
        topics = dict(frozen["topics"])
    names = people.names(session, [unit.unit for unit in units])
    if row.edited or row.state != "draft" or period is None:
        words = Words(row.title, row.text, row.title_en, row.text_en)
    else:
        words = Words(
            circular_text.title(desk, row.kind, period.span, "zh"),
            circular_text.body(desk, row.kind, period, names, "zh"),
            circular_text.title(desk, row.kind, period.span, "en"),
            circular_text.body(desk, row.kind, period, names, "en"),
        )
    return Whole(row, words, units, topics, names)


def _in_state(tx: Tx, key: str, state: str) -> Circular:
    row = tx.session.get(Circular, key)
    if row is None:
        raise Refusal("circular", key, "there is no such circular", "see GET /api/v1/circulars", 404)
    if row.state != state:
        remedy = {"draft": "let a leader approve it", "approved": "let the office issue it"}.get(
            row.state, "it is done"
        )
        raise Refusal("state", row.state, f"the circular is {row.state}", remedy, 409)
    return row


def _step(tx: Tx, key: str, what: str, by: str, reason: str = "", before: dict[str, str] | None = None) -> None:
    tx.session.add(CircularStep(circular=key, what=what, by=by, at=tx.now, reason=reason, before=before))
    tx.session.flush()
