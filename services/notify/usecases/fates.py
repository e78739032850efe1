"""What became of a notice, told on the bus (N3, N8). From these events the store can be made anew."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping

from shared.contracts.notify import NoticeFailed, NoticeSent, NoticeUncertain
from shared.store import Tx


def publish_sent(tx: Tx, items: Sequence[RowMapping], at: datetime, tries: int = 0) -> None:
    """These notices went out with their letter's try of this number."""
    for item in items:
        sent = NoticeSent(
            notice=item["id"],
            cause=item["cause"],
            unit=item["unit"],
            role=item["role"],
            person=item["person"],
            letter=item["letter"],
            tries=tries,
        )
        tx.publish(sent, subject=item["id"], time=at)


def publish_fate(
    tx: Tx, kind: type[NoticeFailed] | type[NoticeUncertain], item: RowMapping, reason: str, tries: int = 0
) -> str:
    """A notice failed, or nobody knows; returns the event's id."""
    told = kind(
        notice=item["id"],
        cause=item["cause"],
        unit=item["unit"],
        role=item["role"],
        person=item["person"],
        reason=reason,
        letter=item["letter"],
        tries=tries,
    )
    return tx.publish(told, subject=item["id"])
