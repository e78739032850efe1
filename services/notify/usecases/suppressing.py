"""Addresses that get nothing any more, and those that get letters again; each change with who, when and why (N3)."""

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import RowMapping

from services.notify.domain.channel import EMAIL
from services.notify.domain.letter import checked_address, checked_header, one_line
from services.notify.domain.recipient import Holder
from services.notify.metrics import SUPPRESSED
from services.notify.store import bounces, suppressions
from services.notify.usecases.desk import Desk
from services.notify.usecases.failing import tell_operators
from shared.contracts.notify import AddressFailed
from shared.errors import Refusal
from shared.store import Tx

Cause = Literal["refused", "bounce", "complaint", "operator"]
"""refused: by the server at once; bounce: sent back later; complaint: called spam by whoever got it."""

FAULTS: tuple[Cause, ...] = ("refused", "bounce")
"""What the directory heals by giving the address again; a complaint or an operator's word it does not."""


def suppress(desk: Desk, tx: Tx, letter: RowMapping, items: Sequence[RowMapping], cause: Cause, reason: str) -> bool:
    """The letter's address gets nothing any more; operators are told, once. False if it was suppressed already."""
    row = _row(tx, letter["email"], cause, reason, letter["id"])
    if not suppressions.add(tx.session, row):
        return False
    SUPPRESSED.labels(cause).inc()
    first = items[0]
    failed = AddressFailed(
        unit=first["unit"], role=first["role"], person=first["person"], reason=reason, letter=letter["id"]
    )
    told = tx.publish(failed, subject=first["person"])
    tell_operators(desk, tx, AddressFailed, letter, items, reason, told)
    return True


def suppress_address(tx: Tx, address: str, cause: Cause, reason: str) -> bool:
    """An address without a letter; False if it was suppressed already."""
    if not suppressions.add(tx.session, _row(tx, address, cause, reason, None)):
        return False
    SUPPRESSED.labels(cause).inc()
    return True


def suppress_by_hand(desk: Desk, tx: Tx, channel: str, address: str, reason: str) -> str:
    """An operator's word; returns the address as letters carry it.

    Raises Refusal: 422 not an address or channel, 409 suppressed already.
    """
    where = _known(tx, written(desk, channel, address))
    if not suppress_address(tx, where, "operator", one_line(reason)):
        raise Refusal("address", address, "it is suppressed already", "see GET /api/v1/suppressions", 409)
    return where


def lift_by_hand(desk: Desk, tx: Tx, channel: str, address: str, reason: str) -> str:
    """An operator's word that the address gets letters again; returns the address as letters carry it.

    Raises Refusal: 422 not an address or channel, 404 it is not suppressed.
    """
    where = _known(tx, written(desk, channel, address))
    if not suppressions.lift(tx.session, _row(tx, where, "operator", one_line(reason), None)):
        raise Refusal("address", address, "it is not suppressed", "see GET /api/v1/suppressions", 404)
    return where


def vouch(tx: Tx, seat: Holder) -> None:
    """The directory gives these addresses (again): what was only a fault is forgiven."""
    for address in (seat.email, *(f"{channel}:{own}" for channel, own in seat.contacts.items())):
        row = _row(tx, address, "operator", "entered in the directory", None) | {"cause": "directory"}
        suppressions.lift(tx.session, row, FAULTS)


def written(desk: Desk, channel: str, address: str) -> str:
    """An address as letters carry it. Raises Refusal."""
    if channel == EMAIL:
        return checked_address(address, "address")
    known = desk.channels.get(channel)
    if known is None or not known.personal:
        personal = ", ".join([EMAIL, *sorted(c.name for c in desk.channels.values() if c.personal)])
        raise Refusal("channel", channel, "no such channel with addresses of persons", f"use one of: {personal}")
    return f"{channel}:{checked_header(address, 'address')}"


def _known(tx: Tx, address: str) -> str:
    """As the directory writes it, whatever its case."""
    return bounces.directory_address(tx.session, address) or address


def _row(tx: Tx, address: str, cause: str, reason: str, letter: str | None) -> dict[str, Any]:
    who = tx.actor.sub if tx.actor else ""
    return {"address": address, "cause": cause, "reason": reason, "actor": who, "letter": letter, "at": tx.now}
