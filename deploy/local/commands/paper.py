"""`minping meeting …` when tablets or power fail: paper to fill in, a table to key it in, two people apart (S16)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from deploy.local.ceremony.house import TokenFile, Url, house
from deploy.local.ceremony.paper_ballots import headings, labels, legend, read_table, sheet
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared.errors import Refusal
from shared.spreadsheet import Column, write

Meeting = Annotated[str, typer.Argument(help="大会编号 · the meeting.")]
ZONE = ZoneInfo("Asia/Shanghai")


def register(app: typer.Typer) -> None:
    """Add these commands to `minping meeting`."""
    app.command("paper-decide")(decide)
    app.command("paper-form")(form)
    app.command("paper")(paper)


def decide(
    meeting: Meeting,
    reason: Annotated[str | None, typer.Option(help="评议办提出的原因 · the office's reason.")] = None,
    url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA, json: JsonFile = None,
) -> None:  # fmt: skip
    """改用纸质票：评议办提出（--reason），指导组确认 · paper: the office proposes, the guidance group confirms."""
    at, path = house(url, token_file, data), f"/meetings/{meeting}/paper-fallback"
    proposed = reason is not None
    found = at.act(path, "office", {"reason": reason}) if proposed else at.act(f"{path}/confirmation", "guidance")
    out = Output(json)
    said = "已确认，可以录入 confirmed" if found["confirmed_at"] else "待指导组确认 waits for the guidance group"
    out.console.print(f"{meeting}：{said}（{found['reason']}）", soft_wrap=True)
    out.result(found)


def form(
    meeting: Meeting,
    out: Annotated[Path, typer.Option(help="录入表 · the table to key in, .xlsx.")],
    ballot: Annotated[Path | None, typer.Option("--print", help="空白测评表 · the paper, to print.")] = None,
    url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA,
) -> None:  # fmt: skip
    """生成录入表和可打印的空白测评表 · the table for keying in, and the paper to print."""
    at = house(url, token_file, data)
    found, state = at.read(f"/meetings/{meeting}/form"), at.read(f"/meetings/{meeting}")
    columns = [Column(heading, 32 if number == 0 else 10) for number, heading in enumerate(headings(found))]
    try:
        with out.open("xb") as target:
            write(target, "录入 papers", columns, (), zone=ZONE, title=legend(found), made=datetime.now(ZONE))
        if ballot is not None:
            ballot.write_text(sheet(found, rehearsal=state["rehearsal"]), encoding="utf-8")
    except OSError as error:
        raise Refusal("out", str(out), f"cannot be written: {error.strerror}", "name another file") from error
    typer.echo(f"{out}：每行一张票，{legend(found)}")


def paper(
    meeting: Meeting,
    file: Annotated[Path, typer.Argument(help="本人录入的表 · the table that you keyed in, .xlsx or .csv.")],
    url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA, json: JsonFile = None,
) -> None:  # fmt: skip
    """交上本人录入的纸质票；第二人另录一遍，不同之处逐格列出，由第三人再看 · hand in what you keyed in.

    每人用自己的令牌（--token-file） · everybody with a token of their own.
    退出码 1：有不同或未被接受 · exit 1: some differ or were refused.
    """
    at = house(url, token_file, data)
    if at.token is None:
        raise Refusal("token-file", None, "two people key in apart", "give your own token with --token-file")
    found = at.read(f"/meetings/{meeting}/form")
    out, results = Output(json), []
    for one in read_table(file, found):
        body = {"card": one.card, **({"spoiled": True} if one.marks is None else {"marks": one.marks})}
        try:
            answer = at.act(f"/meetings/{meeting}/paper-ballots", "clerk", body)
        except Refusal as refusal:
            answer = {"state": "refused", "reason": f"{refusal.field}: {refusal.reason}; {refusal.remedy}"}
        results.append({"row": one.row, **answer})
        said = {"once": "已录一遍 once", "accepted": "两遍一致，已计入 accepted", "differs": "✗ 不同 differs"}
        more = "、".join(labels(found, answer.get("cells", ()))) if answer["state"] == "differs" else ""
        words = said.get(answer["state"], f"✗ {answer.get('reason', '')}")
        out.console.print(f"第 {one.row} 行：{words} {more}".rstrip(), soft_wrap=True, markup=False)
    out.result({"meeting": meeting, "papers": results})
    if not results or any(one["state"] in ("differs", "refused") for one in results):
        raise typer.Exit(1)
