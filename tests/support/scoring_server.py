"""Scoring without its broker behind a real port, in a thread with a loop of its own: for browsers and commands."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn

from services.scoring.store import Base
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.scoring.house import House

PATIENCE_S = 120


@contextmanager
def served(folder: Path, prepare: Callable[[House], Awaitable[None]]) -> Iterator[str]:
    """The address of a house that `prepare` has filled, until the end of the block."""
    path = folder / "scoring.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, "scoring", Base)
    engine.dispose()
    ready, stop, found = threading.Event(), threading.Event(), [""]

    async def serve() -> None:
        house = House(f"sqlite:///{path}")
        house.unit.start()
        await prepare(house)
        server = uvicorn.Server(uvicorn.Config(house.app, port=0, log_level="error", lifespan="off"))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.05)
        found[0] = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.1)
        server.should_exit = True
        await task
        await house.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(PATIENCE_S)
    try:
        yield found[0]
    finally:
        stop.set()
        thread.join(30)
