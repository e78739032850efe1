"""The way out: e-mail over SMTP, phase by phase, so that certain is told apart from unknown (N3).

Until the final dot is handed to the connection nothing can have been accepted, whatever fails. From then on
only an answer tells; without one the letter is uncertain.
"""

import asyncio
import re
from typing import Protocol, cast

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPResponseException

from services.notify.domain.delivery import Outcome
from services.notify.settings import NotifySettings

_DOT = re.compile(rb"(?m)^\.")
_CLOSING = 421
_FAULTS = (SMTPException, OSError, TimeoutError)


class Channel(Protocol):
    """What a sender needs of a way out."""

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Try once; whatever happens is told by the outcome."""

    async def close(self) -> None:
        """Take leave of the server."""


class SmtpChannel:
    """One connection, kept for many letters. Not for concurrent use."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._password = settings.smtp_password()
        self._client: aiosmtplib.SMTP | None = None

    async def send(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Try once. A kept connection that the server gave up meanwhile is replaced first."""
        kept = self._client is not None
        outcome = await self._try(sender, recipient, message)
        if kept and outcome.kind == "unreachable" and outcome.phase == "mail":
            return await self._try(sender, recipient, message)
        return outcome

    async def close(self) -> None:
        """Say QUIT, if there is anybody to say it to."""
        client, self._client = self._client, None
        if client is None or not client.is_connected:
            return
        try:
            await client.quit(timeout=1)
        except _FAULTS:
            client.close()

    async def _try(self, sender: str, recipient: str, message: bytes) -> Outcome:
        phase = "connect"
        try:
            client = await self._connected()
            phase = "mail"
            await client.mail(sender)
            phase = "rcpt"
            await client.rcpt(recipient)
            phase = "data"
            answer = await client.execute_command(b"DATA")
            if answer.code != 354:
                raise SMTPResponseException(answer.code, answer.message)
            phase = "body"
            await self._write(client, _DOT.sub(b"..", message))
        except SMTPResponseException as error:
            return await self._refused(phase, error)
        except _FAULTS as error:
            self._drop()
            return Outcome("unreachable", phase, _said(error))
        return await self._finish(client)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        self._drop()
        of = self._settings
        client = aiosmtplib.SMTP(
            hostname=of.smtp_host,
            port=of.smtp_port,
            timeout=of.smtp_timeout_s,
            use_tls=of.smtp_tls == "tls",
            start_tls=of.smtp_tls == "starttls",
            username=of.smtp_username or None,
            password=self._password,
            local_hostname=of.mail_domain(),
        )
        await client.connect()
        self._client = client
        return client

    async def _write(self, client: aiosmtplib.SMTP, body: bytes) -> None:
        """Hand over everything but the final dot, and wait until the connection has taken it."""
        protocol, transport = client.protocol, client.transport
        if protocol is None or transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        protocol.write(body)
        waiting = cast(asyncio.WriteTransport, transport)  # uvloop's is none by class, but by its methods
        async with asyncio.timeout(self._settings.smtp_timeout_s):
            pause = 0.0
            while waiting.get_write_buffer_size():
                await asyncio.sleep(pause)
                pause = min(0.05, pause + 0.001)
        if not client.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")

    async def _finish(self, client: aiosmtplib.SMTP) -> Outcome:
        """The final dot: the one moment after which silence means that we do not know."""
        try:
            answer = await client.execute_command(b".")
        except _FAULTS as error:
            self._drop()
            return Outcome("uncertain", "final dot", _said(error))
        reply = f"{answer.code} {answer.message}"[:300]
        if 200 <= answer.code < 300:
            return Outcome("sent", "", reply)
        self._drop()  # it may have said more than one thing: the next answer must not be taken for another's
        match answer.code // 100:
            case 4:
                return Outcome("temporary", "final dot", reply)
            case 5:
                return Outcome("refused", "final dot", reply)
        return Outcome("uncertain", "final dot", reply)

    async def _refused(self, phase: str, error: SMTPResponseException) -> Outcome:
        """An answer before the final dot: nothing was accepted."""
        reply = f"{error.code} {error.message}"[:300]
        of_letter = phase in ("rcpt", "data") and error.code != _CLOSING and 400 <= error.code < 600
        if not of_letter:
            self._drop()
            return Outcome("unreachable", phase, reply)
        await self._reset()
        if error.code < 500:
            return Outcome("temporary", phase, reply)
        return Outcome("bad_address" if isinstance(error, SMTPRecipientRefused) else "refused", phase, reply)

    async def _reset(self) -> None:
        """Clear the envelope for the next letter; a server that cannot gets a new connection."""
        try:
            if self._client is not None:
                await self._client.rset()
        except _FAULTS:
            self._drop()

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300].rstrip(": ")
