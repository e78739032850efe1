"""A meeting's terminals on the bus try everything that is not theirs (X1): of others, of services, of the server."""

import asyncio
from collections.abc import Iterator

import nats.errors
import pytest
from nats.aio.msg import Msg
from nats.js.errors import ServiceUnavailableError

from deploy.local.bus_config import Outside
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from deploy.local.outside import Bus
from tests.support.bus_attempts import (
    WIDE,
    as_user,
    foreign_subjects,
    forge_replies,
    is_told_nothing,
    stored,
    stores_nothing,
)

pytestmark = pytest.mark.live
OWN, OTHER = "m1", "m2"
TERMINALS = Outside(OWN, "meeting")
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


async def test_s5_a_meetings_terminals_store_nothing_under_any_other_subject(bus: Bus) -> None:
    before = await stored(bus)
    async with as_user(bus, OWN) as terminals:
        await stores_nothing(terminals, foreign_subjects(TERMINALS, OTHER))
        await terminals.jetstream().publish(BALLOT, b"{}")
    assert await stored(bus) == before | {"BALLOTS": before["BALLOTS"] + 1}


async def test_s5_the_servers_own_interface_does_not_exist_for_a_meetings_terminals(bus: Bus) -> None:
    before = await stored(bus)
    async with bus.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"not for you")
    async with as_user(bus, OWN) as terminals:
        await is_told_nothing(terminals, OWN, OTHER, b"not for you")
    after = await stored(bus)
    assert after == before | {"RECEIPTS": before["RECEIPTS"] + 1}
    async with as_user(bus, OTHER) as others:
        theirs = await others.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
        (receipt,) = await theirs.fetch(1, timeout=5)
        assert receipt.data == b"not for you" and receipt.metadata.num_delivered == 1, "nobody had taken it"
        await receipt.ack_sync()


async def test_s5_listening_to_everything_a_meetings_terminals_hear_only_themselves(bus: Bus) -> None:
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    async with as_user(bus, OWN) as terminals:
        for subject in (*WIDE, f"_INBOX_{OTHER}.>"):
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
    targets = [*foreign_subjects(TERMINALS, OTHER), "$JS.API.STREAM.PURGE.BALLOTS"]
    targets += [f"$JS.API.CONSUMER.DELETE.RECEIPTS.{OTHER}"]
    async with as_user(bus, OWN) as terminals:
        sent = await forge_replies(terminals, TERMINALS, OTHER, targets)
    assert await stored(bus) == before | {"BALLOTS": before["BALLOTS"] + sent}
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
