"""`minping evaluations`: codes for a unit's service receipts, from a running house to sheets for the unit."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.ceremony.house import House, TokenFile, Url, house
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.receipts import sheets
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table
from services.scoring.domain.receipt_rows import columns
from shared.errors import Refusal

SHOWN, AT_ONCE = 20, 1_000
ROLE = "office"
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def about() -> None:
    """网上评价 · online evaluation."""


@app.command()
def codes(
    out: Annotated[Path, typer.Option(help="新文件夹，装评价码 · a new folder for the sheets.")],
    unit: Annotated[str, typer.Option(help="单位编码 · the unit; of rows that name none.")] = "",
    count: Annotated[int, typer.Option(min=0, max=10_000, help="个数 · how many codes, without a table.")] = 0,
    receipts: Annotated[
        Path | None, typer.Option(metavar="FILE", help="回执表 · a table of receipts, .csv or .xlsx.")
    ] = None,
    section: Annotated[str, typer.Option(help="科室或岗位 · section or post, without a table.")] = "",
    served_on: Annotated[str, typer.Option(help="办事日期，如 2026-03-02，默认今天 · day of the service; today.")] = "",
    again: Annotated[bool, typer.Option("--again", help="同一张表再发一批 · others for the same table.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """为服务回执发评价码：每单位一份 .csv、.xlsx 和可打印的 .html（含链接和二维码）· one-time codes for service
    receipts, as sheets a unit. Exit 1 if a row of the table is wrong: then nothing is issued."""
    if bool(count) == (receipts is not None):
        raise Refusal("count", count, "there is neither or both of --count and --receipts", "give one of them")
    day = _day(served_on)
    at = house(url, token_file, data)
    sheets.free(out)
    show = Output(json)
    if receipts is None:
        if not unit:
            raise Refusal("unit", unit, "no unit is named", "give --unit")
        report = _some(at, unit, count, section, day)
    else:
        report = _of_table(at, receipts, unit, day if served_on else None, again=again)
    batches = report.pop("batches")
    files = sheets.write_all(out, batches)
    told = [f"{report['read']} rows read, {report['issued']} codes issued, {len(report['refused'])} rows refused"]
    told += [_fault(one) for one in report["refused"][:SHOWN]]
    if len(report["refused"]) > SHOWN:
        told.append(f"  … and {len(report['refused']) - SHOWN} more: see --json")
    if report["refused"]:
        told.append("一行有错，全部未发：改好后整表再发 · nothing was issued: mend the table and give it whole again")
    if report["passed_over"]:
        told.append(f"columns passed over: {', '.join(report['passed_over'])}")
    told += [f"  {path}" for path in files]
    for line in told:
        show.console.print(line, soft_wrap=True, markup=False)
    shown = [{key: value for key, value in one.items() if key != "texts"} for one in batches]
    show.result({**report, "batches": shown, "files": [str(path) for path in files]})
    if report["refused"]:
        raise typer.Exit(1)


def _some(at: House, unit: str, count: int, section: str, day: dt.date) -> dict[str, Any]:
    """So many codes of one day, in parts as large as are allowed."""
    batches = []
    for start in range(0, count, AT_ONCE):
        wanted = {"count": min(AT_ONCE, count - start), "served_on": day.isoformat(), "section": section}
        batches.append(at.act(f"/units/{unit}/evaluation-codes", ROLE, wanted))
    return {"read": 0, "issued": count, "refused": [], "passed_over": [], "batches": batches}


def _of_table(at: House, file: Path, unit: str, day: dt.date | None, *, again: bool) -> dict[str, Any]:
    """Codes for a table: only the columns that are needed leave this machine, never names or telephone numbers."""
    table = open_table(file)
    header = [text_of(cell) for cell in table.header]
    needed = set(columns(header).values())
    rows = [
        {"row": number, "cells": {n: text_of(cell) for n, cell in zip(header, row, strict=False) if n in needed}}
        for number, row in enumerate(table.rows, table.first_row)
    ]
    body = {"header": header, "rows": rows, "unit": unit, "again": again, "served_on": day and day.isoformat()}
    return at.act("/evaluation-codes/import", ROLE, body)


def _day(said: str) -> dt.date:
    if not said:
        return dt.datetime.now().astimezone().date()
    try:
        return dt.date.fromisoformat(said)
    except ValueError as error:
        raise Refusal("served-on", said, "is no day", "as in 2026-03-02") from error


def _fault(one: dict[str, Any]) -> str:
    return f"  row {one['row']}: {one['field']} {one['value']!r}: {one['reason']}; {one['remedy']}"
