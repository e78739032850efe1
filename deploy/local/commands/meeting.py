"""`minping meeting`: what a meeting needs on the bus."""

from __future__ import annotations

from typing import Annotated

import typer

from deploy.local.commands.source import add_account
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """A meeting and its terminals."""


@app.command()
def add(
    meeting: Annotated[str, typer.Argument(help="Id of the meeting, as it stands in its subject.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Give a meeting's terminals an account on the running bus, and see that a message gets through."""
    add_account(meeting, "meeting", data, json)
