"""Channels that the settings do not name any more: what was to go there fails, and goes another way (N3)."""

from services.notify.domain.channel import EMAIL
from services.notify.domain.delivery import OPEN
from services.notify.store import letters, notices
from services.notify.usecases.desk import Desk
from services.notify.usecases.failing import tell_next_in_line, tell_operators
from services.notify.usecases.fates import publish_fate
from services.notify.usecases.sending import recover
from shared.contracts.notify import NoticeFailed
from shared.store import Tx

REASON = "the settings do not name this channel any more"


def close_lost(desk: Desk, tx: Tx) -> int:
    """At start; returns how many messages failed. What was on its way when the service stopped is uncertain."""
    count = 0
    for channel in sorted(letters.channels(tx.session) - {EMAIL, *desk.channels}):
        recover(desk, tx, None, channel=channel)
        found = [row for state in OPEN for row in letters.in_state(tx.session, state, channel)]
        carried = notices.of_letters(tx.session, [row["id"] for row in found])
        for row in found:
            count += 1
            items = carried[row["id"]]
            if not items:
                letters.change(tx.session, row["id"], {"state": "void"})
                continue
            letters.change(tx.session, row["id"], {"state": "failed", "reason": REASON, "settled_at": tx.now})
            notices.settle(tx.session, row["id"], "failed", REASON)
            causes = [publish_fate(tx, NoticeFailed, item, REASON, row["tries"]) for item in items]
            tell_operators(desk, tx, NoticeFailed, row, items, REASON, causes[0])
            tell_next_in_line(desk, tx, items, REASON)
    return count
