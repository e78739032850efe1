"""`minping compose`: the house on servers of its own, by docker-compose.yml."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.local import compose
from deploy.local.output import JsonFile, Output

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """The house in containers (docker-compose.yml)."""


@app.command()
def prepare(
    project: Annotated[Path, typer.Option(help="Folder of docker-compose.yml.")] = Path(),
    source: Annotated[list[str] | None, typer.Option(help="A source with an account on the bus (repeat).")] = None,
    meeting: Annotated[list[str] | None, typer.Option(help="A meeting whose terminals get one (repeat).")] = None,
    office: Annotated[
        list[str] | None, typer.Option(help="A lower office that files its results here (repeat).")
    ] = None,
    hall_name: Annotated[
        list[str] | None,
        typer.Option(help="A name or address of this machine for the terminals' certificate (repeat)."),
    ] = None,
    json: JsonFile = None,
) -> None:
    """Make keys, passwords and the broker's configuration; keep those that are there.

    Name all sources, meetings and offices each time: accounts that are not named are taken out. For a running broker:
    docker compose kill -s HUP nats (twice: after one reload a new account's imports are not all in force), and
    docker compose run --rm provision minping provision --source NAME.
    """
    written = compose.prepare(project, source or ["demo-hotline"], meeting or [], hall_name or [], office or [])
    out = Output(json)
    for path in written:
        out.console.print(str(path), soft_wrap=True)
    out.console.print("then: docker compose up --build --detach")
    out.result({"written": [str(path) for path in written]})
