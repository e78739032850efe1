"""A real SMTP server that keeps each letter as an .eml file instead of sending it on.

`python -m deploy.local.smtp_sink --port PORT --folder FOLDER`. A letter is answered with 250 only when its
file is on the disk, so "accepted" means the same as with a real server. The file name begins with the time
the letter came and ends with a hash of its Message-ID: a letter accepted twice is two files with one hash.

A letter to `unclear@…` is kept and answered with what is neither yes nor no, so that an office can rehearse what it
does when nobody knows whether a letter went.
"""

from __future__ import annotations

import argparse
import asyncio
import email
import email.policy
import hashlib
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
UNCLEAR = "unclear@"
MAX_LETTER = 32 * 1024 * 1024


class Sink:
    """Lays letters into a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one letter; called by the server after the last line of DATA."""
        content = envelope.original_content or b""
        name = await asyncio.to_thread(keep, self.folder, content, list(envelope.rcpt_tos))
        unclear = any(recipient.startswith(UNCLEAR) for recipient in envelope.rcpt_tos)
        return "354 and what now" if unclear else f"250 kept as {name}"


def keep(folder: Path, content: bytes, recipients: list[str]) -> str:
    """Write a letter so that it is wholly there or not at all, also after a power cut. Returns its name."""
    message_id = str(email.message_from_bytes(content, policy=email.policy.default).get("Message-ID", ""))
    mark = hashlib.sha256(message_id.encode() or content).hexdigest()[:16]
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{mark}.eml"
    partial = folder / f".{name}.part"
    with partial.open("xb") as file:
        file.write(b"".join(f"X-Envelope-To: {recipient}\r\n".encode() for recipient in recipients))
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    partial.rename(folder / name)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return name


async def serve(port: int, folder: Path) -> None:
    """Serve until SIGTERM or SIGINT."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, over.set)
    handler = Sink(folder)
    server = await loop.create_server(
        lambda: SMTP(handler, data_size_limit=MAX_LETTER, enable_SMTPUTF8=True, hostname="minping.local"),
        HOST,
        port,
    )
    async with server:
        await over.wait()


def main() -> None:
    """Parse the command line and serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(serve(arguments.port, arguments.folder))


if __name__ == "__main__":
    main()
