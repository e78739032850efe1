"""`minping notice papers`: the one-page ledger, the monthly table, a unit's dossier, the archive package (N9)."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.local import deployment
from deploy.local.asking import fetch
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, Output
from shared.errors import Refusal

app = typer.Typer(add_completion=False, no_args_is_help=True)
Out = Annotated[Path, typer.Option("--out", help="写到哪里 · the file to write.")]
Spoken = Annotated[Literal["zh", "en"], typer.Option(help="语言 · language of the paper.")]


@app.callback()
def about() -> None:
    """领导用表 · papers for leaders."""


@app.command()
def ledger(out: Out, language: Spoken = "zh", data: DataFolder = DEFAULT_DATA) -> None:
    """一页总账：全部在办问题 · all open cases on one page of A4 (.xlsx)."""
    _write("ledger", out, data, language=language)


@app.command()
def monthly(
    month: Annotated[str, typer.Option(help="月份 · the month, such as 2026-03.")],
    out: Out,
    language: Spoken = "zh",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """月报表：分单位 · a month's figures by unit (.xlsx)."""
    _write("monthly", out, data, month=month, language=language)


@app.command()
def dossier(
    unit: Annotated[str, typer.Option(help="单位代码 · the unit's key.")],
    year: Annotated[int, typer.Option(help="年度 · the year.")],
    out: Out,
    language: Spoken = "zh",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """年度档案：一个单位的全部记录 · everything on record about a unit in a year (.xlsx)."""
    _write("dossier", out, data, unit=unit, year=str(year), language=language)


@app.command()
def archive(
    year: Annotated[int, typer.Option(help="年度 · the year.")],
    out: Out,
    language: Spoken = "zh",
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """归档包：校验值和保管期限 · a year's papers with checksums and periods of retention (.zip)."""
    _write("archive", out, data, year=str(year), language=language)


def _write(paper: str, out: Path, data: Path, **asked: str) -> None:
    layout, ports, _ = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "auditor", unit=None, name="minping notice papers", sub=None, days=1
    )
    body = fetch(f"{ports.url('notify')}/api/v1/papers/{paper}?{urllib.parse.urlencode(asked)}", token)
    try:
        out.write_bytes(body)
    except OSError as error:
        raise Refusal("out", str(out), f"cannot be written: {error}", "name a file in an existing folder") from error
    Output(None).console.print(f"{out}  {len(body):,} bytes", markup=False, highlight=False)
