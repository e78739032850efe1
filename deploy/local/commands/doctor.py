"""`minping doctor`: what is wrong with the deployment."""

from __future__ import annotations

import asyncio

import typer

from deploy.local import deployment
from deploy.local.doctor import Finding, examine
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output

app = typer.Typer(add_completion=False)


@app.command()
def doctor(data: DataFolder = DEFAULT_DATA, json: JsonFile = None) -> None:
    """Name every part that cannot be reached and every difference from what is declared; exit 1 if any."""
    layout, ports, _ = deployment.opened(data)
    out = Output(json)

    async def work() -> list[Finding]:
        found: list[Finding] = []
        async for finding in examine(layout, ports):
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
