"""A real nats-server for one test: with the topology made, on a free port, to be killed and started again."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import nats
from nats.aio.client import Client

from deploy.local.layout import HOST, next_free_port
from deploy.local.processes import CHILD
from shared.bus import topology
from shared.bus.provision import provision
from tests.support.wait import until

NATS_SERVER = Path(sys.executable).with_name("nats-server")
PASSWORD = "for tests only"


def start(argv: Sequence[str], log: Path, **env: str) -> subprocess.Popen[bytes]:
    """Start a process that ends with this one; what it says goes into `log`."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), *argv],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill a process of ours, even a stopped one, and wait until it is gone."""
    if process.poll() is None:
        process.kill()
    process.wait()


class Broker:
    """nats-server with a user for the admin and one for each service, with the service's own permissions."""

    def __init__(self, folder: Path, *, lacking: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = next_free_port()
        self.url = f"nats://{HOST}:{self.port}"
        self.passwords = dict.fromkeys(topology.SERVICES, PASSWORD)
        self.lacking = lacking
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start the server (again) on the same data; returns when it lets clients in."""
        (self.folder / "nats.conf").write_text(self._config())
        self._process = start([str(NATS_SERVER), "-c", str(self.folder / "nats.conf")], self.folder / "nats.log")
        await until(self._greets, f"nats-server on {self.port}")

    def kill(self) -> None:
        """`kill -9`."""
        if self._process:
            end(self._process)

    def signal(self, number: signal.Signals) -> None:
        """Send the server a signal."""
        assert self._process
        self._process.send_signal(number)

    def reload(self) -> None:
        """Make a changed configuration take effect."""
        (self.folder / "nats.conf").write_text(self._config())
        self.signal(signal.SIGHUP)

    @asynccontextmanager
    async def admin(self) -> AsyncIterator[Client]:
        """A connection that may do everything, and that outlives the server."""

        async def unheard(_: Exception) -> None:
            """The calls that need the server raise by themselves."""

        client = await nats.connect(
            self.url,
            user="admin",
            password=PASSWORD,
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.05,
            error_cb=unheard,
        )
        try:
            yield client
        finally:
            await client.close()

    def _greets(self) -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                return connection.recv(5) == b"INFO "
        except OSError:
            return False

    def _config(self) -> str:
        users: list[object] = [{"user": "admin", "password": PASSWORD}]
        for service, password in self.passwords.items():
            allowed = {
                way: {"allow": [subject for subject in subjects if subject not in self.lacking]}
                for way, subjects in topology.permissions(service).items()
            }
            users.append({"user": service, "password": password, "permissions": allowed})
        store = json.dumps(str(self.folder / "store"))
        return (
            f'listen: "{HOST}:{self.port}"\n'
            f"jetstream {{ store_dir: {store}, sync_interval: always }}\n"
            f"authorization {{ users: {json.dumps(users)} }}\n"
        )


def provisioned(folder: Path) -> Path:
    """The store of a server with all streams and consumers: copied by `fresh`, which is faster than making it."""

    async def make() -> None:
        broker = Broker(folder)
        await broker.start()
        try:
            async with broker.admin() as nc:
                await provision(nc)
        finally:
            broker.kill()

    folder.mkdir(parents=True)
    asyncio.run(make())
    return folder / "store"


@asynccontextmanager
async def fresh(template: Path, folder: Path, *, lacking: Sequence[str] = ()) -> AsyncIterator[Broker]:
    """A broker of one's own, running; `lacking` are subjects taken out of the services' allow-lists."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(template, folder / "store")
    broker = Broker(folder, lacking=lacking)
    try:
        await broker.start()
        yield broker
    finally:
        broker.kill()
