"""One channel's courier alone, a process that a test may kill: `python -m tests.support.messages_worker URL FILE`."""

import asyncio
import sys
from pathlib import Path

from services.notify.carriers.house import make_couriers
from services.notify.carriers.secrets import read_ways
from services.notify.store import Base
from shared.clock import SimulatedClock
from shared.store import Tables, reader_engine, writer_engine
from shared.unit import Unit
from tests.support.channel_house import NINE, with_channels


async def worker(url: str, path: str) -> None:
    """Send what is due, then end."""
    unit = Unit(
        "notify", writer_engine(url), reader_engine(url), Tables.of(Base), programme="p", committed=lambda rows: None
    )
    unit.start()
    ways = {name: way for name, way in read_ways(Path(path), 5).items() if name == "sms"}
    couriers = make_couriers(ways, url, 0)
    desk = with_channels(ways, ("sms",), planned=couriers.planned)
    running = asyncio.create_task(couriers.run(desk, unit, SimulatedClock(NINE, NINE, 1)))
    print("begun", flush=True)
    while couriers.in_hand():
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await unit.stop()


if __name__ == "__main__":
    asyncio.run(worker(sys.argv[1], sys.argv[2]))
