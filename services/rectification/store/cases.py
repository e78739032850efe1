"""Cases and their petitioners: rows to domain values and back. Never commits."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping, bindparam, select
from sqlmodel import Session

from services.rectification.domain.case import Card, Case, Closing, Petitioner, Report, Span, State
from services.rectification.domain.request import Ground, Request, Suspension, Wish
from services.rectification.store.exclusion import IS_EXCLUDED
from services.rectification.store.tables import cases, kept_links, petitioners
from services.rectification.store.upsert import upsert


def find(session: Session, number: str) -> Case | None:
    """The case, or None."""
    row = session.connection().execute(_BY_NUMBER, {"wanted": number}).mappings().one_or_none()
    return None if row is None else case_of(row)


def insert(session: Session, case: Case) -> None:
    """A new case."""
    session.connection().execute(cases.insert(), [{**_card_columns(case.card), **_moving_columns(case)}])


def update(session: Session, case: Case) -> None:
    """A case as it stands now, with what the office may change of its card."""
    card = _card_columns(case.card)
    ruled = {name: card[name] for name in _RULED}
    session.connection().execute(_UPDATE, {"wanted": case.number, **ruled, **_moving_columns(case)})


def petitioners_of(session: Session, number: str) -> tuple[Petitioner, ...]:
    """Everybody linked to the case, by complaint number."""
    rows: Iterable[Any] = session.connection().execute(_PETITIONERS, {"wanted": number})
    return tuple(Petitioner(*row) for row in rows)


def save_petitioners(session: Session, number: str, changed: Iterable[Petitioner], removed: Iterable[str]) -> None:
    """New and changed petitioners, and those whose link was undone."""
    rows = [
        {"case_number": number, **{name: getattr(person, name) for name in _KEPT_OF_PETITIONERS}} for person in changed
    ]
    if rows:
        upsert(session, petitioners, rows)
    for one in removed:
        gone = (petitioners.c.case_number == number) & (petitioners.c.number == one)
        session.connection().execute(petitioners.delete().where(gone))


def keep_link(session: Session, lead: str, number: str, at: datetime, how: str, *, can_be_called: bool) -> None:
    """Remember a link until its case opens."""
    row = {"lead": lead, "number": number, "at": at, "how": how, "can_be_called": can_be_called}
    upsert(session, kept_links, [row])


def take_kept_links(session: Session, lead: str) -> tuple[Petitioner, ...]:
    """The links that waited for this case; they are no longer kept."""
    found = tuple(Petitioner(*row) for row in session.connection().execute(_KEPT_LINKS, {"of_lead": lead}))
    if found:
        session.connection().execute(kept_links.delete().where(kept_links.c.lead == lead))
    return found


def drop_kept_link(session: Session, lead: str, number: str) -> bool:
    """Forget a kept link; False if there is none."""
    one = (kept_links.c.lead == lead) & (kept_links.c.number == number)
    return bool(session.connection().execute(kept_links.delete().where(one)).rowcount)


def case_of(row: RowMapping) -> Case:
    """A row as the domain sees it."""
    card = Card(
        number=row["number"],
        card=row["card"],
        lead_unit=row["lead_unit"],
        cooperating_units=tuple(row["cooperating_units"]),
        territorial_unit=row["territorial_unit"],
        paying_unit=row["paying_unit"],
        track=row["track"],
        channel=row["channel"],
        topic=row["topic"],
        dimension=row["dimension"],
        title=row["title"],
        text=row["text"],
        approver_role=row["approver_role"],
        days=row["days"],
        self_reported=row["self_reported"],
    )
    return Case(
        card=card,
        opened_at=row["opened_at"],
        original=Span(row["due"], row["expires_at"], row["provisional"]),
        span=Span(row["run_due"], row["run_expires_at"], row["run_provisional"]),
        state=State(row["state"]),
        run=row["run"],
        round=row["round"],
        returns=row["returns"],
        times_closed=row["times_closed"],
        handler=row["handler"],
        accepted_at=row["accepted_at"],
        report=_report(row["report"]),
        decisive_at=row["decisive_at"],
        callback_expires_at=row["callback_expires_at"],
        closing=_closing(row["closing"]),
        reopened_by=row["reopened_by"],
        acknowledged_at=row["acknowledged_at"],
        lead_since=row["lead_since"],
        suspension=_suspension(row["suspension"]),
        request=_request(row["request"]),
        extension_asked=row["extension_asked"],
        difficulty=row["difficulty"],
    )


def _card_columns(card: Card) -> dict[str, Any]:
    columns = {name: getattr(card, name) for name in Card.__slots__}
    return {**columns, "cooperating_units": list(card.cooperating_units)}


def _moving_columns(case: Case) -> dict[str, Any]:
    return {
        "opened_at": case.opened_at,
        "due": case.original.due,
        "expires_at": case.original.expires_at,
        "provisional": case.original.provisional,
        "state": case.state.value,
        "run": case.run,
        "run_due": case.span.due,
        "run_expires_at": case.span.expires_at,
        "run_provisional": case.span.provisional,
        "round": case.round,
        "returns": case.returns,
        "times_closed": case.times_closed,
        "handler": case.handler,
        "accepted_at": case.accepted_at,
        "report": _report_as_json(case.report),
        "solved_at": case.report.at if case.report else None,
        "decisive_at": case.decisive_at,
        "callback_expires_at": case.callback_expires_at,
        "closing": _closing_as_json(case.closing),
        "closed_at": case.closing.at if case.closing else None,
        "outcome": case.closing.outcome if case.closing else None,
        "reopened_by": case.reopened_by,
        "acknowledged_at": case.acknowledged_at,
        "lead_since": case.lead_since,
        "suspended_at": case.suspension.at if case.suspension else None,
        "suspension": _dated(case.suspension),
        "request": _dated(case.request),
        "extension_asked": case.extension_asked,
        "difficulty": case.difficulty,
    }


def _dated(value: Suspension | Request | None) -> dict[str, Any] | None:
    if value is None:
        return None
    values: dict[str, Any] = {name: getattr(value, name) for name in value.__slots__}
    return values | {"at": value.at.isoformat()}


def _report_as_json(report: Report | None) -> dict[str, Any] | None:
    if report is None:
        return None
    values: dict[str, Any] = {name: getattr(report, name) for name in Report.__slots__}
    return values | {"at": report.at.isoformat()}


def _closing_as_json(closing: Closing | None) -> dict[str, Any] | None:
    if closing is None:
        return None
    values: dict[str, Any] = {name: getattr(closing, name) for name in Closing.__slots__}
    span = closing.span
    judged_by = {
        "due": span.due.isoformat(),
        "expires_at": span.expires_at.isoformat(),
        "provisional": span.provisional,
    }
    return values | {"at": closing.at.isoformat(), "span": judged_by}


def _report(stored: dict[str, Any] | None) -> Report | None:
    if stored is None:
        return None
    at = datetime.fromisoformat(stored["at"])
    return Report(**{**stored, "at": at, "evidence": tuple(stored["evidence"])})


def _suspension(stored: dict[str, Any] | None) -> Suspension | None:
    if stored is None:
        return None
    return Suspension(datetime.fromisoformat(stored["at"]), Ground(stored["ground"]), stored["reasons"])


def _request(stored: dict[str, Any] | None) -> Request | None:
    if stored is None:
        return None
    ground = Ground(stored["ground"]) if stored["ground"] else None
    at = datetime.fromisoformat(stored["at"])
    return Request(**{**stored, "kind": Wish(stored["kind"]), "at": at, "ground": ground})


def _closing(stored: dict[str, Any] | None) -> Closing | None:
    if stored is None:
        return None
    at, span = datetime.fromisoformat(stored["at"]), stored["span"]
    expires_at = datetime.fromisoformat(span["expires_at"])
    judged_by = Span(date.fromisoformat(span["due"]), expires_at, span["provisional"])
    return Closing(**{**stored, "at": at, "grades": tuple(stored["grades"]), "span": judged_by})


_RULED = ("lead_unit", "cooperating_units", "territorial_unit", "paying_unit", "track", "days")
_KEPT_OF_PETITIONERS = tuple(name for name in Petitioner.__slots__ if name != "excluded")
_KEPT_LINKS = (
    select(kept_links.c.number, kept_links.c.at, kept_links.c.can_be_called)
    .where(kept_links.c.lead == bindparam("of_lead"))
    .order_by(kept_links.c.at, kept_links.c.number)
)
_BY_NUMBER = select(cases).where(cases.c.number == bindparam("wanted"))
_UPDATE = cases.update().where(cases.c.number == bindparam("wanted"))
_PETITIONERS = (
    select(*(petitioners.c[name] for name in _KEPT_OF_PETITIONERS), IS_EXCLUDED)
    .where(petitioners.c.case_number == bindparam("wanted"))
    .order_by(petitioners.c.number)
)
