"""The toy service running on a broker: in this process, or as a process that can be killed."""

import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import httpx2
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from nats.aio.client import Client
from sqlalchemy import create_engine
from sqlmodel import Session, SQLModel, func, select

from deploy.local.layout import next_free_port
from shared.bus.settle import DeadLetter
from shared.contracts import Event, EventData
from shared.contracts.scoring import UnitRegistered
from shared.identity import issue_token
from shared.service import Parts
from shared.settings import ServiceSettings
from tests.support import toy
from tests.support.broker import PASSWORD, Broker
from tests.support.forked import Forked
from tests.support.wait import until

KEY = Ed25519PrivateKey.generate()
NOON = datetime(2026, 3, 2, 4, tzinfo=UTC)
T = TypeVar("T")


def token(role: str = "clerk", sub: str = "clerk-1", **more: Any) -> str:
    """A bearer token that the toy accepts."""
    return issue_token(KEY, **{"role": role, "sub": sub, "now": datetime.now(UTC), "days": 1, **more})


def settings(broker: Broker, folder: Path, **more: Any) -> ServiceSettings:
    """What the toy needs to run on a broker, with everything of its own in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    public = serialization.PublicFormat.SubjectPublicKeyInfo
    (folder / "token.pub").write_bytes(KEY.public_key().public_bytes(serialization.Encoding.PEM, public))
    (folder / "password").write_text(PASSWORD)
    given = {
        "database_url": f"sqlite:///{folder}/toy.db",
        "nats_url": broker.url,
        "nats_user": toy.NAME,
        "nats_password_file": folder / "password",
        "token_public_key_file": folder / "token.pub",
        "port": next_free_port(),
    }
    return ServiceSettings(**{**given, **more})


def unit_registered(name: str, *, id: str = "", unit: str = "u") -> bytes:
    """An event for the toy to take."""
    return envelope(UnitRegistered(unit=unit, name=name, category="c", scope="s"), id)


def envelope(data: EventData, id: str = "") -> bytes:
    """An event as it stands on the wire."""
    kind = type(data)
    event = Event[kind](  # type: ignore[valid-type]  # the class is known at run time only
        id=id or uuid.uuid4().hex, source="minping.test", type=kind.TYPE, time=NOON, data=data
    )
    return event.model_dump_json().encode()


@dataclass
class Stream:
    """What a test reads from and writes to the bus."""

    nc: Client

    async def send(self, body: bytes, *, subject: str = UnitRegistered.TYPE, msg_id: str = "") -> int:
        """Publish on the bus; returns the sequence."""
        headers = {"Nats-Msg-Id": msg_id} if msg_id else None
        return (await self.nc.jetstream().publish(subject, body, headers=headers, timeout=5)).seq

    async def all(self, stream: str = "EVENTS") -> list[tuple[str, bytes, str]]:
        """Subject, body and `Nats-Msg-Id` of every message, in order."""
        js = self.nc.jetstream()
        last = (await js.stream_info(stream)).state.last_seq
        messages = [await js.get_msg(stream, seq, direct=True) for seq in range(1, last + 1)]
        return [(m.subject, m.data, (m.headers or {}).get("Nats-Msg-Id", "")) for m in messages]

    async def published(self) -> list[str]:
        """`Nats-Msg-Id` of what the toy published, in stream order."""
        return [key for subject, _, key in await self.all() if subject.startswith("minping.rectification.")]

    async def letters(self, count: int = 1) -> list[DeadLetter]:
        """The dead letters, as soon as there are `count`."""
        await until(lambda: self._there("DEAD_LETTERS", count), f"{count} dead letters", within=20)
        return [DeadLetter.model_validate_json(body) for _, body, _ in await self.all("DEAD_LETTERS")]

    async def waiting(self, kind: type[EventData] = UnitRegistered) -> int:
        """How many events the toy has not acknowledged yet."""
        name = toy_consumer(kind)
        info = await self.nc.jetstream().consumer_info("EVENTS", name)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def _there(self, stream: str, count: int) -> bool:
        return (await self.nc.jetstream().stream_info(stream)).state.messages >= count


def toy_consumer(kind: type[EventData] = UnitRegistered) -> str:
    """Name of the consumer by which the toy takes a kind of event."""
    return f"{toy.NAME}-" + kind.TYPE.removeprefix("minping.").replace(".", "-")


@dataclass
class Toy:
    """A running toy: HTTP, its database, its parts if it runs in this process, else its process."""

    http: httpx2.AsyncClient
    url: str
    parts: Parts | None = None
    process: Forked | None = None
    log: Path | None = None

    def read(self, fn: Callable[[Session], T]) -> T:
        """Look into the database from outside."""
        engine = create_engine(self.url)
        try:
            with Session(engine) as session:
                return fn(session)
        finally:
            engine.dispose()

    def taken(self) -> list[str]:
        """Names of the events taken, in the order in which they were applied."""
        return self.read(lambda session: list(session.exec(select(toy.Taken.name).order_by(toy.Taken.seq))))

    def count(self, table: type[SQLModel]) -> int:
        """Rows of a table."""
        return self.read(lambda session: session.exec(select(func.count()).select_from(table)).one())

    def unsent(self) -> int:
        """Rows of the outbox that are not marked as sent."""
        return self.read(lambda session: len(session.exec(select(toy.Outbox.seq).where(~toy.Outbox.sent)).all()))

    async def until_taken(self, names: list[str]) -> None:
        """Wait until exactly these were taken, in whatever order."""
        await until(lambda: sorted(self.taken()) == sorted(names), f"taken {names[:5]}… but have {self.taken()[:5]}…")

    async def quiet(self) -> dict[str, Any]:
        """Wait until nothing is in hand and nothing is unsent."""

        async def said() -> dict[str, Any] | None:
            answer: dict[str, Any] = (await self.http.get("/api/v1/quiescence")).json()
            return None if answer["unsent"] or answer["in_hand"] else answer

        answer: dict[str, Any] = await until(said, "quiet")
        return answer

    async def until_status(self, status: int, *, within: float = 15.0) -> dict[str, Any]:
        """Wait until /readyz answers with this status; gives what it says."""

        async def said() -> dict[str, Any] | None:
            try:
                answer = await self.http.get("/readyz")
            except httpx2.TransportError:
                return None
            return dict(answer.json()) if answer.status_code == status else None

        answer: dict[str, Any] = await until(said, f"/readyz {status}", within=within)
        return answer

    async def post(self, number: str, **more: Any) -> httpx2.Response:
        """Make a case over HTTP."""
        headers = {"Authorization": f"Bearer {token()}", **more.pop("headers", {})}
        return await self.http.post("/api/v1/cases", json={"number": number, **more}, headers=headers)

    async def ended(self) -> int:
        """Wait until the process has ended by itself; its exit code."""
        process = self.process
        assert process
        await until(lambda: process.poll() is not None, "it ends", within=40)
        return process.poll() or 0

    def said(self) -> str:
        """What a process of its own has logged."""
        assert self.log
        return self.log.read_text()


@asynccontextmanager
async def running(given: ServiceSettings, **toy_takes: Any) -> AsyncIterator[Toy]:
    """The toy in this process, with handlers of the test's own; returns when it is ready."""
    with toy.without_migrations:
        app = toy.service(given, **toy_takes).app()
        transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://toy", timeout=30) as http,
        ):
            one = Toy(http, given.database_url, parts=app.state.parts)
            await one.until_status(200)
            yield one


@asynccontextmanager
async def process(given: ServiceSettings, *, ready: bool = True, **env: str) -> AsyncIterator[Toy]:
    """The toy as a process of its own; returns when it is ready (if it is to get ready)."""
    environment = {f"MINPING_{name.upper()}": str(value) for name, value in given.model_dump().items()}
    log = given.nats_password_file.parent / f"toy-{given.port}.log"
    running = Forked({**environment, **env}, log)
    url = f"http://127.0.0.1:{given.port}"
    try:
        async with httpx2.AsyncClient(base_url=url, timeout=30) as http:
            one = Toy(http, given.database_url, process=running, log=log)
            if ready:
                await one.until_status(200, within=40)
            yield one
    finally:
        running.kill()
