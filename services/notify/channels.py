"""The way out: e-mail by a few kept connections, each letter signed and tried once (N3)."""

import asyncio
import time
from typing import Protocol

from services.notify.dkim import signer
from services.notify.domain.delivery import Outcome
from services.notify.smtp import Connection, Unusable, tls_context
from services.notify.smtp_settings import SmtpSettings

CHECK_AFTER_S = 5.0
"""A connection that rested so long is asked (NOOP) before it is used."""

REST_S = 30.0
"""A connection that rests so long is taken leave of; servers end it after some minutes anyway."""


class Channel(Protocol):
    """What a sender needs of a way out. `at_once`: letters it takes at the same time."""

    at_once: int

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Try once; whatever happens is told by the outcome."""

    async def rest(self) -> None:
        """Nothing is to be sent for a while: give up what is not worth keeping."""

    async def close(self) -> None:
        """Take leave of the server."""


class SmtpChannel:
    """A pool of connections. Raises Refusal for settings that cannot be followed."""

    def __init__(self, settings: SmtpSettings) -> None:
        self.at_once = settings.smtp_connections
        self._settings = settings
        self._password = settings.smtp_password()
        self._tls = tls_context(settings) if settings.smtp_tls != "none" else None
        self._signer = signer(settings)
        self._places = asyncio.Semaphore(self.at_once)
        self._idle: list[Connection] = []

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Try once. A kept connection that the server gave up before it took anything is replaced by a new one."""
        signed = self._signer.sign(message) if self._signer else message
        async with self._places:
            kept = await self._kept()
            if kept is not None:
                outcome = await self._on(kept, sender, recipient, signed)
                if outcome.kind != "unreachable":
                    return outcome
            fresh = Connection(self._settings, self._tls, self._password)
            try:
                await fresh.open()
            except Unusable as error:
                return error.outcome
            return await self._on(fresh, sender, recipient, signed)

    async def rest(self) -> None:
        """Take leave of connections that nobody has needed for a while."""
        now = time.monotonic()
        tired = [one for one in self._idle if now - one.used >= REST_S]
        self._idle = [one for one in self._idle if now - one.used < REST_S]
        for one in tired:
            await one.close()

    async def close(self) -> None:
        """Say QUIT on every connection."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(one.close() for one in idle))

    async def _kept(self) -> Connection | None:
        """A connection at rest that still lives, the one used last first."""
        while self._idle:
            one = self._idle.pop()
            if one.is_open and (time.monotonic() - one.used < CHECK_AFTER_S or await one.lives()):
                return one
            await one.close()
        return None

    async def _on(self, connection: Connection, sender: str, recipient: str, message: bytes) -> Outcome:
        try:
            outcome = await connection.deliver(sender, recipient, message)
        except asyncio.CancelledError:
            await connection.close()
            raise
        connection.used = time.monotonic()
        if not connection.is_open:
            return outcome
        if connection.letters < self._settings.smtp_letters_per_connection:
            self._idle.append(connection)
        else:
            await connection.close()
        return outcome
