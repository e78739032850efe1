"""Passwords and keys of a deployment: made once, each in a file of its own that only its owner can read."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from shared.errors import Refusal

PrivateKey = Ed25519PrivateKey | X25519PrivateKey


def write_private(path: Path, content: bytes) -> None:
    """Write a file with mode 0600 in one step: nobody ever sees it half-written or readable by others."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


@dataclass(frozen=True, slots=True)
class Keyring:
    """The folder of secrets. Asking for one that is not there yet makes it."""

    folder: Path

    def password_file(self, user: str) -> Path:
        """File with the random password of a user (of the bus, valkey …)."""
        return self._ensure(f"{user}.password", lambda: secrets.token_urlsafe(32).encode())

    def password(self, user: str) -> str:
        """The password of a user."""
        return self.password_file(user).read_text().strip()

    def jetstream_key(self) -> str:
        """Key under which JetStream encrypts its files. nats-server reads it as a value of its configuration
        language, in which a word that begins with a digit or a dash is (a broken) number: so it begins with a letter.
        """
        return self._ensure("jetstream.password", lambda: f"k{secrets.token_hex(32)}".encode()).read_text().strip()

    def token_key_file(self) -> Path:
        """Ed25519 private key (PEM, PKCS 8) that signs bearer tokens: for the command line and the demo."""
        return self._ensure("token.key", lambda: _private_pem(Ed25519PrivateKey.generate()))

    def token_public_key_file(self) -> Path:
        """Public key (PEM) with which services check bearer tokens."""
        private = serialization.load_pem_private_key(self.token_key_file().read_bytes(), password=None)
        return self._ensure("token.pub", lambda: _public_pem(private))

    def vault_key_file(self) -> Path:
        """X25519 private key (PEM, PKCS 8) of intake's vault of identities. Intake alone gets it."""
        return self._ensure("vault.key", lambda: _private_pem(X25519PrivateKey.generate()))

    def vault_public_key_file(self) -> Path:
        """Public key (PEM) to which a source seals the identity part of a complaint."""
        private = serialization.load_pem_private_key(self.vault_key_file().read_bytes(), password=None)
        return self._ensure("vault.pub", lambda: _public_pem(private))

    def seal_key_file(self) -> Path:
        """Ed25519 private key (PEM, PKCS 8) with which scoring signs draws, seals and results."""
        return self._ensure("seal.key", lambda: _private_pem(Ed25519PrivateKey.generate()))

    def _ensure(self, name: str, make: Callable[[], bytes]) -> Path:
        path = self.folder / name
        if not path.exists():
            write_private(path, make())
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise Refusal(
                field=name,
                value=oct(mode),
                reason=f"the secret {path} can be read by others than its owner",
                remedy=f"chmod 600 {path}, and consider it known: remove the file to have a new one made",
            )
        return path


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: object) -> bytes:
    assert isinstance(key, Ed25519PrivateKey | X25519PrivateKey)
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
