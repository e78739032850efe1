"""`minping doctor`: what is wrong with the deployment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import typer

from deploy.local import deployment
from deploy.local.doctor import Finding, examine
from deploy.local.doctor_offices import examine_offices
from deploy.local.layout import DEFAULT_DATA
from deploy.local.offices_root import Root
from deploy.local.output import DataFolder, JsonFile, Output

app = typer.Typer(add_completion=False)


@app.command()
def doctor(data: DataFolder = DEFAULT_DATA, json: JsonFile = None) -> None:
    """Name every part that cannot be reached and every difference from what is declared; exit 1 if any.

    In the folder of several offices: of all offices, and of what keeps them apart.
    """
    looked = _looks(data)
    out = Output(json)

    async def work() -> list[Finding]:
        found: list[Finding] = []
        async for finding in looked:
            found.append(finding)
            out.console.print(f"{'[red]✗[/]' if finding.wrong else '[green]✓[/]'} {finding.part}")
            for line in finding.wrong:
                out.console.print(f"    {line}", markup=False, soft_wrap=True)
        return found

    found = asyncio.run(work())
    ill = [finding for finding in found if finding.wrong]
    out.result({"well": not ill, "parts": [finding.model_dump() for finding in found]})
    if ill:
        raise typer.Exit(1)


def _looks(data: Path) -> AsyncIterator[Finding]:
    root = Root(data)
    if root.noted():
        return examine_offices(root)
    layout, ports, _ = deployment.opened(data)
    return examine(layout, ports)
