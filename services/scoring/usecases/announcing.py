"""① The announcement of a meeting: place, time, content, order, and which units speak (S4)."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.meeting import Step
from services.scoring.domain.speaking import Limits, check_number, order, speakers
from services.scoring.store import meetings as store
from services.scoring.store import proceedings
from services.scoring.store.proceedings import AnnouncementRow, SpeakersRow
from services.scoring.store.tables import MeetingRow
from services.scoring.usecases import fact_sheets, panels
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.panels import MemberView
from services.scoring.usecases.steps import MeetingView, begin, drawn_of, finish, meeting_view, on_record
from shared.contracts.scoring import MeetingAnnounced
from shared.errors import Refusal
from shared.store import Tx

PROCEDURE = (
    "签到：代表凭登记编号签到，从打乱的票箱中任取一张卡 check-in",
    "述职：抽中或指定的单位口头述职，其余书面 statements",
    "质询：代表提问，当场答复，或承诺答复期限并立案 questions",
    "投票：到会者中普通群众不少于规定比例方可开始 ballots",
    "计票、封存、签名：投票结束当场进行 count and seal",
    "结果：按方案公布 publication",
)


class Speakers(BaseModel):
    """Units that the office names to speak, and why; the rest is in writing."""

    units: tuple[str, ...] = Field(min_length=1, max_length=20)
    reason: str = Field(min_length=1, max_length=2000)


class Announcing(BaseModel):
    """Where and when the meeting is held and what it is about. Without `procedure` the order of this house."""

    place: str = Field(min_length=1, max_length=200)
    starts_at: AwareDatetime
    content: str = Field(default="", max_length=4000)
    procedure: tuple[str, ...] = Field(default=PROCEDURE, min_length=1, max_length=20)


class SpeakersView(BaseModel):
    """Who speaks, how that was settled, and the whole order, which anybody may repeat from the seed."""

    method: Literal["draw", "office"]
    reason: str | None
    seed: str
    speak: list[str]
    order: list[str]


class AnnouncementView(BaseModel):
    """What is told beforehand."""

    meeting: str
    cycle: str
    rehearsal: bool
    group: str | None
    panel: list[MemberView]
    place: str
    starts_at: dt.datetime
    content: str
    procedure: list[str]
    units: list[str]
    speakers: SpeakersView


def name_speakers(desk: Desk, tx: Tx, name: str, wanted: Speakers) -> SpeakersView:
    """The office names who speaks, with its reason, before the announcement (S4 ②). Raises Refusal."""
    row = begin(tx, name, Step.SPEAKERS)
    if tx.session.get(SpeakersRow, name) is not None:
        raise Refusal("units", list(wanted.units), "who speaks is settled", "a choice stays", 409)
    check_number(len(wanted.units), _limits(desk, row))
    _choose(tx, row, wanted.units, len(wanted.units), wanted.reason)
    return speakers_view(tx.session, name)


def _limits(desk: Desk, row: MeetingRow) -> Limits:
    rule = desk.programme.meeting
    return Limits(rule.oral_statements_least, rule.oral_statements_most).within(len(row.units))


def _choose(tx: Tx, row: MeetingRow, named: Sequence[str], number: int, reason: str | None) -> None:
    ordered = order(drawn_of(tx.session, row.name).seed, row.units, named)
    method = "office" if named else "draw"
    tx.session.add(
        SpeakersRow(meeting=row.name, method=method, ordered=list(ordered), number=number, reason=reason)
    )  # fmt: skip
    on_record(tx, row.name, Step.SPEAKERS, reason=reason, method=method, units=list(ordered[:number]))
    tx.session.flush()


def announce(desk: Desk, tx: Tx, name: str, wanted: Announcing) -> MeetingView:
    """Announce units, procedure, place and time (S4 ①); who speaks is drawn now unless the office named units."""
    row = begin(tx, name, Step.ANNOUNCEMENT)
    if desk.calendar.local_date(wanted.starts_at) != row.date:
        raise Refusal("starts_at", wanted.starts_at.isoformat(), f"the meeting is on {row.date}", "correct the time")
    panels.check_panel(desk, tx.session, row.group, row.date)
    if tx.session.get(SpeakersRow, name) is None:
        _choose(tx, row, (), _limits(desk, row).most, None)
    tx.session.add(
        AnnouncementRow(
            meeting=name, place=wanted.place, starts_at=wanted.starts_at, content=wanted.content,
            procedure=list(wanted.procedure),
        )
    )  # fmt: skip
    fact_sheets.fix(tx, row)
    finish(tx, row, Step.ANNOUNCEMENT, place=wanted.place, starts_at=wanted.starts_at.isoformat())
    tx.publish(
        MeetingAnnounced(
            meeting=name,
            cycle_name=row.cycle,
            units=len(row.units),
            rehearsal=row.rehearsal,
            date=row.date,
            place=wanted.place,
            starts_at=wanted.starts_at,
            unit_keys=tuple(row.units),
            speak=speaking(tx.session, name),
        ),
        subject=name,
        cycle=row.cycle,
    )
    return meeting_view(tx.session, row)


def announcement_view(desk: Desk, session: Session, name: str) -> AnnouncementView:
    """What was announced, for everybody. Raises Refusal (404)."""
    row, told = store.meeting(session, name), proceedings.announcement(session, name)
    sitting = panels.panel(desk, session, row.group, row.date) if row.group else []
    return AnnouncementView(
        meeting=name, cycle=row.cycle, rehearsal=row.rehearsal, group=row.group, panel=sitting,
        place=told.place, starts_at=told.starts_at,
        content=told.content, procedure=told.procedure, units=row.units, speakers=speakers_view(session, name),
    )  # fmt: skip


def speakers_view(session: Session, name: str) -> SpeakersView:
    """Who is to speak now: a unit that is excused is followed by the next in the order. Raises Refusal (404)."""
    found = proceedings.speakers(session, name)
    return SpeakersView(
        method="office" if found.method == "office" else "draw", reason=found.reason,
        seed=drawn_of(session, name).seed, speak=list(speaking(session, name)), order=found.ordered,
    )  # fmt: skip


def speaking(session: Session, name: str) -> tuple[str, ...]:
    """The units that are to speak. Raises Refusal (404)."""
    found = proceedings.speakers(session, name)
    excused = {unit for unit, one in proceedings.statements(session, name).items() if one.state == "excused"}
    return speakers(found.ordered, found.number, excused)
