"""One connection to a mail server, phase by phase, so that certain is told apart from unknown (N3).

Until the final dot is handed to the connection nothing can have been accepted, whatever fails. From then on
only an answer tells; without one the letter is uncertain.
"""

import asyncio
import re
import ssl
from ipaddress import ip_address
from typing import cast

import aiosmtplib
from aiosmtplib import SMTPException, SMTPRecipientRefused, SMTPResponseException

from services.notify.domain.delivery import Outcome
from services.notify.smtp_settings import SmtpSettings
from shared.errors import Refusal

_DOT = re.compile(rb"(?m)^\.")
_CLOSING, _TOO_LARGE = 421, 552
_FAULTS = (SMTPException, OSError, TimeoutError)
_MECHANISMS = ("plain", "login", "cram-md5")
"""In this order: over TLS a plain password is as good as any, and servers speak it best."""


class Unusable(Exception):
    """A connection that could not be made: where it failed, and what was said."""

    def __init__(self, phase: str, reply: str) -> None:
        super().__init__(f"{phase}: {reply}")
        self.outcome = Outcome("unreachable", phase, reply)


def tls_context(settings: SmtpSettings) -> ssl.SSLContext:
    """Certificates are verified, and that they are the host's; TLS 1.2 at least. Raises Refusal for the file."""
    file = settings.smtp_ca_file
    try:
        context = ssl.create_default_context(cafile=str(file) if file else None)
    except (OSError, ssl.SSLError) as error:
        raise Refusal(
            "smtp_ca_file", str(file), f"not certificates of an authority: {said(error)}", "give a PEM file"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


class Connection:
    """To one server, for one letter after the other. `letters`: how many were tried; `used`: when last, monotonic."""

    def __init__(self, settings: SmtpSettings, tls: ssl.SSLContext | None, password: str | None) -> None:
        self._settings = settings
        self._password = password
        self._client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            timeout=settings.smtp_timeout_s,
            use_tls=settings.smtp_tls == "tls",
            start_tls=settings.smtp_tls == "starttls",
            tls_context=tls,
            local_hostname=settings.mail_domain(),
        )
        self.letters = 0
        self.used = 0.0

    @property
    def is_open(self) -> bool:
        """Whether another letter may be tried on it."""
        return self._client.is_connected

    async def open(self) -> None:
        """Connect, encrypt, log in: whatever the settings want. Raises Unusable; its phase is `login` where we were
        refused, not where the server only failed to answer."""
        phase = "connect"
        try:
            async with asyncio.timeout(4 * self._settings.smtp_timeout_s):
                await self._client.connect()
                await self._client.ehlo()
                phase = "login"
                await self._log_in()
            phase = ""
        except (*_FAULTS, ValueError) as error:
            given_no = (isinstance(error, SMTPResponseException) and error.code >= 500) or type(error) is SMTPException
            raise Unusable(phase if given_no else "connect", said(error)) from error
        finally:
            if phase:
                self._client.close()

    async def lives(self) -> bool:
        """Ask the server; False, and closed, if it is not there any more."""
        try:
            answer = await self._client.noop()
        except _FAULTS:
            self._client.close()
            return False
        return answer.code == 250

    async def close(self) -> None:
        """Say QUIT, if there is anybody to say it to."""
        if not self._client.is_connected:
            return
        try:
            await self._client.quit(timeout=1)
        except _FAULTS:
            pass
        finally:
            self._client.close()

    async def deliver(self, sender: str, recipient: str, message: bytes) -> Outcome:
        """Try one letter; whatever happens is told by the outcome."""
        self.letters += 1
        client, phase = self._client, "mail"
        try:
            if (largest := self._largest()) and len(message) > largest:
                return Outcome("too_large", "size", f"{len(message)} bytes; the server takes {largest}")
            await client.mail(sender, options=[f"SIZE={len(message)}"] if client.supports_extension("size") else None)
            phase = "rcpt"
            await client.rcpt(recipient)
            phase = "data"
            answer = await client.execute_command(b"DATA")
            if answer.code != 354:
                raise SMTPResponseException(answer.code, answer.message)
            phase = "body"
            await self._write(_DOT.sub(b"..", message))
        except SMTPResponseException as error:
            return await self._refused(phase, error)
        except _FAULTS as error:
            client.close()
            return Outcome("unreachable", phase, said(error))
        return await self._finish()

    async def _log_in(self) -> None:
        """By one mechanism: a wrong password tried three ways may lock the account."""
        of, client = self._settings, self._client
        if not of.smtp_username:
            return
        if client.get_transport_info("sslcontext") is None and not self._stays_here():
            raise SMTPException("the password would cross the network unencrypted")
        wanted = _MECHANISMS if of.smtp_auth == "auto" else (of.smtp_auth,)
        mechanism = next((name for name in wanted if name in client.server_auth_methods), None)
        match mechanism:
            case "plain":
                await client.auth_plain(of.smtp_username, self._password or "")
            case "login":
                await client.auth_login(of.smtp_username, self._password or "")
            case "cram-md5":
                await client.auth_crammd5(of.smtp_username, self._password or "")
            case _:
                offered = ", ".join(client.server_auth_methods) or "nothing"
                raise SMTPException(f"the server offers {offered}, not {' or '.join(wanted)}")

    def _stays_here(self) -> bool:
        peer = self._client.get_transport_info("peername")
        return bool(peer) and ip_address(peer[0]).is_loopback

    def _largest(self) -> int:
        told = self._client.esmtp_extensions.get("size", "")
        return int(told) if told.isdecimal() else 0

    async def _write(self, body: bytes) -> None:
        """Hand over everything but the final dot, and wait until the connection has taken it; slow is not away."""
        client = self._client
        protocol, transport = client.protocol, client.transport
        if protocol is None or transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        protocol.write(body)
        waiting = cast(asyncio.WriteTransport, transport)  # uvloop's is none by class, but by its methods
        left, pause = waiting.get_write_buffer_size(), 0.0
        while left:
            async with asyncio.timeout(self._settings.smtp_timeout_s):
                while (now := waiting.get_write_buffer_size()) == left:
                    await asyncio.sleep(pause)
                    pause = min(0.05, pause + 0.001)
            left = now
        if not client.is_connected:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")

    async def _finish(self) -> Outcome:
        """The final dot: the one moment after which silence means that we do not know."""
        try:
            answer = await self._client.execute_command(b".", timeout=self._settings.smtp_final_timeout_s)
        except _FAULTS as error:
            self._client.close()
            return Outcome("uncertain", "final dot", said(error))
        reply = f"{answer.code} {answer.message}"[:300]
        if 200 <= answer.code < 300:
            return Outcome("sent", "", reply)
        self._client.close()  # it may have said more than one thing: the next answer must not be taken for another's
        match answer.code // 100:
            case 4:
                return Outcome("temporary", "final dot", reply)
            case 5:
                return Outcome("refused", "final dot", reply)
        return Outcome("uncertain", "final dot", reply)

    async def _refused(self, phase: str, error: SMTPResponseException) -> Outcome:
        """An answer before the final dot: nothing was accepted."""
        reply = f"{error.code} {error.message}"[:300]
        if phase == "mail" and error.code == _TOO_LARGE:
            await self._reset()
            return Outcome("too_large", phase, reply)
        of_letter = phase in ("rcpt", "data") and error.code != _CLOSING and 400 <= error.code < 600
        if not of_letter:
            self._client.close()
            return Outcome("unreachable", phase, reply)
        await self._reset()
        if error.code < 500:
            return Outcome("temporary", phase, reply)
        return Outcome("bad_address" if isinstance(error, SMTPRecipientRefused) else "refused", phase, reply)

    async def _reset(self) -> None:
        """Clear the envelope for the next letter; a server that cannot gets a new connection."""
        try:
            await self._client.rset()
        except _FAULTS:
            self._client.close()


def said(error: Exception) -> str:
    """An error in a few words."""
    return f"{type(error).__name__}: {error}"[:300].rstrip(": ")
