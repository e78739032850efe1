"""Deadlines in the store: what runs, what is due. Never commits."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, case, literal, null, select, tuple_
from sqlmodel import Session

from services.rectification.domain.deadline import Deadline, Pause
from services.rectification.domain.difficulty import OUTSTANDING
from services.rectification.domain.escalation import DECIDING, Kind
from services.rectification.store.tables import cases, deadlines
from services.rectification.store.units import helpers


@dataclass(frozen=True, slots=True)
class Running:
    """A deadline with what its letters need: the unit, the case's title, whether somebody took the case, and whether
    it is an outstanding problem."""

    deadline: Deadline
    unit: str
    title: str
    assigned: bool
    ended: bool
    next_at: datetime | None
    outstanding: bool = False


def insert(session: Session, unit: str, begun: Iterable[tuple[Deadline, datetime | None]]) -> None:
    """New deadlines, each with the instant of its first step; `unit` has the duty where they name none."""
    rows = [{**_columns(deadline), "unit": deadline.unit or unit, "next_at": next_at} for deadline, next_at in begun]
    if rows:
        session.connection().execute(deadlines.insert(), rows)


def end(session: Session, case: str, kinds: Iterable[Kind], at: datetime) -> None:
    """These deadlines of the case run no longer: no further step of theirs fires."""
    session.connection().execute(_END, {"of_case": case, "of_kinds": [kind.value for kind in kinds], "at": at})


def end_these(session: Session, ended: Iterable[Deadline], at: datetime) -> None:
    """Single deadlines run no longer."""
    for deadline in ended:
        one = deadlines.c.id == deadline.id
        session.connection().execute(deadlines.update().where(one).values(ended_at=at, next_at=None))


def of_case(session: Session, case: str, *, running: bool = False) -> list[Running]:
    """The case's deadlines in the order in which they began; `running`: those that have not ended."""
    query = _JOINED.where(deadlines.c.case_number == case)
    if running:
        query = query.where(deadlines.c.ended_at.is_(None))
    rows = session.connection().execute(query.order_by(deadlines.c.started_at, deadlines.c.id)).mappings()
    return [_running(row) for row in rows]


def by_id(session: Session, key: int) -> Running | None:
    """One deadline."""
    row = session.connection().execute(_JOINED.where(deadlines.c.id == key)).mappings().one_or_none()
    return None if row is None else _running(row)


def due_of_case(session: Session, case: str, now: datetime) -> list[Running]:
    """The case's deadlines with a step due at `now`."""
    rows = session.connection().execute(_DUE_OF_CASE, {"of_case": case, "now": now}).mappings()
    return [_running(row) for row in rows]


def due(session: Session, now: datetime, limit: int, without: Collection[str] = ()) -> list[Running]:
    """Deadlines with a step due at `now`, the earliest first, then by case; but of the cases named."""
    query = DUE.where(deadlines.c.case_number.not_in(without)) if without else DUE
    rows = session.connection().execute(query, {"now": now, "most": limit}).mappings()
    return [_running(row) for row in rows]


def first_due(session: Session, now: datetime, without: Collection[str]) -> str | None:
    """The number of the matter whose step fell due the longest ago; but those named."""
    query = select(deadlines.c.case_number).where(deadlines.c.next_at <= now, deadlines.c.case_number.not_in(without))
    return session.connection().execute(query.order_by(deadlines.c.next_at, deadlines.c.case_number).limit(1)).scalar()


def save_fired(session: Session, fired: Iterable[tuple[Deadline, datetime | None]]) -> None:
    """Deadlines whose steps fired, each with the instant of the next step."""
    rows = [{"of_id": deadline.id, "fired": list(deadline.fired), "next_at": next_at} for deadline, next_at in fired]
    if rows:
        session.connection().execute(_FIRED, rows)


def save_moved(session: Session, deadline: Deadline, next_at: datetime | None) -> None:
    """A deadline that was counted anew, extended, suspended or resumed; where it ended no step of it fires."""
    ended = deadlines.c.ended_at.is_not(None)
    changed = {**_columns(deadline), "next_at": case((ended, null()), else_=literal(next_at, deadlines.c.next_at.type))}
    session.connection().execute(deadlines.update().where(deadlines.c.id == deadline.id).values(changed))


def provisional(session: Session, after: int, limit: int) -> list[Running]:
    """Deadlines counted without a published calendar that still matter, by id: they run, or they will decide whether
    a case was late that was reported solved and is not closed yet."""
    decides = deadlines.c.kind.in_([kind.value for kind in DECIDING]) & (cases.c.run == 1) & (cases.c.state != "closed")
    matters = deadlines.c.ended_at.is_(None) | decides
    query = _JOINED.where(deadlines.c.provisional & matters & (deadlines.c.id > after))
    rows = session.connection().execute(query.order_by(deadlines.c.id).limit(limit)).mappings()
    return [_running(row) for row in rows]


def page(session: Session, *, unit: str | None, after: tuple[datetime, int] | None, limit: int) -> list[Running]:
    """Running deadlines, the earliest expiry first."""
    query = _JOINED.where(deadlines.c.ended_at.is_(None))
    if unit is not None:
        query = query.where(deadlines.c.unit == unit)
    if after is not None:
        key = tuple_(deadlines.c.expires_at, deadlines.c.id)
        last = tuple_(bindparam("last_at", after[0], type_=deadlines.c.expires_at.type), bindparam("last_id", after[1]))
        query = query.where(key > last)
    query = query.order_by(deadlines.c.expires_at, deadlines.c.id).limit(limit)
    return [_running(row) for row in session.connection().execute(query).mappings()]


def overdue_at(session: Session, instant: datetime, case: str | None = None) -> list[Running]:
    """Deadlines of units to solve or rework that had expired at the instant and had not been met by then, by case; of
    one case if it is named.

    Judged by stored instants, so it does not matter how much later this is asked (R7).
    """
    # What stood still when its date came did not expire.
    ran_out = deadlines.c.suspended_at.is_(None) | (deadlines.c.suspended_at >= deadlines.c.expires_at)
    of_unit = (
        deadlines.c.kind.in_([kind.value for kind in (*DECIDING, Kind.REWORK)])
        & (deadlines.c.expires_at <= instant)
        & ran_out
    )
    if case is not None:
        of_unit &= deadlines.c.case_number == case
    found: dict[str, Running] = {}
    for met in (deadlines.c.ended_at.is_(None), deadlines.c.ended_at > instant):
        for row in session.connection().execute(_JOINED.where(of_unit & met)).mappings():
            found[row["case_number"]] = _running(row)
    return [found[number] for number in sorted(found)]


def _columns(deadline: Deadline) -> dict[str, Any]:
    return {
        "case_number": deadline.case,
        "kind": deadline.kind.value,
        "started_at": deadline.started_at,
        "days": deadline.days,
        "due": deadline.due,
        "expires_at": deadline.expires_at,
        "provisional": deadline.provisional,
        "fired": list(deadline.fired),
        "extension_days": deadline.extension_days,
        "pauses": [[_iso(pause.since), _iso(pause.until)] for pause in deadline.pauses] or None,
        "suspended_at": deadline.suspended_at,
        "runs_from": deadline.runs_from,
        "ref": deadline.ref,
        "label": deadline.label,
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _pauses(stored: list[list[str | None]] | None) -> tuple[Pause, ...]:
    return tuple(
        Pause(datetime.fromisoformat(since), datetime.fromisoformat(until) if until else None)
        for since, until in stored or ()
        if since
    )


def _running(row: RowMapping) -> Running:
    due_on: date = row["due"]
    deadline = Deadline(
        case=row["case_number"],
        kind=Kind(row["kind"]),
        started_at=row["started_at"],
        days=row["days"],
        due=due_on,
        expires_at=row["expires_at"],
        provisional=row["provisional"],
        fired=tuple(row["fired"]),
        id=row["id"],
        unit=row["unit"],
        extension_days=row["extension_days"],
        pauses=_pauses(row["pauses"]),
        runs_from=row["runs_from"],
        ref=row["ref"],
        label=row["label"],
    )
    ended = row["ended_at"] is not None
    title = deadline.label or row["title"]
    outstanding = row["difficulty"] in OUTSTANDING
    return Running(deadline, row["unit"], title, row["handler"] is not None, ended, row["next_at"], outstanding)


# A deadline belongs to a matter: mostly a case, whose title and handler its letters need; a duty's stands by itself.
# Whoever handles it in the unit whose duty it is: the lead unit's handler, or that of a unit that helps.
_HANDLER = case((deadlines.c.kind == Kind.CONTRIBUTE.value, helpers.c.handler), else_=cases.c.handler).label("handler")
_HELPS = (helpers.c.case_number == deadlines.c.case_number) & (helpers.c.unit == deadlines.c.unit)
_JOINED = (
    select(deadlines, cases.c.title, cases.c.difficulty, _HANDLER)
    .outerjoin(cases, cases.c.number == deadlines.c.case_number)
    .outerjoin(helpers, _HELPS)
)
_DUE_OF_CASE = _JOINED.where(
    (deadlines.c.case_number == bindparam("of_case"))
    & (deadlines.c.next_at.is_not(None))
    & (deadlines.c.next_at <= bindparam("now"))
).order_by(deadlines.c.next_at, deadlines.c.id)
DUE = (
    _JOINED.where(deadlines.c.next_at.is_not(None) & (deadlines.c.next_at <= bindparam("now")))
    .order_by(deadlines.c.next_at, deadlines.c.case_number, deadlines.c.id)
    .limit(bindparam("most"))
)
_END = (
    deadlines.update()
    .where(
        (deadlines.c.case_number == bindparam("of_case"))
        & deadlines.c.ended_at.is_(None)
        & deadlines.c.kind.in_(bindparam("of_kinds", expanding=True))
    )
    .values(ended_at=bindparam("at"), next_at=None)
)
_FIRED = deadlines.update().where(deadlines.c.id == bindparam("of_id"))
