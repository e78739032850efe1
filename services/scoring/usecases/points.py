"""The daily score from the events of cases, appeals against its lines, and its explanation (S8)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.ledger_print import settled_json
from services.scoring.domain.points import BONUS, Evidence, Fact, facts_of_closing, upheld
from services.scoring.domain.succession import as_of
from services.scoring.store import bonus, meetings, organisation, units
from services.scoring.store import points as store
from services.scoring.store.tables import AppealRow, LineRow
from services.scoring.usecases import matters, poor
from services.scoring.usecases.charging import charge, charge_once, cycle_of
from services.scoring.usecases.daily import daily_of, inputs
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.facts import closing_key
from shared.contracts import Event
from shared.contracts.rectification import CaseClosed, CaseLapsed, CaseOpened, CaseReopened
from shared.contracts.rectification_terms import CaseReassigned
from shared.contracts.scoring import PointsAppealed, PointsRestored
from shared.errors import Refusal
from shared.store import Tx


def case_opened(tx: Tx, event: Event[CaseOpened]) -> None:
    """A case was opened: it costs nothing."""
    data = event.data
    store.see_case(tx.session, data.case, data.lead_unit, opened=True, topic=data.topic, opened_at=event.time)


def case_reassigned(tx: Tx, event: Event[CaseReassigned]) -> None:
    """Another unit leads the case (I17): it is counted there."""
    store.see_case(tx.session, event.data.case, event.data.unit, reassigned_at=event.time)


def case_reopened(tx: Tx, event: Event[CaseReopened]) -> None:
    """A case was reopened: earlier figures stay (R6)."""
    store.see_case(tx.session, event.data.case, event.data.unit, reopened=1)


def case_closed(desk: Desk, tx: Tx, event: Event[CaseClosed]) -> None:
    """A case was closed: late and verified misconduct cost points, a mere complaint nothing (S8).

    Misconduct that the unit reported, dealt with and mended itself costs nothing (R10), and brings a bonus where the
    programme has that rule.
    """
    data = event.data
    store.see_case(
        tx.session, data.case, data.unit, closed=data.times_closed, late=data.late, topic=data.topic,
        outcome=data.outcome,
    )  # fmt: skip
    mended = data.misconduct and data.self_corrected and data.outcome in matters.SOLVED
    facts = facts_of_closing(
        unit=data.paying_unit, cycle=cycle_of(desk, tx, event.time), case=data.case, late=data.late,
        misconduct=data.misconduct and not data.self_corrected, evidence=Evidence(event.time, event.id),
        mended_by=data.unit if mended and desk.programme.points.has("self_correction") else None,
    )  # fmt: skip
    matters.closed(tx, event, cycle_of(desk, tx, event.time))
    if facts:
        charge_once(desk, tx, closing_key(data.case, data.times_closed), facts, author=data.signed_by)
    poor.judge(desk, tx, data.case)


def case_lapsed(desk: Desk, tx: Tx, event: Event[CaseLapsed]) -> None:
    """A case was open and past due at the cycle's end: no result (R7)."""
    data = event.data
    store.see_case(tx.session, data.case, data.unit, lapsed=True)
    evidence = Evidence(event.time, event.id)
    charge(desk, tx, Fact(data.paying_unit, data.cycle_name, data.case, "no_result", evidence), author="")


class AppealView(BaseModel):
    """An appeal against a line."""

    line: str
    unit: str
    state: str
    grounds: str
    appealed_at: datetime
    ruled_at: datetime | None = None
    reason: str | None = None


def _appeal_view(row: AppealRow) -> AppealView:
    return AppealView(
        line=row.line, unit=row.unit, state=row.state, grounds=row.grounds, appealed_at=row.appealed_at,
        ruled_at=row.ruled_at, reason=row.reason,
    )  # fmt: skip


def appeal(desk: Desk, tx: Tx, key: str, grounds: str) -> AppealView:
    """The unit's leader appeals a line within the period (S8), of his or of one whose heir it is. Raises Refusal."""
    actor, row = acting(tx), store.line(tx.session, key)
    before = organisation.inherited(tx.session, desk.calendar.local_date(tx.now))
    if row.unit != actor.unit and row.unit not in before.get(actor.unit or "", ()):
        raise Refusal("line", key, "is a line of another unit", "appeal the lines of your own unit", 403)
    if row.rule in BONUS:
        raise Refusal("line", key, "is a bonus", "appeals are against deductions", 409)
    line = store.as_line(row)
    if not line.stands:
        raise Refusal("line", key, "was restored already", "nothing to appeal", 409)
    open_evidence = {e.event for e in line.evidence} - line.restored
    earlier = store.appeals_of(tx.session, [key])
    if any(a.state == "pending" for a in earlier):
        raise Refusal("line", key, "is under appeal already", "wait for the ruling", 409)
    if any(a.state == "dismissed" and open_evidence <= set(a.evidence) for a in earlier):
        raise Refusal("line", key, "the appeal was dismissed", "there is one appeal", 409)
    if tx.now >= row.appeal_until:
        raise Refusal("line", key, f"could be appealed until {row.appeal_until.isoformat()}", "the line stands", 409)
    if not grounds.strip():
        raise Refusal("grounds", grounds, "empty", "say why the line is wrong")
    found = AppealRow(
        line=key, unit=row.unit, cycle=row.cycle, grounds=grounds, evidence=sorted(open_evidence),
        appealed_by=actor.sub, appealed_at=tx.now,
    )  # fmt: skip
    tx.session.add(found)
    metrics.after_commit(tx, lambda: metrics.APPEALS.labels("filed").inc())
    tx.publish(PointsAppealed(line=key, unit=row.unit, grounds=grounds), subject=key, cycle=row.cycle or None)
    return _appeal_view(found)


def rule_on_appeal(tx: Tx, key: str, *, is_upheld: bool, reason: str) -> AppealView:
    """Somebody else than the line's author and the appellant rules; an upheld appeal restores (S8)."""
    actor, row = acting(tx), store.line(tx.session, key)
    found = next((a for a in store.appeals_of(tx.session, [key]) if a.state == "pending"), None)
    if found is None:
        raise Refusal("line", key, "is not under appeal", "nothing to rule on", 409)
    if actor.sub in {found.appealed_by, *row.authors} or (actor.unit is not None and actor.unit == row.unit):
        raise Refusal("ruled_by", actor.sub, "is the line's author, or of the unit", "let somebody else rule", 403)
    if not reason.strip():
        raise Refusal("reason", reason, "empty", "give the ruling's reason")
    found.state = "upheld" if is_upheld else "dismissed"
    found.ruled_by, found.ruled_at, found.reason = actor.sub, tx.now, reason
    stood = store.as_line(row).stands
    if is_upheld:
        store.keep(row, upheld(store.as_line(row), found.evidence))
    if is_upheld and stood:
        tx.publish(
            PointsRestored(line=key, unit=row.unit, points=-row.points, reason=reason),
            subject=key,
            cycle=row.cycle or None,
        )
    metrics.after_commit(tx, lambda: metrics.APPEALS.labels(found.state).inc())
    return _appeal_view(found)


class LineView(BaseModel):
    """A line of the daily score with its evidence and appeals."""

    line: str
    case: str
    rule: str
    label: str
    points: Decimal
    stands: bool
    evidence: list[str]
    occurred: datetime
    appeal_until: datetime
    appeals: list[AppealView] = Field(default_factory=list)
    withdrawn: str | None = Field(default=None, description="why the office withdrew the bonus")


class CaseCharge(BaseModel):
    """What a case costs in the cycle; `cut`: what is over the most that a case may cost."""

    case: str
    points: Decimal
    cut: Decimal


class DailyView(BaseModel):
    """A unit's daily score, how it comes about, and what was seen of its cases.

    missing: why there is none yet; `score` is then what can be said so far. ledger: what enters it besides deductions.
    """

    unit: str
    cycle: str
    score: Decimal
    missing: str | None = None
    formula: str
    charges: list[CaseCharge]
    lines: list[LineView]
    cases: dict[str, int]
    ledger: dict[str, Any] | None = None


def inherited(desk: Desk, session: Session, cycle: str) -> dict[str, list[str]]:
    """By heir: units that were no more at the end of a cycle and were not voted on in it; their lines of this cycle
    count for the heir (S1). Who was voted on has a result of his own."""
    last_day = desk.calendar.local_date(units.cycle(session, cycle).ends - timedelta(microseconds=1))
    voted_on = {unit for meeting in meetings.of_cycle(session, cycle) for unit in meeting.units}
    found = organisation.inherited(session, last_day)
    return {heir: [unit for unit in before if unit not in voted_on] for heir, before in found.items()}


def explain_daily(desk: Desk, session: Session, unit: str, cycle: str) -> DailyView:
    """A unit's daily score with every line and its evidence (S8)."""
    units.unit(session, unit)
    earlier = units.earlier_cycles(session, cycle)
    of = [unit, *inherited(desk, session, cycle).get(unit, ())]
    rows = store.lines_of(session, of, [*earlier, cycle])
    own = as_of(unit, map(store.as_line, rows))
    daily, settled = daily_of(inputs(desk, session, cycle, {unit: of}), unit, cycle, own, earlier)
    now, numbers = [row for row in rows if row.cycle == cycle], desk.numbers
    lost = sum((c.points for c in daily.charges), Decimal(0))
    last = settled.reckoned.entries[-1].sum if settled.reckoned else None
    return DailyView(
        unit=unit,
        cycle=cycle,
        score=settled.score,
        missing=settled.missing,
        formula=last or f"max({numbers.floor}, {numbers.start} - {lost}) = {daily.score}",
        charges=[CaseCharge(case=c.case, points=c.points, cut=c.cut) for c in daily.charges],
        lines=_line_views(desk, session, now),
        cases=store.case_figures(session, unit),
        ledger=cast("dict[str, Any] | None", settled_json(settled)),
    )


def _line_views(desk: Desk, session: Session, rows: Sequence[LineRow]) -> list[LineView]:
    labels: dict[str, str] = {rule.key: rule.label.zh for rule in desk.programme.points.every_rule}
    withdrawn = bonus.withdrawals(session, [row.id for row in rows])
    appeals = store.appeals_of(session, [row.id for row in rows])
    found = []
    for row in rows:
        line = store.as_line(row)
        found.append(
            LineView(
                line=row.id, case=row.case, rule=row.rule, label=labels.get(row.rule, row.rule), points=row.points,
                stands=line.stands, evidence=[e.event for e in line.evidence], occurred=line.evidence[0].occurred,
                appeal_until=row.appeal_until, appeals=[_appeal_view(a) for a in appeals if a.line == row.id],
                withdrawn=None if line.stands or row.id not in withdrawn else withdrawn[row.id].reason,
            )
        )  # fmt: skip
    return found
