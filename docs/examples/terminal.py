"""A meeting's terminal without a browser encrypts the ballot of one card and casts it. Needs nats-py and cryptography.

    python terminal.py SCORING_URL MEETING marks.json < card.txt     marks.json: {unit: {dimension: grade}}

Over HTTP with MINPING_TOKEN, or over the bus with MINPING_NATS_URL and MINPING_PASSWORD_FILE: see terminals.md.
"""

import asyncio
import base64
import hashlib
import json
import os
import sys
import urllib.request
from pathlib import Path

import nats
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite


def hash_of(card: str, before: bytes = b"", digits: str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ") -> str:
    """SHA-256 of the card's 16 bytes: 26 digits of Crockford's base 32; the last 2 of the 28 are check digits."""
    number = sum(digits.index(c) << 5 * (25 - i) for i, c in enumerate(card.replace("-", "")[:26]))
    return hashlib.sha256(before + number.to_bytes(16, "big")).hexdigest()


def sealed(card: str, form: dict, marks: dict) -> bytes:
    """Canonical JSON (keys sorted, no spaces), padded to the meeting's size, encrypted to the meeting's key."""
    ballot = {"meeting": form["meeting"], "marks": marks}
    plain = json.dumps(ballot, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), base64.urlsafe_b64decode(form["public_key"] + "="))
    info = b"\x1f".join((b"minping.ballot.v1", form["meeting"].encode(), hash_of(card).encode()))
    return Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM).encrypt(plain.ljust(form["form"]["size"]), key, info)


async def cast_on_bus(meeting: str, card: str, body: dict) -> dict:
    password = Path(os.environ["MINPING_PASSWORD_FILE"]).read_text()
    bus = (await nats.connect(os.environ["MINPING_NATS_URL"], user=meeting, password=password)).jetstream(timeout=5)
    await bus.publish(f"minping.inbox.ballot.{meeting}", json.dumps({"meeting": meeting, **body}).encode())
    receipts = await bus.pull_subscribe_bind(durable=meeting, stream="RECEIPTS")
    while True:  # one terminal reads the receipts of the meeting, and tells the others
        (message,) = await receipts.fetch(1, timeout=30)
        await message.ack_sync()
        if (receipt := json.loads(message.data))["ticket"] == hash_of(card, b"minping.receipt.v1\x1f"):
            return receipt


if __name__ == "__main__":
    card, base = sys.stdin.readline().strip(), f"{sys.argv[1]}/api/v1/meetings/{sys.argv[2]}"
    ballot = sealed(card, json.load(urllib.request.urlopen(f"{base}/form")), json.loads(Path(sys.argv[3]).read_text()))
    body = {"token": card, "ciphertext": base64.b64encode(ballot).decode()}
    if "MINPING_NATS_URL" in os.environ:
        receipt = asyncio.run(cast_on_bus(sys.argv[2], card, body))
    else:
        headers = {"Authorization": f"Bearer {os.environ['MINPING_TOKEN']}", "Content-Type": "application/json"}
        post = urllib.request.Request(f"{base}/ballots", json.dumps(body).encode(), headers)
        receipt = json.load(urllib.request.urlopen(post))
    sys.exit(print(json.dumps(receipt)) or receipt["state"] == "refused")
