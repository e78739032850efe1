"""The desk with a running sender on a simulated clock, for tests against real mail servers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.notify import sender as sending
from services.notify.channels import SmtpChannel
from services.notify.domain.pace import Pace, rates
from services.notify.journal import NoJournal
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.usecases import make_desk
from shared import programme
from shared.clock import Clock, SimulatedClock
from shared.contracts.scoring import UnitRegistered
from tests.support.mail_server import MailServer
from tests.support.notify_house import SHANGHAI, House, local, passed, seat
from tests.support.wait import until

NINE = local("2026-03-31T09:00")


def settings(port: int, **more: Any) -> NotifySettings:
    """Of a mail server on loopback that is waited for 0.3 s."""
    nothing = Path("none")
    fields = {
        "smtp_port": port, "smtp_timeout_s": 0.3, "smtp_final_timeout_s": 0.3, "smtp_connections": 1,
        "mail_from": "office@minping.example",
    }  # fmt: skip
    return NotifySettings(
        database_url="sqlite://", nats_user="notify", nats_password_file=nothing, token_public_key_file=nothing,
        **(fields | more),
    )  # fmt: skip


class Post:
    """The house with a running sender."""

    def __init__(self, house: House, sender: Sender, clock: Any) -> None:
        self.house, self.sender, self.clock = house, sender, clock
        self._cases = 0

    def move(self, at: str) -> None:
        """Move the clock, as the service's tick tells the sender."""
        self.clock.current = local(at)
        self.sender.moved()

    def pass_(self, **time: float) -> None:
        """Time goes by."""
        self.clock.current += timedelta(**time)
        self.sender.moved()

    async def done(self) -> None:
        await until(lambda: self.sender.in_hand() == 0, "letters in hand", within=20)

    async def states(self, case: str = "2026-000001") -> dict[str, str]:
        return {n["person"]: n["state"] for n in await self.house.notices(case=case)}

    async def new_case(self, roles: tuple[str, ...] = ("handler",)) -> "Told":
        """A unit of its own whose deadline passes; the clock is moved to when its people are to be told."""
        self._cases += 1
        number = self._cases
        case, unit = f"2026-{number:06d}", f"u{number}"
        named = UnitRegistered(unit=unit, name=f"第{number}所", category="c", scope="s")
        await self.house.hear("2026-01-01T08:00", named)
        await self.house.hold(
            "2026-01-01T08:00",
            seat(unit, "handler", f"wang{number}"),
            seat(unit, "main_leader", f"li{number}"),
            seat(unit, "superior", f"zhao{number}"),
        )
        now = self.clock.current.astimezone(SHANGHAI).replace(tzinfo=None).isoformat()
        await self.house.hear(now, passed(case, unit, roles=roles))
        [due] = {n["due"] for n in await self.house.notices(case=case)}
        self.clock.current = max(self.clock.current, due)
        self.sender.moved()
        return Told(self, case, number)


class Told:
    """What became of the people of one case."""

    def __init__(self, post: Post, case: str, number: int) -> None:
        self._post, self.case, self._number = post, case, number

    async def states(self) -> dict[str, str]:
        """By person, without his number."""
        found = await self._post.states(self.case)
        return {person.removesuffix(str(self._number)): state for person, state in found.items()}

    def copies(self, mail: MailServer, person: str) -> int:
        """Letters that reached him."""
        return mail.copies(f"{person}{self._number}")

    async def listed(self) -> list[str]:
        """Persons whose letter somebody has to decide on."""
        found = await self._post.house.notices(state="uncertain", case=self.case)
        return [n["person"].removesuffix(str(self._number)) for n in found]


@asynccontextmanager
async def posting(
    house: House, configured: NotifySettings, quiet_s: float = 0.05, clock: Clock | None = None
) -> AsyncIterator[Post]:
    """Run the sender; stopped at the end as a service stops it."""
    clock = clock or SimulatedClock(current=NINE, horizon=NINE, revision=1)
    pace = Pace(rates(configured.smtp_rate, "r"), rates(configured.smtp_rate_per_domain, "r"))
    sender = Sender(
        SmtpChannel(configured), NoJournal(), at_once=4, digest_quiet_s=quiet_s, digest_wait_s=30, pace=pace
    )
    house.desk = make_desk(
        programme.load("window-units"), sender=configured.sender(), domain=configured.mail_domain(),
        planned=sender.planned,
    )  # fmt: skip
    running = asyncio.create_task(sender.run(house.desk, house.unit, clock))
    try:
        yield Post(house, sender, clock)
    finally:
        running.cancel()
        result = await asyncio.gather(running, return_exceptions=True)
        assert isinstance(result[0], asyncio.CancelledError), result


def hurry(monkeypatch: Any) -> None:
    """A server that failed is left alone for a moment only."""
    monkeypatch.setattr(sending, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(sending, "LONGEST_PAUSE_S", 0.05)
    monkeypatch.setattr(sending, "LOGIN_PAUSE_S", 0.05)
