"""The key file of intake's vault, as a rotation changes it: a new key in front, at the end the old ones out.

Intake takes the file up by itself. Each step writes the whole file anew in one piece, so that a kill between two
steps leaves one of them, and the command goes on from whichever it finds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from deploy.local.keys import write_private
from services.intake.vault import codes_of, key_id, read_keys, write_keys


@dataclass(frozen=True, slots=True)
class KeyFile:
    """`path` holds the private keys, newest first; `public` is the copy of the newest public key for sources."""

    path: Path
    public: Path

    def names(self) -> list[str]:
        """Ids of the keys in the file, newest first. Raises Refusal."""
        return [key_id(key.public_key()) for key in self._read()[0]]

    def add(self) -> str:
        """Put a new key in front; codes stay as they are. Gives its id. Raises Refusal."""
        keys, codes = self._read()
        new = X25519PrivateKey.generate()
        self._write([new, *keys], codes)
        return key_id(new.public_key())

    def keep_newest(self) -> list[str]:
        """Take all but the newest key out; gives the ids of those that are gone. Raises Refusal."""
        keys, codes = self._read()
        self._write(keys[:1], codes)
        return [key_id(key.public_key()) for key in keys[1:]]

    def _read(self) -> tuple[list[X25519PrivateKey], bytes]:
        keys, codes = read_keys(self.path.read_bytes(), str(self.path))
        return keys, codes or codes_of(keys[-1])

    def _write(self, keys: Sequence[X25519PrivateKey], codes: bytes) -> None:
        write_private(self.path, write_keys(keys, codes))
        public = keys[0].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        write_private(self.public, public)
