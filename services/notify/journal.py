"""Which letters were begun, and what the mail server said, until that is committed: narrows doubt to one letter.

Letters are claimed some at a time. After a kill the store alone would leave all of them in doubt; what was written
to a file outlives the process (not the machine), so the journal tells the letter in the air from those not begun
and those answered. It is believed only within one run of the machine, and only its owner sends (a lock says so).
"""

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path

from services.notify.domain.delivery import Outcome
from shared.errors import Refusal

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
Begun = Mapping[str, Outcome | None]
"""Letters begun since the last commit: with the server's answer, or None while they were in the air."""


class NoJournal:
    """Where there is no file to keep one: whatever was claimed is in doubt."""

    def begun(self) -> Begun | None:
        """Nothing is known."""
        return None

    def begin(self, letter: str) -> None:
        """Not noted."""

    def end(self, letter: str, outcome: Outcome) -> None:
        """Not noted."""

    def clear(self) -> None:
        """Nothing to clear."""


class Journal(NoJournal):
    """One file beside the store. Raises Refusal if another process sends the letters of this store."""

    def __init__(self, path: Path, run: str) -> None:
        self._header = f"minping letters {run}\n".encode()
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._fd)
            raise Refusal(
                "database_url", path.name, "another process sends the letters of this store", "stop it first", 409
            ) from None

    def begun(self) -> Begun | None:
        """What was begun and not committed before; None if the file is not of this run of the machine."""
        kept = os.pread(self._fd, os.fstat(self._fd).st_size, 0)
        if not kept.startswith(self._header):
            return None
        found: dict[str, Outcome | None] = {}
        for line in kept[len(self._header) :].splitlines():
            entry = json.loads(line)
            found[entry["letter"]] = Outcome(**entry["outcome"]) if "outcome" in entry else None
        return found

    def begin(self, letter: str) -> None:
        """Before the mail server hears of a letter."""
        self._write({"letter": letter})

    def end(self, letter: str, outcome: Outcome) -> None:
        """What it said."""
        said = {"kind": outcome.kind, "phase": outcome.phase, "reply": outcome.reply}
        self._write({"letter": letter, "outcome": said})

    def clear(self) -> None:
        """All that was noted is committed now."""
        size = os.fstat(self._fd).st_size
        if size == len(self._header) and os.pread(self._fd, size, 0) == self._header:
            return
        os.ftruncate(self._fd, 0)
        os.write(self._fd, self._header)

    def close(self) -> None:
        """Let another process send."""
        os.close(self._fd)

    def _write(self, entry: dict[str, object]) -> None:
        os.write(self._fd, json.dumps(entry).encode() + b"\n")


def journal_beside(database_url: str, channel: str = "") -> NoJournal:
    """The journal of a store in a file, one a channel; none for a database server, or where a machine's run has no
    name."""
    kind, _, path = database_url.partition(":///")
    if kind != "sqlite" or not path or not BOOT_ID.exists():
        return NoJournal()
    return Journal(
        Path(f"{path}-letters-{channel}" if channel else f"{path}-letters"), BOOT_ID.read_text(encoding="ascii").strip()
    )
