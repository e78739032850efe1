"""Notify's composition root: the only file that knows everything."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from services.notify.api import make_router
from services.notify.bus import subscribe
from services.notify.carriers.house import make_couriers
from services.notify.carriers.secrets import known, read_ways
from services.notify.channels import SmtpChannel
from services.notify.documents import Press
from services.notify.domain.channel import Channels
from services.notify.domain.pace import Pace, rates
from services.notify.journal import journal_beside
from services.notify.pages import pages
from services.notify.pdf import Converter
from services.notify.postbox.reader import BounceReader
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.store import Base
from services.notify.usecases import Desk, make_desk, quarter_ends
from services.notify.usecases.days import NewDay
from shared import programme
from shared.programme import Programme
from shared.service import Parts, Service
from shared.store import Tx
from shared.tick import Aside, Tick, run_jobs


def desk_of(
    settings: NotifySettings,
    rules: Programme,
    channels: Channels,
    planned: Callable[[datetime], None] = lambda due: None,
) -> Desk:
    """The desk that the settings and a programme ask for. Raises Refusal."""
    return make_desk(
        rules,
        sender=settings.sender(),
        sender_name=settings.mail_from_name,
        domain=settings.mail_domain(),
        language=settings.mail_language,
        planned=planned,
        channels=channels,
        press=Press(settings.documents_dir),
        documents_mark=settings.documents_mark,
        enclosures_bytes=int(settings.enclosures_mb * 1_000_000),
    )


def build(settings: NotifySettings) -> Service:
    """The service with its parts. Raises Refusal for a programme or a setting that cannot be followed."""
    sender = Sender(
        SmtpChannel(settings),
        journal_beside(settings.database_url),
        at_once=settings.letters_at_once,
        digest_quiet_s=settings.digest_quiet_s,
        digest_wait_s=settings.digest_wait_s,
        pace=Pace(rates(settings.smtp_rate, "smtp_rate"), rates(settings.smtp_rate_per_domain, "smtp_rate_per_domain")),
    )
    ways = read_ways(settings.channels_file, settings.channel_timeout_s)
    bounces = BounceReader(settings)
    couriers = make_couriers(ways, settings.database_url, settings.digest_quiet_s)
    rules = programme.load(settings.programme)

    def planned(due: datetime) -> None:
        sender.planned(due)
        couriers.planned(due)

    desk = desk_of(settings, rules, known(ways), planned)

    async def send_letters(parts: Parts) -> None:
        await sender.run(desk, parts.unit, parts.clock)

    async def carry_messages(parts: Parts) -> None:
        await couriers.run(desk, parts.unit, parts.clock)

    async def read_bounces(parts: Parts) -> None:
        await bounces.run(desk, parts.unit, parts.clock)

    at_times: dict[str, Tick] = {**quarter_ends.jobs(desk), "directory": NewDay(desk)}

    def clock_moved(tx: Tx, aside: Aside) -> bool:
        sender.moved()
        couriers.moved()
        return run_jobs(at_times, tx, aside)

    return Service(
        name="notify",
        settings=settings,
        base=Base,
        programme=rules.key,
        subscribe=partial(subscribe, desk),
        routers=[
            make_router(desk, Converter(settings.soffice)),
            *pages(desk, settings.public_url, settings.results_url),
        ],
        tick=clock_moved,
        background=[send_letters, carry_messages, read_bounces],
        in_hand=lambda: sender.in_hand() + couriers.in_hand(),
        degraded=lambda: sender.degraded() | couriers.degraded() | bounces.degraded(),
    )


def main() -> None:
    """Serve, with settings from the environment."""
    build(NotifySettings()).serve()


if __name__ == "__main__":
    main()
