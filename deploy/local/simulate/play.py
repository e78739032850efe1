"""A simulated span of years from the first to the last day: house, cast, acts, record, report."""

import os
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import nats
import uvloop
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local.demo.hotline import Hotline
from deploy.local.demo.http import House
from deploy.local.demo.stage import Stage
from deploy.local.demo.staying import stay
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from deploy.local.simulate.actors import ACTORS
from deploy.local.simulate.cast import cast
from deploy.local.simulate.figures import collect
from deploy.local.simulate.mechanisms import require_asked
from deploy.local.simulate.record import USER, record
from deploy.local.simulate.report import build
from deploy.local.simulate.report_model import Report
from deploy.local.simulate.secret import seeded_vault
from deploy.local.simulate.tables import EXPORTER
from deploy.local.simulate.world import Actor, World
from shared.programme import CycleDates, Programme, load

SOURCE = "hotline-12345"
WINDOW = timedelta(days=10)
AFTER_THE_LAST = timedelta(days=45)
"""After the last publication: time to confirm consequences and to close them with proof."""


def play(
    folder: Path, programme_key: str, year: int, years: int, seed: int, console: Console, *, keep: bool = False,
    done: Callable[[Report], None],
) -> Report:  # fmt: skip
    """Play `years` years from `year` on in `folder`; returns (and hands to `done`) the report.

    keep: the house is left running afterwards. Raises Refusal for a programme with an error.
    """
    programme = load(programme_key)

    def tell(part: str, text: str) -> None:
        console.print(f"[dim]{part}: {text}[/dim]")

    seeded_vault(folder, seed)
    plan = Plan(programme=programme_key, clock="simulated", sources=(SOURCE, EXPORTER))
    with Deployment(folder, Ports.free(), plan, tell=tell) as deployment:
        report = uvloop.run(_years(deployment, programme, year, years, seed, console))
        done(report)
        if keep:
            stay(deployment, console)
    return report


def cycles_of(programme: Programme, year: int, years: int) -> tuple[CycleDates, ...]:
    """The cycles of these years, in order of their opening."""
    names = [one.name.replace("{year}", str(y)) for y in range(year, year + years) for one in programme.cycles]
    return tuple(sorted((programme.cycle(name) for name in names), key=lambda one: one.opens))


async def _years(
    deployment: Deployment, programme: Programme, year: int, years: int, seed: int, console: Console
) -> Report:
    cycles = cycles_of(programme, year, years)
    starts = datetime.combine(cycles[0].opens, datetime.min.time(), tzinfo=programme.zone).astimezone(UTC)
    last = max(one.publish_by for one in cycles) + AFTER_THE_LAST
    ends = datetime.combine(last, datetime.min.time(), tzinfo=programme.zone).astimezone(UTC)
    async with AsyncExitStack() as stack:
        house = House(deployment.urls, deployment.token)
        stack.push_async_callback(house.close)
        driver = await nats.connect(
            deployment.ports.nats_url, user="driver", password=deployment.keyring.password("driver"),
            inbox_prefix="_INBOX_driver", max_reconnect_attempts=-1, reconnect_time_wait=0.2,
        )  # fmt: skip
        stack.push_async_callback(driver.close)
        vault_key = deployment.keyring.vault_public_key_file().read_bytes()
        password = deployment.keyring.password(SOURCE)
        hotline = await Hotline.connect(SOURCE, deployment.ports.nats_url, password, vault_key)
        stack.push_async_callback(hotline.close)
        stage = Stage(house, driver, window=WINDOW, start=starts, serial=True)
        world = World(
            programme, cast(programme, seed), seed, cycles, starts, ends, stage, house, deployment, hotline,
            partial(require_asked, programme, years),
        )  # fmt: skip
        await stage.begin()
        await set_up(world)
        for actor in [kind(world) for kind in _chosen()]:
            await actor.begin()
        with _progress(console, world) as moved:
            await stage.play_until(ends, moved)
        bus = await stack.enter_async_context(deployment.bus.connect(USER))
        found = await record(bus, programme.zone)
        return build(
            world.programme, world.cast, cycles, year=year, years=years, seed=seed, record=found,
            figures=await collect(world), checked=world.checked,
        )  # fmt: skip


def _chosen() -> list[type[Actor]]:
    """All actors, or for whoever writes one those that the environment names."""
    wanted = os.environ.get("MINPING_SIMULATE_ACTORS", "")
    return [kind for kind in ACTORS if not wanted or kind.__name__ in wanted.split(",")]


async def set_up(world: World) -> None:
    """Units, directory, cycles and pool, as an office enters them before its first day."""
    office, now, cast_ = world.person("office"), world.stage.now, world.cast
    units = [unit.registered() for unit in cast_.units]
    await office.post("scoring", "/api/v1/units", units, at=now)
    await world.settle()
    since = world.day(now).isoformat()
    rows = [
        {
            "unit": one.unit, "role": one.role, "person": one.person, "name": one.name,
            "email": one.email, "since": since,
        }
        for one in cast_.holders
    ]  # fmt: skip
    await office.post("notify", "/api/v1/directory/import", {"rows": rows}, at=now)
    for cycle in world.cycles:
        await office.post("scoring", "/api/v1/cycles", {"name": cycle.name}, at=now)
    await world.settle()


@contextmanager
def _progress(console: Console, world: World) -> Iterator[Callable[[datetime], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[day]}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        total = (world.ends - world.starts).total_seconds()
        task = bar.add_task(f"{world.programme.name.zh}", total=total, day="")

        def moved(now: datetime) -> None:
            bar.update(task, completed=(now - world.starts).total_seconds(), day=world.day(now).isoformat())

        yield moved
