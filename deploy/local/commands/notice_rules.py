"""`minping notice rules`: a programme's rules out as a table that an office can change, and back into its file (N2)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, cast

import typer

from deploy.local.output import JsonFile, Output
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table
from services.notify import rules_file
from services.notify.domain.rule_table import COLUMNS
from shared import programme as programmes
from shared import spreadsheet
from shared.errors import Refusal
from shared.programme.sources import source

SHOWN = 60


def rules(
    out: Annotated[Path | None, typer.Option(help="导出到 · write the table here, .xlsx or .csv.")] = None,
    from_: Annotated[Path | None, typer.Option("--from", help="从改好的表导入 · take the rules of this table.")] = None,
    programme: Annotated[
        str, typer.Option(help="方案，名称或文件 · programme; with --from the file to write.")
    ] = "window-units",
    channel: Annotated[
        list[str] | None, typer.Option(help="电子邮件以外的渠道，可多次 · a channel of the house, again for more.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写方案 · only check, write nothing.")] = False,
    json: JsonFile = None,
) -> None:
    """通知规则导出成表、改后写回方案，其他部分和注释不变 · rules as a table, and back into the programme's file.

    Nothing else in the file changes. Exit 1 if anything in the table is refused."""
    if (out is None) == (from_ is None):
        raise Refusal("out", None, "say what to do", "give --out FILE, or --from FILE --programme FILE")
    if out is not None:
        _export(out, programme, json)
    elif from_ is not None:
        _take(from_, programme, channel or [], dry_run, json)


def _export(out: Path, programme: str, json: str | None) -> None:
    if out.suffix.lower() not in (".xlsx", ".csv"):
        raise Refusal("out", out.name, "is neither .xlsx nor .csv", "name it .xlsx or .csv")
    loaded = programmes.load(programme)
    table = rules_file.rows(loaded, source(programme))
    try:
        with out.open("wb") as target:
            if out.suffix.lower() == ".csv":
                spreadsheet.write_csv(cast(IO[bytes], target), list(COLUMNS.values()), table)
            else:
                spreadsheet.write(
                    cast(IO[bytes], target), "通知规则", list(COLUMNS.values()), table, zone=loaded.zone,
                    made=datetime.now(UTC),
                )  # fmt: skip
    except OSError as error:
        raise Refusal("out", str(out), f"cannot be written: {error.strerror}", "name another file") from error
    told = Output(json)
    told.console.print(f"{out}: {len(table)} 条规则 rules", markup=False)
    told.result({"file": str(out), "rules": len(table)})


def _take(table: Path, programme: str, channels: list[str], dry_run: bool, json: str | None) -> None:
    file = Path(programme)
    if not file.is_file():
        raise Refusal("programme", programme, "there is no such file", "name the file that is to be written")
    opened = open_table(table)
    header = [text_of(cell) for cell in opened.header]
    given = [
        (number, {name: text_of(cell) for name, cell in zip(header, row, strict=False) if name})
        for number, row in enumerate(opened.rows, opened.first_row)
    ]
    found = rules_file.take(source(programme), header, given, channels)
    told = Output(json)

    def say(text: str) -> None:
        told.console.print(text, soft_wrap=True, markup=False)

    for error in found.errors[:SHOWN]:
        say(f"  {error.row} 行 row, {error.field} {error.value!r}: {error.reason}; {error.remedy}")
    for sign, lines in (("+", found.added), ("-", found.removed)):
        for line in lines[:SHOWN]:
            say(f"  {sign} {line.removeprefix('- ')}")
    if found.errors:
        say(f"{table.name}: {len(found.errors)} 处错误，方案没有改动 · errors: {file} was not changed")
    elif dry_run:
        say(f"{table.name}: {found.rules} 条规则，只检查 · rules, checked only")
    else:
        rules_file.write(file, found.text)
        say(f"{file}: {found.rules} 条规则 rules, +{len(found.added)} −{len(found.removed)}")
    if found.passed_over:
        say(f"未使用的列 columns passed over: {', '.join(found.passed_over)}")
    told.result(
        {
            "programme": str(file), "written": not (found.errors or dry_run), "rules": found.rules,
            "added": list(found.added), "removed": list(found.removed), "passed_over": list(found.passed_over),
            "errors": [
                {"row": e.row, "field": e.field, "value": e.value, "reason": e.reason, "remedy": e.remedy}
                for e in found.errors
            ],
        }
    )  # fmt: skip
    if found.errors:
        raise typer.Exit(1)
