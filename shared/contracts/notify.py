"""Events that notify publishes: what became of each letter, and who holds which office."""

from datetime import date
from typing import ClassVar

from shared.contracts.envelope import EventData


class LeaderChanged(EventData):
    """A holder of an office in a unit, with dates (N1). No address: that stays in the directory.

    Told again whenever the term changes, also when it ends. fields: topics or dimensions that a deputy is in charge
    of. taken_back: the term was entered wrongly and is no more.
    """

    TYPE: ClassVar[str] = "minping.notify.leader.changed.v1"

    unit: str
    role: str
    person: str
    name: str
    since: date
    until: date | None = None
    fields: tuple[str, ...] = ()
    taken_back: bool = False


class TermExpiring(EventData):
    """A term of office ends soon, or has ended, and no successor is known (N1). Told once each."""

    TYPE: ClassVar[str] = "minping.notify.term.expiring.v1"

    unit: str
    role: str
    person: str
    name: str
    until: date
    expired: bool = False


class _Letter(EventData):
    """letter: which carried the notice, at the try of this number; with both the store can be made anew from events."""

    notice: str
    cause: str
    unit: str | None = None
    role: str
    person: str
    letter: str = ""
    tries: int = 0


class NoticeSent(_Letter):
    """The mail server took the letter (N3, N8)."""

    TYPE: ClassVar[str] = "minping.notify.notice.sent.v1"


class NoticeFailed(_Letter):
    """The letter could not be sent for good (N3)."""

    TYPE: ClassVar[str] = "minping.notify.notice.failed.v1"

    reason: str


class NoticeUncertain(_Letter):
    """It is not known whether the letter went out; a human decides, it is never blindly resent (N3)."""

    TYPE: ClassVar[str] = "minping.notify.notice.uncertain.v1"

    reason: str


class NoticeDropped(_Letter):
    """A late warning that did not go: a later one of the same deadline, or the day itself, made it pointless (N4)."""

    TYPE: ClassVar[str] = "minping.notify.notice.dropped.v1"

    reason: str


class AddressFailed(EventData):
    """An address takes no letters; the next person in line is told (N3)."""

    TYPE: ClassVar[str] = "minping.notify.address.failed.v1"

    unit: str | None = None
    role: str
    person: str
    reason: str
    letter: str = ""
