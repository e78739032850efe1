"""`minping programme check FILE` and `programme list`."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.errors import Refusal
from shared.programme import bundled, check, load

app = typer.Typer(help="评议方案 · the programme file", no_args_is_help=True)

JsonOption = Annotated[
    str | None, typer.Option("--json", metavar="FILE", help="机器可读结果;- 为标准输出 · results as JSON; - is stdout")
]


def write_json(target: str, result: dict[str, Any]) -> None:
    """Writes a result as JSON to a file, or to stdout for `-`."""
    text = json.dumps(result, ensure_ascii=False, indent=2) + "\n"
    if target == "-":
        sys.stdout.write(text)
        return
    try:
        Path(target).write_text(text, encoding="utf-8")
    except OSError as error:
        raise refuse(
            Refusal("json", target, error.strerror or str(error), "name a file in a folder that exists")
        ) from error


def refuse(refusal: Refusal) -> typer.Exit:
    """Says a refusal on stderr; gives the exit (1) to raise."""
    typer.echo(f"{refusal.field}: {refusal.value}\n    {refusal.reason}; {refusal.remedy}", err=True)
    return typer.Exit(1)


@app.command("check")
def check_command(
    file: Annotated[str, typer.Argument(metavar="FILE", help="YAML 文件，或自带方案的名字 · file or bundled key")],
    to: JsonOption = None,
) -> None:
    """列出方案文件的全部错误，带行号和字段 · every error with its line and field; exit 0 when there is none, else 1."""
    try:
        problems = check(file)
    except Refusal as refusal:
        raise refuse(refusal) from refusal
    if to is not None:
        write_json(to, {"file": file, "ok": not problems, "problems": [p.as_json() for p in problems]})
    for problem in problems:
        typer.echo(f"{file}:{problem}", err=True)
    if problems:
        count = len(problems)
        typer.echo(f"{count} 处错误 · {count} error{'s' if count > 1 else ''}", err=True)
        raise typer.Exit(1)
    if to != "-":
        typer.echo(f"{file}: 没有错误 · no errors")


@app.command("list")
def list_command(to: JsonOption = None) -> None:
    """随产品提供的方案 · the programmes that ship with the product."""
    programmes = [load(key) for key in bundled()]
    if to is not None:
        write_json(to, {"programmes": [{"key": p.key, "name": p.name.model_dump()} for p in programmes]})
    if to != "-":
        for programme in programmes:
            typer.echo(f"{programme.key}  {programme.name.zh} · {programme.name.en}")
