"""Overwriting and removing what must not stay. Honest about what that can do: see docs/cards-and-ceremony.md."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_PIECE = 1 << 20


def shred(path: Path) -> int:
    """Overwrite a file twice (random, zero), cut it to nothing and remove it; its size in bytes. Raises OSError."""
    size = path.stat().st_size
    with path.open("r+b", buffering=0) as file:
        for fill in (secrets.token_bytes, bytes):
            file.seek(0)
            left = size
            while left:
                left -= file.write(fill(min(left, _PIECE)))
            os.fsync(file.fileno())
        file.truncate(0)
        os.fsync(file.fileno())
    anonymous = path.with_name(secrets.token_hex(8))
    path.rename(anonymous)
    anonymous.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return size
