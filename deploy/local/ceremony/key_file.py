"""A signing key's file: PKCS 8 under scrypt and AES-256 (RFC 8018, RFC 7914), with its name and vkey above it.

It is what OpenSSL, `cryptography` and our page in the browser read, so no teller depends on this program.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from Crypto.IO import PEM, PKCS8
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from deploy.local.keys import write_private
from services.scoring.domain.canon import Malformed
from services.scoring.domain.note import Signer, signer, verifier
from shared.errors import Refusal

SCRYPT: Any = {"iteration_count": 2**14, "block_size": 8, "parallelization": 5, "salt_size": 16}
"""As strong as N = 2**17 with p = 1, in 16 MiB: OpenSSL opens it without being told to allow more."""
_ED25519 = "1.3.101.112"
_TITLE = "minping signing key 民评签名私钥（已加密）"
_LABEL = "ENCRYPTED PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class KeyPage:
    """A key's file as read, still locked."""

    path: Path
    name: str
    vkey: str
    text: str

    def open(self, secret: bytes) -> Signer:
        """The key. Raises Refusal for a wrong passphrase, and where key and vkey do not fit."""
        try:
            private = load_pem_private_key(self.text.encode(), secret)
        except (ValueError, TypeError) as error:
            raise Refusal("passphrase", "…", "does not open the key", "type it again") from error
        if not isinstance(private, Ed25519PrivateKey):
            raise Refusal("key", str(self.path), "is no Ed25519 key", "name a teller's key")
        found = Signer(self.name, private)
        if found.vkey != self.vkey:
            raise Refusal("key", str(self.path), "is not the key of the vkey above it", "use an unchanged file")
        return found


def write_key(path: Path, name: str, seed: bytes, secret: bytes) -> Signer:
    """Keep a new key in a file with mode 0600. Raises Refusal where a file stands already, or the name is none."""
    try:
        made = signer(name, seed)
    except Malformed as error:
        raise Refusal("name", name, str(error), "use letters, digits and dashes, as in teller-1") from error
    if path.exists():
        raise Refusal("out", str(path), "a file of that name stands already", "name another file: a key stays", 409)
    raw = made.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    sealed = PKCS8.wrap(
        b"\x04\x20" + raw, _ED25519, passphrase=secret, protection="scryptAndAES256-CBC", prot_params=SCRYPT,
        key_params=None,
    )  # fmt: skip
    body = PEM.encode(sealed, _LABEL)
    write_private(path, f"{_TITLE}\nname: {name}\nvkey: {made.vkey}\n\n{body}\n".encode())
    return made


def read_key(path: Path) -> KeyPage:
    """Read a key's file, of this program or of the page. Raises Refusal."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise Refusal("key", str(path), f"cannot be read: {error}", "name the teller's key file") from error
    heads = dict(line.split(": ", 1) for line in text.splitlines() if line.startswith(("name: ", "vkey: ")))
    try:
        found = verifier(heads["vkey"])
    except (KeyError, Malformed) as error:
        remedy = "make one with `minping teller key`"
        raise Refusal("key", str(path), "is no key file of a teller", remedy) from error
    if found.name != heads.get("name") or _LABEL not in text:
        raise Refusal("key", str(path), "is no key file of a teller", "use an unchanged file")
    return KeyPage(path, found.name, found.vkey, text)
