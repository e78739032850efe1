"""What the clock does at intake: what fell due fires, and what waits for a person stands in gauges."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import event

from services.intake import metrics, store
from services.intake.rules import Rules
from services.intake.usecases import appointing, coverage, deadlines, evidence_retention, planning, retention, roster
from shared.store import Tx
from shared.tick import Aside, Tick, run_jobs

FIRING: dict[str, Callable[[Rules, Tx, Aside], bool]] = {
    "deadlines": deadlines.tick,
    "roster": roster.tick,
    "retention": retention.tick,
    "evidence": evidence_retention.tick,
    "coverage": lambda rules, tx, _: coverage.tick(rules, tx),
    "plans": lambda rules, tx, _: planning.open_ended(rules, tx),
    "supervisors": appointing.tick,
}
"""Each fires a bounded number of things that are due by now, and says whether there are more."""


def ticker(rules: Rules) -> Tick:
    """The tick of a service that has just started: dates are counted anew once, before anything fires."""
    begun: list[bool] = []

    def begin(tx: Tx, _: Aside) -> bool:
        if not begun:
            deadlines.count_anew(rules, tx)
            event.listen(tx.session, "after_commit", lambda _: begun.append(True), once=True)
        return False

    jobs: dict[str, Tick] = {"begin": begin, **{name: partial(fire, rules) for name, fire in FIRING.items()}}

    def tick(tx: Tx, aside: Aside) -> bool:
        more = run_jobs(jobs, tx, aside)
        _measure(tx)
        return more

    return tick


def _measure(tx: Tx) -> None:
    for what, count in store.gauges(tx.session, tx.now).items():
        metrics.WAITING.labels(what).set(count)
