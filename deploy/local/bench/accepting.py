"""P2: evaluations over HTTP that are on the disk when they are answered, against the same application only validating.

The application runs in a process of its own, the people in this one, a connection each. On the disk: in scoring's
store, by a commit that ends with an fsync; several that come within milliseconds share it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import uvloop

from deploy.local.bench.evaluating import World
from deploy.local.bench.figure import Figure, Tell
from deploy.local.layout import HOST, Ports

REQUESTS, PEOPLE, UNITS = 5_000, 200, 100
PATIENCE_S = 60.0


def measure(tell: Tell, *, runs: int, requests: int = REQUESTS, people: int = PEOPLE) -> Figure:
    """Answers 201 a second, `runs` times."""
    ours, limit = uvloop.run(_measure(tell, runs, requests, people))
    return Figure(
        name="http",
        ours_is="evaluations answered 201, each on the disk before",
        limit_is="the same application only validating",
        unit="requests/s",
        ours=tuple(ours),
        limit=tuple(limit),
        sense="at least",
        bound=0.5,
        notes={"requests": requests, "at once": people},
    )


async def _measure(tell: Tell, runs: int, requests: int, people: int) -> tuple[list[float], list[float]]:
    ours: list[float] = []
    limit: list[float] = []
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        store = Path(folder) / "bench.db"
        async with World.of(store, UNITS) as world:
            given = await world.issue((runs + 1) * requests)
        bodies = [_request({"code": one.text, "unit": one.unit, "marks": one.marks}) for one in given]
        async with serving(store, "validating") as bare, serving(store, "whole") as whole:
            for turn in range(runs + 1):
                part = bodies[turn * requests : (turn + 1) * requests]
                found = requests / await answered(bare, part, people), requests / await answered(whole, part, people)
                if turn:  # the first warms both up
                    limit.append(found[0])
                    ours.append(found[1])
                    tell(f"run {turn} of {runs}: {found[1]:,.0f} a second, only validating {found[0]:,.0f}")
        world = World(store, 0)
        world.unit.start()
        counted = await world.counted()
        await world.unit.stop()
        if counted != len(given):
            raise AssertionError(f"{len(given)} were answered 201, {counted} are counted")
    return ours, limit


def _request(body: dict[str, object]) -> bytes:
    data = json.dumps(body, ensure_ascii=False).encode()
    head = "POST /api/v1/evaluations HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data


@asynccontextmanager
async def serving(store: Path, mode: str) -> AsyncIterator[int]:
    """The application in a process of its own; gives its port."""
    port = Ports.free().intake
    command = [sys.executable, "-m", "deploy.local.bench.accepting_app", str(store), str(port), mode]
    process = subprocess.Popen(command)
    try:
        patience = time.monotonic() + PATIENCE_S
        while True:
            try:
                _, writer = await asyncio.open_connection(HOST, port)
                writer.close()
                break
            except OSError:
                if time.monotonic() > patience or process.poll() is not None:
                    raise
                await asyncio.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


async def answered(port: int, requests: list[bytes], people: int) -> float:
    """Seconds until every request has its 201. Raises AssertionError for another answer."""
    waiting = deque(requests)
    connections = [await asyncio.open_connection(HOST, port) for _ in range(people)]

    async def person(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            writer.write(waiting.popleft())
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
            body = await reader.readexactly(length)
            if b" 201 " not in head[:16]:
                raise AssertionError(f"{head[:40]!r} {body!r}")

    began = time.perf_counter()
    await asyncio.gather(*(person(*connection) for connection in connections))
    elapsed = time.perf_counter() - began
    for _, writer in connections:
        writer.close()
    return elapsed
