"""`minping ledger verify`: the hash chain of the running house's ledger."""

from __future__ import annotations

import urllib.parse
from typing import Annotated

import typer

from deploy.local import deployment
from deploy.local.asking import ask
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """The ledger of cases: every change is an entry that holds the hash of the one before."""


@app.command()
def verify(
    length: Annotated[int | None, typer.Option(help="Length that an earlier verification told.")] = None,
    head: Annotated[str | None, typer.Option(help="Its head: then a tail that was cut off is found too.")] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Compute every hash again; exit 0 if all hold, 1 naming the first entry that does not fit."""
    layout, ports, _ = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "auditor", unit=None, name="minping ledger verify", sub=None, days=1
    )
    noted = {name: value for name, value in (("length", length), ("head", head)) if value is not None}
    url = f"{ports.url('rectification')}/api/v1/ledger/verification?{urllib.parse.urlencode(noted)}"
    found = ask(url, token)
    out = Output(json)
    if found["holds"]:
        out.console.print(f"all {found['entries']} entries hold; note: length {found['length']}, head {found['head']}")
    else:
        out.console.print(
            f"[red]entry {found['position']}: {found['reason']}[/]; the {found['entries']} before it hold"
        )
    out.result(found)
    if not found["holds"]:
        raise typer.Exit(1)
