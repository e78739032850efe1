"""Looks into the mailbox now and then, takes what came back, and moves it: each report once, whatever crashes between.

A report is committed before it is moved; one that was committed and not moved is known when it is read again.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import structlog

from services.notify.metrics import MAILBOX_AWAY
from services.notify.postbox.imap import Mailbox
from services.notify.postbox.reading import is_good_news, read_report
from services.notify.postbox.settings import MailboxSettings
from services.notify.usecases import Desk
from services.notify.usecases.bounces import Taken, take_bounce
from shared.clock import Clock
from shared.errors import NotYet, Refusal
from shared.unit import Unit

LONGEST_PAUSE_S = 900.0
log = structlog.get_logger()


class BounceReader:
    """One a service; does nothing where the settings name no mailbox. Raises Refusal."""

    def __init__(self, settings: MailboxSettings) -> None:
        if settings.imap_folder in (settings.imap_read_folder, settings.imap_other_folder):
            remedy = "name other folders for what was read"
            raise Refusal("imap_folder", settings.imap_folder, "what was read would be read again", remedy)
        self._settings = settings
        self._password = settings.imap_password()
        self._fault = ""
        self._faults = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mailbox")
        self.looks = 0
        """How often the mailbox was looked through to its end."""

    def degraded(self) -> dict[str, str]:
        """What readiness says about the mailbox: letters go all the same, bounces are heard later."""
        return {"mailbox": f"bounces wait: {self._fault}"} if self._fault else {}

    async def run(self, desk: Desk, unit: Unit, clock: Clock) -> None:
        """Until cancelled."""
        if not self._settings.imap_host:
            return
        try:
            while True:
                await asyncio.sleep(await self._look(desk, unit, clock))
        finally:
            self._thread.shutdown(wait=False, cancel_futures=True)

    async def _look(self, desk: Desk, unit: Unit, clock: Clock) -> float:
        """Take all that is there; returns the seconds until the next look."""
        from imapclient.exceptions import IMAPClientError

        mailbox = Mailbox(self._settings, self._password)
        try:
            await self._apart(mailbox.open)
            before: list[int] = []
            later: set[int] = set()
            while found := await self._apart(mailbox.some, later):
                if before == (before := [number for number, _ in found]):
                    raise OSError("the server does not move messages")
                later |= await self._take(desk, unit, clock, mailbox, found)
        except (OSError, IMAPClientError, TimeoutError) as error:
            return self._away(error)
        finally:
            await self._apart(mailbox.close)
        self.looks += 1
        self._fault, self._faults = "", 0
        MAILBOX_AWAY.set(0)
        return self._settings.imap_poll_s

    async def _take(
        self, desk: Desk, unit: Unit, clock: Clock, mailbox: Mailbox, found: list[tuple[int, bytes]]
    ) -> set[int]:
        """Take some reports and move them; returns those that wait for the next look."""
        taken: list[int] = []
        others: list[int] = []
        later: set[int] = set()
        for number, raw in found:
            bounce = read_report(raw, desk.domain, "mailbox")
            if bounce is None:
                (taken if is_good_news(raw) else others).append(number)
                continue
            try:
                done: Taken = await unit.run(partial(take_bounce, desk, bounce=bounce), at=clock.now())
            except NotYet:
                later.add(number)
                continue
            log.info("bounce", kind=bounce.kind, letter=bounce.letter, effect=done.effect, again=done.again)
            taken.append(number)
        await self._apart(mailbox.move, taken, self._settings.imap_read_folder)
        await self._apart(mailbox.move, others, self._settings.imap_other_folder)
        return later

    async def _apart(self, call: Any, *more: Any) -> Any:
        """A blocking call in the mailbox's own thread."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *more)

    def _away(self, error: Exception) -> float:
        """The mailbox cannot be read: again later, and later each time. Its words are not repeated."""
        self._faults += 1
        self._fault = type(error).__name__
        MAILBOX_AWAY.set(1)
        pause: float = min(LONGEST_PAUSE_S, self._settings.imap_poll_s * 2 ** min(10, self._faults - 1))
        log.warning("mailbox", fault=self._fault, pause_s=round(pause, 1))
        return pause
