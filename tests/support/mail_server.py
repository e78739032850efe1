"""A real SMTP server (aiosmtpd) on loopback that keeps what it took, and misbehaves as a test wants (T7)."""

import asyncio
import ssl
import warnings
from collections.abc import Callable
from email import message_from_bytes, policy
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Answer = Callable[["MailServer", SMTP], Any]
PHASES = ("GREETING", "EHLO", "MAIL", "RCPT", "354", "DATA")
"""Where a fault may lie: `354` is the answer to the command DATA, `DATA` that to the final dot."""


class MailServer:
    """`answers` by phase: what it says next, a line or a coroutine function; otherwise all is well."""

    def __init__(self, **options: Any) -> None:
        self.letters: list[tuple[str, bytes]] = []
        self.answers: dict[str, list[Answer | str]] = {phase: [] for phase in PHASES}
        self.options: dict[str, Any] = {"hostname": "mail.example", "enable_SMTPUTF8": False} | options
        self.implicit_tls: ssl.SSLContext | None = None
        self.connections = 0
        self.most_at_once = 0
        self.letters_a_connection: int | None = None
        """After so many it says 421 and closes."""
        self.greylist: set[str] | None = None
        """If a set: recipients that were refused once; they are taken when they come again."""
        self.refused: set[str] = set()
        self.password = ""
        self.logins: list[tuple[str, bool]] = []
        self.byte_by_byte = False
        self.reads_slowly_s = 0.0
        self.envelopes: list[tuple[str, list[str]]] = []
        self.port = 0
        self._open: set[SMTP] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, "127.0.0.1", self.port, ssl=self.implicit_tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Away: nobody listens, and who was connected is cut off."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in list(self._open):
            if line.transport is not None:
                line.transport.abort()
        self._open.clear()

    def _connected(self) -> SMTP:
        self.connections += 1
        if self.password:
            self.options |= {"authenticator": self._log_in, "auth_required": True}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # an account without TLS: that is what the test is about
            return Line(self, loop=asyncio.get_running_loop(), **self.options)

    def _log_in(self, _server: SMTP, _s: Session, _e: Envelope, mechanism: str, given: Any) -> AuthResult:
        right = isinstance(given, LoginPassword) and given.password == self.password.encode()
        self.logins.append((mechanism, right))
        return AuthResult(success=right, handled=False)

    async def answer(self, phase: str, server: SMTP, default: str) -> str:
        """What it says in a phase."""
        if not self.answers[phase]:
            return default
        answer = self.answers[phase].pop(0)
        if isinstance(answer, str):
            return answer
        return str(await answer(self, server))

    async def handle_EHLO(
        self, server: SMTP, session: Session, _e: Envelope, host: str, answers: list[str]
    ) -> list[str]:
        session.host_name = host
        said = await self.answer("EHLO", server, "")
        return [said] if said else answers

    async def handle_MAIL(self, server: SMTP, _s: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        self.envelopes.append((address, options))
        if self.letters_a_connection is not None and getattr(server, "taken", 0) >= self.letters_a_connection:
            asyncio.get_running_loop().call_soon(server.transport.close)
            return "421 that was enough"
        answer = await self.answer("MAIL", server, "250 OK")
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(self, server: SMTP, _s: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        if address in self.refused:
            return "550 no such user here"
        if self.greylist is not None and address not in self.greylist:
            self.greylist.add(address)
            return "450 greylisted, come again"
        answer = await self.answer("RCPT", server, "250 OK")
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, _s: Session, envelope: Envelope) -> str:
        answer = await self.answer("DATA", server, "250 taken")
        if answer.startswith("2"):
            self.keep(envelope)
            server.taken = getattr(server, "taken", 0) + 1
        return answer

    def keep(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        self.letters.append((envelope.rcpt_tos[0], envelope.content))

    def copies(self, person: str) -> int:
        """Letters that reached a person."""
        return sum(address.startswith(f"{person}@") for address, _ in self.letters)

    def ids(self) -> list[str]:
        return [str(message_from_bytes(raw, policy=policy.default)["Message-ID"]) for _, raw in self.letters]


class Line(SMTP):
    """One connection of it."""

    def __init__(self, mail: MailServer, **options: Any) -> None:
        super().__init__(mail, **options)
        self.mail = mail
        self.taken = 0

    async def _handle_client(self) -> None:
        if self.mail.reads_slowly_s:
            read, lines = self._reader.readuntil, 0

            async def slowly(mark: bytes = b"\n") -> bytes:
                nonlocal lines
                lines += 1
                if lines % 2000 == 0:
                    await asyncio.sleep(self.mail.reads_slowly_s)
                return bytes(await read(mark))

            self._reader.readuntil = slowly
        await super()._handle_client()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.mail._open.add(self)
        self.mail.most_at_once = max(self.mail.most_at_once, len(self.mail._open))

    def connection_lost(self, error: Exception | None) -> None:
        self.mail._open.discard(self)
        super().connection_lost(error)

    async def push(self, status: Any) -> None:
        text = status if isinstance(status, str) else status.decode()
        if text.startswith("220 mail.example") and self.session.host_name is None:
            text = await self.mail.answer("GREETING", self, text)
        elif text.startswith("354"):
            text = await self.mail.answer("354", self, text)
        if not self.mail.byte_by_byte:
            await super().push(text)
            return
        for byte in text.encode() + b"\r\n":
            self._writer.write(bytes([byte]))
            await self._writer.drain()
            await asyncio.sleep(0)


async def drop(_: MailServer, server: SMTP) -> str:
    """Cut the line; nothing is kept."""
    server.transport.abort()
    return "451 nobody hears this"


async def keep_and_drop(_: MailServer, server: SMTP) -> str:
    """Keep the letter, and cut the line before anybody hears of it."""
    server.transport.abort()
    return "250 nobody hears this"


async def answer_and_die(_: MailServer, server: SMTP) -> str:
    """Take it, say so, and go."""
    asyncio.get_running_loop().call_later(0.01, server.transport.abort)
    return "250 taken, and gone"


async def hang(_: MailServer, server: SMTP) -> str:
    """Say nothing any more."""
    await asyncio.sleep(3600)
    return "451 late"


async def keep_and_hang(mail: MailServer, server: SMTP) -> str:
    """Keep the letter, and say nothing any more."""
    mail.keep(server.envelope)
    await asyncio.sleep(3600)
    return "451 late"


async def garbage(_: MailServer, server: SMTP) -> str:
    """What is no answer."""
    return "hello, what was that?"


async def endless(_: MailServer, server: SMTP) -> str:
    """An answer that goes on and on."""
    return "554-" + "x" * 40_000


async def two_answers(_: MailServer, server: SMTP) -> str:
    """One too many: the second must not be taken for the answer to the next letter."""
    return "250 taken\r\n250 and taken again"
