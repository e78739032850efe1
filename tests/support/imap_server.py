"""A real IMAP server (pymap, in memory) on loopback, in a process of its own, and a client to fill its boxes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient

from deploy.local.layout import next_free_port

ROOT = Path(__file__).parents[2]

USER, PASSWORD = "office", "mailbox-s3cret"


class ImapServer:
    """Boxes of one account."""

    def __init__(self) -> None:
        self.port = next_free_port()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Up, and answering."""
        arguments = ["--host", "127.0.0.1", "--port", str(self.port), "--no-tls", "--no-service", "managesieve"]
        account = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from pymap.main import main; main()", *arguments, "--no-service", "admin",
             *account],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT,
        )  # fmt: skip

    def stop(self) -> None:
        """Gone, with all that was in it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        with IMAPClient("127.0.0.1", self.port, ssl=False, timeout=5) as client:
            client.login(USER, PASSWORD)
            yield client

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            with self.client():
                return True
        except OSError:
            return False

    def put(self, *messages: bytes) -> None:
        """Messages into INBOX."""
        with self.client() as client:
            for message in messages:
                client.append("INBOX", message)

    def count(self, folder: str) -> int:
        """How many messages a folder holds."""
        with self.client() as client:
            if not client.folder_exists(folder):
                return 0
            client.select_folder(folder, readonly=True)
            return len(client.search("ALL"))
