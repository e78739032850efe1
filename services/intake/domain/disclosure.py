"""Opening the vault (I3): asked for with a reason, consented to by another person, read once. Every step is kept."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from shared.errors import Refusal

GENESIS = "0" * 64


class Disclosure(StrEnum):
    """Where a request to see an identity stands."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    READ = "read"


def decided(state: Disclosure, *, requester: str, custodian: str, consent: bool) -> Disclosure:
    """After the custodian's word. Raises Refusal: decided before (409), or one's own request (403)."""
    if state != Disclosure.REQUESTED:
        raise Refusal("disclosure", state.value, f"the request is {state.value}", "a request is decided once", 409)
    if requester == custodian:
        raise Refusal("custodian", custodian, "you asked for it yourself", "another custodian has to decide", 403)
    return Disclosure.CONSENTED if consent else Disclosure.REFUSED


def read(state: Disclosure, *, requester: str, reader: str) -> Disclosure:
    """After the requester read it. Raises Refusal: not consented or read before (409), another person (403)."""
    if requester != reader:
        raise Refusal("disclosure", reader, "somebody else asked for it", "ask for it yourself", 403)
    if state == Disclosure.READ:
        raise Refusal("disclosure", state.value, "it was read already", "ask again, with a reason", 409)
    if state != Disclosure.CONSENTED:
        raise Refusal("disclosure", state.value, f"the request is {state.value}", "wait for a custodian's consent", 409)
    return Disclosure.READ


def chained(previous: str, entry: Mapping[str, object]) -> str:
    """The hash of an audit entry, over itself and the one before it."""
    body = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def first_broken(entries: Iterable[tuple[int, str, Mapping[str, object]]]) -> int | None:
    """Position of the first audit entry that was altered, removed or moved; None if the chain holds.

    entries: (position from 1, stored hash, entry), in order.
    """
    previous = GENESIS
    for expected, (position, stored, entry) in enumerate(entries, start=1):
        if position != expected or chained(previous, entry) != stored:
            return expected
        previous = stored
    return None
