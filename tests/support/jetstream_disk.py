"""What who holds JetStream's key reads from its files, past the server: also what it deleted but did not overwrite."""

import hashlib
import hmac
from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 16


def decrypted(store: Path, key: str) -> Iterator[tuple[str, bytes]]:
    """(account/stream/block, plain bytes) of every message block in JetStream's folder (cipher AES, nats-server 2).

    Each block has a random key, sealed under HMAC-SHA256(key, account ‖ stream:number).
    """
    for block in sorted(store.rglob("msgs/*.blk")):
        stream, account = block.parents[1].name, block.parents[3].name
        sealed = block.with_suffix(".key").read_bytes()
        context = f"{account}{stream}:{block.stem}".encode()
        wrapping = hmac.new(key.encode(), context, hashlib.sha256).digest()
        own = AESGCM(wrapping).decrypt(sealed[:NONCE], sealed[NONCE:], None)
        stream_cipher = Cipher(algorithms.AES(own), modes.CTR(sealed[:NONCE])).decryptor()
        yield f"{account}/{stream}/{block.stem}", stream_cipher.update(block.read_bytes())
