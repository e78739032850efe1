"""The demo from the first to the last act: sets the house up, lets the people act, asks for the figures."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nats
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.demo.appraisal import Appraisal
from deploy.local.demo.casework import Casework
from deploy.local.demo.duties import Duties, of_script
from deploy.local.demo.hotline import Hotline
from deploy.local.demo.http import House
from deploy.local.demo.report import Report, show
from deploy.local.demo.script import Script, bundled, export
from deploy.local.demo.stage import Stage
from deploy.local.demo.staying import stay
from deploy.local.demo.tracks import Tracks
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from shared.programme import Programme, demo, load

SOURCE = "demo-hotline"


def play(
    folder: Path, programme_key: str, complaints: Path | None, window_days: int, *, keep: bool, console: Console,
    done: Callable[[dict[str, Any]], None],
) -> Report:  # fmt: skip
    """Play one cycle in `folder`; returns (and hands to `done`) the report. Raises Refusal for bad input."""
    programme = load(programme_key)
    script = export(complaints, programme) if complaints else bundled(programme)
    report = Report(programme.key, script.cycle, script.starts.isoformat(), script.ends.isoformat())
    began = time.monotonic()

    def tell(part: str, text: str) -> None:
        if "killed" in text or "again" in text or "crash" in text:
            report.incidents.append(f"{part}: {text}")
        console.print(f"[dim]{part}: {text}[/dim]")

    plan = Plan(programme=programme_key, clock="simulated", sources=(SOURCE,))
    with Deployment(folder, Ports.free(), plan, tell=tell) as deployment:
        report.data = str(deployment.layout.data)
        report.services = dict(deployment.urls)
        report.spent_s["start"] = round(time.monotonic() - began, 1)
        uvloop.run(_cycle(deployment, programme, script, timedelta(days=window_days), report, console))
        report.elapsed_s = round(time.monotonic() - began, 1)
        show(console, report, {unit.key: unit.name for unit in demo.units()})
        done(asdict(report))
        if keep:
            stay(deployment, console)
    return report


async def _cycle(
    deployment: Deployment, programme: Programme, script: Script, window: timedelta, report: Report, console: Console
) -> None:
    house = House(deployment.urls, deployment.token)
    driver = await nats.connect(
        deployment.ports.nats_url,
        user="driver",
        password=deployment.keyring.password("driver"),
        inbox_prefix="_INBOX_driver",
        max_reconnect_attempts=-1,
        reconnect_time_wait=0.2,
    )
    vault_key = deployment.keyring.vault_public_key_file().read_bytes()
    password = deployment.keyring.password(SOURCE)
    hotline = await Hotline.connect(SOURCE, deployment.ports.nats_url, password, vault_key)
    stage = Stage(house, driver, window=window, start=script.starts)
    appraisal = Appraisal(stage, house, deployment, programme, script)
    try:
        with _clocked(report, "set_up"):
            await stage.begin()
            await appraisal.set_up()
        casework = Casework(stage, house, hotline, Tracks(stage, house, lambda: programme), script)
        Duties(stage, house, lambda: programme, of_script(script, programme, (unit.key for unit in demo.units())))
        with _clocked(report, "complaints"), _progress(console, script) as moved:
            await stage.play_until(script.ends, moved)
        with _clocked(report, "cycle_end"):
            await appraisal.close_cycle()
        with _clocked(report, "meeting"):
            console.print("[bold]抽签、大会、投票、封存 draw, meeting, votes, seal[/bold]")
            report.meeting = await appraisal.hold_meeting()
        with _clocked(report, "ranking"):
            await appraisal.rank()
            report.meeting |= await appraisal.verified_bundle()
        report.ranking, report.consequences = await appraisal.results()
        await _figures(house, script, casework, report)
        report.letters = await _letters(house, deployment)
        report.spent_s["barriers"] = stage.barriers
        report.spent_s["http_calls"] = house.calls
    finally:
        await hotline.close()
        await driver.close()
        await house.close()


async def _not_of_the_file(house: House, report: Report) -> int:
    """Complaints that came of the meeting's questions or of a consequence, not of the file that was read."""
    asked = await house.anybody().get("scoring", f"/api/v1/meetings/{report.meeting['name']}/questions")
    ordered = [one for one in report.consequences if one["kind"] == "rectification" and one["state"] == "confirmed"]
    return sum(bool(question["state"] == "deferred") for question in asked["items"]) + len(ordered)


async def _figures(house: House, script: Script, casework: Casework, report: Report) -> None:
    office = house.person("office")
    seen = await office.get("intake", "/api/v1/statistics")
    kept = len(script.kept) + seen["kept_for_repair"]
    read = len(script.matters) + len(script.kept)
    report.complaints = {
        "read": read,
        "registered": seen["registered"] - seen["linked"] - await _not_of_the_file(house, report),
        "repeated": seen["linked"] + seen["repeated"],
        "kept_for_repair": kept,
    }
    report.kept_for_repair = [
        {"row": one.row, "field": one.field, "value": one.value, "reason": one.reason} for one in script.kept
    ]
    span = {"from": script.starts.isoformat(), "to": script.ends.isoformat()}
    figures = await office.get("rectification", "/api/v1/statistics", **span)
    report.cases = {name: figures[name] for name in ("opened", "solved", "late", "reopened", "no_result")}
    owed = (await office.get("rectification", "/api/v1/statistics/obligations"))["items"]
    report.duties = {name: sum(line[name] for line in owed) for name in ("due", "met", "late", "missed")}
    register = (await office.get("rectification", "/api/v1/commitments/register"))["items"]
    report.promises = {name: sum(line[name] for line in register) for name in ("made", "kept", "late", "broken")}


async def _letters(house: House, deployment: Deployment) -> dict[str, Any]:
    figures = await house.person("office").get("notify", "/api/v1/statistics")
    folder = deployment.layout.letters
    on_disk = len(await asyncio.to_thread(lambda: list(folder.glob("*.eml"))))
    names = {
        "sent": "letters_sent", "uncertain": "letters_uncertain", "failed": "letters_failed",
        "notices": "sent", "notices_uncertain": "uncertain",
    }  # fmt: skip
    return {name: figures[key] for name, key in names.items()} | {"on_disk": on_disk, "folder": str(folder)}


@contextmanager
def _clocked(report: Report, part: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    report.spent_s[part] = round(time.monotonic() - began, 1)


@contextmanager
def _progress(console: Console, script: Script) -> Iterator[Callable[[datetime], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        total = (script.ends - script.starts).total_seconds()
        task = bar.add_task("受理与整改 complaints and cases", total=total, day="")

        def moved(now: datetime) -> None:
            bar.update(
                task, completed=(now - script.starts).total_seconds(), day=now.astimezone(UTC).date().isoformat()
            )

        yield moved
