"""Notify's sender alone, a process that a test may kill: `python -m tests.support.letters_worker URL PORT`."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from services.notify.channels import SmtpChannel
from services.notify.journal import journal_beside
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.store import Base
from services.notify.usecases import make_desk
from shared import programme
from shared.clock import SimulatedClock
from shared.store import Tables, reader_engine, writer_engine
from shared.unit import Unit

NOW = datetime(2026, 3, 31, 1, tzinfo=UTC)


async def worker(url: str, port: int) -> None:
    """Send what is due, then end."""
    nothing = Path("none")
    settings = NotifySettings(
        database_url=url, nats_user="notify", nats_password_file=nothing, token_public_key_file=nothing,
        smtp_port=port, mail_from="office@minping.example",
    )  # fmt: skip
    unit = Unit(
        "notify", writer_engine(url), reader_engine(url), Tables.of(Base), programme="p", committed=lambda rows: None
    )
    unit.start()
    sender = Sender(SmtpChannel(settings), journal_beside(url), at_once=8, digest_quiet_s=0, digest_wait_s=0)
    desk = make_desk(
        programme.load("window-units"), sender=settings.sender(), domain=settings.mail_domain(), planned=sender.planned
    )
    running = asyncio.create_task(sender.run(desk, unit, SimulatedClock(NOW, NOW, 1)))
    print("begun", flush=True)
    while sender.in_hand():
        await asyncio.sleep(0.01)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await unit.stop()


if __name__ == "__main__":
    asyncio.run(worker(sys.argv[1], int(sys.argv[2])))
