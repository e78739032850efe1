"""The mailbox over IMAP (RFC 3501, with MOVE where the server has it): some messages at a time, moved when taken."""

import logging
import ssl
from collections.abc import Collection, Sequence
from typing import Any

from services.notify.postbox.reading import LARGEST
from services.notify.postbox.settings import MailboxSettings

AT_ONCE = 20


class Mailbox:
    """One connection a look. Blocking: runs in a thread of its own. Raises OSError or IMAPClientError."""

    def __init__(self, settings: MailboxSettings, password: str) -> None:
        self._settings, self._password = settings, password
        self._client: Any = None

    def open(self) -> None:
        """Connect, sign in, and see that the folders are there."""
        from imapclient import IMAPClient  # 6 MB in memory: only for a house that has such a mailbox

        for name in ("imapclient", "imapclient.imaplib"):
            logging.getLogger(name).setLevel(logging.WARNING)  # its debug lines hold what was said
        of = self._settings
        secure = ssl.create_default_context() if of.imap_tls != "none" else None
        client = IMAPClient(
            of.imap_host, of.imap_port, ssl=of.imap_tls == "tls", ssl_context=secure, timeout=of.imap_timeout_s
        )
        self._client = client
        if of.imap_tls == "starttls":
            client.starttls(secure)
        client.login(of.imap_username, self._password)
        for folder in (of.imap_read_folder, of.imap_other_folder):
            if not client.folder_exists(folder):
                client.create_folder(folder)
        client.select_folder(of.imap_folder)

    def some(self, later: Collection[int] = ()) -> list[tuple[int, bytes]]:
        """The oldest messages that are there but for these, with their numbers; the beginning of each. None is marked
        as read."""
        numbers = sorted(set(self._client.search(["UNDELETED"])) - set(later))[:AT_ONCE]
        if not numbers:
            return []
        part = f"BODY.PEEK[]<0.{LARGEST}>"
        found = self._client.fetch(numbers, [part])
        return [(number, _body(found[number])) for number in numbers if number in found]

    def move(self, numbers: Sequence[int], folder: str) -> None:
        """Out of the folder that is read: what is there next time has not been taken."""
        if not numbers:
            return
        if self._client.has_capability("MOVE"):
            self._client.move(numbers, folder)
            return
        self._client.copy(numbers, folder)
        self._client.delete_messages(numbers)
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(numbers)
        else:
            self._client.expunge()

    def close(self) -> None:
        """Take leave, as far as there is anybody."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            client.logout()
        except (OSError, client.Error):
            client.shutdown()


def _body(answer: dict[bytes, Any]) -> bytes:
    """The bytes of a message, under whatever name the server gives them back."""
    return next((bytes(value) for name, value in answer.items() if name.startswith(b"BODY[]") and value), b"")
