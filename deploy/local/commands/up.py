"""`minping up`: the whole house on this machine, until Ctrl-C."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

import typer
from rich.console import Console

from deploy.local.deployment import Deployment, Plan
from deploy.local.interrupt import stop_signals
from deploy.local.layout import DEFAULT_DATA, DEFAULT_PORT_BASE, HOST, Ports
from deploy.local.output import DataFolder
from deploy.local.supervisor import Interrupted, PartFailed
from shared.bus.provision import Drift
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
    programme: Annotated[str, typer.Option(help="Key of a bundled programme, or a file.")] = "window-units",
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

    What is in the data folder is carried on with. A part that crashes is started again.
    """
    from shared.programme import loader

    loader.load(programme)
    console = Console(highlight=False)
    house = Deployment(
        data,
        Ports.from_base(port_base),
        Plan(
            programme=programme,
            clock=clock,
            log_level=log_level,
            hall_host=hall,
            hall_names=tuple(hall_name or ()),
        ),
        tell=lambda part, text: console.print(f"[bold]{part:14}[/] {text}"),
    )
    with stop_signals(house.supervisor.hurry) as over:
        try:
            with console.status("starting …"):
                house.start(over)
        except Interrupted:
            console.print("stopped before all was ready")
            return
        except (PartFailed, Drift) as error:
            print(f"minping: {error}", file=sys.stderr)
            raise typer.Exit(1) from error
        try:
            _welcome(console, house)
            while not over.wait(A_DAY):
                house.certificates()  # renewed in time, however long it runs
            console.print("stopping …")
        finally:
            house.stop()
    console.print(f"stopped; everything is kept in {house.layout.data}")


def _welcome(console: Console, house: Deployment) -> None:
    def line(name: str, text: str) -> None:
        console.print(f"  {name:14}", text, soft_wrap=True)

    console.print("\n[bold green]民评 minping is ready[/]")
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
    console.print("\nSign in (each link holds for a day; keep them to yourself):")
    for role in ROLES:
        if role not in (*MACHINES, *OF_A_UNIT):
            line(role, sign_in_link(house.urls[HOME[role]], house.token(role, days=1)))
    line("terminal", sign_in_link(house.hall_urls[0], house.token("terminal", days=1)))
    line("handler, leader", "minping token issue --role handler --unit UNIT")
    console.print("\nCtrl-C stops everything.")


def sign_in_link(url: str, token: str) -> str:
    """The link that signs a browser in at a service."""
    return f"{url}/signin?token={token}"
