"""The vault's key: seals and opens identities, and derives the codes that only intake can make (I3).

It is the only module that holds the private key. The file may hold several PEM keys: the first seals, each opens
what was sealed to it. Codes come from a block of their own (`MINPING CODES`), which a rotation keeps; where there is
none, from the last key: so that neither a new key in front nor the end of an old one changes a code.
"""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from services.intake.sealing import SUITE
from shared.errors import Refusal
from shared.settings import read_secret

_PEM = re.compile(rb"-----BEGIN ([A-Z ]+)-----(.+?)-----END [A-Z ]+-----", re.DOTALL)
CODES = "MINPING CODES"
PARTS = ("name", "phone", "address", "id_number")


@dataclass(frozen=True, slots=True)
class Identity:
    """Who complains. Never logged, never on the bus: its parts are left out of the representation too."""

    name: str = ""
    phone: str = ""
    address: str = ""
    id_number: str = ""

    def __repr__(self) -> str:
        return "Identity(…)"

    @classmethod
    def of(cls, parts: object) -> "Identity":
        """Checked parts. Raises Refusal that names the part, never its content."""
        if not isinstance(parts, dict):
            raise Refusal("identity", "…", "it is not an object", f"send {', '.join(PARTS)}")
        for key, value in parts.items():
            if key not in PARTS:
                raise Refusal("identity", "…", "it has a part that is not known", f"send {', '.join(PARTS)}")
            if not isinstance(value, str) or len(value) > 200:
                raise Refusal(f"identity.{key}", "…", "it is no text of at most 200 characters", "shorten it")
        return cls(**{key: value.strip() for key, value in parts.items()})

    def to_json(self) -> bytes:
        """The parts that are known, as they are sealed."""
        known = {part: value for part in PARTS if (value := getattr(self, part))}
        return json.dumps(known, ensure_ascii=False).encode()

    def __bool__(self) -> bool:
        return any(getattr(self, part) for part in PARTS)


class Vault:
    """Seals to its newest public key and opens with whichever private key it was sealed to."""

    def __init__(self, keys: Sequence[X25519PrivateKey], codes: bytes | None = None) -> None:
        self._keys = {key_id(key.public_key()): key for key in keys}
        self.key_ids = tuple(self._keys)
        self.current = self.key_ids[0]
        self._public = keys[0].public_key()
        self.codes = codes or codes_of(keys[-1])

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """The vault whose private keys are in a PEM file (PKCS 8, X25519). Raises Refusal."""
        keys, codes = read_keys(read_secret("vault_key_file", path), str(path))
        return cls(keys, codes)

    @property
    def public_pem(self) -> str:
        """The key that identities are sealed to, as PEM."""
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def seal(self, kind: str, about: str, data: bytes) -> bytes:
        """Seal data of a kind (`vault`, `text`, `repair`) to what it is about, with the current key."""
        return SUITE.encrypt(data, self._public, f"minping-{kind}|{about}".encode())

    def open(self, kind: str, about: str, sealed: bytes) -> bytes:
        """Open what was sealed with the same kind and about. Raises Refusal."""
        return self.opened(kind, about, sealed)[0]

    def opened(self, kind: str, about: str, sealed: bytes) -> tuple[bytes, str]:
        """What was sealed, and the id of the key that it was sealed to. Raises Refusal."""
        for name, key in self._keys.items():
            try:
                return SUITE.decrypt(sealed, key, f"minping-{kind}|{about}".encode()), name
            except (InvalidTag, ValueError):
                continue
        raise Refusal(
            "sealed_identity",
            "…",
            "it does not open: sealed to another key, or for another source or ticket",
            "seal it to the key of GET /api/v1/vault/public-key, with this source and ticket",
        )

    def renewed(self, kind: str, about: str, sealed: bytes) -> bytes:
        """The same, sealed to the current key; as it is where it was sealed to that already. Raises Refusal."""
        plain, name = self.opened(kind, about, sealed)
        return sealed if name == self.current else self.seal(kind, about, plain)

    def renewed_identity(self, source: str, ticket: str, sealed: bytes) -> bytes:
        """What a source sealed, to the current key, whichever of our keys it took. Raises Refusal."""
        return self.renewed("vault", f"{source}|{ticket}", sealed) if len(self.key_ids) > 1 else sealed

    def seal_identity(self, source: str, ticket: str, identity: Identity) -> bytes:
        """Seal an identity that came in the clear over HTTPS."""
        return self.seal("vault", f"{source}|{ticket}", identity.to_json())

    def open_identity(self, source: str, ticket: str, sealed: bytes) -> Identity:
        """The identity of a complaint. Raises Refusal if it does not open or is none."""
        plain = self.open("vault", f"{source}|{ticket}", sealed)
        try:
            return Identity.of(json.loads(plain))
        except ValueError:
            raise Refusal("sealed_identity", "…", "it holds no JSON", f"seal an object of {', '.join(PARTS)}") from None


def key_id(key: X25519PublicKey) -> str:
    """The short name of a key: the first 16 hex digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def codes_of(key: X25519PrivateKey) -> bytes:
    """The secret from which codes are made, derived from a key: where the file has none of its own."""
    derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"minping-codes")
    return derive.derive(key.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption()))


def read_keys(content: bytes, name: str) -> tuple[list[X25519PrivateKey], bytes | None]:
    """The private keys of a key file, newest first, and its secret for codes, if it has one. Raises Refusal."""
    keys: list[X25519PrivateKey] = []
    codes = None
    for block in _PEM.finditer(content):
        try:
            if block[1].decode() == CODES:
                codes = base64.b64decode(block[2].strip(), validate=True)
                continue
            key = load_pem_private_key(block[0], password=None)
        except ValueError:
            key = None
        if not isinstance(key, X25519PrivateKey):
            keys = []
            break
        keys.append(key)
    if not keys:
        remedy = "make one with `openssl genpkey -algorithm x25519`"
        raise Refusal("vault_key_file", name, "it holds no X25519 private key", remedy)
    return keys, codes


def write_keys(keys: Sequence[X25519PrivateKey], codes: bytes) -> bytes:
    """The content of a key file: private keys, newest first, and the secret for codes."""
    pems = [key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for key in keys]
    block = f"-----BEGIN {CODES}-----\n{base64.b64encode(codes).decode()}\n-----END {CODES}-----\n"
    return b"".join((*pems, block.encode()))


def decoded(sealed: str) -> bytes:
    """The bytes of a `sealed_identity`. Raises Refusal."""
    try:
        return base64.b64decode(sealed, validate=True)
    except ValueError:  # not base64, or not even ASCII
        raise Refusal("sealed_identity", "…", "it is not base64", "encode the sealed bytes in base64") from None
