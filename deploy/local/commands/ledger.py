"""`minping ledger verify`: the hash chain of the running house's ledger."""

from __future__ import annotations

import json as json_
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared.errors import Refusal

app = typer.Typer(add_completion=False)
PATIENCE_S = 300


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
    found = _ask(url, token)
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


def _ask(url: str, token: str) -> dict[str, Any]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: no proxy of the environment
    try:
        with direct.open(request, timeout=PATIENCE_S) as answer:
            found: dict[str, Any] = json_.load(answer)
            return found
    except urllib.error.HTTPError as error:
        said = json_.loads(error.read() or b"{}")
        field, value = said.get("field", "rectification"), said.get("value", error.code)
        reason, remedy = said.get("reason", error.reason), said.get("remedy", "see `minping doctor`")
        raise Refusal(field, value, reason, remedy, error.code) from error
    except OSError as error:
        raise Refusal("rectification", url.partition("?")[0], str(error), "start it with `minping up`", 503) from error
