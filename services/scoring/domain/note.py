"""Signed notes (C2SP signed-note) with Ed25519, and the ring of keys that sign for a meeting.

A note is a text ending in a newline, an empty line, and a line for each signature:
`— <name> base64(4 bytes of key id ‖ 64 bytes of signature)`.
"""

import base64
import binascii
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.scoring.domain.canon import (
    Json,
    Malformed,
    canonical,
    items,
    kind,
    members,
    parse_canonical,
    text,
)

ROLES = ("system", "teller", "scrutineer", "guidance", "witness")
KEYS_KIND = "minping.keys.v1"
_ED25519 = b"\x01"
_DASH = "— "


def _check_name(name: str) -> str:
    if not name or "+" in name or any(c.isspace() or ord(c) < 0x20 for c in name):
        raise Malformed(f"key name {name!r} is empty or holds a space, a plus or a control character")
    return name


def key_id(name: str, public: bytes) -> bytes:
    """The 4 bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def strict_base64(value: str) -> bytes:
    """Base64 in its one canonical spelling. Raises Malformed."""
    try:
        data = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"is no base64: {error}") from error
    if base64.b64encode(data).decode() != value:
        raise Malformed("is not the canonical spelling of its base64")
    return data


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key with its name, from a `vkey`."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Its key id."""
        return key_id(self.name, self.public)

    @property
    def vkey(self) -> str:
        """`name+keyid+base64(type ‖ key)`."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    def verify(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


def verifier(vkey: str) -> Verifier:
    """Read a vkey; raises Malformed."""
    parts = vkey.split("+", 2)
    if len(parts) != 3:
        raise Malformed(f"{vkey!r} is no vkey")
    name, id_hex, encoded = parts
    data = strict_base64(encoded)
    if len(data) != 33 or data[:1] != _ED25519:
        raise Malformed(f"vkey of {name!r} holds no Ed25519 key")
    found = Verifier(_check_name(name), data[1:])
    if found.id.hex() != id_hex:
        raise Malformed(f"vkey of {name!r}: the key id does not fit the key")
    return found


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key with its name. Never shown: repr leaves the key out."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    @property
    def verifier(self) -> Verifier:
        """Its public half."""
        return Verifier(self.name, self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    @property
    def vkey(self) -> str:
        """Its public half as text."""
        return self.verifier.vkey

    def sign(self, message: str) -> str:
        """A signature line (with its newline) for a note's text, which must end in a newline."""
        _check_text(message)
        signature = self.private.sign(message.encode())
        return f"{_DASH}{self.name} {base64.b64encode(self.verifier.id + signature).decode()}\n"


def signer(name: str, seed: bytes) -> Signer:
    """A signer from 32 secret bytes."""
    return Signer(_check_name(name), Ed25519PrivateKey.from_private_bytes(seed))


def _check_text(message: str) -> None:
    if not message.endswith("\n") or "\n\n" in message or message == "\n" or message.startswith("\n"):
        raise Malformed("a note's text ends in a newline and has no empty line")
    if any(ord(c) < 0x20 and c != "\n" for c in message):
        raise Malformed("a note's text holds a control character")


def assemble(message: str, lines: Iterable[str]) -> str:
    """The note of a text and its signature lines."""
    _check_text(message)
    signatures = list(lines)
    if not signatures:
        raise Malformed("a note without a signature")
    return message + "\n" + "".join(signatures)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature line as read, not yet verified."""

    name: str
    id: bytes
    signature: bytes


def split_note(note: str) -> tuple[str, tuple[Signature, ...]]:
    """Text and signature lines of a note in its one spelling; raises Malformed naming the line."""
    message, gap, tail = note.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise Malformed("is no signed note: no empty line before the signatures")
    message += "\n"
    _check_text(message)
    found: list[Signature] = []
    lines = tail[:-1].split("\n")
    if len(lines) > 100:
        raise Malformed("more than 100 signatures")
    for number, line in enumerate(lines, 1):
        parts = line.removeprefix(_DASH).split(" ")
        if not line.startswith(_DASH) or len(parts) != 2:
            raise Malformed(f"signature line {number} is malformed")
        try:
            data = strict_base64(parts[1])
        except Malformed as error:
            raise Malformed(f"signature line {number} ({parts[0]}) {error}") from error
        if len(data) != 68:
            raise Malformed(f"signature line {number} ({parts[0]}) is no Ed25519 signature")
        found.append(Signature(_check_name(parts[0]), data[:4], data[4:]))
    return message, tuple(found)


def open_note(note: str, verifiers: Iterable[Verifier]) -> tuple[str, tuple[str, ...]]:
    """Text of a note and the names that signed it.

    Stricter than C2SP asks: a signature by a key that is not among `verifiers`, a second one by the same key, or a
    wrong one makes the note Malformed, so that no byte of it can change unseen.
    """
    message, signatures = split_note(note)
    known = {(v.name, v.id): v for v in verifiers}
    signed: list[str] = []
    for number, line in enumerate(signatures, 1):
        key = known.get((line.name, line.id))
        if key is None:
            raise Malformed(f"signature line {number}: {line.name} with that key id is not in the key ring")
        if line.name in signed:
            raise Malformed(f"signature line {number}: {line.name} signed twice")
        if not key.verify(message.encode(), line.signature):
            raise Malformed(f"signature line {number}: the signature of {line.name} does not hold")
        signed.append(line.name)
    return message, tuple(signed)


@dataclass(frozen=True, slots=True)
class Key:
    """Who may sign: role (one of ROLES) and vkey."""

    role: str
    vkey: str


@dataclass(frozen=True, slots=True)
class KeyRing:
    """The public keys that sign for a meeting; published and bound into the seal."""

    keys: tuple[Key, ...]

    def __post_init__(self) -> None:
        names, public = set(), set()
        for key in self.keys:
            if key.role not in ROLES:
                raise Malformed(f"role {key.role!r} is none of {', '.join(ROLES)}")
            found = verifier(key.vkey)
            if found.name in names or found.public in public:
                raise Malformed(f"key or name of {found.name!r} stands twice in the ring")
            names.add(found.name)
            public.add(found.public)

    def verifiers(self, *roles: str) -> tuple[Verifier, ...]:
        """Keys with one of the roles (all without arguments)."""
        return tuple(verifier(key.vkey) for key in self.keys if not roles or key.role in roles)

    def roles(self) -> Mapping[str, str]:
        """name → role."""
        return {verifier(key.vkey).name: key.role for key in self.keys}

    def to_json(self) -> Json:
        """As it stands in our files."""
        return [{"role": key.role, "vkey": key.vkey} for key in self.keys]

    def to_bytes(self) -> bytes:
        """keys.json."""
        return canonical({"kind": KEYS_KIND, "keys": self.to_json()})


def key_ring(value: Json, where: str = "keys") -> KeyRing:
    """Read the list of keys; raises Malformed."""
    found = []
    for number, entry in enumerate(items(value, where)):
        at = f"{where}[{number}]"
        key = members(entry, at, ("role", "vkey"))
        found.append(Key(text(key["role"], f"{at}.role"), text(key["vkey"], f"{at}.vkey")))
    return KeyRing(tuple(found))


def key_ring_from_bytes(data: bytes) -> KeyRing:
    """Read keys.json; raises Malformed."""
    value = parse_canonical(data)
    kind(value, KEYS_KIND)
    return key_ring(members(value, "keys", ("kind", "keys"))["keys"])
