"""Notify's composition root: the only file that knows everything."""

from functools import partial

from services.notify.api import make_router
from services.notify.bus import subscribe
from services.notify.channels import SmtpChannel
from services.notify.journal import journal_beside
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.store import Base
from services.notify.usecases import make_desk
from shared import programme
from shared.service import Parts, Service
from shared.store import Tx
from shared.tick import Aside


def build(settings: NotifySettings) -> Service:
    """The service with its parts. Raises Refusal for a programme or a setting that cannot be followed."""
    sender = Sender(
        SmtpChannel(settings),
        journal_beside(settings.database_url),
        at_once=settings.letters_at_once,
        digest_quiet_s=settings.digest_quiet_s,
        digest_wait_s=settings.digest_wait_s,
    )
    rules = programme.load(settings.programme)
    desk = make_desk(
        rules,
        sender=settings.sender(),
        sender_name=settings.mail_from_name,
        domain=settings.mail_domain(),
        language=settings.mail_language,
        planned=sender.planned,
    )

    async def send_letters(parts: Parts) -> None:
        await sender.run(desk, parts.unit, parts.clock)

    def clock_moved(_tx: Tx, _aside: Aside) -> bool:
        sender.moved()
        return False

    return Service(
        name="notify",
        settings=settings,
        base=Base,
        programme=rules.key,
        subscribe=partial(subscribe, desk),
        routers=[make_router(desk)],
        tick=clock_moved,
        background=[send_letters],
        in_hand=sender.in_hand,
        degraded=sender.degraded,
    )


def main() -> None:
    """Serve, with settings from the environment."""
    build(NotifySettings()).serve()


if __name__ == "__main__":
    main()
