"""The appraisal opinion (S14): drafted and signed by panel or office, sent to the unit, fed back in a meeting."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.store import opinions as store
from services.scoring.store import panels, units
from services.scoring.store.opinions import OpinionRow
from services.scoring.store.orders import OrderRow
from services.scoring.store.panels import PanelRow
from services.scoring.usecases import orders
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.orders import OrderView
from shared.contracts.opinions import OpinionFedBack, OpinionIssued, OpinionProblem
from shared.errors import Refusal
from shared.identity import Actor
from shared.scrub import scrub
from shared.store import Tx

OFFICE = "office"
SEES_ALL = ("office", "approver", "auditor", "guidance", "higher_office")
"""Roles that see every opinion; members of a panel see those of their own."""
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]


class Problem(BaseModel):
    """A problem, the dimension it belongs to, and the working days to mend it; without them the immediate period."""

    text: Sentence
    dimension: str | None = None
    days: int | None = Field(default=None, ge=1, le=365)


class OpinionText(BaseModel):
    """What an opinion says."""

    strengths: list[Sentence] = Field(default_factory=list, max_length=50)
    problems: list[Problem] = Field(default_factory=list, max_length=50)
    recommendations: list[Sentence] = Field(default_factory=list, max_length=50)


class NewOpinion(OpinionText):
    """An opinion on a unit, as a draft."""

    unit: str


class Feedback(BaseModel):
    """The meeting in which the opinion was fed back to the unit's leadership. `attended`: posts."""

    held_on: dt.date
    place: str = Field(min_length=1, max_length=200)
    minutes: str = Field(min_length=1, max_length=20_000)
    attended: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(default_factory=list, max_length=100)


class OpinionView(BaseModel):
    """An opinion. state: drafted, issued, fed_back. `cases`: what became of its problems."""

    opinion: str
    cycle: str
    unit: str
    author: str
    state: str
    strengths: list[str]
    problems: list[Problem]
    recommendations: list[str]
    signed_as: str | None
    issued_on: dt.date | None
    held_on: dt.date | None
    place: str | None
    minutes: str | None
    attended: list[str]
    cases: list[OrderView]


class OpinionPage(BaseModel):
    """Opinions by key; `next` is the cursor of the following page, null at the end."""

    items: list[OpinionView]
    next: str | None = None


def draft(desk: Desk, tx: Tx, cycle: str, given: NewOpinion) -> OpinionView:
    """Write a draft: for the office, or for the unit's panel by who sits in it. Raises Refusal."""
    units.cycle(tx.session, cycle)
    unit = units.unit(tx.session, given.unit)
    author = _author(desk, tx, unit.group)
    number = store.number_of(tx.session, cycle, given.unit) + 1
    row = OpinionRow(
        id=f"{cycle}.{given.unit}.opinion-{number}", cycle=cycle, unit=given.unit, author=author, strengths=[],
        problems=[], recommendations=[], drafted_by=acting(tx).sub, drafted_at=tx.now,
    )  # fmt: skip
    _write(desk, row, given)
    tx.session.add(row)
    tx.session.flush()
    return _view(tx.session, row)


def rewrite(desk: Desk, tx: Tx, key: str, given: OpinionText) -> OpinionView:
    """Write a draft anew; what was issued stays. Raises Refusal."""
    row = _draft(desk, tx, key)
    _write(desk, row, given)
    row.drafted_by, row.drafted_at = acting(tx).sub, tx.now
    return _view(tx.session, row)


def sign(desk: Desk, tx: Tx, key: str) -> OpinionView:
    """The panel's leader, or another person of the office than its author, signs: it goes out. Raises Refusal."""
    row, actor = _draft(desk, tx, key), acting(tx)
    if not (row.strengths or row.problems or row.recommendations):
        raise Refusal("opinion", key, "says nothing", "write it first", 409)
    row.signed_as = _signature(desk, tx, row)
    today = desk.calendar.local_date(tx.now)
    row.state, row.signed_by, row.issued_at, row.issued_on = "issued", actor.sub, tx.now, today
    if row.problems:
        desk.programme.channel(orders.CHANNEL)  # each must have a way into the register
    problems = [OpinionProblem(item=n, **one) for n, one in enumerate(row.problems, 1)]
    for one in problems:
        due = desk.calendar.due(today, one.days or desk.programme.deadlines.immediate).date
        text = one.text
        orders.keep(
            tx, OrderRow(order=f"{key}-{one.item}", kind="opinion", cycle=row.cycle, unit=row.unit, text=text, due=due)
        )
    data = OpinionIssued(
        opinion=key, cycle_name=row.cycle, unit=row.unit, author=row.author, strengths=tuple(row.strengths),
        problems=tuple(problems), recommendations=tuple(row.recommendations), signed_by=row.signed_as,
        issued_on=today,
    )  # fmt: skip
    tx.publish(data, subject=key, cycle=row.cycle)
    tx.session.flush()
    return _view(tx.session, row)


def feed_back(desk: Desk, tx: Tx, key: str, given: Feedback) -> OpinionView:
    """The meeting with the unit's leadership is minuted, once. Raises Refusal."""
    row = store.opinion(tx.session, key)
    _own(desk, tx, row)
    if row.state != "issued":
        reason = "is not issued yet" if row.state == "drafted" else "was fed back already"
        raise Refusal("opinion", key, reason, "it is fed back once, after its signature", 409)
    today = desk.calendar.local_date(tx.now)
    assert row.issued_on is not None  # issued
    if not row.issued_on <= given.held_on <= today:
        raise Refusal("held_on", given.held_on.isoformat(), "lies before the issue, or in the future", "correct it")
    row.state, row.held_on, row.place = "fed_back", given.held_on, scrub(given.place)
    row.minutes, row.attended, row.fed_back_by = scrub(given.minutes), given.attended, acting(tx).sub
    data = OpinionFedBack(
        opinion=key, cycle_name=row.cycle, unit=row.unit, held_on=given.held_on, place=row.place, minutes=row.minutes
    )
    tx.publish(data, subject=key, cycle=row.cycle)
    return _view(tx.session, row)


def shown(desk: Desk, session: Session, actor: Actor, key: str, now: dt.datetime) -> OpinionView:
    """An opinion; a unit's leader sees his own once it is issued, a panel its own. Raises Refusal (403, 404)."""
    row = store.opinion(session, key)
    if actor.unit is not None:
        if actor.unit != row.unit or row.state == "drafted":
            raise Refusal("opinion", key, "no such opinion", "see your unit's record", 404)
    elif actor.role not in SEES_ALL and row.author not in _groups(desk, session, actor, now):
        raise Refusal("opinion", key, "is of another panel", "see your own panel's", 403)
    return _view(session, row)


def listed(
    desk: Desk, session: Session, actor: Actor, cycle: str, now: dt.datetime, *, after: str, limit: int
) -> OpinionPage:
    """A cycle's opinions; a panel's member sees his panel's. Raises Refusal (403, 404)."""
    units.cycle(session, cycle)
    author = None
    if actor.role not in SEES_ALL:
        author = next(iter(_groups(desk, session, actor, now)), None)
        if author is None:
            raise Refusal("panel", actor.role, "you sit in no panel", "see the panels", 403)
    rows = store.of_cycle(session, cycle, author=author, after=after, limit=limit)
    return OpinionPage(items=[_view(session, r) for r in rows], next=rows[-1].id if len(rows) == limit else None)


def of_unit(session: Session, unit: str) -> dict[str, list[OpinionView]]:
    """What was issued to a unit, by cycle."""
    found: dict[str, list[OpinionView]] = {}
    for row in store.issued_to(session, unit):
        found.setdefault(row.cycle, []).append(_view(session, row))
    return found


def _write(desk: Desk, row: OpinionRow, given: OpinionText) -> None:
    for number, problem in enumerate(given.problems):
        if problem.dimension is not None:
            desk.programme.dimension(problem.dimension)
        if problem.days is not None and problem.days > desk.programme.deadlines.planned:
            most = desk.programme.deadlines.planned
            raise Refusal(f"problems.{number}.days", problem.days, f"at most {most}", "give a shorter period")
    row.strengths = [scrub(text) for text in given.strengths]
    row.problems = [{**p.model_dump(), "text": scrub(p.text)} for p in given.problems]
    row.recommendations = [scrub(text) for text in given.recommendations]


def _draft(desk: Desk, tx: Tx, key: str) -> OpinionRow:
    row = store.opinion(tx.session, key)
    _own(desk, tx, row)
    if row.state != "drafted":
        raise Refusal("opinion", key, f"is {row.state}", "what was issued stays; draft another", 409)
    return row


def _author(desk: Desk, tx: Tx, group: str | None) -> str:
    actor = acting(tx)
    if actor.role == OFFICE:
        return OFFICE
    if group is None or group not in _groups(desk, tx.session, actor, tx.now):
        raise Refusal("unit", group, "you do not sit in its panel", "write on your own group's units", 403)
    return group


def _own(desk: Desk, tx: Tx, row: OpinionRow) -> None:
    """The office's opinions are the office's, a panel's its members'. Raises Refusal (403)."""
    actor = acting(tx)
    mine = {OFFICE} if actor.role == OFFICE else _groups(desk, tx.session, actor, tx.now)
    if row.author not in mine:
        raise Refusal("opinion", row.id, f"is of {row.author}", "let its author do that", 403)


def _signature(desk: Desk, tx: Tx, row: OpinionRow) -> str:
    actor = acting(tx)
    if row.author == OFFICE:
        if actor.sub == row.drafted_by:
            raise Refusal("signed_by", actor.sub, "drafted it", "let somebody else of the office sign", 403)
        return str(desk.programme.office)
    sitting = panels.sitting(tx.session, row.author, desk.calendar.local_date(tx.now))
    leader: PanelRow | None = next((one for one in sitting if one.leader), None)
    if leader is None or leader.person != actor.sub:
        raise Refusal("signed_by", actor.sub, "does not lead the panel", "let its leader sign", 403)
    return f"{leader.name}（{leader.post}）"


def _groups(desk: Desk, session: Session, actor: Actor, now: dt.datetime) -> set[str]:
    """Groups in whose panel somebody sits today."""
    today = desk.calendar.local_date(now)
    with_panel = [one.key for one in desk.programme.groups if one.panel]
    return {key for key in with_panel if any(r.person == actor.sub for r in panels.sitting(session, key, today))}


def _view(session: Session, row: OpinionRow) -> OpinionView:
    cases = orders.views(session, [f"{row.id}-{number}" for number in range(1, len(row.problems) + 1)])
    cases.sort(key=lambda one: int(one.order.rpartition("-")[2]))
    return OpinionView.model_validate({**row.model_dump(), "opinion": row.id, "cases": cases})
