"""The real four services in the deployment: ready, watched over, on either database, and under `minping up`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.local import doctor, processes
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import SERVICES, Layout, Ports, port_is_free
from tests.support.postgres import Postgres
from tests.support.wait import until

pytestmark = pytest.mark.live


def get(url: str, token: str = "") -> int:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_answers_and_lets_in_who_has_a_token_of_this_house(deployment: Deployment, service: str) -> None:
    url = deployment.urls[service]
    for path in ("/healthz", "/readyz", "/metrics", "/api/v1/openapi.json"):
        assert get(f"{url}{path}") == 200, path
    assert get(f"{url}/desk") == 401
    assert get(f"{url}/desk", "forged") == 401
    assert get(f"{url}/desk", deployment.token("clerk")) == 200


async def test_the_doctor_finds_the_whole_house_well(deployment: Deployment) -> None:
    findings = [finding async for finding in doctor.examine(deployment.layout, deployment.ports)]
    assert {finding.part: finding.wrong for finding in findings if finding.wrong} == {}
    assert {*SERVICES, "nats", "valkey", "smtp", "secrets"} <= {finding.part for finding in findings}


async def test_the_doctor_names_what_is_wrong(own_servers: Deployment) -> None:
    own_servers.keyring.token_key_file().chmod(0o640)
    own_servers.layout.nats_conf.write_text("# edited by hand")
    async with own_servers.bus.connect("provision") as client:
        await client.jetstream().delete_consumer("RECEIPTS", "hotline")
    findings = [finding async for finding in doctor.examine(own_servers.layout, own_servers.ports)]
    said = "\n".join(line for finding in findings for line in finding.wrong)
    for words in (
        "token.key can be read by others",
        "nats.conf differs",
        "consumer RECEIPTS/hotline",
        "intake does not run",
        f"{own_servers.urls['notify']} cannot be reached",
    ):
        assert words in said


async def test_services_and_broker_come_back_after_a_kill(tmp_path: Path) -> None:
    told: list[str] = []
    plan = Plan(clock="simulated")
    with Deployment(tmp_path / "d", Ports.free(), plan, tell=lambda part, text: told.append(f"{part} {text}")) as house:
        for part in ("nats", *SERVICES):
            os.kill(house.supervisor.pid(part), signal.SIGKILL)
        for part in ("nats", *SERVICES):
            await until(lambda part=part: any(line.startswith(f"{part} ready again") for line in told), part, within=60)
        for service in SERVICES:
            await until(lambda service=service: get(f"{house.urls[service]}/readyz") == 200, service, within=30)
    assert processes.ours(house.layout.run) == {}


class OnPostgres(Deployment):
    """The same house with another database under it."""

    databases: dict[str, str]

    def settings(self, service: str) -> dict[str, str]:
        return super().settings(service) | {"MINPING_DATABASE_URL": self.databases[service]}


def test_the_same_services_run_on_postgresql(tmp_path: Path, postgres: Postgres) -> None:
    house = OnPostgres(tmp_path / "data", Ports.free(), Plan(clock="simulated"))
    house.databases = {service: postgres.database() for service in SERVICES}
    for _ in range(2):  # the second time on the tables of the first
        with house:
            for service in SERVICES:
                assert get(f"{house.urls[service]}/readyz") == 200
    assert not list(house.layout.data.glob("*/*.db"))


@contextmanager
def up(data: Path, base: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`minping up` and what it says until it is ready."""
    command = [sys.executable, "-m", "deploy.local.cli", "up", "--data", str(data), "--port-base", str(base)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = ""
    with process.stdout:
        try:
            for line in process.stdout:
                said += line
                if "Ctrl-C stops everything" in line:
                    break
            yield process, said
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def free_base() -> int:
    """A base whose ports are all free."""
    while True:
        base = Ports.free().intake
        if all(port_is_free(port) for port in Ports.from_base(base).as_dict().values()):
            return base


def test_up_gives_addresses_and_sign_in_links_and_one_ctrl_c_stops_all(tmp_path: Path) -> None:
    data, base = tmp_path / "data", free_base()
    for _ in range(2):  # the second start carries on in the same folder
        with up(data, base) as (process, said):
            links = dict(re.findall(r"^\s+(\w+)\s+(http://\S+/signin\?token=\S+)$", said, re.MULTILINE))
            assert {"clerk", "approver", "teller", "operator", "auditor"} <= set(links), said
            assert str(Layout(data).letters) in said
            request = urllib.request.build_opener(urllib.request.HTTPCookieProcessor()).open(links["clerk"], timeout=10)
            with request as page:
                assert (page.status, page.url) == (200, f"http://127.0.0.1:{base + 1}/desk")
            children = processes.ours(Layout(data).run)
            assert set(children) == {"nats", "valkey", "smtp", *SERVICES}
            process.send_signal(signal.SIGINT)
            assert process.stdout is not None
            rest = process.stdout.read()
            assert process.wait(timeout=30) == 0, rest
            assert "stopped; everything is kept in" in rest
            assert "killed" not in rest
        assert [part for part, pid in children.items() if processes.started(pid)] == []


def test_up_on_a_folder_in_use_says_who_uses_it(deployment: Deployment) -> None:
    command = [sys.executable, "-m", "deploy.local.cli", "up", "--data", str(deployment.layout.data)]
    refused = subprocess.run([*command, "--port-base", str(free_base())], capture_output=True, text=True, check=False)
    assert refused.returncode == 2
    assert f"another deployment (process {os.getpid()}) uses this folder" in refused.stderr
    state = json.loads(deployment.layout.state.read_text())
    assert state["ports"] == deployment.ports.as_dict(), "the refused start changed nothing"
