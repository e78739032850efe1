"""The audit of the vault: a chain in which each entry's hash covers the one before it (I3). Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """A length of the chain and the hash of its last entry. Written down, it finds later that a tail was cut off."""

    length: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found. position: the first entry that does not fit, None when all hold."""

    entries: int
    head: Head
    position: int | None = None
    reason: str = ""


def chained(previous: str, entry: Mapping[str, object]) -> str:
    """The hash of an audit entry, over itself and the one before it."""
    body = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def verify(entries: Iterable[tuple[int, str, Mapping[str, object]]], noted: Head | None = None) -> Verdict:
    """Check the chain from its first entry; stops at the first that was altered, removed or moved, and names it.

    entries: (position from 1, stored hash, entry), in order. noted: a head that somebody wrote down earlier.
    """
    head = Head()
    for position, stored, entry in entries:
        expected = head.length + 1
        if position != expected:
            return Verdict(head.length, head, expected, f"entry {expected} is missing; found {position}")
        if chained(head.hash, entry) != stored:
            return Verdict(head.length, head, expected, "it, or the entry before it, was altered or moved")
        head = Head(expected, stored)
        if noted and noted.length == expected and noted.hash != stored:
            return Verdict(expected, head, expected, "is not the entry whose hash was noted earlier")
    if noted and noted.length > head.length:
        return Verdict(head.length, head, head.length + 1, f"the chain ends here, {noted.length} entries were noted")
    return Verdict(head.length, head)
