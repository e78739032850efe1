"""`minping deadline explain --from DATE --days N`: the count, day by day."""

from datetime import date
from typing import Annotated

import typer

from deploy.local.commands.programme import JsonOption, refuse, write_json
from shared.calendar import explain, explanation
from shared.errors import Refusal
from shared.programme import load

app = typer.Typer(help="期限 · deadlines in working days", no_args_is_help=True)


@app.callback()
def deadline() -> None:
    """期限 · deadlines in working days."""


@app.command("explain")
def explain_command(
    start: Annotated[
        str, typer.Option("--from", metavar="DATE", help="起算日（不计入），如 2026-09-28 · the start day")
    ],
    days: Annotated[int, typer.Option("--days", metavar="N", help="工作日数 · number of working days")],
    programme: Annotated[
        str, typer.Option("--programme", help="按哪个方案的时区和日历 · key or file")
    ] = "window-units",
    to: JsonOption = None,
) -> None:
    """逐日列出期限的计算 · the due date and what each day counts as; says when a year's calendar is provisional."""
    try:
        try:
            day = date.fromisoformat(start)
        except ValueError as error:
            raise Refusal("from", start, f"no such date ({error})", "write it like 2026-09-28") from error
        calendar = load(programme).working_calendar
        due = calendar.due(day, days)
    except Refusal as refusal:
        raise refuse(refusal) from refusal
    if to is not None:
        write_json(to, explanation(due, calendar.zone))
    if to != "-":
        typer.echo("\n".join(explain(due)))
