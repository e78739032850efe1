"""`minping units`: the register of units, from the office's own table."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from deploy.local import deployment
from deploy.local.asking import tell
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table

SHOWN = 20
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def about() -> None:
    """被评议单位 · the units that are appraised."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="单位名册 · register of units, .csv or .xlsx.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """导入单位名册，逐行交代 · import a register into a running service, every row accounted for. Exit 1 if any is
    refused."""
    layout, ports, _ = deployment.opened(data)
    table = open_table(file)
    header = [text_of(cell) for cell in table.header]
    rows = [
        {"row": number, "cells": {name: text_of(cell) for name, cell in zip(header, row, strict=False) if name}}
        for number, row in enumerate(table.rows, table.first_row)
    ]
    token = deployment.token(Keyring(layout.secrets), "office", unit=None, name="minping units", sub=None, days=1)
    found = tell(f"{ports.url('scoring')}/api/v1/units/import", token, {"header": header, "rows": rows})
    out = Output(json)

    def say(text: str) -> None:
        out.console.print(text, soft_wrap=True, markup=False)

    say(
        f"{file.name}: {found['read']} rows read, {found['registered']} registered, {found['unchanged']} unchanged, "
        f"{len(found['refused'])} refused"
    )
    for one in found["refused"][:SHOWN]:
        say(f"  row {one['row']}: {one['field']} {one['value']!r}: {one['reason']}; {one['remedy']}")
    if len(found["refused"]) > SHOWN:
        say(f"  … and {len(found['refused']) - SHOWN} more: see --json")
    if found["passed_over"]:
        say(f"columns passed over: {', '.join(found['passed_over'])}")
    out.result({"file": file.name, **found})
    if found["refused"]:
        raise typer.Exit(1)
