"""A hotline reports one complaint, its identity sealed, and waits for the receipt. Needs nats-py and cryptography only.

    MINPING_NATS_URL=nats://… MINPING_PASSWORD_FILE=… MINPING_VAULT_KEY_FILE=… python hotline.py SOURCE TICKET

All of these are printed by `minping source add SOURCE`. Running it twice with the same ticket is harmless.
"""

import asyncio
import base64
import json
import os
import sys
import uuid
from datetime import UTC, datetime
from pathlib import Path

import nats
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import load_pem_public_key

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
TEXT = "2 月 17 日在清河镇便民大厅办理居住证明，窗口无人值守，等候两小时未办成，请予核实。"


def seal(identity: dict[str, str], source: str, ticket: str) -> str:
    """Only the vault can open it, and only for this source and ticket."""
    key = load_pem_public_key(Path(os.environ["MINPING_VAULT_KEY_FILE"]).read_bytes())
    sealed = SUITE.encrypt(json.dumps(identity).encode(), key, f"minping-vault|{source}|{ticket}".encode())
    return base64.b64encode(sealed).decode()


async def main(source: str, ticket: str) -> int:
    password = Path(os.environ["MINPING_PASSWORD_FILE"]).read_text().strip()
    connection = await nats.connect(os.environ["MINPING_NATS_URL"], user=source, password=password)
    stream = connection.jetstream(timeout=5)
    when = datetime.now(UTC).isoformat()
    person = {"name": "王小明", "phone": "13800000000"}
    data = {"ticket": ticket, "channel": "hotline_daily", "title": "窗口无人", "text": TEXT}
    data |= {"identity": "named", "sealed_identity": seal(person, source, ticket)}
    event = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": source, "time": when, "data": data}
    event["type"] = "minping.inbox.complaint.submitted.v1"
    # A timeout does not say whether it was stored: publish the same again, with the same id, until it is acknowledged.
    header = {"Nats-Msg-Id": event["id"]}
    await stream.publish(f"minping.inbox.complaint.{source}", json.dumps(event).encode(), headers=header)
    receipts = await stream.pull_subscribe_bind(durable=source, stream="RECEIPTS")
    while True:
        (message,) = await receipts.fetch(1, timeout=30)
        await message.ack()
        receipt = json.loads(message.data)["data"]
        if receipt["answers"] == event["id"]:
            print(json.dumps(receipt, ensure_ascii=False))
            await connection.close()
            return 1 if receipt["state"] == "kept_for_repair" else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
