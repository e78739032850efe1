"""Real servers, each on free ports and in a temporary folder, stopped for sure."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from deploy.local.outside import Bus


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """nats-server with all accounts and streams, valkey and the SMTP sink; no service. Shared: kill nothing in it."""
    data = tmp_path_factory.mktemp("servers")
    with Deployment(data, Ports.free(), Plan(services=(), sources=("hotline", "other"), clock="simulated")) as running:
        yield running


@pytest.fixture
def own_servers(tmp_path: Path) -> Iterator[Deployment]:
    """The same for one test alone, to kill and restart in."""
    plan = Plan(services=(), sources=("hotline", "other"), clock="simulated")
    with Deployment(tmp_path / "data", Ports.free(), plan) as running:
        yield running


@pytest.fixture(scope="session")
def nats_server(servers: Deployment) -> Bus:
    """The bus: `async with nats_server.connect("provision") as client`."""
    return servers.bus


@pytest.fixture(scope="session")
def valkey(servers: Deployment) -> str:
    """URL of a real valkey."""
    return servers.settings("intake")["MINPING_VALKEY_URL"]


@pytest.fixture(scope="session")
def smtp_sink(servers: Deployment) -> tuple[str, int, Path]:
    """Host and port of a real SMTP server, and the folder in which it keeps letters."""
    settings = servers.settings("notify")
    return settings["MINPING_SMTP_HOST"], int(settings["MINPING_SMTP_PORT"]), servers.layout.letters


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """The whole house with its four services, on a simulated clock. Shared: kill nothing in it."""
    with Deployment(tmp_path_factory.mktemp("house"), Ports.free(), Plan(clock="simulated")) as running:
        yield running
