"""`minping bench NAME…`: ours and its limit in one run, the median of five, the ratio."""

from __future__ import annotations

import importlib
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.bench.figure import Figure
from deploy.local.output import JsonFile, Output
from shared.errors import Refusal

app = typer.Typer(add_completion=False)
BENCHES = {
    "publish": "deploy.local.bench.publishing",
    "drain": "deploy.local.bench.draining",
    "http": "deploy.local.bench.accepting",
    "tally": "deploy.local.bench.tallying",
    "memory": "deploy.local.bench.memory",
    "watching": "deploy.local.bench.watching",
    "import": "deploy.local.bench.importing",
    "ledger": "deploy.local.bench.ledger",
    "seal": "deploy.local.bench.sealing",
    "verify": "deploy.local.bench.verifying",
}
"""Name → module with `measure(tell, runs=…)`: a figure, or several."""


@app.command()
def bench(
    names: Annotated[list[str], typer.Argument(metavar="NAME…", help=f"{', '.join(BENCHES)}, or all.")],
    runs: Annotated[int, typer.Option(min=1, max=99, help="How often each is measured; the median counts.")] = 5,
    json_file: JsonFile = None,
) -> None:
    """Measure; exit 1 if a ratio misses its goal. Take the figures on a quiet machine."""
    wanted = list(BENCHES) if "all" in names else list(dict.fromkeys(names))
    for name in wanted:
        if name not in BENCHES:
            raise Refusal("NAME", name, "there is no such bench", f"use {', '.join(BENCHES)}, or all")
    out = Output(json_file)
    progress = Console(stderr=True, highlight=False)
    found: list[Figure] = []
    for name in wanted:
        measure: Any = importlib.import_module(BENCHES[name]).measure
        made = measure(lambda said, name=name: progress.print(f"[dim]{name}: {said}[/]"), runs=runs)
        found.extend([made] if isinstance(made, Figure) else made)
    out.console.print(_table(found))
    for figure in found:
        for size, each in figure.notes.items():
            if isinstance(each, dict):
                out.console.print(f"{figure.name}, {size}: " + ", ".join(f"{k} {v}" for k, v in each.items()))
    out.result({"figures": [figure.as_json() for figure in found]})
    if not all(figure.holds for figure in found):
        raise typer.Exit(1)


def _table(found: list[Figure]) -> Table:
    table = Table("bench", "ours (median)", "limit (median)", "unit", "ratio", "goal", "")
    for figure in found:
        shown = figure.as_json()
        table.add_row(
            figure.name, f"{shown['ours']['median']:,}", f"{shown['limit']['median']:,}", figure.unit,
            f"{figure.ratio:.3f}", shown["goal"], "holds" if figure.holds else "[red]misses[/]",
        )  # fmt: skip
        if second := shown.get("second_limit"):
            table.add_row(
                f"  {second['what']}", "", f"{second['median']:,}", figure.unit, f"{second['ratio']:.3f}", "", ""
            )
    return table
