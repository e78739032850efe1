"""What comes back after the mail server took a letter: it failed after the fact, or somebody calls it spam (N3).

A report counts once, whatever brings it how often. It never brings a letter back to life, and sends nothing again.
"""

from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import RowMapping

from services.notify.domain.channel import EMAIL
from services.notify.domain.delivery import step
from services.notify.domain.letter import one_line
from services.notify.metrics import BOUNCES
from services.notify.store import attempts, bounces, letters, notices
from services.notify.usecases.desk import Desk
from services.notify.usecases.failing import tell_next_in_line, tell_operators
from services.notify.usecases.fates import publish_fate
from services.notify.usecases.suppressing import suppress, suppress_address, written
from shared.contracts.notify import NoticeFailed
from shared.errors import NotYet
from shared.store import Tx

Kind = Literal["hard", "refused", "soft", "complaint"]
"""hard: the address takes nothing, now or ever. refused: this letter, for good. soft: for now, the server tries on.
complaint: whoever got it calls it spam."""

Effect = Literal["failed", "suppressed", "noted", "unmatched"]
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report. key: what it is known by. letter: our letter's id, if it is known; address: else whose it is."""

    key: str
    kind: Kind
    letter: str | None
    address: str
    status: str
    reason: str
    source: str
    channel: str = EMAIL


@dataclass(frozen=True, slots=True)
class Taken:
    """What a report did; `again`: it had come before."""

    effect: Effect
    again: bool = False


def take_bounce(desk: Desk, tx: Tx, bounce: Bounce) -> Taken:
    """Take a report in. Raises Refusal (422) for an address that is none, NotYet while the letter is on its way."""
    before = bounces.find(tx.session, bounce.key)
    if before is not None:
        return Taken(before["effect"], again=True)
    row = letters.some(tx.session, [bounce.letter]).get(bounce.letter) if bounce.letter else None
    if row is not None and row["state"] == "claimed":
        raise NotYet(f"{bounce.letter} is on its way: what became of it is not committed yet")
    address = row["email"] if row is not None else _address(desk, tx, bounce)
    reason = one_line(": ".join(part for part in (bounce.status, bounce.reason) if part), LONGEST_REASON)
    effect: Effect = "unmatched"
    if row is not None:
        effect = _of_letter(desk, tx, row, bounce.kind, reason, bounce.source)
    elif address is not None:
        effect = "noted"
        if bounce.kind in ("hard", "complaint"):
            suppress_address(tx, address, "bounce" if bounce.kind == "hard" else "complaint", reason)
            effect = "suppressed"
    BOUNCES.labels(bounce.kind, effect).inc()
    bounces.keep(tx.session, _kept(tx, bounce, row, address, reason, effect))
    return Taken(effect)


def _of_letter(desk: Desk, tx: Tx, row: RowMapping, kind: Kind, reason: str, source: str) -> Effect:
    items = notices.of_letters(tx.session, [row["id"]])[row["id"]]
    said = f"{kind} bounce" if kind != "complaint" else "complaint"
    came = {"letter": row["id"], "kind": kind, "phase": f"came back by {source}", "reply": reason, "at": tx.now}
    attempts.keep(tx.session, [came])
    if not items or kind == "soft":
        return "noted"
    fails = kind != "complaint" and row["state"] in ("sent", "uncertain")
    cause = _fail(tx, row, items, f"{said}: {reason}") if fails else ""
    suppressed = False
    if kind != "refused":
        suppressed = suppress(desk, tx, row, items, "bounce" if kind == "hard" else "complaint", f"{said}: {reason}")
    elif fails:
        tell_operators(desk, tx, NoticeFailed, row, items, f"{said}: {reason}", cause)
    if fails:
        tell_next_in_line(desk, tx, items, f"{said}: {reason}")
        return "failed"
    return "suppressed" if suppressed else "noted"


def _fail(tx: Tx, row: RowMapping, items: list[RowMapping], reason: str) -> str:
    """A letter that was taken has come back: its notices failed after the fact; the id of the event that says so."""
    letters.change(
        tx.session, row["id"], {"state": step(row["state"], "failed"), "reason": reason, "settled_at": tx.now}
    )
    notices.settle(tx.session, row["id"], "failed", reason)
    causes = [publish_fate(tx, NoticeFailed, item, reason, row["tries"]) for item in items]
    return causes[0]


def _address(desk: Desk, tx: Tx, bounce: Bounce) -> str | None:
    """An address of the directory; None if it is nobody's there, so that nobody else's can be suppressed."""
    if not bounce.address:
        return None
    if bounce.channel == EMAIL:
        return bounces.directory_address(tx.session, written(desk, EMAIL, bounce.address))
    return written(desk, bounce.channel, bounce.address)


def _kept(
    tx: Tx, bounce: Bounce, row: RowMapping | None, address: str | None, reason: str, effect: Effect
) -> dict[str, Any]:
    return {
        "key": bounce.key,
        "kind": bounce.kind,
        "letter": row["id"] if row is not None else None,
        "address": address,
        "status": bounce.status[:20],
        "reason": reason,
        "source": bounce.source,
        "actor": tx.actor.sub if tx.actor else "",
        "effect": effect,
        "at": tx.now,
    }
