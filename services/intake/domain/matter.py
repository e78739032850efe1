"""When two complaints are about the same matter (I5): exact repeats by key, near repeats by bands and a comparison.

A key is the hash of the text with everything folded that a copy may change (width, case, white space,
punctuation). Bands are a one-permutation min-hash of the text's character trigrams: texts that share most of
their trigrams share a band with near certainty, and a lookup of bands needs no other text in memory. All is
deterministic: the same texts give the same bands on every machine.
"""

import hashlib
import unicodedata
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

SHORT = 12
"""A body of fewer characters says too little alone: its title counts too (请尽快处理 is nobody's matter)."""

BANDS = 16
ROWS = 2
LONGEST = 4_000
ALIKE = 0.2
"""Share of common trigrams (Jaccard) from which a pair is suggested to a clerk."""

_BUCKETS = BANDS * ROWS
_MASK = 0xFFFFFFFF


def normalised(text: str) -> str:
    """Only letters and digits are left: NFKC, lower case, no white space (NBSP too), no punctuation."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(filter(str.isalnum, folded)) or "".join(folded.split())


def matter_key(title: str, text: str) -> str:
    """The same for exact repeats of a text, whoever sends it: 32 hex digits."""
    body = normalised(text)
    whole = body if len(body) >= SHORT else f"{normalised(title)}|{body}"
    return hashlib.blake2b(whole.encode(), digest_size=16).hexdigest()


def trigrams(text: str) -> set[str]:
    """The character trigrams of a normalised text (of its first 4,000 characters)."""
    text = text[:LONGEST]
    return {text[i : i + 3] for i in range(len(text) - 2)} or {text}


def bands(title: str, text: str) -> tuple[int, ...]:
    """16 signed 63-bit numbers; alike texts have at least one in common. Empty for an empty text."""
    whole = (normalised(title) + normalised(text))[:LONGEST]
    if len(whole) < 3:
        return ()
    raw = whole.encode("utf-32-le")
    least = [_MASK + 1] * _BUCKETS
    crc = zlib.crc32
    for i in range(0, len(raw) - 8, 4):
        mixed = crc(raw[i : i + 12]) * 0x9E3779B1 & _MASK
        value, bucket = divmod(mixed, _BUCKETS)
        if value < least[bucket]:
            least[bucket] = value
    for bucket in range(_BUCKETS):  # an empty bucket takes its neighbour's, so that short texts compare too
        if least[bucket] > _MASK:
            step = next(s for s in range(1, _BUCKETS) if least[bucket - s] <= _MASK)
            least[bucket] = (least[bucket - step] + step * 0x85EBCA6B) & _MASK | _MASK + 1 << 1
    out = []
    for band in range(BANDS):
        rows = b"".join(v.to_bytes(8, "little") for v in least[band * ROWS : (band + 1) * ROWS])
        digest = hashlib.blake2b(rows, digest_size=8, salt=band.to_bytes(8, "little")).digest()
        out.append(int.from_bytes(digest, "little") >> 1)
    return tuple(out)


def likeness(one: str, other: str) -> float:
    """Share of trigrams that two normalised texts have in common, 0 to 1 (Jaccard)."""
    a, b = trigrams(one), trigrams(other)
    return len(a & b) / len(a | b)


@dataclass(frozen=True, slots=True)
class Matter:
    """An earlier matter with the same key, as far as joining it goes.

    has_ended: dismissed without a case (unfounded, outside jurisdiction, refused). closed_at: when its case was
    written off, None while it is open.
    """

    lead: str
    unit: str | None
    has_ended: bool
    closed_at: datetime | None


def may_join(matter: Matter, unit: str | None, reported_at: datetime, reopen_within: timedelta) -> bool:
    """Whether a repeat reported then joins the matter: its case is open or was closed within the window (R6).

    A dismissed matter has no case to join, and one that names another unit is another matter.
    """
    if matter.has_ended or (unit and matter.unit and unit != matter.unit):
        return False
    return matter.closed_at is None or reported_at <= matter.closed_at + reopen_within


def joined(matters: Sequence[Matter], unit: str | None, reported_at: datetime, reopen_within: timedelta) -> str | None:
    """The lead of the first matter (oldest first) that a repeat joins, else None: a matter of its own."""
    return next((m.lead for m in matters if may_join(m, unit, reported_at, reopen_within)), None)


def petitioners(marks: Sequence[str | None]) -> int:
    """How many people stand behind a matter: a known one counts once, each anonymous complaint once."""
    return len({m for m in marks if m}) + sum(1 for m in marks if not m)
