"""A city and a county that files to it, started by the real command, and what is said in each of them alone."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.local.demo.http import House
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment
from deploy.local.layout import FREE_PORTS, Ports, port_is_free
from deploy.local.offices import APART, Offices
from deploy.local.offices_file import read_offices

START = datetime(2026, 12, 28, 1, tzinfo=UTC)
FILE = """
offices:
  - {key: county-a, name: 甲县评议办, programme: county.yaml, files_to: city, unit: jia}
  - {key: city, name: 市评议办, programme: integrity-drive}
"""
COUNTY = """
extends: window-units
key: daily-only
name: {zh: 只看日常, en: Daily only}
office: {zh: 甲县评议办, en: Office of county A}
composite:
  - {key: daily, label: {zh: 日常评议, en: Daily}, weight: 100}
"""


@dataclass(frozen=True, slots=True)
class Words:
    """What is to be found in one office alone."""

    unit: str
    category: str
    scope: str
    title: str
    text: str

    @property
    def all(self) -> tuple[str, ...]:
        """The words to look for."""
        return self.unit, self.title, self.text


WORDS = {
    "city": Words("云鹤局金丝雀处", "unit", "units", "云鹤局门口停车难", "云鹤局门前的金丝雀笼子挡住坡道一个月没人管"),
    "county-a": Words(
        "青螺所百灵鸟站", "service_window", "approval-centre", "青螺所办证慢", "青螺所窗口的百灵鸟牌打印机坏了三周"
    ),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """The offices as `minping up --offices` runs them, the process, and what it said until all were ready."""

    offices: Offices
    process: subprocess.Popen[str]
    said: str

    def stop(self) -> str:
        """One Ctrl-C; what the command says then. Raises AssertionError if it does not end well."""
        self.process.send_signal(signal.SIGINT)
        said, _ = self.process.communicate(timeout=60)
        assert self.process.returncode == 0, said
        return said


@contextmanager
def started(folder: Path) -> Iterator[Pair]:
    """Both offices by one command, on clocks that are moved by hand; killed at the end if it still runs."""
    (folder / "county.yaml").write_text(COUNTY, encoding="utf-8")
    (folder / "offices.yaml").write_text(FILE, encoding="utf-8")
    base, data = free_base(), folder / "data"
    command = [sys.executable, "-m", "deploy.local.cli", "up", "--offices", str(folder / "offices.yaml")]
    command += ["--data", str(data), "--port-base", str(base), "--clock", "simulated", "--log-level", "DEBUG"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    said = ""
    with process:
        try:
            for line in process.stdout:
                said += line
                if "Ctrl-C stops everything" in line:
                    break
            else:
                raise AssertionError(f"it did not start: {said}")
            yield Pair(Offices(data, read_offices(folder / "offices.yaml"), port_base=base), process, said)
        finally:
            if process.poll() is None:
                process.kill()


def free_base() -> int:
    """A base at which two offices have all their ports free, below those that `next_free_port` hands out meanwhile."""
    while True:
        base = random.SystemRandom().randrange(10_000, FREE_PORTS[0] - 2 * APART)
        wanted = [port for one in (base, base + APART) for port in Ports.from_base(one).as_dict().values()]
        if all(port_is_free(port) for port in wanted):
            return base


class People(House):
    """The people of a house; every request of every test has a key of its own."""

    def next_key(self) -> str:
        """A fresh `Idempotency-Key`."""
        return uuid.uuid4().hex


@asynccontextmanager
async def people_of(house: Deployment) -> AsyncIterator[People]:
    """The people of a house."""
    people = People(house.urls, house.token)
    try:
        yield people
    finally:
        await people.close()


@asynccontextmanager
async def staged(house: Deployment, revision: int = 0) -> AsyncIterator[tuple[Stage, People]]:
    """The clock of a house at the start, and its people; `revision`: above those of an earlier stage."""
    async with people_of(house) as people, house.bus.connect("driver") as driver:
        stage = Stage(people, driver, window=timedelta(days=30), start=START)
        stage._revision = revision
        await stage.begin()
        yield stage, people


async def complain(house: Deployment, words: Words) -> None:
    """Units, and a complaint from its report to the unit's case."""
    async with staged(house) as (stage, people):
        office, clerk, approver = (people.person(role) for role in ("office", "clerk", "approver"))
        unit = {"unit": "bird", "name": words.unit, "category": words.category, "scope": words.scope}
        more = [{**unit, "unit": f"u{n}", "name": f"{words.unit}{n}号"} for n in range(3)]
        await office.post("scoring", "/api/v1/units", [unit, *more])
        row = {"unit": "bird", "role": "main_leader", "person": "leader-1", "name": "领导", "since": "2026-01-01"}
        rows = [{**row, "email": "leader@unit.example"}]
        await office.post("notify", "/api/v1/directory/import", {"rows": rows})
        await stage.quiet()
        report = {"channel": "web_form", "title": words.title, "text": words.text}
        number = (await people.anybody().post("intake", "/api/v1/public/complaints", report))["number"]
        screening = {"decision": "accepted", "reason": "属实", "transfer": {"lead_unit": "bird"}}
        await clerk.post("intake", f"/api/v1/complaints/{number}/screening", screening)
        await approver.post("intake", f"/api/v1/transfers/{number}/approval", {})
        await stage.quiet()
        assert (await office.get("rectification", f"/api/v1/cases/{number}"))["unit"] == "bird"
