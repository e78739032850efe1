"""`minping cards`: the meeting's cards, printed offline under two tellers; then the laptop's file is destroyed."""

from __future__ import annotations

import datetime as dt
import json as json_
import secrets
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.ceremony.key_file import read_key
from deploy.local.ceremony.passphrase import passphrase
from deploy.local.ceremony.sheets import A_SHEET, Sheet
from deploy.local.ceremony.shredding import shred
from deploy.local.keys import write_private
from deploy.local.output import JsonFile, Output
from services.scoring.domain.canon import Malformed
from services.scoring.domain.cards import Card, CardList, card_list, card_list_from_bytes, make_cards
from services.scoring.domain.destruction import CARD_TELLERS, cards_text
from services.scoring.domain.note import Signer, assemble
from services.scoring.domain.tally import shuffled
from shared.errors import Refusal

app = typer.Typer(add_completion=False, no_args_is_help=True)
SHEETS, LIST, NOTE, UPLOAD, DESTROYED = "cards.html", "cards.json", "cards.txt", "upload.json", "destroyed.txt"
Keys = Annotated[
    list[Path], typer.Option("--key", metavar="FILE", help="两名计票人的密钥文件，写两次 · two tellers' keys, twice.")
]
Passphrases = Annotated[
    list[Path] | None, typer.Option("--passphrase-file", help="口令文件，与密钥同序 · in the order of the keys.")
]


@app.callback()
def about() -> None:
    """评议卡：离线印制、销毁 · the cards: printed and destroyed offline."""


@app.command("print")
def print_(
    meeting: Annotated[str, typer.Option(help="大会编号 · the meeting.")],
    out: Annotated[Path, typer.Option(help="新文件夹，最好在内存盘 · a new folder, best in memory (/dev/shm).")],
    key: Keys,
    number: Annotated[int, typer.Option(help="张数，应多于代表人数 · how many; more than seats.")] = 0,
    class_: Annotated[
        list[str] | None, typer.Option("--class", help="两类卡时：键=张数=名称 · with two boxes: key=number=label.")
    ] = None,
    date: Annotated[str, typer.Option(help="会期，如 2026-07-10 · the day of the meeting.")] = "",
    title: Annotated[str, typer.Option(help="大会名称 · its name, printed on each card.")] = "",
    rehearsal: Annotated[bool, typer.Option(help="演练，卡上印明 · a rehearsal; the cards say so.")] = False,
    passphrase_file: Passphrases = None,
    json: JsonFile = None,
) -> None:
    """印卡：cards.html 打印裁开对折装箱；upload.json 交服务器 · sheets to print, and the list for the server.

    服务器只得到每张卡的摘要；cards.html 含卡号，印完即用 `minping cards destroy` 销毁。
    """
    wanted, labels = _classes(number, class_ or [])
    signers = _signers(key, passphrase_file or [])
    day = _day(date)
    made = [card for name, count in wanted.items() for card in make_cards(count, secrets.token_bytes, name)]
    try:
        listed = card_list(meeting, made)
    except Malformed as error:
        raise Refusal("meeting", meeting, str(error), "correct it") from error
    # the list is sorted by hash and the paper is not: where a card lies on a sheet says nothing about either
    paper: tuple[Card, ...] = shuffled(made, secrets.token_bytes)
    try:
        out.mkdir(mode=0o700)
    except OSError as error:
        raise Refusal(
            "out", str(out), f"cannot be made: {error.strerror}", "name a folder that is not there"
        ) from error
    write_private(out / SHEETS, Sheet(meeting, title, day, rehearsal, labels).cards(paper).encode())
    lines = [one.sign(listed.note_text) for one in signers]
    (out / LIST).write_bytes(listed.data)
    (out / NOTE).write_text(assemble(listed.note_text, lines), encoding="utf-8")
    body = {"cards": [], "classes": listed.classes} if class_ else {"cards": sorted(listed.classes)}
    (out / UPLOAD).write_text(json_.dumps({**body, "signatures": lines}, indent=1), encoding="utf-8")
    sheets = sum(-(-count // A_SHEET) for count in wanted.values())
    show = Output(json)
    show.console.print(f"{len(made)} 张 cards, {sheets} 页 pages: {out / SHEETS}", soft_wrap=True)
    show.console.print(f"清单根摘要 root {listed.root}", soft_wrap=True)
    show.console.print(f"→ `minping meeting cards {meeting} {out / UPLOAD}`", soft_wrap=True)
    show.result({"meeting": meeting, "cards": len(made), "pages": sheets, "root": listed.root, "folder": str(out),
                 "signed": [one.name for one in signers]})  # fmt: skip


@app.command()
def destroy(
    folder: Annotated[Path, typer.Argument(help="`minping cards print` 的文件夹 · the folder of the cards.")],
    key: Keys,
    also: Annotated[list[Path] | None, typer.Option(help="还含卡号的文件，如 PDF · others that hold cards.")] = None,
    passphrase_file: Passphrases = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask again.")] = False,
    json: JsonFile = None,
) -> None:
    """销毁印卡文件并由两名计票人签署记录 · overwrite and remove the cards' file; two tellers sign that it is gone."""
    listed = _listed(folder)
    gone = [path for path in (folder / SHEETS, *sorted(folder.glob("*.pdf")), *(also or [])) if path.exists()]
    if folder / SHEETS not in gone:
        raise Refusal("folder", str(folder), f"{SHEETS} is not there", "name the folder in which the cards were made")
    signers = _signers(key, passphrase_file or [])
    typer.echo(f"大会 meeting {listed.meeting}，{len(listed.classes)} 张 cards；将销毁 to destroy:", err=True)
    for path in gone:
        typer.echo(f"  {path}", err=True)
    if not yes and not typer.confirm("卡已印好装箱，现在销毁？ Printed and boxed; destroy now?", err=True):
        raise typer.Exit(1)
    size = sum(shred(path) for path in gone)
    text = cards_text(listed.meeting, len(listed.classes), listed.root)
    record = folder / DESTROYED
    record.write_text(assemble(text, [one.sign(text) for one in signers]), encoding="utf-8")
    show = Output(json)
    show.console.print(f"已覆盖并删除 {len(gone)} 个文件，{size:,} 字节 · overwritten and removed", soft_wrap=True)
    show.console.print("打印机的缓存、闪存的旧块不在此列 · not: the printer's memory, old blocks of a flash disk")
    show.console.print(f"→ `minping meeting destroyed {listed.meeting} {record}`", soft_wrap=True)
    show.result(
        {"meeting": listed.meeting, "files": [str(path) for path in gone], "bytes": size, "record": str(record)}
    )


def _classes(number: int, given: list[str]) -> tuple[dict[str, int], dict[str, str]]:
    """How many of each class, and what stands on the cards of each."""
    if not given:
        if number < 1:
            raise Refusal("number", number, "no card", "say how many, more than seats")
        return {"all": number}, {}
    parts = [one.split("=", 2) for one in given]
    if any(len(part) != 3 or not part[1].isdigit() or not int(part[1]) for part in parts) or number:
        raise Refusal(
            "class", given, "is not key=number=label", "for example --class ordinary=60=普通群众, and no --number"
        )
    return {part[0]: int(part[1]) for part in parts}, {part[0]: part[2] for part in parts}


def _signers(keys: list[Path], files: list[Path]) -> list[Signer]:
    pages = [read_key(path) for path in keys]
    if len({page.vkey for page in pages}) < CARD_TELLERS:
        raise Refusal("key", [str(k) for k in keys], f"{CARD_TELLERS} tellers do this together", "give --key twice")
    if files and len(files) != len(pages):
        raise Refusal("passphrase-file", len(files), f"there are {len(pages)} keys", "one a key, in their order")
    given: list[Path | None] = [*files] if files else [None] * len(pages)
    return [page.open(passphrase(file, of=page.name)) for page, file in zip(pages, given, strict=True)]


def _day(date: str) -> dt.date:
    try:
        return dt.date.fromisoformat(date)
    except ValueError as error:
        raise Refusal("date", date, "is no day", "as in 2026-07-10") from error


def _listed(folder: Path) -> CardList:
    try:
        return card_list_from_bytes((folder / LIST).read_bytes())
    except (OSError, Malformed) as error:
        remedy = "name the folder in which the cards were made"
        raise Refusal("folder", str(folder), f"{LIST} cannot be read: {error}", remedy) from error
