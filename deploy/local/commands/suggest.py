"""`minping suggest evaluate FILE`: how well a column of past decisions could be suggested from the texts (I14)."""

from __future__ import annotations

from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from deploy.local.output import JsonFile, Output
from services.intake.domain.import_rows import text_of
from services.intake.importing import open_table
from shared.errors import Refusal

app = typer.Typer(add_completion=False)
TITLES = ("留言主题", "主题", "标题", "title", "subject", "case_title")


@app.callback()
def suggest() -> None:
    """Suggested units and topics, learned from past transfers."""


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Past complaints with what was decided: .xlsx or .csv.")],
    text: Annotated[str, typer.Option("--text", metavar="COL", help="Column of the text.")],
    label: Annotated[str, typer.Option("--label", metavar="COL", help="Column of the decision: a unit, a topic …")],
    title: Annotated[
        str | None, typer.Option("--title", metavar="COL", help="Column of the title; by default one named like it.")
    ] = None,
    keywords: Annotated[
        Path | None,
        typer.Option(
            help="Words for the keyword baseline: first column the label, the others words that speak for it."
        ),
    ] = None,
    folds: Annotated[int, typer.Option(min=2, max=20)] = 5,
    seed: Annotated[int, typer.Option(help="Of the folds: the same seed gives the same figures.")] = 0,
    json_file: JsonFile = None,
) -> None:
    """Cross-validate every candidate; what is printed was seen on texts that the model had not learned."""
    if find_spec("sklearn") is None or find_spec("rjieba") is None:
        raise Refusal("suggest", "scikit-learn", "it is not installed", "pip install 'minping[suggest]'")
    from services.intake.learning_report import compare

    examples = read(file, text, label, title)
    words = read_keywords(keywords) if keywords else None
    report = {"file": file.name, **compare(examples, folds=folds, seed=seed, keywords=words)}
    out = Output(json_file)
    show(out.console, report)
    out.result(report)


def read(file: Path, text: str, label: str, title: str | None) -> list[Any]:
    """The examples of a file; rows without a text or a label are no examples. Raises Refusal."""
    from services.intake.learning import Example

    table = open_table(file)
    names = [text_of(cell) for cell in table.header]

    def column(option: str, name: str) -> int:
        if name not in names:
            raise Refusal(option, name, "the file has no such column", f"it has: {', '.join(names)}")
        return names.index(name)

    at, decided = column("--text", text), column("--label", label)
    head = column("--title", title) if title else next((names.index(n) for n in names if n.casefold() in TITLES), None)
    rows = [[text_of(cell) for cell in row] for row in table.rows]
    found = [
        Example(row[head] if head not in (None, at) else "", row[at], row[decided])
        for row in rows
        if len(row) > max(at, decided, head or 0) and row[at] and row[decided]
    ]
    if not found:
        raise Refusal("file", file.name, "no row has both a text and a label", "check the columns")
    return found


def read_keywords(file: Path) -> dict[str, list[str]]:
    """Label → words, out of a table such as a tree of categories. Raises Refusal."""
    words: dict[str, list[str]] = defaultdict(list)
    for row in open_table(file).rows:
        cells = [text_of(cell) for cell in row]
        if cells and cells[0]:
            words[cells[0]] += [cell for cell in cells[1:] if len(cell) > 1]
    return {label: list(dict.fromkeys(found)) for label, found in words.items()}


def show(console: Console, report: dict[str, Any]) -> None:
    """The figures for people."""
    best = report["chosen"]
    console.print(
        f"{report['file']}: {report['used']} of {report['rows']} rows used, {report['labels']} labels, "
        f"{report['folds']}-fold cross-validation, seed {report['seed']}"
    )
    if report["too_rare"]:
        rare = ", ".join(f"{key} {count}" for key, count in report["too_rare"].items())
        console.print(f"too rare to learn: {rare}", markup=False)
    tried = Table("candidate", "accuracy", "macro-F1")
    for one in report["candidates"]:
        tried.add_row(f"{one['candidate']}, {one['features']}", f"{one['accuracy']:.3f}", f"{one['macro_f1']:.3f}")
    for one in report["baselines"]:
        tried.add_row(f"baseline: {one['baseline']}", f"{one['accuracy']:.3f}", f"{one['macro_f1']:.3f}")
    console.print(tried)
    console.print(
        f"chosen: {best['candidate']} on {best['features']}: accuracy {best['accuracy']:.3f}, "
        f"macro-F1 {best['macro_f1']:.3f}, confidence off by {best['calibration']['expected_error']:.3f} on average"
    )
    classes = Table("label", "rows", "precision", "recall", "F1")
    for one in best["per_class"]:
        classes.add_row(one["key"], str(one["rows"]), *(f"{one[key]:.3f}" for key in ("precision", "recall", "f1")))
    console.print(classes)
    for one in best["confused"]:
        console.print(f"  {one['is']} taken for {one['taken_for']}: {one['times']}", markup=False)
    sure = Table("confidence", "rows", "said", "right")
    for line in best["calibration"]["bins"]:
        span = f"{line['from']:.1f} to {line['to']:.1f}"
        sure.add_row(span, str(line["rows"]), f"{line['confidence']:.3f}", f"{line['right']:.3f}")
    console.print(sure)
