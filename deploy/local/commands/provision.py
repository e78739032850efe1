"""`minping provision`: the bus as declared."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.local import deployment
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.outside import Bus, connect
from shared.bus.provision import Drift, provision
from shared.bus.topology import receipts_consumer
from shared.settings import read_secret

app = typer.Typer(add_completion=False)


@app.command("provision")
def provision_(
    data: DataFolder = DEFAULT_DATA,
    source: Annotated[
        list[str] | None, typer.Option(help="Also a receipts consumer for this source or meeting (repeat).")
    ] = None,
    replicas: Annotated[int, typer.Option(help="Copies of each stream: 1, or 3 in a cluster.")] = 1,
    json: JsonFile = None,
) -> None:
    """Make what is missing of streams and consumers, change what may be changed, name the rest.

    With MINPING_NATS_URL set, that broker is used, as MINPING_NATS_USER with MINPING_NATS_PASSWORD_FILE;
    else the deployment of the data folder.
    """

    async def work() -> list[str]:
        if url := os.environ.get("MINPING_NATS_URL"):
            user = os.environ.get("MINPING_NATS_USER", "provision")
            secret = Path(os.environ.get("MINPING_NATS_PASSWORD_FILE", ""))
            password = read_secret("MINPING_NATS_PASSWORD_FILE", secret).decode().strip()
            extra = [receipts_consumer(name) for name in source or ()]
            async with connect(url, user, password) as client:
                return await provision(client, replicas=replicas, extra=extra)
        layout, ports, _ = deployment.opened(data)
        return await Bus(layout, ports).provision()

    out = Output(json)
    try:
        done = asyncio.run(work())
    except Drift as drift:
        print(f"minping: {drift}", file=sys.stderr)
        out.result({"done": [], "drift": list(drift.lines)})
        raise typer.Exit(1) from drift
    for line in done or ["all is as declared"]:
        out.console.print(line)
    out.result({"done": done, "drift": []})
