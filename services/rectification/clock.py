"""What the clock moves: duties are announced, steps fire, dates are counted anew when a calendar is published."""

from functools import partial

from sqlalchemy import event
from sqlmodel import Session

from services.rectification import metrics, store, usecases
from services.rectification.domain.rules import Rules
from shared.store import Tx
from shared.tick import Aside, run_jobs
from shared.tick import Tick as Clocked


class Tick:
    """Called in a transaction whenever the clock moved; True if more is due."""

    def __init__(self, rules: Rules) -> None:
        announce = usecases.Announcing(rules)
        self._jobs: dict[str, Clocked] = {
            "begin": self._begin,
            "announce": lambda tx, _: announce(tx),
            "fire": partial(usecases.fire_due, rules),
        }
        self._rules = rules
        self._begun = False

    def __call__(self, tx: Tx, aside: Aside) -> bool:
        more = run_jobs(self._jobs, tx, aside)
        metrics.show(entries=store.ledger.head(tx.session).length)
        return more

    def _begin(self, tx: Tx, _: Aside) -> bool:
        """Once a start: the calendar comes with the programme and the installed package, it cannot change later."""
        if self._begun:
            return False
        usecases.count_dates_anew(self._rules, tx)
        usecases.note_helpers(tx)
        metrics.show(open_cases=store.reports.open_count(tx.session))
        event.listen(tx.session, "after_commit", self._has_begun, once=True)
        return False

    def _has_begun(self, _: Session) -> None:
        self._begun = True
