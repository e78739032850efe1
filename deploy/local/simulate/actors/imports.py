"""Another desk's export comes in with its mess (I13), and a clerk mends what could not be registered (I2)."""

from datetime import date, datetime
from functools import partial

from rich.console import Console

from deploy.local.commands.import_ import Run
from deploy.local.simulate.course import Course
from deploy.local.simulate.story import Story, begin, years
from deploy.local.simulate.tables import EXPORTER, messy
from deploy.local.simulate.world import World
from services.intake.importing import Sender, event_of, read_export


class Imports:
    """One export a year, through the functions of `minping import`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan it."""
        world = self._world
        for year, _, _ in years(world):
            at = world.at(world.roll(date(year, 4, 15)), 9, 35)
            begin(world, at, f"import {year}", partial(self._import, year))

    async def _import(self, year: int, at: datetime) -> Story:
        """Read, publish, wait for the receipts: every row is accounted for."""
        world, programme = self._world, self._world.programme
        unit = world.chance("import", year).choice(world.cast.units)
        channel = next(one.key for one in programme.channels if one.identity == "vault" and not one.requires)
        file = world.deployment.layout.run / f"export-{year}.csv"
        file.write_bytes(messy(world.day(at), unit.name, year))
        export = read_export(file, programme.zone)
        keyring = world.deployment.keyring
        sender = Sender(EXPORTER, channel, keyring.vault_public_key_file().read_bytes(), f"import-{year}")
        events = {}
        for row in export.rows:
            key, body = event_of(row, sender)
            events[key] = (row.row, body)
        run = Run(sender, events, world.deployment.ports.nats_url, keyring.password(EXPORTER))
        await run.play(Console(quiet=True))
        told = run.report(file.name, 0)
        says = (
            f"{told['file']}：文件 {export.in_file} 行，空行 {export.passed_over}，读入 {told['read']}，"
            f"登记 {told['registered']}，重复 {told['repeated']}，待补正 {told['kept_for_repair']}"
        )
        world.saw("I13", says)
        kept = sorted(told["problems"], key=lambda one: int(one["row"]))
        world.saw("I2", "；".join(f"第 {one['row']} 行缺“{one['field']}”待补正" for one in kept)
                  + f"；同一票号两次只登记一件（{told['repeated']} 行）")  # fmt: skip
        row_of = {key: row for key, (row, _) in events.items()}
        registered = sorted((row_of[key], one["number"]) for key, one in run.receipts.items() if one["number"])
        numbers = list(dict.fromkeys(number for _, number in registered))
        at = yield world.at(world.after(world.day(at), 1), 9)
        await self._take_up(f"import {year} row", numbers, unit.key, at)
        at = yield world.same_day(at, 90)
        numbers = await self._mend(year, at)
        at = yield world.at(world.after(world.day(at), 1), 11)
        await self._take_up(f"import {year} mended", numbers, unit.key, at)

    async def _take_up(self, who: str, numbers: list[str], unit: str, at: datetime) -> None:
        for n, number in enumerate(numbers, 1):
            await Course(self._world, f"{who} {n}", number, unit).take_up(at)

    async def _mend(self, year: int, at: datetime) -> list[str]:
        """The clerk asked the desk, and fills in what was missing; the desk is told the number."""
        world, clerk = self._world, self._world.person("clerk")
        listed = await clerk.get("intake", "/api/v1/repairs", limit=200)
        numbers: list[str] = []
        for one in sorted(listed["items"], key=lambda row: (row["field"], str(row["ticket"]))):
            if one["source"] != EXPORTER:
                continue
            missing = {
                "text": f"窗口排号屏黑屏，叫号听不清，老人听不见（{year}年补正）",
                "time": world.at(world.calendar.add_working_days(world.day(at), -6), 10).isoformat(),
            }  # fmt: skip
            name = "reported_at" if one["field"] in ("time", "reported_at") else one["field"]
            value = missing["time"] if name == "reported_at" else missing["text"]
            receipt = await clerk.post("intake", f"/api/v1/repairs/{one['id']}/resubmission", {name: value}, at=at)
            numbers.append(receipt["number"])
        return numbers
