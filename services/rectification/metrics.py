"""Rectification's own counters. Labels never hold a case, a unit or a person."""

from collections import Counter as Tally
from typing import Any

from prometheus_client import Counter, Gauge, Histogram
from sqlalchemy import event
from sqlmodel import Session

from services.rectification.domain import facts
from services.rectification.domain import promise_facts as promised
from shared.store import Tx

OPENED = Counter("minping_rectification_cases_opened_total", "Cases opened, by track", ["track"])
SOLVED = Counter("minping_rectification_cases_solved_total", "Solutions submitted, by whether late", ["late"])
CLOSED = Counter("minping_rectification_cases_closed_total", "Cases closed, by outcome", ["outcome"])
LATE = Counter("minping_rectification_cases_late_total", "Cases closed late")
RETURNED = Counter("minping_rectification_cases_returned_total", "Cases returned to the unit")
REOPENED = Counter("minping_rectification_cases_reopened_total", "Cases reopened, by reason", ["reason"])
LAPSED = Counter("minping_rectification_cases_lapsed_total", "Cases without result at a cycle's end")
STEPS = Counter(
    "minping_rectification_deadline_steps_total", "Steps of deadlines that fired", ["kind", "phase", "step"]
)
CALLBACKS = Counter("minping_rectification_callbacks_total", "Answers of petitioners, by result", ["result"])
PLANS = Counter("minping_rectification_plans_total", "Versions of plans, by what became of them", ["what"])
PROMISES = Counter("minping_rectification_commitments_total", "Commitments made, and found by inspections", ["what"])
DUTIES = Counter("minping_rectification_duties_total", "Dated duties, by what became of them", ["what"])
LATE_DAYS = Histogram(
    "minping_rectification_late_days",
    "Working days after the due date of cases closed late",
    buckets=(1, 2, 3, 5, 7, 10, 15, 30, 60),
)
OPEN = Gauge("minping_rectification_cases_open", "Cases that are open")
ENTRIES = Gauge("minping_rectification_ledger_entries", "Entries of the ledger")

_WAITING = "metrics_waiting"


def count(tx: Tx, happened: tuple[facts.Fact, ...], *, track: str = "") -> None:
    """Count these facts once the transaction is committed: one that fails is run again and must not count twice."""
    session = tx.session
    waiting: list[tuple[facts.Fact, str]] | None = session.info.get(_WAITING)
    if waiting is None:
        waiting = session.info[_WAITING] = []
        event.listen(session, "after_commit", _committed, once=True)
    waiting += ((fact, track) for fact in happened)


def show(*, open_cases: int | None = None, entries: int | None = None) -> None:
    """Set the gauges."""
    if open_cases is not None:
        OPEN.set(open_cases)
    if entries is not None:
        ENTRIES.set(entries)


def _committed(session: Session) -> None:
    waiting: list[tuple[facts.Fact, str]] = session.info.pop(_WAITING, [])
    tally: Tally[tuple[Any, tuple[str, ...]]] = Tally()
    opened = 0
    for fact, track in waiting:
        match fact:
            case facts.Opened():
                tally[OPENED, (track,)] += 1
                opened += 1
            case facts.Solved():
                tally[SOLVED, ("yes" if fact.late else "no",)] += 1
            case facts.Closed():
                opened -= 1
                if not fact.again:
                    tally[CLOSED, (fact.closing.outcome,)] += 1
                    if fact.closing.late:
                        tally[LATE, ()] += 1
                        LATE_DAYS.observe(fact.closing.late_days)
            case facts.Returned():
                tally[RETURNED, ()] += 1
            case facts.Reopened():
                opened += 1
                tally[REOPENED, (fact.reason,)] += 1
            case facts.Lapsed():
                tally[LAPSED, ()] += 1
            case facts.StepFired():
                tally[STEPS, (fact.deadline.kind.value, fact.step.phase.value, fact.step.name)] += 1
            case facts.Answered():
                tally[CALLBACKS, (fact.result if fact.counts else "repeated",)] += 1
            case promised.PlanSubmitted():
                tally[PLANS, ("submitted",)] += 1
            case promised.PlanReturned():
                tally[PLANS, ("returned",)] += 1
            case promised.PlanFiled():
                tally[PLANS, ("filed",)] += 1
            case promised.Committed():
                tally[PROMISES, ("made",)] += 1
            case promised.Inspected():
                tally[PROMISES, (fact.inspection.verdict.value,)] += 1
            case _:
                pass
    for (counter, labels), number in tally.items():
        (counter.labels(*labels) if labels else counter).inc(number)
    OPEN.inc(opened)


def count_duties(tx: Tx, what: str, number: int = 1) -> None:
    """Count dated duties once the transaction is committed: announced, met, late (met after missed), missed."""
    event.listen(tx.session, "after_commit", lambda _: DUTIES.labels(what).inc(number), once=True)
