"""Who may do what on the bus, tried on the real server with the real accounts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import nats
import nats.errors
import pytest
from nats.aio.client import Client
from nats.js.errors import NoStreamResponseError, ServiceUnavailableError

from deploy.local.bus_config import Outside
from deploy.local.deployment import Deployment
from deploy.local.outside import RESERVED, Bus, connect
from shared.bus import topology
from shared.bus.topology import SERVICES, STREAMS, consumers, publishes
from shared.errors import Refusal
from tests.support.wait import until

pytestmark = pytest.mark.live


class Watched:
    """A connection as one of the users that keeps what the server complains of."""

    def __init__(self, client: Client, complaints: list[str]) -> None:
        self.client = client
        self.complaints = complaints

    async def refused(self, publish: Iterable[str] = (), listen: Iterable[str] = ()) -> set[str]:
        """Which of these subjects the server forbids. Its complaints come in order: the canary's is the last."""
        self.complaints.clear()
        for subject in publish:
            await self.client.publish(subject, b"{}")
        for subject in listen:
            await self.client.subscribe(subject)
        await self.client.publish("canary", b"")
        await until(lambda: any('"canary"' in text for text in self.complaints), "the complaint of the canary")
        named = {text.split('"')[1] for text in self.complaints} - {"canary"}
        asked = {subject.lower(): subject for subject in (*publish, *listen)}  # the server lowers the case
        return {asked[subject] for subject in named}


@asynccontextmanager
async def connected(bus: Bus, user: str, password: str | None = None) -> AsyncIterator[Watched]:
    complaints: list[str] = []

    async def heard(error: Exception) -> None:
        complaints.append(str(error))

    client = await nats.connect(
        bus.ports.nats_url,
        user=user,
        password=bus.keyring.password(user) if password is None else password,
        inbox_prefix=f"_INBOX_{user}",
        error_cb=heard,
        allow_reconnect=False,
    )
    try:
        yield Watched(client, complaints)
    finally:
        await client.close()


async def sizes(bus: Bus) -> dict[str, int]:
    """Stream → its last sequence number."""
    async with bus.connect("provision") as client:
        infos = [await client.jetstream().stream_info(stream.name) for stream in STREAMS]
    return {str(info.config.name): info.state.last_seq for info in infos}


def example(pattern: str) -> str:
    """A subject that a pattern covers."""
    return pattern.replace(">", "anything.v1").replace("*", "anything")


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_publishes_its_own_subjects_and_no_others(nats_server: Bus, service: str) -> None:
    own = {example(pattern) for pattern in publishes(service)}
    every = {example(pattern) for name in SERVICES for pattern in publishes(name)}
    inboxes = {example(pattern) for stream in STREAMS for pattern in stream.subjects if "inbox" in pattern}
    others = (every | inboxes | {topology.CLOCK_SUBJECT}) - own
    assert len(others) > len(own)
    async with connected(nats_server, service) as there:
        assert await there.refused(publish=own | others) == others


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_hears_its_own_inbox_and_no_event_past_its_consumers(nats_server: Bus, service: str) -> None:
    others = {f"_INBOX_{name}.>" for name in SERVICES if name != service}
    wider = {">", "minping.>", "$JS.>", "_INBOX.>"} | others
    async with connected(nats_server, service) as there:
        assert await there.refused(listen=wider | {f"_INBOX_{service}.>"}) == wider


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_changes_no_stream_and_no_consumer(nats_server: Bus, service: str) -> None:
    foreign = [one for name in SERVICES if name != service for one in consumers(name)]
    verbs = ["CREATE", "UPDATE", "DELETE", "PURGE", "MSG.DELETE", "MSG.GET", "SNAPSHOT"]
    forbidden = {f"$JS.API.STREAM.{verb}.EVENTS" for verb in verbs}
    forbidden |= {"$JS.API.CONSUMER.CREATE.EVENTS", "$JS.API.CONSUMER.CREATE.EVENTS.mine"}
    forbidden |= {f"$JS.API.CONSUMER.DURABLE.CREATE.{one.stream}.{one.name}" for one in consumers(service)}
    forbidden |= {f"$JS.API.CONSUMER.DELETE.{one.stream}.{one.name}" for one in consumers(service)}
    forbidden |= {f"$JS.API.CONSUMER.MSG.NEXT.{one.stream}.{one.name}" for one in foreign}
    forbidden |= {f"$JS.ACK.{one.stream}.{one.name}.1.1.1.1.0" for one in foreign}
    async with connected(nats_server, service) as there:
        assert await there.refused(publish=forbidden) == forbidden
        for one in consumers(service):
            answer = await there.client.request(f"$JS.API.CONSUMER.INFO.{one.stream}.{one.name}", b"", timeout=5)
            assert json.loads(answer.data)["name"] == one.name


async def test_the_tools_may_do_their_own_work_only(nats_server: Bus) -> None:
    makes = {"$JS.API.STREAM.CREATE.EVENTS", "$JS.API.STREAM.DELETE.EVENTS", "$JS.API.STREAM.PURGE.DEAD_LETTERS"}
    async with connected(nats_server, "driver") as driver:
        others = makes | {"minping.intake.anything.v1", "minping.inbox.complaint.hotline", "$KV.clock.other"}
        assert await driver.refused(publish={topology.CLOCK_SUBJECT} | others) == others
    async with connected(nats_server, "operator") as operator:
        others = makes | {topology.CLOCK_SUBJECT, "minping.receipt.hotline", "minping.dead.intake"}
        assert await operator.refused(publish={"minping.dead.replayed"} | others) == others
    async with connected(nats_server, "auditor") as auditor:
        streams = ("INBOX", "RECEIPTS", "BALLOTS", "EVALUATIONS", "DEAD_LETTERS")
        others = makes | {"minping.intake.anything.v1", "minping.inbox.complaint.hotline", topology.CLOCK_SUBJECT}
        others |= {f"$JS.API.DIRECT.GET.{name}" for name in streams} | {"$JS.API.STREAM.MSG.GET.EVENTS"}
        assert await auditor.refused(publish={"$JS.API.STREAM.INFO.EVENTS"} | others) == others


@pytest.mark.parametrize(("user", "password"), [("", ""), ("intake", "guess"), ("provision", ""), ("admin", "admin")])
async def test_nobody_comes_in_without_the_password(nats_server: Bus, user: str, password: str) -> None:
    with pytest.raises(Refusal, match="cannot be reached"):
        async with connect(nats_server.ports.nats_url, user, password):
            pass


async def test_a_source_reaches_the_streams_by_its_own_subject_only(nats_server: Bus) -> None:
    before = await sizes(nats_server)
    others = [
        "minping.inbox.complaint.other",
        "minping.inbox.evaluation.other",
        "minping.inbox.ballot.hotline",
        "minping.intake.complaint.registered.v1",
        "minping.receipt.hotline",
        "minping.dead.intake",
        topology.CLOCK_SUBJECT,
    ]
    async with connected(nats_server, "hotline") as source:
        for subject in others:
            with pytest.raises(NoStreamResponseError):
                await source.client.jetstream().publish(subject, b"{}", timeout=2)
        for subject in ("$JS.API.INFO", "$JS.API.STREAM.INFO.INBOX", "$JS.API.STREAM.PURGE.RECEIPTS"):
            try:
                answer = await source.client.request(subject, b"", timeout=2)
            except nats.errors.NoRespondersError:
                continue
            assert "error" in json.loads(answer.data), subject  # there is no JetStream in this account
        await source.client.jetstream().publish("minping.inbox.complaint.hotline", b"{}")
    after = await sizes(nats_server)
    assert after == before | {"INBOX": before["INBOX"] + 1}


async def test_a_forged_reply_writes_nowhere(nats_server: Bus) -> None:
    """The reply subject of a publish or pull is not checked by a permission list: only accounts hold here."""
    before = await sizes(nats_server)
    targets = ["minping.intake.complaint.registered.v1", "minping.inbox.complaint.other", topology.CLOCK_SUBJECT]
    async with connected(nats_server, "hotline") as source:
        for target in targets:
            await source.client.publish("minping.inbox.complaint.hotline", b"{}", reply=target)
            await source.client.publish("$JS.API.CONSUMER.MSG.NEXT.RECEIPTS.hotline", b'{"batch":1}', reply=target)
            await source.client.publish("$JS.API.CONSUMER.INFO.RECEIPTS.hotline", b"", reply=target)
        await source.client.flush()
        # One more by request, in order behind the others on this connection: when it is answered, they are done.
        await source.client.jetstream().publish("minping.inbox.complaint.hotline", b"{}")
    after = await sizes(nats_server)
    assert after == before | {"INBOX": before["INBOX"] + len(targets) + 1}


async def test_a_source_reads_its_own_receipts_and_nobody_elses(nats_server: Bus) -> None:
    async with nats_server.connect("intake") as intake:
        for source in ("hotline", "other"):
            await intake.jetstream().publish(f"minping.receipt.{source}", source.encode())
    async with connected(nats_server, "hotline") as source:
        own = await source.client.jetstream().pull_subscribe_bind(consumer="hotline", stream="RECEIPTS")
        (receipt,) = await own.fetch(1, timeout=5)
        assert receipt.data == b"hotline"
        await receipt.ack()
        foreign = await source.client.jetstream().pull_subscribe_bind(consumer="other", stream="RECEIPTS")
        with pytest.raises(ServiceUnavailableError):
            await foreign.fetch(1, timeout=0.5)
        listening = await source.client.subscribe(">")
        async with nats_server.connect("intake") as intake:
            await intake.jetstream().publish("minping.receipt.other", b"not for you")
        with pytest.raises(nats.errors.TimeoutError):
            await listening.next_msg(timeout=0.5)

    async def settled() -> bool:
        async with nats_server.connect("provision") as client:
            info = await client.jetstream().consumer_info("RECEIPTS", "hotline")
            return info.num_ack_pending == 0 and info.num_pending == 0

    await until(settled, "the receipt acknowledged")


async def test_accounts_added_while_running_work_at_once_and_disturb_nobody(own_servers: Deployment) -> None:
    bus = own_servers.bus
    async with connected(bus, "intake") as service, connected(bus, "hotline") as old:
        for name, kind in (("second-hotline", "source"), ("meeting-2026", "meeting")):
            account: Outside = await bus.add(name, kind)
            assert await bus.add(name, kind) == account, "adding twice is adding once"
        async with connected(bus, "meeting-2026") as terminals, connected(bus, "second-hotline") as new:
            ballot = await terminals.client.jetstream().publish("minping.inbox.ballot.meeting-2026", b"{}")
            assert ballot.stream == "BALLOTS"
            with pytest.raises(NoStreamResponseError):
                await terminals.client.jetstream().publish("minping.inbox.complaint.meeting-2026", b"{}", timeout=2)
            complaint = await new.client.jetstream().publish("minping.inbox.complaint.second-hotline", b"{}")
            assert (complaint.stream, complaint.seq) == ("INBOX", 1), "the trials left nothing behind"
        await old.client.jetstream().publish("minping.inbox.complaint.hotline", b"{}")
        await service.client.jetstream().publish("minping.intake.complaint.registered.v1", b"{}")
        assert service.complaints == []


async def test_two_accounts_added_at_once_are_both_kept(own_servers: Deployment) -> None:
    await asyncio.gather(own_servers.bus.add("one", "source"), own_servers.bus.add("two", "source"))
    assert {"one", "two"} <= {account.name for account in own_servers.bus.outside()}
    for account in own_servers.bus.outside():
        await own_servers.bus.try_out(account)


@pytest.mark.parametrize("name", ["a.b", "", "*", ">", "a b", "市长热线", "-x", "x" * 49, *sorted(RESERVED)])
def test_a_name_that_cannot_be_a_subject_or_is_taken_is_refused(nats_server: Bus, name: str) -> None:
    before = nats_server.outside()
    with pytest.raises(Refusal):
        nats_server.register(name, "source")
    assert nats_server.outside() == before


def test_a_source_and_a_meeting_do_not_share_a_name(nats_server: Bus) -> None:
    with pytest.raises(Refusal, match="there is a source of this name"):
        nats_server.register("hotline", "meeting")


async def test_messages_are_encrypted_on_the_disk(own_servers: Deployment) -> None:
    async with own_servers.bus.connect("intake") as intake:
        await intake.jetstream().publish("minping.intake.complaint.registered.v1", "投诉人要求保密".encode())
    written = [path.read_bytes() for path in own_servers.layout.nats.rglob("*") if path.is_file()]
    assert written
    assert not any("投诉人要求保密".encode() in content for content in written)


async def test_the_sink_keeps_each_letter_before_it_says_so(smtp_sink: tuple[str, int, Path]) -> None:
    from email.message import EmailMessage

    import aiosmtplib

    host, port, folder = smtp_sink
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "a@minping.local", "b@minping.local", "督办通知"
    letter["Message-ID"] = "<1@minping.local>"
    letter.set_content("限三日内办结")
    before = set(folder.iterdir())
    _, answer = await aiosmtplib.send(letter, hostname=host, port=port)
    (kept,) = set(folder.iterdir()) - before
    assert kept.suffix == ".eml"
    assert kept.name in answer
    assert kept.read_bytes().startswith(b"X-Envelope-To: b@minping.local\r\n")
