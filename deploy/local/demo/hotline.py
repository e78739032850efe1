"""The hotline: a machine with an account of its own on the bus. It publishes reports and reads its receipts."""

import asyncio
import base64
import json
from datetime import datetime
from typing import Any

import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from deploy.local.demo.script import Matter
from services.intake.sealing import seal_identity

PATIENCE_S = 90.0


class Hotline:
    """`report` publishes one complaint (again and again until the stream has it); `receipts` reads the answers."""

    def __init__(self, name: str, client: Client, vault_key_pem: bytes) -> None:
        self.name = name
        self._nc = client
        self._js = client.jetstream(timeout=3)
        self._vault_key = vault_key_pem
        self._pull: Any = None
        self._seen: set[str] = set()

    @classmethod
    async def connect(cls, name: str, url: str, password: str, vault_key_pem: bytes) -> "Hotline":
        """Connect as the source `name`; the connection survives a broker that is away."""
        client = await nats.connect(
            url,
            user=name,
            password=password,
            name=f"hotline {name}",
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
        )
        return cls(name, client, vault_key_pem)

    async def report(self, matter: Matter, at: datetime) -> None:
        """Publish a complaint until the stream has it; its id makes a repeat harmless."""
        data: dict[str, Any] = {
            "ticket": matter.ticket,
            "channel": matter.channel,
            "title": matter.title,
            "text": matter.text,
            "unit": matter.unit,
            "topic": matter.topic,
            "identity": "named" if matter.identity else "anonymous",
        }
        if matter.identity:
            sealed = seal_identity(self._vault_key, self.name, matter.ticket, matter.identity)
            data["sealed_identity"] = base64.b64encode(sealed).decode()
        event: dict[str, Any] = {
            "specversion": "1.0",
            "id": f"{matter.ticket}-{matter.row}",
            "source": self.name,
            "type": "minping.inbox.complaint.submitted.v1",
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        await self._publish(json.dumps(event, ensure_ascii=False).encode(), event["id"])

    async def receipts(self) -> list[dict[str, Any]]:
        """The receipts that are there, each once; waits for the first. Raises TimeoutError."""
        if self._pull is None:
            self._pull = await self._js.pull_subscribe_bind(durable=self.name, stream="RECEIPTS")
        found: list[dict[str, Any]] = []
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while not found:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"no receipt for {self.name} in {PATIENCE_S:.0f} s")
            try:
                messages = await self._pull.fetch(batch=500, timeout=1)
            except (nats.errors.Error, nats.js.errors.Error, OSError):
                await asyncio.sleep(0.05)
                continue
            for message in messages:
                event = json.loads(message.data)
                if event["data"]["state"] != "status" and event["id"] not in self._seen:
                    self._seen.add(event["id"])
                    found.append(event["data"])
                await message.ack()
        return found

    async def evaluate(self, key: str, kind: str, data: dict[str, Any], at: datetime) -> None:
        """Publish what concerns online evaluations: `submitted`, or `codes_issued` for codes of one's own."""
        event = {
            "specversion": "1.0",
            "id": key,
            "source": self.name,
            "type": f"minping.inbox.evaluation.{kind}.v1",
            "time": at.isoformat(),
            "datacontenttype": "application/json",
            "data": data,
        }
        await self._publish(json.dumps(event, ensure_ascii=False).encode(), key, "evaluation")

    async def _publish(self, body: bytes, key: str, inbox: str = "complaint") -> None:
        subject = f"minping.inbox.{inbox}.{self.name}"
        deadline = asyncio.get_running_loop().time() + PATIENCE_S
        while True:
            try:
                await self._js.publish(subject, body, headers={"Nats-Msg-Id": f"{self.name}:{key}"})
                return
            except (nats.errors.Error, nats.js.errors.Error, OSError):
                if asyncio.get_running_loop().time() > deadline:
                    raise
                await asyncio.sleep(0.1)

    async def close(self) -> None:
        """Leave the bus."""
        await self._nc.close()
