"""`minping simulate`: whole years of a programme on a simulated clock, through the real services."""

import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.output import JsonFile, Output

app = typer.Typer()


@app.command()
def simulate(
    programme: Annotated[str, typer.Option(metavar="KEY", help="评议方案 · key of a programme, or a file")],
    year: Annotated[int, typer.Option(min=2004, max=2049, help="年度 · the first year")] = 2026,
    years: Annotated[int, typer.Option(min=1, max=3, help="连续几年 · how many years in a row")] = 1,
    seed: Annotated[int, typer.Option(help="种子：同一种子同一报告 · the same seed gives the same report")] = 1,
    report_file: Annotated[
        Path | None,
        typer.Option(
            "--report", metavar="FILE", help="报告网页，缺省在数据目录 · the report's page, by default in the data"
        ),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="数据目录，缺省为临时目录 · data folder, by default a temporary one"),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="走完后继续运行，Ctrl-C 结束 · leave it running, Ctrl-C ends it")
    ] = False,
    json_file: JsonFile = None,
) -> None:
    """模拟整年：虚构的人带着常人的毛病，在真实的服务上走完一个方案的全年，给出报告。有机制没走到，退出码为 1。

    A whole year of a programme: invented people with human faults on the real services, and a report; exit 1 when a
    mechanism that the programme has was not exercised.
    """
    from deploy.local.simulate.play import play
    from deploy.local.simulate.report_model import Report
    from deploy.local.simulate.report_page import page

    out = Output(json_file)
    folder = data or Path(tempfile.mkdtemp(prefix="minping-simulate-"))
    written = report_file or folder / "report.html"
    began = time.monotonic()

    def done(report: Report) -> None:
        written.write_text(page(report), encoding="utf-8")
        out.result(report.as_json())
        exercised = sum(not one.missing for one in report.mechanisms)
        out.console.print(
            f"[bold]{report.name.zh} {report.year}[/bold]  用时 {time.monotonic() - began:.1f} s · "
            f"事件 events {len(report.facts)} · 机制 mechanisms {exercised}/{len(report.mechanisms)}"
        )
        for line in report.missing:
            out.console.print(f"[red]没有走到 not exercised: {line}[/red]", highlight=False)
        out.console.print(f"报告 report: {written}", soft_wrap=True)

    found = play(folder, programme, year, years, seed, out.console, keep=keep, done=done)
    if found.missing:
        raise typer.Exit(1)
