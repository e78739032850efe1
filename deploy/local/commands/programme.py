"""`minping programme check FILE`, `list`, `diff A B`, `schema`; `publish` and `amend` in a running house."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.commands import programme_house
from shared.errors import Refusal
from shared.programme import bundled, check, fingerprint, load
from shared.programme.difference import Change, differences
from shared.programme.editors import json_schema

app = typer.Typer(help="评议方案 · the programme file", no_args_is_help=True)
app.command("publish")(programme_house.publish)
app.command("amend")(programme_house.amend)

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


@app.command("diff")
def diff_command(
    before: Annotated[str, typer.Argument(metavar="A", help="文件或自带方案的名字 · file or bundled key")],
    after: Annotated[str, typer.Argument(metavar="B", help="与之比较的文件或名字 · the one to compare with it")],
    to: JsonOption = None,
) -> None:
    """两个方案有哪些不同，逐项列出 · what differs, entry by entry; exit 0: nothing, 1: something, 2: an error."""
    try:
        programmes = load(before), load(after)
    except Refusal as refusal:
        refuse(refusal)
        raise typer.Exit(2) from refusal
    changes = differences(*programmes)
    if to is not None:
        prints = [fingerprint(programme) for programme in programmes]
        write_json(to, {"fingerprints": prints, "changes": [change.as_json() for change in changes]})
    if to != "-":
        for change in changes:
            typer.echo(_told(change))
        words = sum(change.wording for change in changes)
        typer.echo(
            f"{len(changes)} 处不同，其中只改文字 {words} 处 · {len(changes)} differences, {words} in words only"
        )
    if changes:
        raise typer.Exit(1)


def _told(change: Change) -> str:
    before, after = (json.dumps(value, ensure_ascii=False) for value in (change.before, change.after))
    match change.kind:
        case "added":
            return f"+ {change.path}: {after}"
        case "removed":
            return f"- {change.path}: {before}"
        case "moved":
            return f"~ {change.path}: {before} → {after}"
        case "changed":
            return f"  {change.path}: {before} → {after}"


@app.command("schema")
def schema_command(
    out: Annotated[
        str, typer.Option("--out", metavar="FILE", help="写到文件，不写即打印 · to a file; else printed")
    ] = "-",
) -> None:
    """方案文件的 JSON Schema，供编辑器提示和检查 · the file's JSON Schema, for editors that complete and check."""
    write_json(out, json_schema())
