"""What the four services have in common when they run: store, single writer, relay, bus, clock, HTTP, readiness.

A service's `main.py` gives a `Service` its parts and calls `serve`.
"""

import asyncio
import contextlib
import ctypes
import gc
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import nats
import structlog
from fastapi import APIRouter, FastAPI
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from nats.aio.client import Client
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session, SQLModel

from shared import log as logging
from shared import serving
from shared.bus.broker import Bus
from shared.bus.clock_watch import ClockWatch
from shared.bus.provision import Drift, drift
from shared.bus.relay import Relay
from shared.clock import Clock, SimulatedClock, SystemClock
from shared.migrate import upgrade
from shared.settings import ServiceSettings
from shared.status import status_router
from shared.store import Tables, mark_sent, prune_sent, reader_engine, unsent, writer_engine
from shared.tick import Aside, Tick, run_due
from shared.unit import Unit
from shared.web import add_problems, guard
from shared.web_limits import add_limits
from shared.web_signin import signin_router

TICK_S = 5.0
COLLECTED_AFTER = (50_000, 20, 20)
PRUNE_EVERY_S, PRUNE_PAUSE_S = 60.0, 0.1
PRUNED_AT_ONCE = 200
log = structlog.get_logger()


def collect_seldom() -> None:
    """What stands after the start stays: it is not looked at again; the rest is looked over seldom.

    A burst of events keeps thousands of messages alive for a moment. Collecting as often as Python does by itself took
    a fifth of the processor in an import, and freed nothing: nearly all is freed by its reference count.
    What the imports took and gave back goes to the system again: 9 MB a service.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECTED_AFTER)
    with contextlib.suppress(OSError, AttributeError):  # glibc alone has it
        ctypes.CDLL("libc.so.6").malloc_trim(0)


@dataclass
class Parts:
    """What a running service is made of; given to the hooks of a `Service`."""

    name: str
    settings: ServiceSettings
    clock: Clock
    unit: Unit
    relay: Relay
    bus: Bus
    connection: Client
    tasks: list["asyncio.Task[Any]"] = field(default_factory=list)


@dataclass
class Service:
    """The parts that differ between the four services.

    tick: runs in a transaction when the clock moved; fires what is due and returns True if more is due. aside: the
    matters that it cannot move.
    background: coroutines to run beside (a sender); in_hand: their unfinished work, for readiness.
    """

    name: str
    settings: ServiceSettings
    base: type[SQLModel]
    programme: str
    subscribe: Callable[[Bus], None]
    routers: Sequence[APIRouter]
    tick: Tick | None = None
    background: Sequence[Callable[[Parts], Coroutine[Any, Any, None]]] = ()
    in_hand: Callable[[], int] = lambda: 0
    degraded: Callable[[], dict[str, str]] = dict
    on_start: Callable[[Parts], None] | None = None
    standing: Callable[[Session], None] | None = None
    """Whether the settings fit what the store holds; raises Refusal, and the service does not start."""
    aside: Aside = field(default_factory=Aside)
    larger_bodies: Mapping[str, int] = field(default_factory=dict)
    """Path → bytes of a body that its endpoint reads as a stream."""
    homes: Mapping[str, str] = field(default_factory=dict)
    """Role → the page a sign-in leads to, where it is not the desk."""
    _stopping: bool = field(default=False, init=False)

    def app(self) -> FastAPI:
        """The HTTP application, with everything else in its lifespan."""
        made = FastAPI(
            title=f"民评 Minping · {self.name}",
            version="1",
            openapi_url="/api/v1/openapi.json",
            lifespan=self._lifespan,
            swagger_ui_oauth2_redirect_url=None,
        )
        made.state.service = self
        made.state.token_key = self.settings.token_key()
        made.state.homes = self.homes
        add_problems(made)
        add_limits(made, self.name, self.larger_bodies)
        made.include_router(status_router)
        made.include_router(signin_router)
        for router in self.routers:
            made.include_router(router)
        guard(made)
        return made

    @contextlib.asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            try:
                parts = await self._start(stack)
                app.state.parts, app.state.unit, app.state.clock = parts, parts.unit, parts.clock
                if self.on_start:
                    self.on_start(parts)
                for work in self.background:
                    self._run(parts, work(parts), work.__name__)
                await parts.bus.start()
                stack.push_async_callback(parts.bus.stop)
                collect_seldom()
                log.info("started", port=self.settings.port)
                yield
            finally:
                log.info("stopping")
                self._stopping = True

    async def _start(self, stack: contextlib.AsyncExitStack) -> Parts:
        settings = self.settings
        clock: Clock = SimulatedClock() if settings.clock == "simulated" else SystemClock()
        writer, reader = writer_engine(settings.database_url), reader_engine(settings.database_url)
        stack.callback(writer.dispose)
        stack.callback(reader.dispose)
        upgrade(writer, self.name, self.base)
        if self.standing:
            with Session(reader) as session:
                self.standing(session)
        connection = await self._connect()
        stack.push_async_callback(connection.close)
        if lines := await drift(connection, self.name):
            raise Drift(lines)
        tables = Tables.of(self.base)

        async def mark(ids: list[str]) -> None:
            await unit.run(lambda tx: mark_sent(tx.session, tables.outbox, ids), at=clock.now())

        relay = Relay(self.name, connection, mark)
        unit = Unit(self.name, writer, reader, tables, programme=self.programme, committed=relay.offer)
        with Session(reader) as session:
            relay.offer(unsent(session, tables.outbox))
        self._watch(unit.start(), "unit")
        stack.push_async_callback(unit.stop)
        stack.push_async_callback(relay.flush)
        broker = NatsBroker(
            settings.nats_url,
            security=SASLPlaintext(settings.nats_user, settings.nats_password()),
            **self._callbacks(),
            inbox_prefix=f"_INBOX_{self.name}",
            name=f"minping-{self.name}",
            logger=None,
            graceful_timeout=5.0,
        )
        bus = Bus(self.name, broker, unit, clock)
        self.subscribe(bus)
        parts = Parts(self.name, settings, clock, unit, relay, bus, connection)
        stack.push_async_callback(self._end_tasks, parts)
        self._run(parts, relay.run(), "relay")
        self._run(parts, self._prune_for_ever(parts, tables), "prune")
        if isinstance(clock, SimulatedClock):
            watch = ClockWatch(clock, connection, lambda: self._tick(parts))
            await watch.start()
            self._run(parts, watch.run(), "clock")
        else:
            self._run(parts, self._tick_for_ever(parts), "tick")
        return parts

    async def _connect(self) -> Client:
        settings = self.settings
        return await nats.connect(
            settings.nats_url,
            user=settings.nats_user,
            password=settings.nats_password(),
            **self._callbacks(),
            inbox_prefix=f"_INBOX_{self.name}",
            name=f"minping-{self.name}-relay",
        )

    def _callbacks(self) -> dict[str, Any]:
        async def failed(error: Exception) -> None:
            text = str(error)
            if "permissions violation" in text.lower():
                log.critical("broker_permissions", error=text)
                os._exit(3)
            log.warning("broker_error", error=repr(error))

        async def closed() -> None:
            if self._stopping:
                return
            # The client has given up for good (its user was removed, say). FastStream's pull loops would spin now,
            # and nothing would be taken or published: end, and let the supervisor start anew.
            log.critical("broker_closed")
            os._exit(5)

        return {
            "error_cb": failed,
            "closed_cb": closed,
            "max_reconnect_attempts": -1,
            "reconnect_time_wait": 0.2,
            "connect_timeout": 2,
            "ping_interval": 5,
            "max_outstanding_pings": 2,
        }

    def _run(self, parts: Parts, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=f"{self.name}-{name}")
        self._watch(task, name)
        parts.tasks.append(task)

    def _watch(self, task: "asyncio.Task[None]", name: str) -> None:
        """A service without one of its tasks would look alive and do nothing: it ends instead."""

        def ended(done: "asyncio.Task[None]") -> None:
            if not done.cancelled() and (error := done.exception()):
                log.critical("task_ended", task=name, error=repr(error), exc_info=error)
                os._exit(4)

        task.add_done_callback(ended)

    async def _end_tasks(self, parts: Parts) -> None:
        for task in parts.tasks:
            task.cancel()
        await asyncio.gather(*parts.tasks, return_exceptions=True)

    async def _tick(self, parts: Parts) -> None:
        if self.tick is None:
            return
        await run_due(parts.unit, self.tick, self.aside, parts.clock.now)

    async def _tick_for_ever(self, parts: Parts) -> None:
        while True:
            await self._tick(parts)
            await asyncio.sleep(TICK_S)

    async def _prune_for_ever(self, parts: Parts, tables: Tables) -> None:
        """Old published events leave the outbox in small steps; the inbox keeps its keys, which count events once."""
        while True:
            try:
                pruned = await self._prune(parts, tables)
            except (OperationalError, InterfaceError) as error:
                log.warning("prune_waits_for_store", error=type(error.orig).__name__)
                pruned = 0
            await asyncio.sleep(PRUNE_PAUSE_S if pruned else PRUNE_EVERY_S)

    async def _prune(self, parts: Parts, tables: Tables) -> int:
        now = parts.clock.now()
        before = now - timedelta(days=self.settings.outbox_keep_days)
        return await parts.unit.run(lambda tx: prune_sent(tx.session, tables.outbox, before, PRUNED_AT_ONCE), at=now)

    def serve(self) -> None:
        """Run until stopped by a signal; the process's exit code tells whether it went well."""
        logging.configure(self.name, self.settings.log_level)
        serving.run(self.app(), self.settings)
