"""`minping source`: hotlines and other outside sources."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from deploy.local import deployment
from deploy.local.bus_config import Kind
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.outside import Bus

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """Outside sources: each has an account of its own on the bus."""


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the source, as it stands in its subjects.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Give a source an account on the running bus, and see that a message of its gets through."""
    add_account(name, "source", data, json)


def add_account(name: str, kind: Kind, data: DataFolder, json: JsonFile) -> None:
    """Add an outside account and print how to use it."""
    layout, ports, _ = deployment.opened(data)
    bus = Bus(layout, ports)
    account = asyncio.run(bus.add(name, kind))
    facts = {
        "name": name,
        "kind": kind,
        "url": ports.nats_url,
        "user": name,
        "password_file": str(bus.keyring.password_file(name)),
        "publish": account.subjects,
        "receipts_consumer": f"RECEIPTS/{name}",
        "vault_public_key_file": str(bus.keyring.vault_public_key_file()),
    }
    out = Output(json)
    for key, value in facts.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        out.console.print(f"{key.replace('_', ' '):22} {shown}", soft_wrap=True)
    out.result(facts)


@app.command("list")
def list_(data: DataFolder = DEFAULT_DATA, json: JsonFile = None) -> None:
    """The outside accounts there are."""
    layout, ports, _ = deployment.opened(data)
    accounts = [{"name": one.name, "kind": one.kind} for one in Bus(layout, ports).outside()]
    out = Output(json)
    for one in accounts:
        out.console.print(f"{one['name']:30} {one['kind']}")
    out.result(accounts)
