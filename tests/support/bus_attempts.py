"""What an outside account of the bus may try: everything that is not its own, of others, of services, of the server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.errors import NoStreamResponseError

from deploy.local.bus_config import PUBLISHES, Kind, Outside
from deploy.local.outside import Bus
from shared.bus import topology
from shared.bus.topology import SERVICES, STREAMS, consumers, publishes

WIDE = (">", "minping.>", "_INBOX.>", "$JS.API.>", "$JS.>", "$KV.>", "$SYS.>", "_INBOX_scoring.>")


@asynccontextmanager
async def as_user(bus: Bus, user: str, inbox: str = "", password: str | None = None) -> AsyncIterator[Client]:
    """A connection as a user of the bus; `inbox`: under another's prefix."""

    async def unheard(_: Exception) -> None:
        """What is refused is asked for by the test."""

    client = Client()
    try:
        await client.connect(
            bus.ports.nats_url,
            user=user,
            password=password or bus.keyring.password(user),
            inbox_prefix=inbox or f"_INBOX_{user}",
            error_cb=unheard,
            allow_reconnect=False,
        )
        yield client
    finally:
        await client.close()


async def stored(bus: Bus) -> dict[str, int]:
    """Stream → its last sequence number."""
    async with bus.connect("provision") as client:
        infos = [await client.jetstream().stream_info(stream.name) for stream in STREAMS]
    return {str(info.config.name): info.state.last_seq for info in infos}


def foreign_subjects(own: Outside, other: str) -> list[str]:
    """Every other subject that anything in the house publishes or stores; `other` is an account of the same kind."""
    patterns = {subject for stream in STREAMS for subject in stream.subjects}
    patterns |= {subject for service in SERVICES for subject in publishes(service)}
    named = {f"{prefix}.{own.name}" for kind in PUBLISHES for prefix in PUBLISHES[kind]} - set(own.subjects)
    named |= {f"minping.receipt.{own.name}", topology.CLOCK_SUBJECT, "minping.dead.replayed"}
    return sorted({pattern.replace(">", "anything.v1").replace("*", other) for pattern in patterns} | named)


def api_subjects(own: str, other: str) -> list[str]:
    """What could read, change or remove streams and consumers, or the server itself."""
    verbs = ("INFO", "DELETE", "PURGE", "UPDATE", "MSG.GET", "MSG.DELETE", "SNAPSHOT", "RESTORE")
    asked = ["INFO", "STREAM.LIST", "STREAM.CREATE.MINE"]
    asked += [f"STREAM.{verb}.{stream.name}" for stream in STREAMS for verb in verbs]
    asked += [f"DIRECT.GET.{stream.name}" for stream in STREAMS]
    asked += [f"DIRECT.GET.{topology.stream_of(subject)}.{subject}" for subject in _subjects_of(other)]
    asked += [f"CONSUMER.{verb}.RECEIPTS.{other}" for verb in ("INFO", "DELETE", "MSG.NEXT", "CREATE")]
    asked += ["CONSUMER.CREATE.BALLOTS", "CONSUMER.DURABLE.CREATE.RECEIPTS.mine", f"CONSUMER.DELETE.RECEIPTS.{own}"]
    asked += [f"CONSUMER.MSG.NEXT.{one.stream}.{one.name}" for one in consumers("scoring")]
    return [*(f"$JS.API.{one}" for one in asked), "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.MINPING.INFO"]


def _subjects_of(account: str) -> list[str]:
    kinds: list[Kind] = list(PUBLISHES)
    return [*(f"{prefix}.{account}" for kind in kinds for prefix in PUBLISHES[kind]), f"minping.receipt.{account}"]


async def stores_nothing(client: Client, subjects: list[str]) -> None:
    """Publish on each, and see that no stream takes it. Raises AssertionError, or pytest's failure."""
    for subject in subjects:
        with pytest.raises(NoStreamResponseError):
            await client.jetstream().publish(subject, b"{}", timeout=2)


async def is_told_nothing(client: Client, own: str, other: str, secret: bytes) -> None:
    """Ask the server's own interface, and see that nobody answers but with an error, never with the other's secret."""
    bodies = (b"", b'{"seq":1}', json.dumps({"last_by_subj": f"minping.receipt.{other}"}).encode())
    for subject in api_subjects(own, other):
        for body in bodies:
            try:
                answer = await client.request(subject, body, timeout=2)
            except nats.errors.NoRespondersError:
                continue
            assert "error" in json.loads(answer.data), f"{subject}: {answer.data!r}"
            assert secret not in answer.data


async def forge_replies(client: Client, own: Outside, other: str, targets: list[str]) -> int:
    """Name foreign subjects as the reply of all that the account may do; how many of its own messages that stored.

    The account has one receipt that waits. One message more goes by request, in order behind the others on this
    connection: when it is answered, they are done.
    """
    receipts = await client.jetstream().pull_subscribe_bind(consumer=own.name, stream="RECEIPTS")
    (receipt,) = await receipts.fetch(1, timeout=5)
    for target in targets:
        for subject in own.subjects:
            await client.publish(subject, b"{}", reply=target)
        await client.publish(f"$JS.API.CONSUMER.MSG.NEXT.RECEIPTS.{own.name}", b'{"batch":1}', reply=target)
        await client.publish(f"$JS.API.CONSUMER.INFO.RECEIPTS.{own.name}", b"", reply=target)
        await client.publish(receipt.reply, b"+NXT", reply=target)
        await client.publish(f"$JS.ACK.RECEIPTS.{other}.1.1.1.1.0", b"+TERM", reply=target)
    await client.flush()
    await client.jetstream().publish(own.subjects[0], b"{}")
    return len(targets) * len(own.subjects) + 1
