"""`minping up`: the whole house on this machine, or those of several offices, until Ctrl-C."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.markup import escape

from deploy.local.deployment import Deployment, Plan
from deploy.local.interrupt import stop_signals
from deploy.local.layout import DEFAULT_DATA, DEFAULT_PORT_BASE, HOST, Ports
from deploy.local.offices import Offices
from deploy.local.offices_root import Root, root_of
from deploy.local.output import DataFolder
from deploy.local.supervisor import Interrupted, PartFailed, Tell
from shared.bus.provision import Drift
from shared.errors import Refusal
from shared.identity import MACHINES, OF_A_UNIT, ROLES

app = typer.Typer(add_completion=False)

A_DAY = 24 * 3600.0
HOME = {
    **dict.fromkeys(("clerk", "office", "approver", "custodian", "inspector", "discipline"), "intake"),
    **dict.fromkeys(("handler", "leader", "supervisor"), "rectification"),
    **dict.fromkeys(("evaluator", "teller", "scrutineer", "witness", "guidance"), "scoring"),
    **dict.fromkeys(("higher_office", "auditor", "operator"), "notify"),
}
"""The service at which a person of a role does most of their work."""

PAGES = {
    "/": "反映问题 report, on a phone, without an account",
    "/track": "查询进度 see where a complaint stands",
    "/open311/discovery.json": "Open311",
}
"""Intake's pages for everybody."""


@app.command()
def up(
    data: DataFolder = DEFAULT_DATA,
    port_base: Annotated[int, typer.Option(help="Services get base+1 … +4, https +12, nats +22, valkey +79.")] = (
        DEFAULT_PORT_BASE
    ),
    programme: Annotated[
        str | None, typer.Option(help="Key of a bundled programme, or a file. [default: window-units]")
    ] = None,
    offices: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Several offices, strictly apart, each in DATA/offices/KEY: docs/offices.md."
        ),
    ] = None,
    clock: Annotated[Literal["system", "simulated"], typer.Option(help="Which clock to follow.")] = "system",
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = "INFO",
    hall: Annotated[
        str, typer.Option(help="Address on which tablets reach scoring over https (base+12): 0.0.0.0 for a hall.")
    ] = HOST,
    hall_name: Annotated[
        list[str] | None, typer.Option(help="A name or address of this machine for its certificate (repeat).")
    ] = None,
) -> None:
    """Start nats-server, valkey, an SMTP sink and the four services; one Ctrl-C stops all.

    What is in the data folder is carried on with. A part that crashes is started again. With --offices one such house
    for each office of the file, their ports 100 apart.
    """
    console = Console(highlight=False)
    plan = Plan(clock=clock, log_level=log_level, hall_host=hall, hall_names=tuple(hall_name or ()))

    def tell(part: str, text: str) -> None:
        console.print(f"[bold]{part:14}[/] {text}")

    if offices is None:
        house = _one(data, Ports.from_base(port_base), replace(plan, programme=programme or "window-units"), tell)
        _run(console, house, house.supervisor.hurry, lambda: _welcome(console, house), [house])
    else:
        from deploy.local.offices_file import read_offices

        _refuse_programme(programme)
        several = Offices(data, read_offices(offices), plan, port_base=port_base, tell=tell)
        _run(console, several, several.hurry, lambda: _welcome_all(console, several), several.houses.values())
    console.print(f"stopped; everything is kept in {data.expanduser().resolve()}")


def _one(data: Path, ports: Ports, plan: Plan, tell: Tell) -> Deployment:
    """The house of one office. Raises Refusal in the folder of several, and of one of several."""
    from shared.programme import loader

    loader.load(plan.programme)
    root = Root(data) if Root(data).noted() else root_of(data)
    if root:
        remedy = f"start them with `minping up --offices FILE --data {root.data}`, or give another folder with --data"
        raise Refusal("data", str(data), "several offices are kept in this folder", remedy, 409)
    return Deployment(data, ports, plan, tell=tell)


def _refuse_programme(programme: str | None) -> None:
    if programme is not None:
        remedy = "leave --programme out, and write it in the file"
        raise Refusal("programme", programme, "each office of the file has a programme of its own", remedy)


def _run(
    console: Console,
    started: Deployment | Offices,
    hurry: Callable[[], None],
    welcome: Callable[[], None],
    houses: Collection[Deployment],
) -> None:
    """Start, tell, and stop at the first Ctrl-C. Ends with SystemExit where a part does not start."""
    with stop_signals(hurry) as over:
        try:
            with console.status("starting …"):
                started.start(over)
        except Interrupted:
            console.print("stopped before all was ready")
            raise typer.Exit from None
        except (PartFailed, Drift) as error:
            print(f"minping: {error}", file=sys.stderr)
            raise typer.Exit(1) from error
        try:
            welcome()
            console.print("\nCtrl-C stops everything.")
            while not over.wait(A_DAY):
                for house in houses:
                    house.certificates()  # renewed in time, however long it runs
            console.print("stopping …")
        finally:
            started.stop()


def _welcome_all(console: Console, offices: Offices) -> None:
    for office in offices.offices:
        to = office.files_to or (office.files_elsewhere.url if office.files_elsewhere else "")
        _welcome(console, offices.houses[office.key], f"{office.name} {office.key}".strip(), to)


def _welcome(console: Console, house: Deployment, office: str = "民评 minping", files_to: str = "") -> None:
    def line(name: str, text: str) -> None:
        console.print(f"  {name:14}", text, soft_wrap=True)

    console.print(f"\n[bold green]{escape(office)} is ready[/]")
    for service, url in house.urls.items():
        line(service, f"{url}   ({url}/docs)")
    for path, what in PAGES.items():
        line("page", f"{house.urls['intake']}{path}   {what}")
    for url in house.hall_urls:
        line("terminals", f"{url}/terminal   {url}/ca 安装证书 install the certificate")
    line("fingerprint", f"{house.certificates().fingerprint}   证书指纹 of the certificate's authority (SHA-256)")
    line("bus", house.ports.nats_url)
    line("mail", f"smtp://{HOST}:{house.ports.smtp}, each letter a file in {house.layout.letters}")
    line("logs", str(house.layout.logs))
    line("key of results", f"{house.vkey}   盖章公钥 to be given to the office above, and to whoever verifies")
    if files_to:
        line("files to", files_to)
    console.print("\nSign in (each link holds for a day; keep them to yourself):")
    for role in ROLES:
        if role not in (*MACHINES, *OF_A_UNIT):
            line(role, sign_in_link(house.urls[HOME[role]], house.token(role, days=1)))
    line("terminal", sign_in_link(house.hall_urls[0], house.token("terminal", days=1)))
    line("handler, leader", f"minping token issue --role handler --unit UNIT --data {house.layout.data}")


def sign_in_link(url: str, token: str) -> str:
    """The link that signs a browser in at a service."""
    return f"{url}/signin?token={token}"
