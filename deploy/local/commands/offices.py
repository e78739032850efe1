"""`minping offices`: several offices on one machine, and lower offices that file their results here."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from deploy.local import deployment, doctor
from deploy.local.layout import DEFAULT_DATA, SERVICES
from deploy.local.offices_root import Noted, Root
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.outside import Bus

app = typer.Typer(add_completion=False)


@app.callback()
def about() -> None:
    """Several offices on one machine, strictly apart; and who may file results to whom."""


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The file for `minping up --offices`.")], json: JsonFile = None
) -> None:
    """Name every error of an offices file by line and field; nothing is started."""
    from deploy.local.offices_file import read_offices

    offices = read_offices(file)
    out = Output(json)
    for office in offices:
        to = office.files_to or (office.files_elsewhere.url if office.files_elsewhere else "—")
        out.console.print(f"{office.key:20} {office.programme:22} → {to}", soft_wrap=True)
    out.result([office.model_dump(mode="json") for office in offices])


@app.command("list")
def list_(data: DataFolder = DEFAULT_DATA, json: JsonFile = None) -> None:
    """The offices of a folder: programme, addresses, who files to whom, whether each is ready; exit 1 if one is not."""
    root = Root(data)
    offices = [_shown(root, one) for one in root.started()]
    out = Output(json)
    for one in offices:
        mark = "[dim]–[/]" if one["left_out"] else "[red]✗[/]" if one["wrong"] else "[green]✓[/]"
        out.console.print(f"{mark} [bold]{one['key']}[/] {escape(one['name'])}  {one['programme']}", soft_wrap=True)
        for service in SERVICES:
            out.console.print(f"    {service:14} {one['urls'][service]}")
        out.console.print(f"    {'data':14} {one['data']}", soft_wrap=True)
        out.console.print(f"    {'key of results':14} {one['vkey']}", soft_wrap=True)
        out.console.print(f"    {'files to':14} {one['files_to'] or '—'}")
        out.console.print(f"    {'takes from':14} {', '.join(one['takes_from']) or '—'}", soft_wrap=True)
        if one["left_out"]:
            out.console.print("    not in the file of the last start: not started, its data stays")
        for line in one["wrong"]:
            out.console.print(f"    {line}", markup=False, soft_wrap=True)
    out.result(offices)
    if any(one["wrong"] for one in offices):
        raise typer.Exit(1)


def _shown(root: Root, noted: Noted) -> dict[str, Any]:
    layout, ports, state = deployment.opened(root.folder(noted.key))
    urls = {service: ports.url(service) for service in SERVICES}
    wrong = [f"{service}: {line}" for service, url in urls.items() for line in doctor.of_service(url)]
    return {
        "key": noted.key,
        "name": noted.name,
        "programme": noted.programme,
        "data": str(layout.data),
        "urls": urls,
        "bus": ports.nats_url,
        "vkey": state.get("vkey", ""),
        "files_to": noted.files_to or state.get("files_to") or "",
        "takes_from": [account.name for account in Bus(layout, ports).outside() if account.kind == "office"],
        "left_out": noted.left_out,
        "wrong": [] if noted.left_out else wrong,
    }


@app.command()
def admit(
    name: Annotated[str, typer.Argument(help="Name of the lower office's account here, such as county-b.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Let an office on another machine file its results here: an account on the running bus, and what it must set."""
    layout, ports, _ = deployment.opened(data)
    bus = Bus(layout, ports)
    account = asyncio.run(bus.add(name, "office"))
    password = bus.keyring.password_file(name)
    settings = {
        "MINPING_FILES_TO_URL": ports.nats_url,
        "MINPING_FILES_TO_USER": name,
        "MINPING_FILES_TO_PASSWORD_FILE": "the copy of the password file on its machine, mode 600",
        "MINPING_FILES_TO_NAME": "its key as a unit here, if it is another one than this name",
    }
    facts = {
        "name": name,
        "url": ports.nats_url,
        "password_file": str(password),
        "publish": account.subjects,
        "receipts_consumer": f"RECEIPTS/{name}",
        "settings": settings,
    }
    out = Output(json)
    show = out.console.print
    show(f"{name} may file results here. Carry this file to it by a safe way: {password}", soft_wrap=True)
    show("\nIn the offices file of its machine (docs/offices.md):", markup=False)
    show(f"    files_elsewhere:\n      url: {ports.nats_url}    # as it is reached from there, over TLS", markup=False)
    show(f"      user: {name}\n      password_file: {password.name}", markup=False)
    show("\nor, where its services are started otherwise, as settings of its scoring:", markup=False)
    for setting, value in settings.items():
        show(f"    {setting}={value}", markup=False, soft_wrap=True)
    out.result(facts)


@app.command()
def withdraw(
    name: Annotated[str, typer.Argument(help="Name of the lower office's account here.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Take a lower office's account away: it is cut off at once; `admit` gives it another password."""
    layout, ports, _ = deployment.opened(data)
    asyncio.run(Bus(layout, ports).remove(name, "office"))
    out = Output(json)
    out.console.print(f"{name} can no longer file results here; what it filed stays")
    out.result({"name": name})
