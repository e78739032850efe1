"""Intake and rectification side by side, with a bus between them that loses its order, repeats itself and crashes.

Real stores, real single writers, the real HTTP applications and bus handlers; only the broker is played here, because
the machine that uses it decides what arrives when.
"""

import asyncio
import shutil
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from sqlmodel import SQLModel

from services.intake import main as intake
from services.intake.settings import IntakeSettings
from services.rectification import main as rectification
from shared.bus.topology import CONSUMES
from shared.clock import SimulatedClock
from shared.contracts import EVENTS, Event, EventData, Wire
from shared.contracts.scoring import UnitRegistered
from shared.errors import NotYet
from shared.identity import issue_token
from shared.migrate import upgrade
from shared.service import Service
from shared.settings import ServiceSettings
from shared.store import Outgoing, Tables, reader_engine, writer_engine
from shared.tick import Aside, run_due
from shared.unit import DUPLICATE, Unit

T = TypeVar("T")
SHANGHAI = ZoneInfo("Asia/Shanghai")
UNITS = ("unit-a", "unit-b", "unit-c")
KEY = Ed25519PrivateKey.generate()


class Crash(Exception):
    """The process dies before the commit."""


class Handlers:
    """Stands in for the bus: remembers which use case takes which event."""

    def __init__(self) -> None:
        self.take: dict[str, Callable[..., Any]] = {}

    def on(self, kind: type[EventData], use_case: Callable[..., Any]) -> None:
        """A service's own subscription."""
        self.take[kind.TYPE] = use_case

    def on_from(self, kind: type[Wire], use_case: Callable[..., Any], *, malformed: Any) -> None:
        """From outside: not played here, reports come over HTTP."""


@dataclass
class Side:
    """One service of the two."""

    service: Service
    unit: Unit
    clock: SimulatedClock
    http: httpx2.AsyncClient
    take: dict[str, Callable[..., Any]]
    published: list[Outgoing]
    close: Callable[[], None]
    collected: int = 0


@dataclass(frozen=True)
class Delivery:
    """An event on its way to a service."""

    to: str
    event: Event[Any]


@dataclass
class World:
    """Both services, what is between them, and the time."""

    sides: dict[str, Side]
    now: datetime
    loop: asyncio.AbstractEventLoop
    waiting: list[Delivery] = field(default_factory=list)
    delivered: list[Delivery] = field(default_factory=list)
    told: list[Event[Any]] = field(default_factory=list)
    answers: Counter[int] = field(default_factory=Counter)

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something of the services' asynchronous work to its end."""
        return self.loop.run_until_complete(work)

    def call(
        self, to: str, who: dict[str, Any], method: str, path: str, body: Any = None, *, twice: bool = False
    ) -> httpx2.Response:
        """A request at the present; `twice`: the answer was lost and it is sent again, which must change nothing."""
        headers = {"Idempotency-Key": uuid4().hex, "Minping-At": self.now.isoformat()}
        if who:
            headers["Authorization"] = f"Bearer {issue_token(KEY, now=datetime.now(UTC), days=1, **who)}"
        web = self.sides[to].http
        answer = self.run(web.request(method, f"/api/v1{path}", headers=headers, json=body))
        assert answer.status_code < 500, (method, path, answer.text)
        if twice and answer.is_success and method == "POST":
            again = self.run(web.request(method, f"/api/v1{path}", headers=headers, json=body))
            assert (again.status_code, again.content) == (answer.status_code, answer.content), (
                "answered once more, anew"
            )
        self.answers[answer.status_code] += 1
        self.collect()
        return answer

    def collect(self) -> None:
        """Take what was published to the other side."""
        for side in self.sides.values():
            for row in side.published[side.collected :]:
                kind = EVENTS.get(row.subject)
                if kind is None:
                    continue
                event = Event[kind].model_validate_json(row.payload)  # type: ignore[valid-type]  # known at run time
                self.told.append(event)
                self.waiting += [Delivery(to, event) for to in self.sides if kind in CONSUMES[to]]
            side.collected = len(side.published)

    def deliver(self, one: Delivery, *, crash: bool = False) -> bool:
        """Hand an event over; False if it must come again (not yet, or the process died)."""
        side = self.sides[one.to]
        take = side.take[one.event.type]

        def work(tx: Any) -> None:
            take(tx, one.event)
            if crash:
                raise Crash

        key = f"{one.event.type}|{one.event.id}"
        try:
            result = self.run(side.unit.run(work, at=one.event.time, inbox_key=key, event_id=one.event.id))
        except (NotYet, Crash):
            return False
        assert result is DUPLICATE or one not in self.delivered, "taken twice"
        self.collect()
        return True

    def drain(self) -> None:
        """Deliver everything, in the order in which it was published, until nothing is on its way."""
        for _ in range(50):
            if not self.waiting:
                return
            batch, self.waiting = self.waiting, []
            for one in batch:
                if self.deliver(one):
                    self.delivered.append(one)
                else:
                    self.waiting.append(one)
        raise AssertionError(f"never taken: {[(d.to, d.event.type, d.event.subject) for d in self.waiting[:5]]}")

    def breathe(self) -> None:
        """A second goes by: no two people act in the same instant."""
        self.now += timedelta(seconds=1)
        for side in self.sides.values():
            side.clock.current = side.clock.horizon = self.now

    def pass_time(self, hours: float) -> None:
        """The clock moves for both services, and what fell due fires."""
        self.now += timedelta(hours=hours)
        for side in self.sides.values():
            side.clock.current = side.clock.horizon = self.now
            if side.service.tick:
                aside = Aside()
                self.run(run_due(side.unit, side.service.tick, aside, lambda: self.now))
                assert not aside.shown, "something stands still that the clock should move"
        self.collect()

    def read(self, to: str, query: Callable[[Any], T]) -> T:
        """Look into a service's store."""
        return self.run(self.sides[to].unit.read(query))

    def close(self) -> None:
        """Stop both."""
        for side in self.sides.values():
            self.run(side.http.aclose())
            self.run(side.unit.stop())
            side.close()


def empty_store(folder: Path, name: str, base: type[SQLModel]) -> Path:
    """A migrated SQLite file to be copied."""
    path = folder / f"{name}-empty.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, name, base)
    engine.dispose()
    return path


class Builder:
    """Makes worlds: keys, empty stores and both applications once, a store and a writer for each world."""

    def __init__(self, folder: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._folder, self._loop, self._made = folder, loop, 0
        write_keys(folder)
        given = {
            "database_url": "sqlite://",
            "nats_password_file": folder / "password",
            "token_public_key_file": folder / "token.pem",
            "clock": "simulated",
        }
        of_intake = {
            "vault_key_file": folder / "vault.pem",
            "evidence_folder": folder / "evidence",
            "public_reports_a_minute": 1_000_000,
        }
        services = (
            intake.build(IntakeSettings(**given, **of_intake, nats_user="intake")),
            rectification.build(ServiceSettings(**given, nats_user="rectification")),
        )
        self._services = {one.name: (one, one.app(), empty_store(folder, one.name, one.base)) for one in services}

    def world(self, now: datetime) -> World:
        """Two services with nothing in them but three units."""
        self._made += 1
        here = self._folder / str(self._made)
        here.mkdir()
        world = World({name: self._side(name, here, now) for name in self._services}, now, self._loop)
        for unit in UNITS:
            said = UnitRegistered(unit=unit, name=unit, category="enforcement", scope="township")
            event = Event[UnitRegistered](id=unit, source="test", type=UnitRegistered.TYPE, time=now, data=said)
            world.waiting += [Delivery(name, event) for name in world.sides]
        world.drain()
        return world

    def _side(self, name: str, here: Path, now: datetime) -> Side:
        service, app, empty = self._services[name]
        path = here / f"{name}.db"
        shutil.copy(empty, path)
        url = f"sqlite:///{path}"
        writer, reader = writer_engine(url), reader_engine(url)
        published: list[Outgoing] = []
        unit = Unit(
            name, writer, reader, Tables.of(service.base), programme=service.programme, committed=published.extend
        )
        clock = SimulatedClock(now, now, 1)
        handlers = Handlers()
        service.subscribe(handlers)  # type: ignore[arg-type]  # a stand-in with the two methods that are used
        app.state.unit, app.state.clock = unit, clock
        if service.on_start:
            service.on_start(SimpleNamespace(clock=clock, unit=unit))  # type: ignore[arg-type]  # all that is asked for

        async def start() -> None:
            unit.start()

        self._loop.run_until_complete(start())
        web = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=f"http://{name}")

        def close() -> None:
            writer.dispose()
            reader.dispose()
            shutil.rmtree(here, ignore_errors=True)

        return Side(service, unit, clock, web, handlers.take, published, close)


def write_keys(folder: Path) -> None:
    """What the services' settings name: a password, the key of tokens, the vault's key."""
    (folder / "password").write_text("unused")
    (folder / "token.pem").write_bytes(KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    (folder / "vault.pem").write_bytes(
        X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
