"""`minping token issue`: who may what."""

from __future__ import annotations

import io
from typing import Annotated

import segno
import typer
from rich.console import Console

from deploy.local import deployment
from deploy.local.commands.up import HOME, sign_in_link
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared.identity import MACHINES

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """Bearer tokens (EdDSA JWT), signed with the deployment's key."""


@app.command()
def issue(
    role: Annotated[str, typer.Option(help="A role: clerk, approver, handler, leader, teller, operator …")],
    unit: Annotated[str | None, typer.Option(help="Key of the unit, for a handler or leader.")] = None,
    name: Annotated[str, typer.Option(help="The person's name, as others see it.")] = "",
    sub: Annotated[str | None, typer.Option(help="Who it is: unique and stable. Default: role@unit.")] = None,
    days: Annotated[int, typer.Option(help="How long it is valid.")] = 30,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Print a bearer token, and the link that signs a browser in with it."""
    layout, ports, state = deployment.opened(data)
    token = deployment.token(Keyring(layout.secrets), role, unit=unit, name=name, sub=sub, days=days)
    home = ports.url(HOME[role]) if role in HOME else None
    if role == "terminal":  # tablets reach scoring over TLS, by the name of the machine
        home = state.get("hall", [ports.url("scoring")])[0]
    link = sign_in_link(home, token) if home else None
    out = Output(json)
    out.console.print(token, soft_wrap=True)
    if link and role in MACHINES:  # for people: a machine reads the token alone from standard output
        people = Console(stderr=True, highlight=False)
        people.print(link, soft_wrap=True)
        people.print(as_picture(link), markup=False, soft_wrap=True)
    elif link:
        out.console.print(link, soft_wrap=True)
    out.result({"role": role, "unit": unit, "days": days, "token": token, "sign_in": link})


def as_picture(link: str) -> str:
    """A QR code in half blocks, for the camera of a tablet: nobody types a link with a token in it."""
    written = io.StringIO()
    segno.make(link, error="l", micro=False).terminal(written, border=2, compact=True)
    return written.getvalue()
