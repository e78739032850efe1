"""What is put before a person who signs: the checkpoint, and what stands behind its root, provably.

The checkpoint alone is three lines that nobody can read. With the manifest and its path in tree 1, whoever signs sees
meeting, figures and units, and can compute, offline, that the root holds exactly these.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.scoring.domain import merkle
from services.scoring.domain.canon import Json, Malformed, canonical, items, kind, members, parse_canonical, text, whole
from services.scoring.domain.seal import SEAL_KIND, checkpoint_text, origin

SIGNING_KIND = "minping.signing.v1"
_HEX = set("0123456789abcdef")


@dataclass(frozen=True, slots=True)
class Signing:
    """A checkpoint with the manifest that its root holds. Made only by `signing` and `signing_from_bytes`."""

    checkpoint: str
    manifest: bytes
    path: tuple[str, ...]

    def to_bytes(self) -> bytes:
        """The file that goes to those who sign. It holds no result."""
        manifest = self.manifest.decode()
        return canonical(
            {"kind": SIGNING_KIND, "checkpoint": self.checkpoint, "manifest": manifest, "path": list(self.path)}
        )

    @property
    def facts(self) -> Mapping[str, Json]:
        """The manifest's members."""
        value = parse_canonical(self.manifest)
        assert isinstance(value, Mapping)  # checked when it was made
        return value

    def words(self) -> list[str]:
        """What is signed, in words, for people."""
        facts, c = self.facts, self.facts["counts"]
        assert isinstance(c, Mapping)  # checked when it was made
        units = facts["units"]
        assert isinstance(units, Sequence)
        first = ["★ 演练，不是真实评议 REHEARSAL, not a real vote"] if facts["rehearsal"] else []
        return [
            *first,
            f"大会 meeting     {facts['meeting']}（{facts['programme']} {facts['cycle']}）",
            f"单位 units       {len(units)}",
            f"发出 issued      {c['issued']} = 收回 returned {c['returned']} + 未用 unused {c['unused']}",
            f"收回 returned    {c['returned']} = 有效 valid {c['valid']} + 作废 void {c['void']}",
            f"封存时间 sealed  {facts['sealed_at']}",
            f"根摘要 root      {self.checkpoint.split(chr(10))[2]}",
            f"短码 short code  {short_code(self.checkpoint)}",
        ]


def short_code(checkpoint: str) -> str:
    """Twelve digits of a checkpoint, to be read aloud and compared by everybody who signs."""
    number = int.from_bytes(hashlib.sha256(checkpoint.encode()).digest()[:8], "big") % 10**12
    digits = f"{number:012}"
    return " ".join(digits[i : i + 4] for i in range(0, 12, 4))


def signing(checkpoint: str, manifest: bytes, leaves: Sequence[bytes]) -> Signing:
    """What is signed, from the draft of a seal: manifest and the leaves of ballots.txt. Raises Malformed."""
    path = merkle.paths([manifest, *sorted(leaves)])[0]
    return _checked(Signing(checkpoint, manifest, tuple(h.hex() for h in path)))


def signing_from_bytes(data: bytes) -> Signing:
    """Read it and compute that the manifest is in the root; raises Malformed where it is not."""
    value = parse_canonical(data)
    kind(value, SIGNING_KIND)
    top = members(value, "signing", ("kind", "checkpoint", "manifest", "path"))
    path = tuple(text(h, "signing.path") for h in items(top["path"], "signing.path"))
    if any(len(h) != 64 or not set(h) <= _HEX for h in path):
        raise Malformed("signing.path: an entry is no SHA-256 in hex")
    checkpoint = text(top["checkpoint"], "signing.checkpoint")
    return _checked(Signing(checkpoint, text(top["manifest"], "signing.manifest").encode(), path))


def _checked(found: Signing) -> Signing:
    manifest = parse_canonical(found.manifest)
    kind(manifest, SEAL_KIND)
    assert isinstance(manifest, Mapping)  # kind() saw an object
    counts = members(manifest.get("counts"), "manifest.counts", ("issued", "returned", "unused", "valid", "void"))
    for name in counts:
        whole(counts[name], f"manifest.counts.{name}")
    items(manifest.get("units"), "manifest.units")
    names = [text(manifest.get(name), f"manifest.{name}") for name in ("programme", "cycle", "meeting")]
    text(manifest.get("sealed_at"), "manifest.sealed_at")
    size = whole(counts["valid"], "manifest.counts.valid") + 1
    root = merkle.root_from_path(found.manifest, 0, size, [bytes.fromhex(h) for h in found.path])
    first = origin(names[0], names[1], names[2], manifest.get("rehearsal") is True)
    if root is None or checkpoint_text(first, size, root) != found.checkpoint:
        raise Malformed("the checkpoint does not hold this manifest: do not sign it")
    return found
