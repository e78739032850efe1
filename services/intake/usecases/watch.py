"""What the clock does at intake: what fell due fires, and what waits for a person stands in gauges."""

from collections.abc import Callable

from services.intake import metrics, store
from services.intake.rules import Rules
from services.intake.usecases import appointing, coverage, deadlines, planning, retention, roster
from shared.store import Tx

FIRING: tuple[Callable[[Rules, Tx], bool], ...] = (
    deadlines.tick,
    roster.tick,
    retention.tick,
    coverage.tick,
    planning.open_ended,
    appointing.tick,
)
"""Each fires a bounded number of things that are due by now, and says whether there are more."""

AT_START: tuple[Callable[[Rules, Tx], None], ...] = (deadlines.count_anew,)
"""Run once, before anything fires."""


def ticker(rules: Rules) -> Callable[[Tx], bool]:
    """The tick of a service that has just started."""
    waiting = list(AT_START)

    def tick(tx: Tx) -> bool:
        for begin in waiting:
            begin(rules, tx)
        more = [fire(rules, tx) for fire in FIRING]
        _measure(tx)
        waiting.clear()
        return any(more)

    return tick


def _measure(tx: Tx) -> None:
    for what, count in store.gauges(tx.session, tx.now).items():
        metrics.WAITING.labels(what).set(count)
