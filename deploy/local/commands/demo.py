"""`minping demo`: one whole cycle on the embedded deployment, played through the public interfaces."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.output import JsonFile, Output

app = typer.Typer()


@app.command()
def demo(
    complaints: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="真实导出的投诉（.xlsx/.csv），代替自带数据 · a real export instead of the bundled data",
        ),
    ] = None,
    programme: Annotated[
        str, typer.Option(metavar="KEY", help="评议方案 · key of a programme, or a file")
    ] = "window-units",
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="数据目录，缺省为临时目录 · data folder, by default a temporary one"),
    ] = None,
    window: Annotated[
        int, typer.Option(metavar="DAYS", help="时钟一次走几天 · days the clock moves at a time", min=1)
    ] = 31,
    keep: Annotated[
        bool, typer.Option("--keep", help="演完后继续运行，Ctrl-C 结束 · leave it running, Ctrl-C ends it")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """演示一个完整周期：投诉、批转、整改、回访、销号；抽签、大会、投票、封存、核验；排名、后果、信函。

    One whole cycle: complaints, approval, rectification, callback, closing; draw, meeting, votes, seal, verify;
    ranking, consequences, letters.
    """
    from deploy.local.demo.play import play

    out = Output(json_file)
    folder = data or Path(tempfile.mkdtemp(prefix="minping-demo-"))
    report = play(folder, programme, complaints, window, keep=keep, console=out.console, done=out.result)
    if not report.meeting["verified"]:
        raise typer.Exit(1)
