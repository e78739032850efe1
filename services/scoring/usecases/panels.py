"""Groups and their panels: appointed by the office, published, each seeing its own group only (S1)."""

import datetime as dt

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.panel import Seat, appointed
from services.scoring.store import panels as store
from services.scoring.store import units
from services.scoring.store.panels import PanelRow
from services.scoring.usecases import fact_sheets
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.fact_sheets import Facts
from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Tx

SEES_ALL = ("office", "auditor")
"""Roles that see every group; everybody else sees the group in whose panel they sit."""


class Appointment(BaseModel):
    """An office in a panel. `person`: the `sub` of the member's token; name and post are published."""

    person: str = Field(min_length=1, max_length=64)
    name: str = Field(min_length=1, max_length=100)
    post: str = Field(min_length=1, max_length=100)
    leader: bool = False
    since: dt.date
    until: dt.date | None = None


class Ending(BaseModel):
    """The last day of an office, and why it ends."""

    until: dt.date
    reason: str = Field(min_length=1, max_length=500)


class MemberView(BaseModel):
    """A member as published: name, post, dates."""

    number: int
    name: str
    post: str
    leader: bool
    since: dt.date
    until: dt.date | None


class GroupView(BaseModel):
    """A group, what is graded of it with which weight, and its panel today."""

    group: str
    label: str
    label_en: str
    own_method: bool
    dimensions: dict[str, str]
    has_panel: bool
    panel: list[MemberView]


class GroupUnit(BaseModel):
    """A unit of a group with its figures, as its panel sees it."""

    unit: str
    name: str
    facts: Facts


def appoint(desk: Desk, tx: Tx, group: str, given: Appointment) -> MemberView:
    """Appoint somebody to a group's panel. Raises Refusal: the group has none, or the office is taken."""
    _with_panel(desk, group)
    seats = [_seat(row) for row in store.members(tx.session, group)]
    appointed(Seat(given.person, given.leader, given.since, given.until), seats)
    row = PanelRow(group=group, appointed_by=acting(tx).sub, appointed_at=tx.now, **given.model_dump())
    tx.session.add(row)
    tx.session.flush()
    return _member(row)


def end(desk: Desk, tx: Tx, group: str, key: int, given: Ending) -> MemberView:
    """End somebody's office; that he held it stays. Raises Refusal."""
    _with_panel(desk, group)
    row = store.member(tx.session, group, key)
    if row.ended_by is not None or given.until < row.since:
        reason = "has ended already" if row.ended_by else "lies before the first day"
        raise Refusal("until", given.until.isoformat(), reason, "see the panel", 409)
    row.until, row.ended_by, row.ended_reason = given.until, acting(tx).sub, given.reason
    return _member(row)


def panel(desk: Desk, session: Session, group: str, day: dt.date) -> list[MemberView]:
    """Who sits in a group's panel on a day, the leader first; empty where the group has none."""
    desk.programme.group(group)
    return [_member(row) for row in store.sitting(session, group, day)]


def groups(desk: Desk, session: Session, day: dt.date) -> list[GroupView]:
    """The programme's groups."""
    return [
        GroupView(
            group=one.key, label=one.label.zh, label_en=one.label.en or "", own_method=bool(one.dimensions),
            dimensions={d.key: str(d.weight) for d in desk.programme.dimensions_of(one.key)},
            has_panel=one.panel, panel=panel(desk, session, one.key, day),
        )
        for one in desk.programme.groups
    ]  # fmt: skip


def units_of(desk: Desk, session: Session, group: str, cycle: str, who: Actor, now: dt.datetime) -> list[GroupUnit]:
    """The units of a group with their figures: for the office, and for who sits in its panel. Raises Refusal (403)."""
    desk.programme.group(group)
    if who.role not in SEES_ALL:
        today = desk.calendar.local_date(now)
        if who.sub not in {row.person for row in store.sitting(session, group, today)}:
            raise Refusal("group", group, "you do not sit in its panel", "see your own group", 403)
    return [
        GroupUnit(unit=row.key, name=row.name, facts=fact_sheets.facts_of(session, cycle, row.key, now))
        for row in units.standing(session)
        if row.group == group
    ]


def check_panel(desk: Desk, session: Session, group: str | None, day: dt.date) -> None:
    """A group that a panel appraises has one with a leader on the day of its meeting. Raises Refusal (409)."""
    if group is None or not desk.programme.group(group).panel:
        return
    if not any(row.leader for row in store.sitting(session, group, day)):
        raise Refusal("panel", group, f"has no leader on {day}", "appoint the panel first", 409)


def _with_panel(desk: Desk, group: str) -> None:
    if not desk.programme.group(group).panel:
        raise Refusal("group", group, "is appraised without a panel", "give it `panel: true` in the programme", 409)


def _seat(row: PanelRow) -> Seat:
    return Seat(row.person, row.leader, row.since, row.until)


def _member(row: PanelRow) -> MemberView:
    assert row.id is not None  # it was flushed
    return MemberView(number=row.id, name=row.name, post=row.post, leader=row.leader, since=row.since, until=row.until)
