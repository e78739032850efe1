"""What the clock moves: duties are announced, steps fire, dates are counted anew when a calendar is published."""

from functools import partial

from services.rectification import metrics, store, usecases
from services.rectification.domain.rules import Rules
from shared.store import Tx


class Tick:
    """Called in a transaction whenever the clock moved; True if more is due."""

    def __init__(self, rules: Rules) -> None:
        self._announce = usecases.Announcing(rules)
        self._fire = partial(usecases.fire_due, rules)
        self._rules = rules
        self._begun = False

    def __call__(self, tx: Tx) -> bool:
        if not self._begun:
            # Once a start: the calendar comes with the programme and the installed package, it cannot change later.
            usecases.count_dates_anew(self._rules, tx)
            usecases.note_helpers(tx)
            metrics.show(open_cases=store.reports.open_count(tx.session))
            self._begun = True
        more = self._announce(tx)
        more = self._fire(tx) or more
        metrics.show(entries=store.ledger.head(tx.session).length)
        return more
