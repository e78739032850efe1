"""Opening the vault (I3): asked for with a reason, consented to by another person, read once. Every step is kept."""

from datetime import datetime, timedelta
from enum import StrEnum

from shared.errors import Refusal


class Disclosure(StrEnum):
    """Where a request to see an identity stands."""

    REQUESTED = "requested"
    CONSENTED = "consented"
    REFUSED = "refused"
    READ = "read"
    EXPIRED = "expired"


def decided(state: Disclosure, *, requester: str, custodian: str, consent: bool) -> Disclosure:
    """After the custodian's word. Raises Refusal: decided before (409), or one's own request (403)."""
    if state != Disclosure.REQUESTED:
        raise Refusal("disclosure", state.value, f"the request is {state.value}", "a request is decided once", 409)
    if requester == custodian:
        raise Refusal("custodian", custodian, "you asked for it yourself", "another custodian has to decide", 403)
    return Disclosure.CONSENTED if consent else Disclosure.REFUSED


def as_of(state: Disclosure, decided_at: datetime | None, now: datetime, usable: timedelta) -> Disclosure:
    """The state at a time: a consent that was not used within its days has expired."""
    if state == Disclosure.CONSENTED and decided_at is not None and now > decided_at + usable:
        return Disclosure.EXPIRED
    return state


def read(state: Disclosure, *, requester: str, reader: str) -> Disclosure:
    """After the requester read it. Raises Refusal: not consented, expired, read before (409), another person (403)."""
    if requester != reader:
        raise Refusal("disclosure", reader, "somebody else asked for it", "ask for it yourself", 403)
    if state == Disclosure.READ:
        raise Refusal("disclosure", state.value, "it was read already", "ask again, with a reason", 409)
    if state == Disclosure.EXPIRED:
        raise Refusal("disclosure", state.value, "the consent was not used in time", "ask again, with a reason", 409)
    if state != Disclosure.CONSENTED:
        raise Refusal("disclosure", state.value, f"the request is {state.value}", "wait for a custodian's consent", 409)
    return Disclosure.READ
