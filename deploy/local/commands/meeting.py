"""`minping meeting`: what tellers, scrutineer and office do with a running house, from key and cards to the minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.local.ceremony.house import Meeting, TokenFile, Url, house, json_file, text_file
from deploy.local.commands import meeting_closing, paper, sealed
from deploy.local.commands.source import add_account
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output

app = typer.Typer(add_completion=False, no_args_is_help=True)
meeting_closing.register(app)
sealed.register(app)
paper.register(app)
STEPS = {
    "check-in": "签到 check-in",
    "statements": "陈述 statements",
    "questions": "询问 questions",
    "ballots": "投票 ballots",
}


@app.callback()
def about() -> None:
    """一场大会，从密钥、评议卡到记录 · a meeting, from key and cards to its minutes."""


@app.command()
def add(
    meeting: Annotated[str, typer.Argument(help="Id of the meeting, as it stands in its subject.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """Give a meeting's terminals an account on the running bus, and see that a message gets through."""
    add_account(meeting, "meeting", data, json)


@app.command()
def show(
    meeting: Meeting, url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:  # fmt: skip
    """大会到了哪一步 · where the meeting stands, and its turnout."""
    at = house(url, token_file, data)
    found, turnout = at.read(f"/meetings/{meeting}"), at.read(f"/meetings/{meeting}/turnout")
    out = Output(json)
    out.console.print(
        f"{meeting}: {found['state']}{'（演练 rehearsal）' if found['rehearsal'] else ''}", soft_wrap=True
    )
    out.console.print(f"签到领卡 issued {turnout['issued']}，收回 returned {turnout['returned']}", soft_wrap=True)
    out.result({**found, "issued": turnout["issued"], "returned": turnout["returned"]})


@app.command()
def enrol(
    meeting: Meeting,
    vkey: Annotated[str, typer.Argument(help="`minping teller key` 打印的公钥 · the vkey that it printed.")],
    role: Annotated[str, typer.Option(help="teller, scrutineer, guidance, witness.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """登记签名公钥（封冻名册之前） · enrol who signs, before the pool is frozen."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/keys", "office", {"role": role, "vkey": vkey})
    out = Output(json)
    for one in found["keys"]:
        out.console.print(f"{one['role']:11} {one['vkey']}", soft_wrap=True)
    out.result(found)


@app.command()
def key(
    meeting: Meeting,
    file: Annotated[Path, typer.Argument(help="ballot-key.json of `minping teller ballot-key`.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """交选票公钥和份额持有人 · bring the public key and who holds which share."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/ballot-key", "teller", json_file(file))
    out = Output(json)
    out.console.print(f"已收下公钥 public key {found['public_key']}", soft_wrap=True)
    out.result(found)


@app.command()
def cards(
    meeting: Meeting,
    file: Annotated[Path, typer.Argument(help="upload.json of `minping cards print`.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """交评议卡清单（只有摘要） · bring the list of cards, hashes only."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/cards", "teller", json_file(file))
    out = Output(json)
    out.console.print(f"已收下 {found['cards']} 张卡的清单，根摘要 root {found['root']}", soft_wrap=True)
    out.result(found)


@app.command()
def destroyed(
    meeting: Meeting,
    file: Annotated[
        Path, typer.Argument(help="销毁记录 · the record of `minping cards destroy` or `teller destroyed`.")
    ],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """交销毁记录 · bring the signed record that cards or a share were destroyed."""
    note = text_file(file)
    where = "card-destruction" if note.startswith("minping/cards-destroyed\n") else "share-destructions"
    found = house(url, token_file, data).act(f"/meetings/{meeting}/{where}", "teller", {"note": note})
    out = Output(json)
    out.console.print(f"已记录 on record: {found['what']}，{', '.join(found['signed'])}", soft_wrap=True)
    out.result(found)


@app.command("open")
def open_(
    meeting: Meeting,
    step: Annotated[
        Literal["check-in", "statements", "questions", "ballots"], typer.Option(help="打开哪一步 · which step.")
    ] = "ballots",
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """打开一步，默认投票 · open a step, by default the ballots; guarded by what has to come first."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/{step}-opening", "office")
    out = Output(json)
    out.console.print(f"已打开 open: {STEPS[step]}", soft_wrap=True)
    out.result(found)


@app.command()
def close(
    meeting: Meeting, url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:  # fmt: skip
    """结束投票；误点可由指导组 `reopen` · close the ballots; closed by mistake, the guidance group reopens."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/closing", "teller")
    out = Output(json)
    out.console.print(f"投票结束：领卡 issued {found['issued']}，收回 returned {found['returned']}", soft_wrap=True)
    out.console.print("现在：收未用的卡，数箱中余卡 · now: collect unused cards, count the box")
    out.result(found)


@app.command()
def reopen(
    meeting: Meeting,
    reason: Annotated[str, typer.Option(help="原因，记录在案 · why; it stays on record.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """误点结束时重新打开投票（指导组，计票前） · open ballots again that were closed by mistake."""
    found = house(url, token_file, data).act(f"/meetings/{meeting}/reopening", "guidance", {"reason": reason})
    out = Output(json)
    out.console.print("投票重新打开 the ballots are open again", soft_wrap=True)
    out.result(found)
