"""A service says what it lacks: it refuses to start, is not ready, or ends, and always names the cause."""

import json
import os
import resource
import signal
import threading
import time
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from nats.js.api import ConsumerConfig
from sqlmodel import select

from deploy.local.doctor import of_service
from shared.bus.provision import Drift, drift, provision, request
from shared.bus.topology import permissions
from shared.errors import Refusal
from shared.settings import ServiceSettings
from shared.store import Tx
from shared.tick import Aside
from tests.support import toy
from tests.support.broker import Broker, fresh
from tests.support.house import Stream, Toy, process, running, toy_consumer, unit_registered
from tests.support.house import settings as settings_of
from tests.support.wait import until

pytestmark = pytest.mark.live
OWN = toy_consumer()


async def test_provision_makes_everything_once_and_then_finds_nothing_to_do(stream: Stream) -> None:
    assert await provision(stream.nc) == []
    assert await drift(stream.nc, toy.NAME) == []


async def test_a_service_refuses_to_start_on_a_changed_consumer_and_names_it(
    stream: Stream, settings: ServiceSettings
) -> None:
    """An existing durable silently keeps its old settings: the declared ones would never be in force."""
    js = stream.nc.jetstream()
    await js.delete_consumer("EVENTS", OWN)
    old = ConsumerConfig(durable_name=OWN, filter_subject="minping.scoring.unit.>", ack_wait=3, max_deliver=5)
    await js.add_consumer("EVENTS", old)
    with pytest.raises(Drift) as caught:
        async with running(settings):
            pass
    said = "\n".join(caught.value.lines)
    assert f"consumer EVENTS/{OWN}: filter_subject is 'minping.scoring.unit.>'" in said
    assert f"consumer EVENTS/{OWN}: ack_wait is 3000000000, declared 10000000000" in said
    assert f"consumer EVENTS/{OWN}: max_deliver is 5, declared -1" in said


async def test_a_service_refuses_to_start_on_a_changed_stream_and_changes_nothing(
    stream: Stream, settings: ServiceSettings
) -> None:
    info = (await request(stream.nc, "STREAM.INFO.EVENTS"))["config"]
    await request(stream.nc, "STREAM.UPDATE.EVENTS", {**info, "duplicate_window": 1_000_000_000})
    with pytest.raises(Drift, match="stream EVENTS: duplicate_window is 1000000000, declared 120000000000"):
        async with running(settings):
            pass
    after = (await request(stream.nc, "STREAM.INFO.EVENTS"))["config"]
    assert after["duplicate_window"] == 1_000_000_000, "a service declares nothing"


async def test_a_process_that_refuses_to_start_says_why_and_how(stream: Stream, settings: ServiceSettings) -> None:
    await stream.nc.jetstream().delete_consumer("EVENTS", OWN)
    async with process(settings, ready=False) as one:
        assert await one.ended() != 0
        assert f"consumer EVENTS/{OWN}: consumer not found" in one.said()


async def test_a_deleted_consumer_makes_it_unready_without_a_spin_until_it_is_made_again(
    stream: Stream, settings: ServiceSettings
) -> None:
    async with process(settings) as one:
        await stream.nc.jetstream().delete_consumer("EVENTS", OWN)
        said = await one.until_status(503)
        assert said["checks"][OWN] == "consumer not found"
        assert await busy(one) < 0.5, "the pull loop spins"
        await provision(stream.nc)
        await one.until_status(200)
        await stream.send(unit_registered("after"))
        await one.until_taken(["after"])


async def test_without_the_broker_it_is_not_ready_and_idle_and_ready_again_when_it_is_back(
    broker: Broker, stream: Stream, settings: ServiceSettings
) -> None:
    async with process(settings) as one:
        broker.kill()
        said = await one.until_status(503)
        assert said["checks"]["bus"] == "not connected"
        assert (await one.http.get("/healthz")).status_code == 200, "restarting it would not help"
        assert await busy(one) < 0.5, "it spins while it waits"
        await broker.start()
        await one.until_status(200)
        await stream.send(unit_registered("after"))
        await one.until_taken(["after"])


PUBLISH = "minping.rectification.>"
FETCH = f"$JS.API.CONSUMER.MSG.NEXT.EVENTS.{OWN}"
ACK = f"$JS.ACK.EVENTS.{OWN}.>"


@pytest.mark.parametrize("lacking", [PUBLISH, FETCH, ACK])
async def test_a_service_whose_user_may_not_do_its_work_ends_and_names_the_subject(
    lacking: str, provisioned_store: Path, tmp_path: Path
) -> None:
    """The broker tells such a client nothing but one line: calls return as if they had worked."""
    assert lacking in permissions(toy.NAME)["publish"]
    async with (
        fresh(provisioned_store, tmp_path / "nats", lacking=[lacking]) as broker,
        broker.admin() as nc,
        process(settings_of(broker, tmp_path / "toy"), ready=False) as one,
    ):
        await Stream(nc).send(unit_registered("x"))
        assert await one.ended() == 3
        said = [line for line in one.said().splitlines() if "broker_permissions" in line]
        assert said and lacking.removesuffix(">").lower() in said[0].lower()


async def test_a_service_with_its_own_permissions_lacks_none(stream: Stream, settings: ServiceSettings) -> None:
    simulated = settings.model_copy(update={"clock": "simulated"})
    async with process(simulated) as one:
        await stream.nc.publish(
            "$KV.clock.now", b'{"now":"2026-03-02T00:00:00Z","horizon":"2026-03-09T00:00:00Z","revision":1}'
        )
        await stream.send(unit_registered("x"))
        await stream.send(b"{bad")
        await stream.letters()
        await until(lambda: revision(one, 1), "the clock is heard")
        assert "permissions" not in one.said() and (await one.until_status(200))["ready"]


async def test_a_service_whose_user_was_removed_ends_instead_of_living_on_deaf(
    broker: Broker, settings: ServiceSettings
) -> None:
    """The client gives up for good, and FastStream's pull loops would freeze the event loop."""
    async with process(settings) as one:
        broker.passwords[toy.NAME] = "another"
        broker.reload()
        assert await one.ended() == 5
        assert "broker_closed" in one.said()


async def test_a_stop_by_signal_is_clean(stream: Stream, settings: ServiceSettings) -> None:
    async with process(settings) as one:
        await stream.send(unit_registered("x"))
        await one.until_taken(["x"])
        one.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
        assert await one.ended() in (0, -signal.SIGTERM)
        assert "broker_closed" not in one.said() and "Traceback" not in one.said()
        assert one.unsent() == 0, "what was sent is marked"


async def test_a_full_disk_is_said_and_nothing_is_answered_as_done_until_there_is_room(
    stream: Stream, settings: ServiceSettings
) -> None:
    """No file can grow (T11): not ready, 503, no false 2xx; then everything goes on, events included."""
    async with process(settings) as one:
        assert (await one.post("before")).status_code == 201
        with full_disk(one):
            answers = [await one.post(f"full{number}") for number in range(5)]
            assert {answer.status_code for answer in answers} == {503}
            assert answers[0].headers["retry-after"]
            said = await one.until_status(503)
            assert said["checks"]["store"].startswith("does not take what is written")
            await stream.send(unit_registered("waiting"))
            await stream.send(b"{bad")
            await until(lambda: events_wait(stream, 2), "both events are kept for later")
        await one.until_status(200)
        assert (await one.post("after")).status_code == 201
        await one.until_taken(["waiting"])
        await one.quiet()
        assert one.read(lambda session: session.exec(select(toy.Case.number)).all()) == ["before", "after"]
        assert len(await stream.published()) == 3
        assert len(await stream.letters()) == 1, "nor is one lost that could not be buried at first"


async def test_a_secret_that_cannot_be_read_is_named(settings: ServiceSettings, tmp_path: Path) -> None:
    lost = settings.model_copy(update={"nats_password_file": tmp_path / "lost"})
    with pytest.raises(Refusal, match=r"nats_password_file.*No such file"):
        async with running(lost):
            pass


async def events_wait(stream: Stream, count: int) -> bool:
    """So many events were delivered more than once and are not acknowledged."""
    info = await stream.nc.jetstream().consumer_info("EVENTS", OWN)
    return (info.num_redelivered or 0) >= count


async def revision(one: Toy, wanted: int) -> bool:
    """Has the toy done what was due at this revision of the clock?"""
    return bool((await one.http.get("/api/v1/quiescence")).json()["revision"] == wanted)


async def busy(one: Toy) -> float:
    """Processor seconds that a process takes in a second."""
    assert one.process
    before, began = cpu_s(one.process.pid), time.monotonic()
    await until(lambda: time.monotonic() - began > 1.0)
    return (cpu_s(one.process.pid) - before) / (time.monotonic() - began)


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has taken so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def full_disk(one: Toy) -> ExitStack:
    """While it lasts, no file of the process can grow."""
    assert one.process
    before = resource.prlimit(one.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(one.process.pid, resource.RLIMIT_FSIZE, (0, before[1]))
    stack = ExitStack()
    stack.callback(resource.prlimit, one.process.pid, resource.RLIMIT_FSIZE, before)
    return stack


async def test_what_the_clock_cannot_move_is_said_in_readiness_and_metrics_and_the_service_lives_on(
    stream: Stream, settings: ServiceSettings
) -> None:
    moved: list[str] = []

    def tick(tx: Tx, aside: Aside) -> bool:
        for matter in ("poison", "sound"):
            if matter not in aside.left("matter"):
                with aside.trying(tx, "matter", matter):
                    moved.append({"sound": "sound"}[matter])
        return False

    async with running(settings, tick=tick) as one:

        async def said() -> bool:
            return bool((await one.until_status(200))["set_aside"])

        await until(said, "something is set aside")
        assert (await one.until_status(200))["set_aside"] == {"matter poison": "KeyError"}
        assert moved[-1] == "sound"
        assert 'minping_set_aside{service="rectification"} 1.0' in (await one.http.get("/metrics")).text


def test_the_doctor_names_what_the_clock_cannot_move() -> None:
    class Ready(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"ready": True, "set_aside": {"matter 2026-000001": "KeyError"}}).encode())

    with HTTPServer(("127.0.0.1", 0), Ready) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        (line,) = of_service(f"http://127.0.0.1:{server.server_port}")
    assert "matter 2026-000001 (KeyError)" in line
