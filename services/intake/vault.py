"""The vault's key: seals and opens identities, and derives the codes that only intake can make (I3).

It is the only module that holds the private key. The file may hold several PEM keys: the first seals, each opens
what it sealed; the last one, the oldest, gives the codes, so that a new key in front changes no code.
"""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
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

_PEM = re.compile(rb"-----BEGIN [A-Z ]+-----.+?-----END [A-Z ]+-----", re.DOTALL)
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
    """Seals to its own public key and opens with the private one."""

    def __init__(self, keys: Sequence[X25519PrivateKey]) -> None:
        self._keys = tuple(keys)
        self._public = self._keys[0].public_key()
        oldest = self._keys[-1].private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
        derive = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"minping-codes")
        self.codes = derive.derive(oldest)

    @classmethod
    def from_file(cls, path: Path) -> "Vault":
        """The vault whose private keys are in a PEM file (PKCS 8, X25519). Raises Refusal."""
        keys: list[X25519PrivateKey] = []
        for pem in _PEM.findall(read_secret("vault_key_file", path)):
            try:
                key = load_pem_private_key(pem, password=None)
            except ValueError:
                key = None
            if not isinstance(key, X25519PrivateKey):
                keys = []
                break
            keys.append(key)
        if not keys:
            remedy = "make one with `openssl genpkey -algorithm x25519`"
            raise Refusal("vault_key_file", str(path), "it holds no X25519 private key", remedy)
        return cls(keys)

    @property
    def public_pem(self) -> str:
        """The key that identities are sealed to, as PEM."""
        return self._public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    def seal(self, kind: str, about: str, data: bytes) -> bytes:
        """Seal data of a kind (`vault`, `text`, `repair`) to what it is about."""
        return SUITE.encrypt(data, self._public, f"minping-{kind}|{about}".encode())

    def open(self, kind: str, about: str, sealed: bytes) -> bytes:
        """Open what was sealed with the same kind and about. Raises Refusal."""
        for key in self._keys:
            try:
                return SUITE.decrypt(sealed, key, f"minping-{kind}|{about}".encode())
            except (InvalidTag, ValueError):
                continue
        raise Refusal(
            "sealed_identity",
            "…",
            "it does not open: sealed to another key, or for another source or ticket",
            "seal it to the key of GET /api/v1/vault/public-key, with this source and ticket",
        )

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


def decoded(sealed: str) -> bytes:
    """The bytes of a `sealed_identity`. Raises Refusal."""
    try:
        return base64.b64decode(sealed, validate=True)
    except ValueError:  # not base64, or not even ASCII
        raise Refusal("sealed_identity", "…", "it is not base64", "encode the sealed bytes in base64") from None
