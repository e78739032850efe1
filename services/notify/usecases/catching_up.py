"""After days of silence (N4): what is late goes in working hours, gathered, and without the warnings that are past.

Whether the service was away, the bus or the mail server makes no difference: a letter is late when it did not go within
two hours of its moment.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from services.notify.domain.schedule import LATE
from services.notify.domain.superseding import Reminder, stale, superseded
from services.notify.metrics import DROPPED
from services.notify.store import letters, notices
from services.notify.usecases.desk import Desk
from shared.contracts.notify import NoticeDropped
from shared.store import Tx


def catch_up(desk: Desk, tx: Tx, due: Sequence[RowMapping]) -> list[RowMapping]:
    """The letters to claim in place of those that are due: late digests of one person are one, and pointless warnings
    are out of them. Letters that nobody's notice is in any more are void."""
    going: dict[str, RowMapping] = {}
    for row in due:
        if tx.now - row["due"] < LATE:
            going.setdefault(row["id"], row)
            continue
        carrier = _gather(tx, row) if row["digest"] else row
        going[carrier["id"]] = carrier
    late = [row for row in going.values() if row["digest"] or tx.now - row["due"] >= LATE]
    _drop_pointless(desk, tx, late)
    return list(going.values())


def _gather(tx: Tx, row: RowMapping) -> RowMapping:
    """One letter for all that a person should have had: the newest takes what the others hold. One that was tried
    before stays as it was written."""
    if row["state"] != "planned" or row["tries"]:
        return row
    waiting = letters.untried_digests(tx.session, row["person"], row["email"], row["channel"], tx.now)
    *others, carrier = waiting
    if others:
        ids = [other["id"] for other in others]
        notices.move(tx.session, ids, carrier["id"])
        for letter in ids:
            letters.change(tx.session, letter, {"state": "void", "reason": f"gathered into {carrier['id']}"})
    return carrier


def _drop_pointless(desk: Desk, tx: Tx, late: Sequence[RowMapping]) -> None:
    """Warnings that a later one of the same deadline makes pointless, or that come after the day they warn of."""
    untried = [row["id"] for row in late if row["state"] == "planned" and not row["tries"]]
    items = [item for items in notices.of_letters(tx.session, untried).values() for item in items]
    today = desk.calendar.local_date(tx.now)
    mine = [item for item in items if tx.now - item["due"] >= LATE and _reminder(item).chain is not None]
    if not mine:
        return
    others = notices.told_or_planned(
        tx.session, {item["case"] for item in mine if item["case"]}, {item["person"] for item in mine}
    )
    over = superseded(map(_reminder, mine), map(_reminder, others))
    for item in mine:
        if item["id"] in over:
            _drop(tx, item, f"superseded by {over[item['id']]}")
        elif stale(item["event"], item["facts"], today):
            _drop(tx, item, "the day that it warned of is past")


def _drop(tx: Tx, item: RowMapping, reason: str) -> None:
    DROPPED.inc()
    notices.change(tx.session, item["id"], {"state": "void", "letter": None, "reason": reason})
    told: dict[str, Any] = {name: item[name] for name in ("cause", "unit", "role", "person")}
    tx.publish(NoticeDropped(notice=item["id"], reason=reason, **told), subject=item["id"])


def _reminder(item: RowMapping) -> Reminder:
    return Reminder(item["id"], item["person"], item["channel"], item["event"], item["facts"], item["seq"])
