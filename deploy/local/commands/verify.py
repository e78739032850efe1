"""`minping verify FILE`: checks a sealed bundle or a draw proof offline."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from services.scoring.verify import verify_file
from shared.errors import Refusal

app = typer.Typer(no_args_is_help=True)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="封存包或抽签证明 · bundle.zip or draw_proof.json")],
    receipt: Annotated[Path | None, typer.Option(help="代表的回执 · a representative's receipt")] = None,
    openings: Annotated[Path | None, typer.Option(help="争议开示 · ballots opened in a dispute")] = None,
    trusted: Annotated[
        Path | None, typer.Option(help="事先公布的公钥，每行一个 · the published vkeys, one a line")
    ] = None,
    timestamp: Annotated[
        Path | None, typer.Option(help="第三方时间戳 · an RFC 3161 time stamp over the checkpoint")
    ] = None,
    tsa: Annotated[Path | None, typer.Option(help="时间戳机构根证书 · its authority's roots (PEM)")] = None,
    to: Annotated[
        str | None, typer.Option("--json", metavar="FILE", help="机器可读报告 · machine-readable report, - is stdout")
    ] = None,
) -> None:
    """离线核验封存结果 · check a sealed result offline.

    退出码 0 全部成立，1 有不成立之处（指明），2 不是本系统的文件 · exit 0 all holds, 1 something does not, 2 not ours.
    """
    try:
        keys = None if trusted is None else set(trusted.read_text(encoding="utf-8").split())
    except (OSError, ValueError) as error:
        raise Refusal("trusted", str(trusted), f"cannot be read: {error}", "name a text file of vkeys") from error
    report = verify_file(file, receipt, openings, keys, timestamp, tsa)
    machine = json.dumps(report.to_json(), ensure_ascii=False, indent=2) + "\n"
    if to == "-":
        sys.stdout.write(machine)
        typer.echo(report.conclusion, err=True)
    else:
        typer.echo(report.text())
        if to:
            Path(to).write_text(machine, encoding="utf-8")
    raise typer.Exit(report.exit_code)
