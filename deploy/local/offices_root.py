"""The folder of several offices: where each of them lies, and what is remembered of them between two starts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.keys import write_private
from deploy.local.layout import Layout
from shared.errors import Refusal

FILING_PASSWORD = "filing-password"
"""Secret of a lower office: its own copy of its password on the bus of its higher one."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is remembered of an office. It keeps its `slot`, and so its ports, in whatever order the file has them."""

    key: str
    name: str
    programme: str
    files_to: str
    slot: int
    left_out: bool = False
    """Not in the file of the last start: its data stays, it does not run."""


@dataclass(frozen=True, slots=True)
class Root:
    """The folder given with `minping up --offices FILE --data DIR`."""

    data: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.data.expanduser().resolve())

    @property
    def notes(self) -> Path:
        """Which offices there are, or were: no secrets."""
        return self.data / "offices.json"

    @property
    def lock(self) -> Path:
        """Held by the one command that runs the offices."""
        return self.data / "offices.lock"

    def folder(self, key: str) -> Path:
        """The data folder of an office."""
        return self.data / "offices" / key

    def create(self) -> None:
        """Make the folders, for their owner only."""
        for folder in (self.data, self.data / "offices"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def note(self, offices: Sequence[Noted]) -> None:
        """Remember the offices."""
        write_private(self.notes, json.dumps([asdict(one) for one in offices], indent=2, ensure_ascii=False).encode())

    def noted(self) -> list[Noted]:
        """The offices of the last start and those before; none in a folder of another kind."""
        if not self.notes.exists():
            return []
        return [Noted(**one) for one in json.loads(self.notes.read_text())]

    def started(self) -> list[Noted]:
        """The offices that were started here at least once. Raises Refusal in a folder without any."""
        found = [one for one in self.noted() if Layout(self.folder(one.key)).state.exists()]
        if not found:
            remedy = "name the folder with --data, or start offices with `minping up --offices FILE`"
            raise Refusal("data", str(self.data), "there are no offices in this folder", remedy, 404)
        return found


def root_of(data: Path) -> Root | None:
    """The root to which a data folder belongs as one of its offices, if it does."""
    folder = data.expanduser().resolve()
    root = Root(folder.parent.parent)
    return root if any(root.folder(one.key) == folder for one in root.noted()) else None
