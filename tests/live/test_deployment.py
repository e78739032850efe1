"""The embedded deployment keeps its promises: secrets, carrying on, crashes, stopping, one a folder."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.deployment import Deployment, Plan, opened
from deploy.local.keys import Keyring
from deploy.local.layout import SERVICES, Layout, Ports
from deploy.local.supervisor import Interrupted, PartFailed
from shared.errors import Refusal
from tests.support.standin import StandInHouse
from tests.support.wait import until

pytestmark = pytest.mark.live

PARTS = ("nats", "valkey", "smtp", *SERVICES)


class Told:
    """Keeps what a deployment tells."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str]] = []

    def __call__(self, part: str, text: str) -> None:
        self.lines.append((part, text))

    def heard(self, part: str, words: str) -> bool:
        return any(p == part and words in text for p, text in self.lines)


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def house(tmp_path: Path, told: Told) -> Iterator[StandInHouse]:
    with StandInHouse(tmp_path / "data", Ports.free(), tell=told) as running:
        yield running


def pids(house: Deployment) -> dict[str, int]:
    return {part: house.supervisor.pid(part) for part in PARTS}


def secrets_of(house: Deployment) -> dict[str, str]:
    return {path.name: path.read_text().strip() for path in house.layout.secrets.glob("*") if path.suffix != ".pub"}


def test_every_secret_is_for_its_owner_only(house: StandInHouse) -> None:
    private = [*house.layout.secrets.iterdir(), house.layout.nats_conf, house.layout.valkey / "valkey.conf"]
    assert {path.name: oct(stat.S_IMODE(path.stat().st_mode)) for path in private} == {
        path.name: "0o600" for path in private
    }
    for folder in (house.layout.data, house.layout.secrets):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_no_secret_stands_in_a_command_line_or_a_log(house: StandInHouse) -> None:
    known = secrets_of(house)
    expected = {"intake.password", "jetstream.password", "demo-hotline.password", "vault.key", "token.key"}
    assert expected <= set(known)
    said = {part: Path(f"/proc/{pid}/cmdline").read_bytes().decode() for part, pid in pids(house).items()}
    said |= {log.name: log.read_text() for log in house.layout.logs.iterdir()}
    said |= {path.name: path.read_text() for path in (house.layout.state, house.layout.accounts)}
    for secret, value in known.items():
        shown = [place for place, text in said.items() if value in text]
        assert not shown, f"{secret} is shown in {shown}"


def test_a_secret_that_others_can_read_is_refused(tmp_path: Path) -> None:
    house = StandInHouse(tmp_path / "data", Ports.free())
    with house:
        house.keyring.password_file("intake").chmod(0o644)
    with pytest.raises(Refusal, match="can be read by others"):
        house.start()


async def test_a_second_start_carries_on_where_it_was(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with StandInHouse(data, Ports.free()) as first:
        before = secrets_of(first)
        async with first.bus.connect("intake") as intake:
            await intake.jetstream().publish("minping.intake.complaint.registered.v1", b"{}")
        await first.bus.add("city-hotline", "source")
    assert not list(first.layout.run.iterdir())
    with StandInHouse(data, Ports.free()) as second:
        assert secrets_of(second) == before | {"city-hotline.password": second.keyring.password("city-hotline")}
        async with second.bus.connect("provision") as client:
            assert (await client.jetstream().stream_info("EVENTS")).state.messages == 1
        await second.bus.try_out(*(one for one in second.bus.outside() if one.name == "city-hotline"))


@pytest.mark.parametrize("part", ["intake", "valkey", "smtp"])
async def test_a_killed_part_is_started_again_and_said_so(house: StandInHouse, told: Told, part: str) -> None:
    before = house.supervisor.pid(part)
    os.kill(before, signal.SIGKILL)
    await until(lambda: told.heard(part, "ready again"), f"{part} ready again")
    assert house.supervisor.pid(part) != before
    assert house.supervisor.is_ready(part)
    assert told.heard(part, "was killed by SIGKILL; starting it again")
    assert told.heard(part, "started again")


async def test_a_killed_broker_comes_back_with_what_it_had_acknowledged(house: StandInHouse, told: Told) -> None:
    async with house.bus.connect("intake") as intake:
        for _ in range(20):
            await intake.jetstream().publish("minping.intake.complaint.registered.v1", b"{}")
        os.kill(house.supervisor.pid("nats"), signal.SIGKILL)
    await until(lambda: told.heard("nats", "ready again"), "the broker ready again")
    async with house.bus.connect("provision") as client:
        assert (await client.jetstream().stream_info("EVENTS")).state.messages == 20


def test_stopping_leaves_no_process(tmp_path: Path, told: Told) -> None:
    house = StandInHouse(tmp_path / "data", Ports.free(), tell=told)
    with house:
        running = pids(house)
        assert all(processes.started(pid) for pid in running.values())
    assert [part for part, pid in running.items() if processes.started(pid)] == []
    assert not any("killed" in text for _, text in told.lines)


async def test_when_the_supervisor_is_killed_its_children_go_too(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from deploy.local.layout import Ports;"
        "from tests.support.standin import StandInHouse;"
        "StandInHouse(Path(sys.argv[1]), Ports.free()).start(); print('up', flush=True); time.sleep(600)"
    )
    data = tmp_path / "data"
    supervisor = subprocess.Popen([sys.executable, "-c", program, str(data)], stdout=subprocess.PIPE)
    assert supervisor.stdout is not None
    with supervisor.stdout as said:
        assert said.readline() == b"up\n"
        left = processes.ours(Layout(data).run)
        assert set(left) == set(PARTS)
        supervisor.kill()
        supervisor.wait()
    await until(lambda: not processes.ours(Layout(data).run), "the end of all children")
    with StandInHouse(data, Ports.free()):
        pass


def test_what_an_earlier_crash_left_is_stopped_first(tmp_path: Path, told: Told) -> None:
    house = StandInHouse(tmp_path / "data", Ports.free(), tell=told)
    house.layout.create()
    program = [sys.executable, "-c", "import time; time.sleep(600)"]
    left = processes.start("intake", program, os.environ, cwd=tmp_path, run=house.layout.run, log=tmp_path / "left.log")
    with house:
        assert left.wait(timeout=5) == -signal.SIGTERM
        assert told.heard("intake", "an earlier run had left it")


def test_a_stranger_with_the_pid_of_an_old_part_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as stranger:
        (tmp_path / "nats.pid").write_text(json.dumps({"pid": stranger.pid, "started": "another boot:1"}))
        (tmp_path / "intake.pid").write_text('{"pid": 1')
        assert processes.stop_leftovers(tmp_path) == []
        assert stranger.poll() is None
        stranger.kill()


def test_two_deployments_do_not_share_a_folder(house: StandInHouse) -> None:
    second = StandInHouse(house.layout.data, Ports.free())
    with pytest.raises(Refusal, match=f"another deployment \\(process {os.getpid()}\\) uses this folder"):
        second.start()
    assert all(house.supervisor.is_ready(part) for part in PARTS)
    assert opened(house.layout.data)[1] == house.ports


def test_a_port_that_is_taken_is_named_with_its_part(tmp_path: Path) -> None:
    ports = Ports.free()
    with socket.create_server(("127.0.0.1", ports.nats)), pytest.raises(Refusal) as refused:
        StandInHouse(tmp_path / "data", ports).start()
    assert (refused.value.field, refused.value.value) == ("nats", ports.nats)
    with StandInHouse(tmp_path / "data", ports):
        pass  # the refusal gave the folder free again


class BrokenHouse(StandInHouse):
    """Its notify service cannot start."""

    def part_of_service(self, service: str):  # type: ignore[no-untyped-def]  # as in the base class
        part = super().part_of_service(service)
        if service != "notify":
            return part
        return replace(part, argv=[sys.executable, "-c", "raise SystemExit('no letters today')"])


def test_a_part_that_does_not_start_is_shown_with_its_log_and_all_is_stopped(tmp_path: Path) -> None:
    house = BrokenHouse(tmp_path / "data", Ports.free())
    with pytest.raises(PartFailed, match="no letters today") as failed:
        house.start()
    assert failed.value.part == "notify"
    assert processes.ours(house.layout.run) == {}


def test_a_start_can_be_broken_off(tmp_path: Path) -> None:
    over = threading.Event()
    over.set()
    house = StandInHouse(tmp_path / "data", Ports.free())
    with pytest.raises(Interrupted):
        house.start(over)
    assert processes.ours(house.layout.run) == {}


def test_settings_of_another_deployment_do_not_leak_in(house: StandInHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINPING_NATS_URL", "nats://elsewhere")
    monkeypatch.setenv("MINPING_STRANGE", "1")
    part = house.part_of_service("intake")
    assert part.env["MINPING_NATS_URL"] == house.ports.nats_url
    assert "MINPING_STRANGE" not in part.env


def test_only_intake_gets_the_key_of_the_vault(house: StandInHouse) -> None:
    with_key = [service for service in SERVICES if "MINPING_VAULT_KEY_FILE" in house.settings(service)]
    assert with_key == ["intake"]
    for service in SERVICES:
        assert str(house.keyring.token_key_file()) not in house.settings(service).values()


def test_the_plan_says_which_services_run(tmp_path: Path) -> None:
    with StandInHouse(tmp_path / "data", Ports.free(), Plan(services=("intake",))) as house:
        assert set(processes.ours(house.layout.run)) == {"nats", "valkey", "smtp", "intake"}


def test_the_key_of_the_stream_files_can_never_be_read_as_a_number(tmp_path: Path) -> None:
    folders = [tmp_path / str(number) for number in range(200)]
    for folder in folders:
        folder.mkdir()
    keys = {Keyring(folder).jetstream_key() for folder in folders}
    assert len(keys) == 200
    assert all(key[0] == "k" and key.isalnum() for key in keys)
