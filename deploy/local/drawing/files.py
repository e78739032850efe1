"""Files of a draw: written once, never over another; secrets for their owner alone."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from deploy.local.keys import write_private
from services.scoring.domain.note import Signer
from shared.errors import Refusal

SALT_BYTES = 32


def must_not_stand(option: str, path: Path) -> None:
    """Raises Refusal (409) where the file stands already: nothing of a draw is overwritten."""
    if path.exists():
        raise Refusal(option, str(path), "a file of that name stands already", "name another file", 409)


def write_once(option: str, path: Path, data: bytes) -> None:
    """Write a file that was not there. Raises Refusal."""
    try:
        with path.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError as error:
        raise Refusal(option, str(path), "a file of that name stands already", "name another file", 409) from error
    except OSError as error:
        raise Refusal(option, str(path), f"cannot be written: {error.strerror}", "name another file") from error


def read(option: str, path: Path) -> bytes:
    """A file's bytes. Raises Refusal."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal(
            option, str(path), f"cannot be read: {error.strerror}", "check the path and its rights"
        ) from error


def read_mapping(option: str, path: Path) -> Mapping[str, Any]:
    """A YAML or JSON file that holds a mapping. Raises Refusal."""
    try:
        found = YAML(typ="safe").load(read(option, path).decode("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        reason = f"is neither YAML nor JSON: {' '.join(str(error).split())}"
        raise Refusal(option, str(path), reason, "correct the file: docs/draw.md shows one") from error
    if not isinstance(found, dict):
        raise Refusal(option, str(path), "holds no fields", "docs/draw.md shows one")
    return {str(name): value for name, value in found.items()}


def signer_of(option: str, path: Path, name: str, *, make: bool) -> tuple[Signer, bool]:
    """The office's signing key (Ed25519, PEM, PKCS 8, as `seal.key`); whether it was made now. Raises Refusal."""
    made = False
    if make and not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_private(path, pem)
        made = True
    try:
        key = serialization.load_pem_private_key(read(option, path), password=None)
    except (ValueError, TypeError) as error:
        raise Refusal(option, str(path), f"is no private key: {error}", "name the file of the freeze's key") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise Refusal(option, str(path), "is no Ed25519 key", "name the file of the freeze's key")
    return Signer(name, key), made


def name_secret(path: Path) -> bytes:
    """The office's secret for the salts of names, made where there is none; it stays there. Raises Refusal."""
    if not path.exists():
        write_private(path, secrets.token_hex(SALT_BYTES).encode() + b"\n")
    try:
        found = bytes.fromhex(read("--salt", path).decode("ascii").strip())
    except ValueError as error:
        raise Refusal("--salt", str(path), "holds no secret of ours", "name the file of the first import") from error
    if len(found) != SALT_BYTES:
        raise Refusal("--salt", str(path), f"holds {len(found)} bytes, not {SALT_BYTES}", "name the right file")
    return found


def as_json(value: Any) -> bytes:
    """JSON for people, with a newline at its end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
