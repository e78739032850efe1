"""Several offices on one machine, strictly apart: each is a whole deployment of its own, in a folder of its own.

Nothing is shared but the command that keeps them running. What crosses is one thing: a lower office has an account
of kind `office` on the bus of its higher one, by which it files its published results and reads its own receipts.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from deploy.local import processes
from deploy.local.deployment import Deployment, FilesTo, Plan
from deploy.local.keys import write_private
from deploy.local.layout import DEFAULT_PORT_BASE, Layout, Ports, take
from deploy.local.offices_file import Office, higher_first
from deploy.local.outside import Bus
from deploy.local.supervisor import Tell
from shared.errors import Refusal

APART = 100  # from the ports of one office to those of the next
FILING_PASSWORD = "filing-password"
"""Secret of a lower office: the copy of its password on the bus of its higher one."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What is remembered of an office from one start to the next. `slot`: it keeps its ports, in whatever order."""

    key: str
    name: str
    programme: str
    files_to: str
    slot: int


@dataclass(frozen=True, slots=True)
class Root:
    """The folder of several offices."""

    data: Path

    def __post_init__(self) -> None:
        object.__setattr__(self, "data", self.data.expanduser().resolve())

    @property
    def notes(self) -> Path:
        """Which offices there are, or were last: no secrets."""
        return self.data / "offices.json"

    def folder(self, key: str) -> Path:
        """The data folder of an office."""
        return self.data / "offices" / key

    def noted(self) -> list[Noted]:
        """The offices of the last start, those left out of the file since then too; nothing in another folder."""
        if not self.notes.exists():
            return []
        return [Noted(**one) for one in json.loads(self.notes.read_text())]

    def running(self) -> list[Noted]:
        """The offices of this folder that were started last. Raises Refusal in a folder without offices."""
        found = [one for one in self.noted() if Layout(self.folder(one.key)).state.exists()]
        if not found:
            remedy = "name the folder with --data, or start offices with `minping up --offices FILE`"
            raise Refusal("data", str(self.data), "there are no offices in this folder", remedy, 404)
        return found


class Offices:
    """The running offices of a file: `with Offices(Path("data"), read_offices(file)) as offices: offices.houses["city"]`.

    `tell(part, text)` hears what happens; parts are told as `city nats`. A part that crashes is started again by its
    own house's supervisor and touches no other.
    """

    def __init__(
        self,
        data: Path,
        offices: Sequence[Office],
        plan: Plan | None = None,
        *,
        port_base: int = DEFAULT_PORT_BASE,
        ports: Mapping[str, Ports] | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.root = Root(data)
        self.offices = higher_first(offices)
        self.tell: Tell = tell or (lambda part, text: None)
        self._lock: IO[str] | None = None
        self._slots = self._given_slots()
        self._ports = ports or {key: Ports.from_base(port_base + APART * slot) for key, slot in self._slots.items()}
        self.houses = {office.key: self._house(office, plan or Plan()) for office in self.offices}

    def start(self, cancel: threading.Event | None = None) -> None:
        """Start one office after the other, higher ones first; if one fails, all that were started are stopped.

        One after the other: on few cores they are ready no later than together, and the first long before.
        Raises Refusal, PartFailed, Drift, Interrupted.
        """
        _refuse_single_house(self.root)
        self.root.folder("").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = take(self.root.data / "offices.lock")
        try:
            self._tidy()
            self._write_notes()
            for number, (key, house) in enumerate(self.houses.items(), start=1):
                self.tell(key, f"starting, office {number} of {len(self.houses)}")
                self._hand_over_password(key)
                self._start(key, house, cancel)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop all offices, at the same time. Idempotent."""
        with ThreadPoolExecutor(max(1, len(self.houses))) as threads:
            for done in [threads.submit(house.stop) for house in self.houses.values()]:
                done.result()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def hurry(self) -> None:
        """Make a stop that is under way kill what has not ended yet."""
        for house in self.houses.values():
            house.supervisor.hurry()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _house(self, office: Office, plan: Plan) -> Deployment:
        folder = self.root.folder(office.key)
        plan = replace(
            plan,
            programme=office.programme,
            offices=[one.key for one in self.offices if one.files_to == office.key],
            files_to=self._files_to(office),
            mail_from=f"minping@{office.key}.minping.local",
        )
        return Deployment(
            folder, self._ports[office.key], plan, tell=lambda part, text: self.tell(f"{office.key} {part}", text)
        )

    def _files_to(self, office: Office) -> FilesTo | None:
        if away := office.files_elsewhere:
            return FilesTo(away.url, away.user, Path(away.password_file), office.unit)
        if office.files_to:
            password = Layout(self.root.folder(office.key)).secrets / FILING_PASSWORD
            return FilesTo(self._ports[office.files_to].nats_url, office.key, password, office.unit)
        return None

    def _hand_over_password(self, key: str) -> None:
        """The account is the higher office's to give, the copy of its password the lower one's to keep."""
        office = next(one for one in self.offices if one.key == key)
        if office.files_to:
            house = self.houses[key]
            house.layout.create()
            password = self.houses[office.files_to].keyring.password(key)
            write_private(house.layout.secrets / FILING_PASSWORD, password.encode())

    def _start(self, key: str, house: Deployment, cancel: threading.Event | None) -> None:
        try:
            house.start(cancel)
        except Refusal as refusal:
            field = f"{key}: {refusal.field}"
            raise Refusal(field, refusal.value, refusal.reason, refusal.remedy, refusal.status) from refusal

    def _tidy(self) -> None:
        """What an earlier start left: processes of offices that are no longer in the file, and their accounts."""
        now = {office.key: office.files_to for office in self.offices}
        for before in self.root.noted():
            layout = Layout(self.root.folder(before.key))
            if before.key not in now and layout.run.exists():
                for part in processes.stop_leftovers(layout.run):
                    self.tell(f"{before.key} {part}", "stopped: an earlier run had left it")
                self.tell(before.key, f"is not in the file: it is not started, its data stays in {layout.data}")
            if before.files_to and now.get(before.key) != before.files_to:
                higher = Deployment(self.root.folder(before.files_to), Ports.from_base(DEFAULT_PORT_BASE))
                higher.bus.unregister(before.key, "office")
                (layout.secrets / FILING_PASSWORD).unlink(missing_ok=True)
                self.tell(before.key, f"files no longer to {before.files_to}: its account there is taken away")

    def _given_slots(self) -> dict[str, int]:
        slots = {one.key: one.slot for one in self.root.noted()}
        for office in self.offices:
            free = next(number for number in range(len(slots) + 1) if number not in slots.values())
            slots.setdefault(office.key, free)
        return slots

    def _write_notes(self) -> None:
        now = [Noted(one.key, one.name, one.programme, one.files_to, self._slots[one.key]) for one in self.offices]
        keys = {one.key for one in now}
        gone = [replace(one, files_to="") for one in self.root.noted() if one.key not in keys]
        content: list[dict[str, Any]] = [asdict(one) for one in (*now, *gone)]
        write_private(self.root.notes, json.dumps(content, indent=2, ensure_ascii=False).encode())


def _refuse_single_house(root: Root) -> None:
    if Layout(root.data).state.exists():
        raise Refusal(
            field="data",
            value=str(root.data),
            reason="this folder holds one office, not several",
            remedy="give another folder with --data, or start it without --offices",
            status=409,
        )
