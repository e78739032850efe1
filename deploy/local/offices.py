"""Several offices on one machine, strictly apart: each is a whole deployment of its own, in a folder of its own.

Nothing is shared but the command that keeps them running. What crosses is one thing: a lower office has an account
of kind `office` on the bus of its higher one, by which it files its published results and reads its own receipts.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from deploy.local import processes
from deploy.local.deployment import Deployment, FilesTo, Plan, opened
from deploy.local.keys import write_private
from deploy.local.layout import DEFAULT_PORT_BASE, Layout, Ports, take
from deploy.local.offices_root import FILING_PASSWORD, Noted, Root
from deploy.local.outside import Bus
from deploy.local.supervisor import Tell
from shared.errors import Refusal

if TYPE_CHECKING:
    from deploy.local.offices_file import Office

APART = 100  # from the ports of one office to those of the next


class Offices:
    """The running offices of a file: `with Offices(data, read_offices(file)) as offices: offices.houses["city"]`.

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
        self.root.create()
        self._lock = take(self.root.lock)
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
            seal_name=office.key,
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
                self._part(before.key, before.files_to)

    def _part(self, key: str, higher: str) -> None:
        above = self.root.folder(higher)
        if Layout(above).state.exists():
            layout, ports, _ = opened(above)
            Bus(layout, ports).unregister(key, "office")
        (Layout(self.root.folder(key)).secrets / FILING_PASSWORD).unlink(missing_ok=True)
        self.tell(key, f"files no longer to {higher}: its account there is taken away")

    def _given_slots(self) -> dict[str, int]:
        slots = {one.key: one.slot for one in self.root.noted()}
        for office in self.offices:
            free = next(number for number in range(len(slots) + 1) if number not in slots.values())
            slots.setdefault(office.key, free)
        return slots

    def _write_notes(self) -> None:
        now = [Noted(one.key, one.name, one.programme, one.files_to, self._slots[one.key]) for one in self.offices]
        keys = {one.key for one in now}
        gone = [replace(one, files_to="", left_out=True) for one in self.root.noted() if one.key not in keys]
        self.root.note([*now, *gone])


def _refuse_single_house(root: Root) -> None:
    if Layout(root.data).state.exists():
        raise Refusal(
            field="data",
            value=str(root.data),
            reason="this folder holds one office, not several",
            remedy="give another folder with --data, or start it without --offices",
            status=409,
        )


def higher_first(offices: Sequence[Office]) -> list[Office]:
    """An order in which each office comes after the one that it files to; otherwise that of the file."""
    known = {office.key: office for office in offices}
    ordered: dict[str, Office] = {}

    def add(office: Office) -> None:
        if office.files_to in known and office.files_to not in ordered:
            add(known[office.files_to])
        ordered.setdefault(office.key, office)

    for office in offices:
        add(office)
    return list(ordered.values())
