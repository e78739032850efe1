"""Outside accounts on the bus: hotlines and other sources, each meeting's terminals, offices that file here."""

from __future__ import annotations

import asyncio
import fcntl
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import nats.errors
from nats.aio.client import Client
from nats.js.errors import APIError

from deploy.local import bus_config
from deploy.local.bus_config import Kind, Outside
from deploy.local.keys import Keyring, write_private
from deploy.local.layout import HOST, Layout, Ports
from shared.bus.provision import provision
from shared.bus.topology import SERVICES, receipts_consumer
from shared.errors import Refusal
from shared.identity import HOUSE_SOURCES

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,47}")
RELOAD_TRIES, RELOAD_PAUSE_S = 10, 0.1
RESERVED = {
    "SYS",
    "MINPING",
    "jetstream",
    "valkey",
    bus_config.SYSTEM_USER,
    *SERVICES,
    *bus_config.TOOLS,
    *HOUSE_SOURCES,
}
WRONG_STREAM = 10060  # JetStream's answer to a publish that expects another stream: it arrived, nothing is kept


@dataclass(frozen=True, slots=True)
class Bus:
    """The bus of one data folder: its users, its outside accounts, and connections to it."""

    layout: Layout
    ports: Ports

    @property
    def keyring(self) -> Keyring:
        """The passwords."""
        return Keyring(self.layout.secrets)

    def outside(self) -> list[Outside]:
        """All outside accounts."""
        if not self.layout.accounts.exists():
            return []
        known: dict[str, Kind] = json.loads(self.layout.accounts.read_text())
        return [Outside(name, kind) for name, kind in sorted(known.items())]

    def config(self) -> str:
        """The server's configuration for the accounts there are."""
        listen, store = f"{HOST}:{self.ports.nats}", str(self.layout.nats / "store")
        return bus_config.text(listen=listen, store=store, keyring=self.keyring, outside=self.outside())

    def write_config(self) -> None:
        """Write the server's configuration file (mode 0600)."""
        write_private(self.layout.nats_conf, self.config().encode())

    def register(self, name: str, kind: Kind) -> Outside:
        """Add an account to the list and the configuration file, without telling the server. Idempotent.

        Raises Refusal for a name that cannot be a subject token or is taken.
        """
        account = named(name, kind)
        with self._alone():
            known = {one.name: one.kind for one in self.outside()}
            if known.get(name, kind) != kind:
                raise Refusal("name", name, f"there is a {known[name]} of this name", "choose another name", 409)
            if name not in known:
                known[name] = kind
                write_private(self.layout.accounts, json.dumps(known, indent=2).encode())
            self.write_config()
        return account

    def unregister(self, name: str, kind: Kind) -> None:
        """Take an account and its password away, without telling the server. Idempotent.

        Raises Refusal where another kind of account has the name.
        """
        with self._alone():
            known = {one.name: one.kind for one in self.outside()}
            if known.get(name, kind) != kind:
                raise Refusal("name", name, f"this is a {known[name]}", f"name one of the accounts of kind {kind}", 409)
            if known.pop(name, None):
                write_private(self.layout.accounts, json.dumps(known, indent=2).encode())
                self.keyring.password_file(name).unlink()
                self.write_config()

    async def remove(self, name: str, kind: Kind) -> None:
        """Take an account away while the server runs: who is connected with it is cut off.

        Its receipts stay where they are; nobody can read them. Raises Refusal.
        """
        async with self._one_at_a_time(), self.connect(bus_config.SYSTEM_USER) as system:
            self.unregister(name, kind)
            await _reload(system, name)

    async def add(self, name: str, kind: Kind) -> Outside:
        """Add an account while the server runs, and see that a message of its gets through. Idempotent.

        The reload is done twice: after the first, imports of a new account are not all in force.
        One account at a time: while the broker reloads it answers nobody, not even who adds another one.
        Raises Refusal, or TimeoutError if the trial message does not arrive.
        """
        async with self._one_at_a_time():
            return await self._add(name, kind)

    async def _add(self, name: str, kind: Kind) -> Outside:
        async with self.connect(bus_config.SYSTEM_USER) as system:
            account = self.register(name, kind)
            for _ in range(2):
                await _reload(system, name)
        async with self.connect("provision") as inside:
            await provision(inside, extra=[receipts_consumer(name)])
        await self.try_out(account)
        return account

    async def try_out(self, account: Outside) -> None:
        """Publish a message that no stream will keep on each of the account's subjects, as that account."""
        async with self.connect(account.name) as client:
            for subject in account.subjects:
                try:
                    await client.jetstream().publish(subject, b"", headers={"Nats-Expected-Stream": "trial"}, timeout=5)
                except APIError as error:
                    if error.err_code != WRONG_STREAM:
                        raise

    async def provision(self) -> list[str]:
        """Apply the topology and the receipts' consumers; returns what was done. Raises Drift."""
        async with self.connect("provision") as client:
            return await provision(client, extra=[receipts_consumer(one.name) for one in self.outside()])

    @asynccontextmanager
    async def connect(self, user: str) -> AsyncIterator[Client]:
        """A connection as one of the users, which fails at once rather than waits. Raises Refusal."""
        async with connect(self.ports.nats_url, user, self.keyring.password(user)) as client:
            yield client

    @asynccontextmanager
    async def _one_at_a_time(self) -> AsyncIterator[None]:
        """Among all commands and tasks of this data folder; ends with the process that held it."""
        with (self.layout.data / "adding.lock").open("w") as file:
            await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Two commands that add accounts at once must not lose one."""
        with (self.layout.data / "accounts.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def named(name: str, kind: Kind) -> Outside:
    """An outside account of this name. Raises Refusal for one that cannot be a subject token or is used inside."""
    if not NAME.fullmatch(name):
        raise Refusal(
            field="name",
            value=name,
            reason="it stands in subjects, so it may hold only letters, digits, - and _ (48 at most)",
            remedy="choose a name like city-hotline",
        )
    if name in RESERVED:
        raise Refusal("name", name, "this name is used inside", "choose another name", 409)
    return Outside(name, kind)


@asynccontextmanager
async def connect(url: str, user: str, password: str) -> AsyncIterator[Client]:
    """A connection that fails at once rather than waits. Raises Refusal.

    While the broker reloads its accounts it refuses everybody for a moment: that alone is tried again.
    """
    for left in reversed(range(RELOAD_TRIES)):
        client = Client()
        try:
            await client.connect(
                url,
                user=user,
                password=password,
                name=f"minping {user}",
                inbox_prefix=f"_INBOX_{user}",
                allow_reconnect=False,
                connect_timeout=5,
                error_cb=_unheard,
            )
            break
        except (OSError, nats.errors.Error) as error:
            await client.close()
            if left and "Authorization Violation" in str(error):
                await asyncio.sleep(RELOAD_PAUSE_S)
                continue
            raise Refusal(
                field="bus",
                value=url,
                reason=f"cannot be reached as {user}: {error or type(error).__name__}",
                remedy="start it with `minping up`, and see `minping doctor`",
                status=503,
            ) from error
    try:
        yield client
    finally:
        await client.close()


async def _reload(system: Client, name: str) -> None:
    """Have the server read its configuration again. Raises Refusal."""
    server = system._server_info["server_id"]
    answer = json.loads((await system.request(f"$SYS.REQ.SERVER.{server}.RELOAD", timeout=5)).data)
    if "error" in answer:
        raise Refusal("name", name, f"the broker refused: {answer['error']}", "see the broker's log", 409)


async def _unheard(error: Exception) -> None:
    """What goes wrong on these short connections is raised by the call that needs it."""
