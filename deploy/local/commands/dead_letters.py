"""`minping dead-letters`: events that could not be processed."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer
from rich.table import Table

from deploy.local import dead_letters, deployment
from deploy.local.dead_letters import Letter
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.outside import Bus

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """Events that no service could process. Mend the cause, then replay."""


@app.command("list")
def list_(
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
    newest: Annotated[int, typer.Option(help="How many of the newest to show.")] = 100,
) -> None:
    """The newest dead letters, and why each died."""

    async def work() -> list[Letter]:
        async with _bus(data).connect("operator") as client:
            return await dead_letters.read(client, newest=newest)

    letters, out = asyncio.run(work()), Output(json)
    table = Table("id", "time", "consumer", "subject", "tries", "field", "reason", "replayed", box=None)
    for one in letters:
        again = f"{len(one.replayed)}×" if one.replayed else ""
        tries, time = str(one.deliveries), f"{one.time:%Y-%m-%d %H:%M:%S}"
        table.add_row(str(one.id), time, one.consumer, one.subject, tries, one.field, one.reason, again)
    out.console.print(table if letters else "no dead letters")
    out.result([one.model_dump(mode="json", exclude={"body"}) for one in letters])


@app.command()
def show(
    id: Annotated[int, typer.Argument(help="Number of the dead letter.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """One dead letter with the message as it came."""

    async def work() -> Letter:
        async with _bus(data).connect("operator") as client:
            return await dead_letters.find(client, id)

    letter, out = asyncio.run(work()), Output(json)
    for name, value in letter.model_dump(exclude={"body"}).items():
        out.console.print(f"{name:12} {value}", markup=False)
    out.console.print(letter.text(), markup=False, soft_wrap=True)
    out.result({**letter.model_dump(mode="json", exclude={"body"}), "text": letter.text()})


@app.command()
def replay(
    ids: Annotated[list[int], typer.Argument(metavar="ID…", help="Numbers of the dead letters.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Send dead letters on their way again. One that fails again is a new dead letter."""

    async def work() -> list[Letter]:
        async with _bus(data).connect("operator") as client:
            return await dead_letters.replay(client, ids)

    letters, out = asyncio.run(work()), Output(json)
    for one in letters:
        out.console.print(f"{one.id}: published again on {one.subject}")
    out.result([one.model_dump(mode="json", exclude={"body"}) for one in letters])


def _bus(data: DataFolder) -> Bus:
    layout, ports, _ = deployment.opened(data)
    return Bus(layout, ports)
