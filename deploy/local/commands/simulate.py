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
    data: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="数据目录，缺省为临时目录 · data folder, by default a temporary one"),
    ] = None,
    json_file: JsonFile = None,
) -> None:
    """模拟整年：虚构的人带着常人的毛病，在真实的服务上走完一个方案的全年，给出报告。

    A whole year of a programme: invented people with human faults on the real services, and a report.
    """
    from deploy.local.simulate.play import play, timed

    out = Output(json_file)
    folder = data or Path(tempfile.mkdtemp(prefix="minping-simulate-"))
    began = time.monotonic()
    play(folder, programme, year, years, seed, out.console)
    out.console.print(f"用时 {timed(began)} s · {folder}")
