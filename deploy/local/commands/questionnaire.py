"""`minping questionnaire`: opened in a running house, codes to sheets with QR codes, and what was answered."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from deploy.local.ceremony.house import House, TokenFile, Url, house
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.receipts import sheets

AT_ONCE, A_PAGE, ROLE = 1_000, 100, "office"
Cycle = Annotated[str, typer.Option(help="周期 · the cycle, such as 2026-H1.")]
Questionnaire = Annotated[str, typer.Option(help="问卷 · the questionnaire's key in the programme.")]
app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def about() -> None:
    """问卷 · questionnaires."""


@app.command("open")
def open_(
    cycle: Cycle, questionnaire: Questionnaire, url: Url = None, token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA, json: JsonFile = None,
) -> None:  # fmt: skip
    """开卷：本期用这份问卷，题目从此固定 · hold it in a cycle; its questions are fixed from then on."""
    found = house(url, token_file, data).act(f"{_path(cycle, questionnaire)}/opening", ROLE)
    show = Output(json)
    show.console.print(f"{questionnaire} 已开卷 opened, {cycle}", markup=False)
    show.result(found)


@app.command()
def codes(
    cycle: Cycle,
    questionnaire: Questionnaire,
    unit: Annotated[list[str], typer.Option(help="单位，可写几个 · units; give it several times.")],
    count: Annotated[int, typer.Option(min=1, max=10_000, help="每单位个数 · how many codes a unit.")],
    out: Annotated[Path, typer.Option(help="新文件夹，装答题码 · a new folder for the sheets.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """发答题码：每单位一份 .csv、.xlsx 和可打印的 .html（含链接和二维码）· one-time codes, as sheets a unit."""
    at = house(url, token_file, data)
    sheets.free(out)
    path, today = f"{_path(cycle, questionnaire)}/codes", dt.datetime.now().astimezone().date().isoformat()
    batches = [
        {**at.act(path, ROLE, {"unit": one, "count": number}), "section": "", "served_on": today}
        for one in dict.fromkeys(unit)
        for number in _parts(count)
    ]
    files = sheets.write_all(out, batches, sheets.QUESTIONNAIRES)
    show = Output(json)
    for file in files:
        show.console.print(f"  {file}", soft_wrap=True, markup=False)
    shown = [{key: value for key, value in one.items() if key != "texts"} for one in batches]
    show.result({"batches": shown, "files": [str(file) for file in files]})


@app.command()
def report(
    cycle: Cycle, questionnaire: Questionnaire, url: Url = None, token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA, json: JsonFile = None,
) -> None:  # fmt: skip
    """各单位得分和各题分布，评议办随时可看 · scores and distributions by unit, for the office."""
    found = _report(house(url, token_file, data), f"{_path(cycle, questionnaire)}/inside")
    table = Table("单位 unit", "答卷 answers", "得分 score", "题目 question", "分布 distribution")
    labels = {one["key"]: one for one in found["questions"]}
    for unit in found["items"]:
        begin = [unit["unit"], str(unit["answers"]), unit["score"] or f"— {unit['missing'] or ''}"]
        for said in unit["questions"]:
            table.add_row(*begin, labels[said["question"]]["label"]["zh"], _shares(labels[said["question"]], said))
            begin = ["", "", ""]
    show = Output(json)
    show.console.print(table)
    show.result(found)


def _report(at: House, path: str) -> dict[str, Any]:
    """Every page of it."""
    found = at.read(f"{path}?limit={A_PAGE}", ROLE)
    page = found
    while page["next"]:
        page = at.read(f"{path}?limit={A_PAGE}&after={page['next']}", ROLE)
        found["items"] += page["items"]
    return {**found, "next": None}


def _shares(question: dict[str, Any], said: dict[str, Any]) -> str:
    words = {one["key"]: one["label"]["zh"] for one in question["options"]}
    shown = [f"{words[key]} {number}" for key, number in said["chosen"].items()]
    mean = "" if said["mean"] is None else f"；均分 mean {said['mean']}"
    return f"{'，'.join(shown)}（{said['answered']} 人）{mean}"


def _path(cycle: str, questionnaire: str) -> str:
    return f"/cycles/{cycle}/questionnaires/{questionnaire}"


def _parts(count: int) -> list[int]:
    """So many, in parts as large as are allowed."""
    return [min(AT_ONCE, count - start) for start in range(0, count, AT_ONCE)]
