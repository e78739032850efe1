"""The meeting's keys as the tellers bring them: public halves, and who holds which share, by its hash.

The hashes are public: a share has 256 secret bits, so its hash tells nothing. With them a share that is wrong is known
before it is used, and whose it is, even where there are only as many as are needed.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain.ballot import public_from_text, public_text
from services.scoring.domain.canon import Json, Malformed, canonical, items, kind, members, parse_canonical, text, whole
from services.scoring.domain.rules import check_key
from services.scoring.domain.shamir import Share, key_id, parse_share
from shared.errors import Refusal

KEYS_KIND = "minping.ballot-key.v1"
_SHARE = b"minping.share.v1\x1f"


def share_hash(share: Share) -> str:
    """What may be published of a share, in hex."""
    return hashlib.sha256(_SHARE + share.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a share: its number, the teller's name as in the ring of keys, the share's hash."""

    number: int
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class SplitKey:
    """A public key whose private half is split: `needed` of the holders put it together."""

    public: str
    needed: int
    holders: tuple[Holder, ...]

    @property
    def key(self) -> ec.EllipticCurvePublicKey:
        """The public key. Raises Malformed."""
        return public_from_text(self.public)

    @property
    def id(self) -> str:
        """The four bytes that stand on its shares, in hex."""
        return key_id(self.key).hex()

    def check(self, typed: str) -> Share:
        """A share as typed or scanned. Raises Refusal naming whose share is wrong, never repeating what was typed."""
        share = parse_share(typed)
        if share.key_id.hex() != self.id:
            raise Refusal("share", share.number, "belongs to another key", "bring this meeting's share")
        for holder in self.holders:
            if holder.number == share.number:
                if share_hash(share) != holder.sha256:
                    raise Refusal(
                        "share",
                        f"{share.number} ({holder.name})",
                        "is not the share that was made",
                        "bring the right one",
                    )
                return share
        raise Refusal("share", share.number, "no such share was made", "bring this meeting's share")

    def to_json(self) -> Json:
        """As it stands in the file."""
        holders: list[Json] = [{"number": h.number, "name": h.name, "sha256": h.sha256} for h in self.holders]
        return {"public_key": self.public, "needed": self.needed, "holders": holders}


@dataclass(frozen=True, slots=True)
class KeyFile:
    """What the tellers bring: the ballots' key, and those of disputes and of the result if they were made."""

    meeting: str
    ballot: SplitKey
    dispute: SplitKey | None
    result: SplitKey | None = None

    def to_bytes(self) -> bytes:
        """ballot-key.json: public."""
        dispute = None if self.dispute is None else self.dispute.to_json()
        result: dict[str, Json] = {} if self.result is None else {"result": self.result.to_json()}
        found: dict[str, Json] = {"kind": KEYS_KIND, "meeting": self.meeting, "ballot": self.ballot.to_json()}
        return canonical({**found, "dispute": dispute, **result})


def split_public(
    public: ec.EllipticCurvePublicKey, needed: int, names: Sequence[str], shares: Sequence[str]
) -> SplitKey:
    """The public side of a key just split; the n-th share is the n-th name's."""
    found = [parse_share(one) for one in shares]
    holders = tuple(Holder(s.number, name, share_hash(s)) for s, name in zip(found, names, strict=True))
    return SplitKey(public_text(public), needed, holders)


def key_file_from_bytes(data: bytes) -> KeyFile:
    """Read ballot-key.json; raises Malformed naming the field."""
    value = parse_canonical(data)
    kind(value, KEYS_KIND)
    top = members(value, "key", ("kind", "meeting", "ballot", "dispute"), ("result",))
    meeting = check_key(text(top["meeting"], "key.meeting"), "key.meeting")
    dispute = None if top["dispute"] is None else _split(top["dispute"], "key.dispute")
    result = _split(top["result"], "key.result") if "result" in top else None
    return KeyFile(meeting, _split(top["ballot"], "key.ballot"), dispute, result)


def _split(value: Json, where: str) -> SplitKey:
    top = members(value, where, ("public_key", "needed", "holders"))
    holders = []
    for number, entry in enumerate(items(top["holders"], f"{where}.holders")):
        at = f"{where}.holders[{number}]"
        one = members(entry, at, ("number", "name", "sha256"))
        digest = text(one["sha256"], f"{at}.sha256")
        if len(digest) != 64 or not set(digest) <= set("0123456789abcdef"):
            raise Malformed(f"{at}.sha256: is no SHA-256 in hex")
        holders.append(Holder(whole(one["number"], f"{at}.number", 1), text(one["name"], f"{at}.name"), digest))
    found = SplitKey(
        text(top["public_key"], f"{where}.public_key"), whole(top["needed"], f"{where}.needed", 2), tuple(holders)
    )
    public_from_text(found.public)
    for names in ([h.number for h in holders], [h.name for h in holders]):
        if len(set(names)) != len(names):
            raise Malformed(f"{where}.holders: a number or a name stands twice")
    if found.needed > len(holders):
        raise Malformed(f"{where}.needed: {found.needed} of {len(holders)} shares can never open it")
    return found
