"""Evidence that may show who complained goes when its time is over, and what nobody claimed soon (I3, X11)."""

from datetime import timedelta

from services.intake import store
from services.intake.rules import Rules
from services.intake.usecases.retention import BATCH, erased, keeping_of, moved_on, periods, sweep_of
from shared.store import Tx
from shared.tick import Aside


def tick(rules: Rules, tx: Tx, aside: Aside) -> bool:
    """Once a local day look at everything whose period may be over, a batch at a time; whether there is more today.

    A file that another matter keeps stays for that. Whatever stops the erasing of an identity stops this too.
    """
    return _of_complaints(rules, tx, aside) or _unclaimed(rules, tx)


def _of_complaints(rules: Rules, tx: Tx, aside: Aside) -> bool:
    sweep = sweep_of(rules, tx, "evidence")
    if sweep.is_done:
        return False
    days = periods(rules)["evidence"]
    of, before = store.evidence.may_show(), tx.now - timedelta(days=days)
    numbers = store.retention.ended_before(tx.session, of, before, sweep.after, BATCH)
    lines = store.retention.lines(tx.session, numbers)
    left = aside.left("evidence")
    for number in numbers:
        if number not in left:
            with aside.trying(tx, "evidence", number):
                _erase(rules, tx, lines[number], days)
    return moved_on(sweep, numbers)


def _erase(rules: Rules, tx: Tx, line: store.Complaint, days: int) -> None:
    kept = keeping_of(rules, tx.session, line, tx.now)
    if not kept.is_over(days, tx.now):
        return
    for row in store.evidence.unreleased(tx.session, line.number):
        store.evidence.erase(tx.session, row, tx.now)
    erased(rules, tx, line.number, "evidence", kept)
    rules.must_unlink = True


def _unclaimed(rules: Rules, tx: Tx) -> bool:
    sweep = sweep_of(rules, tx, "unclaimed")
    if sweep.is_done:
        return False
    before = tx.now - timedelta(days=rules.programme.retention.unclaimed)
    rows = store.evidence.unclaimed(tx.session, before, BATCH)
    for row in rows:
        store.evidence.erase(tx.session, row, tx.now)
        rules.must_unlink = True
    return moved_on(sweep, [str(row.id) for row in rows])
