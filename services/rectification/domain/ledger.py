"""The ledger's hash chain: every entry holds the hash of the one before, so none is edited or removed unseen (R1)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import rfc8785

ORIGIN = "0" * 64
"""What stands for the previous hash in the first entry."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one case. `at`: when it occurred (UTC); `actor`: `role:sub`, `clock`, or the service behind it."""

    seq: int
    case: str
    kind: str
    at: datetime
    actor: str
    data: dict[str, Any]
    previous: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The end of the chain: how many entries there are and the last one's hash. Whoever notes it can prove later
    that nothing before it was changed or cut off."""

    length: int = 0
    hash: str = ORIGIN


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. `position`: the first entry that does not fit, None when all hold."""

    entries: int
    head: Head
    position: int | None = None
    reason: str = ""

    @property
    def holds(self) -> bool:
        """Whether the whole chain fits."""
        return self.position is None


def digest(entry: Entry) -> str:
    """SHA-256 (hex) over the RFC 8785 canonical JSON of the entry with its previous hash, without its own."""
    return hashlib.sha256(
        rfc8785.dumps(
            {
                "seq": entry.seq,
                "case": entry.case,
                "kind": entry.kind,
                "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
                "actor": entry.actor,
                "data": entry.data,
                "previous": entry.previous,
            }
        )
    ).hexdigest()


def append(head: Head, case: str, kind: str, at: datetime, actor: str, data: dict[str, Any]) -> Entry:
    """The entry that follows `head`, sealed."""
    entry = Entry(head.length + 1, case, kind, at, actor, data, head.hash)
    return replace(entry, hash=digest(entry))


def verify(entries: Iterable[Entry], *, noted: Head | None = None) -> Verdict:
    """Check a chain from its first entry; stops at the first that does not fit and names it.

    noted: a head that somebody wrote down earlier; the chain must still run through it, which also finds a tail
    that was cut off and a chain that was written anew as a whole.
    """
    head = Head()
    for entry in entries:
        position = head.length + 1
        if entry.seq != position:
            return Verdict(head.length, head, position, f"entry {position} is missing; found {entry.seq}")
        if entry.previous != head.hash:
            return Verdict(head.length, head, position, "does not hold the hash of the entry before")
        if digest(entry) != entry.hash:
            return Verdict(head.length, head, position, "its content does not fit its hash")
        head = Head(position, entry.hash)
        if noted and noted.length == position and noted.hash != entry.hash:
            return Verdict(position, head, position, "is not the entry whose hash was noted earlier")
    if noted and noted.length > head.length:
        return Verdict(head.length, head, head.length + 1, f"the chain ends here, {noted.length} entries were noted")
    return Verdict(head.length, head)
