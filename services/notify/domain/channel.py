"""Ways out beside e-mail (N2): what is known of a channel, and a person's address on it.

An address on such a channel is written `channel:address`, which no e-mail address can be; that of a channel which
all share, such as a robot in a group, is `channel:`.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from services.notify.domain.exchange import ROBOT, Answer

EMAIL = "email"
Kind = Literal["robot", "sms", "webhook"]

LONGEST: Mapping[Kind, int] = {"robot": 600, "sms": 140, "webhook": 4000}
"""Characters, unless the channel says otherwise: a 企业微信 robot takes 2048 bytes, two parts of a Chinese SMS 134."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A way out. personal: each person has an address of his own on it. recognises: the other side drops a second copy
    by the letter's id, so that an unknown outcome may be tried again. per_minute: at most so many messages. answer:
    how a yes is told from a no with status 200."""

    name: str
    kind: Kind
    personal: bool
    longest: int
    per_minute: int
    recognises: bool = False
    answer: Answer = ROBOT


Channels = Mapping[str, Channel]


class Reached(Protocol):
    """Somebody with addresses."""

    @property
    def email(self) -> str:
        """For letters."""

    @property
    def contacts(self) -> Mapping[str, str]:
        """By channel."""


@dataclass(frozen=True, slots=True)
class Route:
    """By which ways a rule tells: all of `first`; each of `then` only when all before it failed for good."""

    first: tuple[str, ...] = (EMAIL,)
    then: tuple[str, ...] = ()


LETTERS = Route()


def route_of(rule: Mapping[str, Any] | None) -> Route:
    """The route of a rule as a notice keeps it."""
    if rule is None:
        return LETTERS
    return Route(tuple(rule.get("channels") or (EMAIL,)), tuple(rule.get("fallback_channels") or ()))


def address_on(holder: Reached, channel: str, channels: Channels) -> str | None:
    """Where a holder is reached on a channel; None: he has no address there, or there is no such channel."""
    if channel == EMAIL:
        return holder.email
    known = channels.get(channel)
    if known is None:
        return None
    own = holder.contacts.get(channel, "") if known.personal else ""
    return f"{channel}:{own}" if own or not known.personal else None


def plain(address: str, channel: str) -> str:
    """An address as people and gateways write it."""
    return address if channel == EMAIL else address.removeprefix(f"{channel}:")


def split(address: str) -> tuple[str, str]:
    """Channel and plain address of an address as letters carry it."""
    channel, colon, own = address.partition(":")
    return (channel, own) if colon else (EMAIL, address)


def ways(
    holder: Reached, route: Route, channels: Channels, closed: Collection[str] = (), tried: Collection[str] = ()
) -> tuple[str, ...]:
    """The channels on which a holder is told now: all of the rule's that reach him, else the first fallback that does.

    closed: addresses that take nothing. tried: channels that failed; then only a fallback counts. Who is reached by
    none is told by e-mail; empty: by nothing.
    """

    def reach(channel: str) -> bool:
        address = address_on(holder, channel, channels)
        return channel not in tried and address is not None and address not in closed

    first = () if tried else tuple(channel for channel in route.first if reach(channel))
    others = route.then if tried else (*route.then, EMAIL)
    return first or tuple(channel for channel in others if reach(channel))[:1]
