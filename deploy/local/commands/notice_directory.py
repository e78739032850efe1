"""`minping notice directory`: the directory in and out as a table, and where nobody leads (N1)."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask, fetch, tell
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table
from shared.errors import Refusal

SHOWN = 30
FORMATS = {".xlsx": "xlsx", ".csv": "csv"}
KINDS = {
    "entered": "新任 new",
    "changed": "变更 changed",
    "ended": "离任 ended",
    "replaced": "替换 replaced",
    "corrected": "更正 corrected",
    "taken_back": "撤回 taken back",
    "restored": "恢复 restored",
}
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def about() -> None:
    """通讯录：谁在哪个岗位，从何时到何时 · the directory: who holds which office, from when to when."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="通讯录 · table of the directory, .csv or .xlsx.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不登记 · only check, enter nothing.")] = False,
    reason: Annotated[str, typer.Option(help="缘由，留在沿革里 · why, for the history.")] = "",
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """导入通讯录，全部成功或一行不动 · enter a table, all or none; exit 1 if anything in it is refused."""
    table = open_table(file)
    header = [text_of(cell) for cell in table.header]
    rows = [
        {"row": number, "cells": {name: text_of(cell) for name, cell in zip(header, row, strict=False) if name}}
        for number, row in enumerate(table.rows, table.first_row)
        if any(text_of(cell) for cell in row)
    ]
    if not rows:
        raise Refusal("file", file.name, "has a header and no rows", "fill in a row for each term of office")
    url, token = _notify(data, "office")
    body = {"header": [name for name in header if name], "rows": rows, "reason": reason or f"import of {file.name}"}
    found = tell(f"{url}/api/v1/directory/table{'/check' if dry_run else ''}", token, body)
    out = Output(json)
    for line in told(found, file.name, dry_run=dry_run):
        out.console.print(line, soft_wrap=True, markup=False)
    out.result({"file": file.name, "dry_run": dry_run, **found})
    if found["errors"]:
        raise typer.Exit(1)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="写到 · the file to write, .xlsx or .csv.")],
    on: Annotated[
        str | None, typer.Option(metavar="DAY", help="只要当日在任的 · only those in office that day.")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """导出通讯录和沿革，改后可原样导入 · write the directory with its history; it can be imported again."""
    wanted = {"format": _format(file)} | ({"on": on} if on else {})
    url, token = _notify(data, "office")
    content = fetch(f"{url}/api/v1/directory/export?{urllib.parse.urlencode(wanted)}", token)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Refusal("file", str(file), f"cannot be written: {error.strerror}", "name another file") from error
    Output(None).console.print(f"{file}: {len(content)} bytes", markup=False)


@app.command("gaps")
def gaps(
    since: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="从哪天起，默认今天 · from; today.")
    ] = None,
    to: Annotated[str | None, typer.Option(metavar="DAY", help="到哪天，默认同一天 · to; the same day.")] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """没有主要负责人的单位、无人担任的岗位 · units without a main leader, offices that nobody holds; exit 1 if any."""
    url, token = _notify(data, "auditor")
    wanted = {name: value for name, value in (("from", since), ("to", to)) if value}
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = ask(f"{url}/api/v1/directory/gaps?{urllib.parse.urlencode({**wanted, 'cursor': cursor})}", token)
        found += page["gaps"]
        cursor = page["next"]
    out = Output(json)
    for gap in found:
        out.console.print(f"{gap['unit']} · {gap['role']}: {gap['first']} – {gap['last'] or '…'}", markup=False)
    if not found:
        out.console.print("没有空缺 · no gaps", markup=False)
    out.result({"gaps": found})
    if found:
        raise typer.Exit(1)


def told(found: dict[str, Any], name: str, *, dry_run: bool) -> list[str]:
    """What a table did, or would do, as lines for people."""
    count = len(found["changes"])
    lines = [f"{name}: {found['read']} 行 rows, {found['unchanged']} 未变 unchanged, {count} 处变动 changes"]
    if found["errors"]:
        lines.append(f"{len(found['errors'])} 处错误，一行也没有登记 · errors: nothing was entered")
    elif dry_run:
        lines.append("只检查，没有登记 · checked only, nothing was entered")
    elif found["entry"] is not None:
        lines.append(f"登记号 entry {found['entry']}，移交通知 notices moved {found['notices_moved']}")
    lines += [
        f"  {one['row']} 行 row, {one['field']} {one['value']!r}: {one['reason']}; {one['remedy']}"
        for one in found["errors"][:SHOWN]
    ]
    changes = [] if found["errors"] else found["changes"]
    for change in changes[:SHOWN]:
        term = change["after"] or change["before"]
        days = f"{term['since']} – {term['until'] or '…'}"
        who = f"{term['unit']} · {term['role']} {term['name']} ({term['person']})"
        lines.append(f"  {KINDS.get(change['kind'], change['kind'])}: {who} {days}")
    for listed in (found["errors"], changes):
        if len(listed) > SHOWN:
            lines.append(f"  … {len(listed) - SHOWN} more: see --json")
    lines += [f"  空缺 gap: {gap['unit']} {gap['first']} – {gap['last'] or '…'}" for gap in found["gaps"]]
    if found["passed_over"]:
        lines.append(f"未使用的列 columns passed over: {', '.join(found['passed_over'])}")
    return lines


def _format(file: Path) -> str:
    found = FORMATS.get(file.suffix.lower())
    if found is None:
        raise Refusal("file", file.name, "is neither .xlsx nor .csv", "name it .xlsx or .csv")
    return found


def _notify(data: Path, role: str) -> tuple[str, str]:
    layout, ports, _ = deployment.opened(data)
    name = "minping notice directory"
    token = deployment.token(Keyring(layout.secrets), role, unit=None, name=name, sub=None, days=1)
    return ports.url("notify"), token
