"""A meeting's terminals on the bus try everything that is not theirs (X1): of others, of services, of the server."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.errors import NoStreamResponseError, ServiceUnavailableError

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from deploy.local.outside import Bus
from shared.bus import topology
from shared.bus.topology import SERVICES, STREAMS, consumers, publishes

pytestmark = pytest.mark.live
OWN, OTHER = "m1", "m2"
BALLOT = f"minping.inbox.ballot.{OWN}"


@pytest.fixture(scope="module")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bus]:
    """The servers of a house with two meetings and a hotline, without services."""
    deployment = Deployment(tmp_path_factory.mktemp("two"), Ports.free(), Plan(services=(), sources=("hotline",)))
    deployment.layout.create()
    for name in (OWN, OTHER):
        deployment.bus.register(name, "meeting")
    with deployment:
        yield deployment.bus


@asynccontextmanager
async def as_user(bus: Bus, user: str, inbox: str = "") -> AsyncIterator[Client]:
    """A connection as a user of the bus; `inbox`: under another's prefix."""

    async def unheard(_: Exception) -> None:
        """What is refused is asked for below."""

    client = await nats.connect(
        bus.ports.nats_url,
        user=user,
        password=bus.keyring.password(user),
        inbox_prefix=inbox or f"_INBOX_{user}",
        error_cb=unheard,
        allow_reconnect=False,
    )
    try:
        yield client
    finally:
        await client.close()


async def stored(bus: Bus) -> dict[str, int]:
    """Stream → its last sequence number."""
    async with bus.connect("provision") as client:
        infos = [await client.jetstream().stream_info(stream.name) for stream in STREAMS]
    return {str(info.config.name): info.state.last_seq for info in infos}


def example(pattern: str) -> str:
    """A subject that a pattern covers."""
    return pattern.replace(">", "anything.v1").replace("*", OTHER)


def foreign_subjects() -> list[str]:
    """Every other subject that anything in the house publishes or stores."""
    patterns = {subject for stream in STREAMS for subject in stream.subjects}
    patterns |= {subject for service in SERVICES for subject in publishes(service)}
    named = {f"minping.inbox.{kind}.{OWN}" for kind in ("complaint", "evaluation")} | {f"minping.receipt.{OWN}"}
    return sorted(
        {example(pattern) for pattern in patterns} | named | {topology.CLOCK_SUBJECT, "minping.dead.replayed"}
    )


def api_subjects() -> list[str]:
    """What could read, change or remove streams and consumers, or the server itself."""
    streams = [
        f"{verb}.{stream.name}" for stream in STREAMS for verb in ("INFO", "DELETE", "PURGE", "UPDATE", "MSG.GET")
    ]
    streams += [f"{verb}.{stream.name}" for stream in STREAMS for verb in ("MSG.DELETE", "SNAPSHOT", "RESTORE")]
    asked = ["INFO", "STREAM.LIST", "STREAM.CREATE.MINE", *(f"STREAM.{one}" for one in streams)]
    asked += [f"DIRECT.GET.{stream.name}" for stream in STREAMS]
    asked += [f"DIRECT.GET.BALLOTS.minping.inbox.ballot.{OTHER}", f"DIRECT.GET.RECEIPTS.minping.receipt.{OTHER}"]
    asked += [f"CONSUMER.{verb}.RECEIPTS.{OTHER}" for verb in ("INFO", "DELETE", "MSG.NEXT", "CREATE")]
    asked += ["CONSUMER.CREATE.BALLOTS", "CONSUMER.DURABLE.CREATE.RECEIPTS.mine", f"CONSUMER.DELETE.RECEIPTS.{OWN}"]
    asked += [f"CONSUMER.MSG.NEXT.{one.stream}.{one.name}" for one in consumers("scoring")]
    return [*(f"$JS.API.{one}" for one in asked), "$SYS.REQ.SERVER.PING", "$SYS.REQ.ACCOUNT.MINPING.INFO"]


async def test_s5_a_meetings_terminals_store_nothing_under_any_other_subject(bus: Bus) -> None:
    before = await stored(bus)
    async with as_user(bus, OWN) as terminals:
        for subject in foreign_subjects():
            with pytest.raises(NoStreamResponseError):
                await terminals.jetstream().publish(subject, b"{}", timeout=2)
        await terminals.jetstream().publish(BALLOT, b"{}")
    assert await stored(bus) == before | {"BALLOTS": before["BALLOTS"] + 1}


async def test_s5_the_servers_own_interface_does_not_exist_for_a_meetings_terminals(bus: Bus) -> None:
    before = await stored(bus)
    async with bus.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"not for you")
    bodies = (b"", b'{"seq":1}', json.dumps({"last_by_subj": f"minping.receipt.{OTHER}"}).encode())
    async with as_user(bus, OWN) as terminals:
        for subject in api_subjects():
            for body in bodies:
                try:
                    answer = await terminals.request(subject, body, timeout=2)
                except nats.errors.NoRespondersError:
                    continue
                assert "error" in json.loads(answer.data), f"{subject}: {answer.data!r}"
                assert b"not for you" not in answer.data
    after = await stored(bus)
    assert after == before | {"RECEIPTS": before["RECEIPTS"] + 1}
    async with as_user(bus, OTHER) as others:
        theirs = await others.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
        (receipt,) = await theirs.fetch(1, timeout=5)
        assert receipt.data == b"not for you" and receipt.metadata.num_delivered == 1, "nobody had taken it"
        await receipt.ack_sync()


async def test_s5_listening_to_everything_a_meetings_terminals_hear_only_themselves(bus: Bus) -> None:
    wide = (">", "minping.>", "_INBOX.>", "$JS.API.>", "$JS.>", "$SYS.>", f"_INBOX_{OTHER}.>", "_INBOX_scoring.>")
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    async with as_user(bus, OWN) as terminals:
        for subject in wide:
            await terminals.subscribe(subject, cb=hear)
        await terminals.flush()
        async with as_user(bus, OTHER) as others, bus.connect("scoring") as scoring:
            await others.jetstream().publish(f"minping.inbox.ballot.{OTHER}", b'{"token":"secret of another"}')
            await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"another's receipt")
            theirs = await others.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
            (receipt,) = await theirs.fetch(1, timeout=5)
            await receipt.ack_sync()
        await terminals.publish("own.account.only", b"the last one")
        async with asyncio.timeout(5):
            while not any(message.data == b"the last one" for message in heard):
                await asyncio.sleep(0.01)
    assert {(message.subject, message.data) for message in heard} == {("own.account.only", b"the last one")}


async def test_s5_a_forged_reply_of_an_allowed_publish_pull_or_acknowledgement_writes_nowhere(bus: Bus) -> None:
    """The reply subject is checked by no permission list: only accounts of their own hold here."""
    async with bus.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OWN}", b"own receipt")
    before = await stored(bus)
    targets = [*foreign_subjects(), "$JS.API.STREAM.PURGE.BALLOTS", f"$JS.API.CONSUMER.DELETE.RECEIPTS.{OTHER}"]
    async with as_user(bus, OWN) as terminals:
        own = await terminals.jetstream().pull_subscribe_bind(consumer=OWN, stream="RECEIPTS")
        (receipt,) = await own.fetch(1, timeout=5)
        for target in targets:
            await terminals.publish(BALLOT, b"{}", reply=target)
            await terminals.publish(f"$JS.API.CONSUMER.MSG.NEXT.RECEIPTS.{OWN}", b'{"batch":1}', reply=target)
            await terminals.publish(f"$JS.API.CONSUMER.INFO.RECEIPTS.{OWN}", b"", reply=target)
            await terminals.publish(receipt.reply, b"+NXT", reply=target)
            await terminals.publish(f"$JS.ACK.RECEIPTS.{OTHER}.1.1.1.1.0", b"+TERM", reply=target)
        await terminals.flush()
        # One more by request, in order behind the others on this connection: when it is answered, they are done.
        await terminals.jetstream().publish(BALLOT, b"{}")
    assert await stored(bus) == before | {"BALLOTS": before["BALLOTS"] + len(targets) + 1}
    async with bus.connect("provision") as client:
        other = await client.jetstream().consumer_info("RECEIPTS", OTHER)
        assert other.name == OTHER


async def test_s5_another_meetings_receipts_cannot_be_read_or_acknowledged(bus: Bus) -> None:
    async with bus.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"theirs")
    async with as_user(bus, OWN, inbox=f"_INBOX_{OTHER}") as terminals:
        foreign = await terminals.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
        with pytest.raises((ServiceUnavailableError, nats.errors.NoRespondersError, nats.errors.TimeoutError)):
            await foreign.fetch(1, timeout=0.5)
        async with as_user(bus, OTHER) as others:
            theirs = await others.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
            (receipt,) = await theirs.fetch(1, timeout=5)
            await terminals.publish(receipt.reply, b"")  # the acknowledgement, forged
            await terminals.flush()
            await others.flush()
            async with bus.connect("provision") as client:
                info = await client.jetstream().consumer_info("RECEIPTS", OTHER)
            assert info.num_ack_pending == 1, "it is still theirs to acknowledge"
            await receipt.ack_sync()
