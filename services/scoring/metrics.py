"""Scoring's own counters. Never an interim result, never a figure of one unit's ballots."""

from collections.abc import Callable, Mapping

from prometheus_client import Counter, Gauge
from sqlalchemy import event

from shared.store import Tx

BALLOTS = Counter("minping_scoring_ballots_total", "Ballots by outcome: accepted, repeated, refused", ["outcome"])
LINES = Counter("minping_scoring_point_lines_total", "Lines of daily scores, by rule", ["rule"])
APPEALS = Counter("minping_scoring_appeals_total", "Appeals: filed, upheld, dismissed", ["step"])
EVALUATIONS = Counter("minping_scoring_evaluations_total", "Online evaluations by what became of them", ["outcome"])
FLAGGED = Counter(
    "minping_scoring_evaluations_flagged_total",
    "Online evaluations beyond a limit, counted all the same: device, string, burst",
    ["kind"],
)
MEETINGS = Gauge("minping_scoring_meetings", "Meetings by state", ["state"])
CONSEQUENCES = Counter(
    "minping_scoring_consequences_total",
    "Consequences: proposed, confirmed, withdrawn, executed, closed, overturned, overdue",
    ["step"],
)
FILINGS = Counter(
    "minping_scoring_filings_total",
    "Results filed upward, by way (sent by this office, taken from others) and what became of them",
    ["way", "state"],
)


def after_commit(tx: Tx, do: Callable[[], None]) -> None:
    """Count only what was committed: a transaction that fails is run again, and must not count twice."""
    event.listen(tx.session, "after_commit", lambda _session: do(), once=True)


def show_meetings(by_state: Mapping[str, int]) -> None:
    """Set the gauge of meetings."""
    for state, number in by_state.items():
        MEETINGS.labels(state).set(number)


def count_filing(way: str, state: str) -> None:
    """Count what became of a filing. way: sent, taken."""
    FILINGS.labels(way, state).inc()


def count_evaluations(outcomes: Mapping[str, int]) -> None:
    """Count what became of a batch."""
    for outcome, number in outcomes.items():
        EVALUATIONS.labels(outcome).inc(number)
