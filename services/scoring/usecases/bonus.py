"""Bonus points (S8): commendations from outside, and bonuses that the office withdraws with a reason.

What a bonus rests on (good practice, self-correction) comes by events; see `facts` and `points`.
"""

import datetime as dt

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.points import BONUS, Evidence, Fact
from services.scoring.store import bonus as store
from services.scoring.store import points as lines
from services.scoring.store import units
from services.scoring.store.bonus import BonusWithdrawalRow, CommendationRow
from services.scoring.usecases.charging import charge, cycle_of_day, take_away
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.versions import second_person
from shared.errors import Refusal
from shared.store import Tx


class NewCommendation(BaseModel):
    """A commendation that a unit was given by somebody else than this office, with its document."""

    unit: str
    title: str = Field(min_length=1, max_length=300)
    awarded_on: dt.date
    document: str = Field(min_length=1, max_length=500, description="what proves it: issuer, title, number, date")
    document_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")


class CommendationDecision(BaseModel):
    """What a second person says of it: he confirms, or refuses with a reason."""

    confirmed: bool
    reason: str = Field(default="", max_length=2000)


class CommendationView(NewCommendation):
    """A commendation as entered and decided. state: waiting, confirmed, refused."""

    commendation: int
    cycle: str
    entered_by: str
    entered_at: dt.datetime
    state: str
    decided_by: str | None
    decided_at: dt.datetime | None
    decision: str


class CommendationPage(BaseModel):
    """Commendations in the order in which they were entered; `next`: cursor of the following page, null at the end."""

    items: list[CommendationView]
    next: str | None = None


class WithdrawalView(BaseModel):
    """That a bonus line was withdrawn: it stays to be seen and counts no more."""

    line: str
    unit: str
    evidence: list[str]
    reason: str
    withdrawn_by: str
    withdrawn_at: dt.datetime


def commend(desk: Desk, tx: Tx, given: NewCommendation) -> CommendationView:
    """The office enters a commendation; it waits for a second person (S8). Raises Refusal."""
    if not desk.programme.points.has("commendation"):
        raise Refusal("commendation", given.unit, "the programme gives no bonus for it", "see points.bonus in it", 404)
    units.unit(tx.session, given.unit)
    for name in ("title", "document"):
        if not getattr(given, name).strip():
            raise Refusal(name, "", "empty", "write what it is and what proves it")
    if given.awarded_on > desk.calendar.local_date(tx.now):
        raise Refusal("awarded_on", given.awarded_on.isoformat(), "lies in the future", "enter it when it is given")
    cycle = cycle_of_day(desk, tx, given.awarded_on)
    if not cycle:
        raise Refusal("awarded_on", given.awarded_on.isoformat(), "lies in no cycle", "it counts in no daily score")
    row = CommendationRow(**given.model_dump(), cycle=cycle, entered_by=acting(tx).sub, entered_at=tx.now)
    tx.session.add(row)
    tx.session.flush()
    return _view(row)


def decide(desk: Desk, tx: Tx, number: int, given: CommendationDecision) -> CommendationView:
    """Somebody else than who entered it confirms or refuses it; confirmed it is a bonus line. Raises Refusal."""
    row = store.commendation(tx.session, number)
    if row.state != "waiting":
        raise Refusal("commendation", number, f"is {row.state}", "nothing to decide", 409)
    second_person(tx, row.entered_by)
    if not given.confirmed and not given.reason.strip():
        raise Refusal("reason", given.reason, "empty", "say what is wrong with it")
    row.state = "confirmed" if given.confirmed else "refused"
    row.decided_by, row.decided_at, row.decision = acting(tx).sub, tx.now, given.reason
    if given.confirmed:
        key = f"commendation:{number}"
        evidence = Evidence(desk.calendar.start_of(row.awarded_on), key)
        charge(desk, tx, Fact(row.unit, row.cycle, key, "commendation", evidence), author=row.entered_by)
    return _view(row)


def listed(session: Session, cycle: str, *, after: int, limit: int) -> CommendationPage:
    """A page of a cycle's commendations. Raises Refusal (404)."""
    units.cycle(session, cycle)
    rows = store.commendations(session, cycle, after, limit)
    return CommendationPage(items=[_view(row) for row in rows], next=str(rows[-1].id) if len(rows) == limit else None)


def withdraw(tx: Tx, key: str, reason: str) -> WithdrawalView:
    """The office contests a bonus: it counts no more, line, evidence and reason stay to be seen (S8). Raises Refusal.

    What proves it anew, later, stands by itself.
    """
    row = lines.line(tx.session, key)
    line = lines.as_line(row)
    if row.rule not in BONUS:
        raise Refusal("line", key, "is a deduction", "a deduction is restored by an appeal, or excused", 409)
    if not line.stands:
        raise Refusal("line", key, "counts no more already", "nothing to withdraw", 409)
    if not reason.strip():
        raise Refusal("reason", reason, "empty", "say why the bonus is not due")
    evidence = sorted({e.event for e in line.evidence} - line.restored)
    found = BonusWithdrawalRow(
        line=key, unit=row.unit, evidence=evidence, reason=reason.strip(), withdrawn_by=acting(tx).sub,
        withdrawn_at=tx.now,
    )  # fmt: skip
    tx.session.add(found)
    take_away(tx, key, evidence, reason.strip())
    return WithdrawalView.model_validate(found, from_attributes=True)


def _view(row: CommendationRow) -> CommendationView:
    return CommendationView(**row.model_dump(exclude={"id"}), commendation=row.id or 0)
