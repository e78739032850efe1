"""Scoring put together. The only file that knows all its parts."""

import secrets
from functools import partial

from services.scoring import bus, counters, forgetting, metrics
from services.scoring.api import routers
from services.scoring.counters import LiveCounters
from services.scoring.pages import pages
from services.scoring.settings import Settings
from services.scoring.store import Base, meetings
from services.scoring.usecases import amendments, courses, evaluation_watch, filings_overdue, releasing
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filing_upward import Upward
from shared.bus.broker import Bus
from shared.bus.far import FarBus
from shared.programme import load
from shared.service import Parts, Service
from shared.tick import Tick, run_jobs
from shared.web_rate import PerMinute


def build(settings: Settings) -> Service:
    """The service for these settings. Raises Refusal naming the setting that is wrong."""
    address = settings.public_url.rstrip("/")
    desk = Desk(load(settings.programme), settings.signer(), secrets.token_bytes, address)

    jobs: dict[str, Tick] = {
        "consequences": partial(courses.tick, desk),
        "releases": partial(releasing.tick, desk),
        "devices": evaluation_watch.forget_devices,
        "filings": partial(filings_overdue.tick, desk),
    }

    def subscribe(to: Bus) -> None:
        bus.subscribe(desk, to)

    async def show_meetings(parts: Parts) -> None:
        metrics.show_meetings(await parts.unit.read(meetings.by_state))

    live, limit = LiveCounters(settings.valkey_url), PerMinute(settings.evaluations_a_minute)

    async def keep_counters(parts: Parts) -> None:
        await counters.keep(live, parts)

    async def take_evaluations(parts: Parts) -> None:
        await bus.evaluations(desk, parts).run()

    account, above = settings.account(), list[FarBus]()

    async def file_upward(parts: Parts) -> None:
        if account is not None:
            above.append(bus.upward(parts, account))
            await above[0].run()

    def degraded() -> dict[str, str]:
        return {"office above": above[0].fault} if above and above[0].fault else {}

    upward = Upward(settings.files_to_name or settings.files_to_user, account is not None)
    return Service(
        name="scoring",
        settings=settings,
        base=Base,
        programme=desk.programme.key,
        subscribe=subscribe,
        tick=lambda tx, aside: run_jobs(jobs, tx, aside),
        routers=[
            *routers(desk, limit, live.read, upward),
            *pages(desk, settings.public_url, settings.tls_port, settings.tls_authority_file, limit),
        ],
        homes={"terminal": "/terminal"},
        standing=partial(amendments.require_pinned, desk),
        background=(forgetting.forget, show_meetings, take_evaluations, keep_counters, file_upward),
        degraded=degraded,
    )


def main() -> None:
    """Run until stopped."""
    build(Settings()).serve()


if __name__ == "__main__":
    main()
