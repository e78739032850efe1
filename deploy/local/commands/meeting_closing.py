"""`minping meeting count`, `sign`, `seal`, `minutes`: from the closing to the printed minutes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from deploy.local.ceremony import papers
from deploy.local.ceremony.closing import Given, Table
from deploy.local.ceremony.house import House, Meeting, TokenFile, Url, house, text_file
from deploy.local.ceremony.key_file import read_key
from deploy.local.ceremony.minutes_file import minutes_file
from deploy.local.ceremony.passphrase import PassphraseFile, passphrase
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.verify import verify_file
from shared.errors import Refusal


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (count, sign, seal, minutes):
        app.command()(command)


def count(
    meeting: Meeting,
    left_in_box: Annotated[int | None, typer.Option(min=0, help="箱中余卡；不写则询问 · asked if not given.")] = None,
    unused: Annotated[int | None, typer.Option(min=0, help="交回的未用卡 · cards taken and handed in unused.")] = None,
    share: Annotated[
        list[Path] | None, typer.Option(help="份额文件，多次 · a share's file; else they are asked.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="待签文件 · where signing.json goes, for the tellers to sign.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask again.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """对账、交份额、计票、给出待签文件 · reconcile, bring the shares, count; then the paper to sign.

    数字不符不计票，说明重数什么；份额逐份核对，错了指名；确认之前都可以重来。
    """
    show = Output(json)
    at = house(url, token_file, data)
    if at.read(f"/meetings/{meeting}")["state"] == "closed":
        found = Table(at, meeting, show.console).count(Given(left_in_box, unused, tuple(share or ()), yes))
    else:  # counted before: the same checkpoint again
        found = at.read(f"/meetings/{meeting}/count", "teller")
    paper = out or Path(f"{meeting}.signing.json")
    paper.write_bytes(at.fetch(f"/api/v1/meetings/{meeting}/signing", "teller"))
    for line in papers.read(paper).words:
        show.console.print(line, soft_wrap=True)
    show.console.print(
        f"待签 to sign: {paper}（`minping teller sign` 或网页 or the page {at.url}/sign/{meeting}）", soft_wrap=True
    )
    show.result(found)


def sign(
    meeting: Meeting,
    lines: Annotated[
        list[Path] | None, typer.Argument(help="离线签名行的文件 · files of lines signed offline.")
    ] = None,
    key: Annotated[
        Path | None, typer.Option("--key", help="或用密钥文件当场签 · or sign here with a key file.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask again.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """交签名；签齐即封存 · bring signatures; with the last one needed the meeting is sealed."""
    at = house(url, token_file, data)
    given = [text_file(path) for path in lines or []]
    show = Output(json)
    if key is not None:
        page = read_key(key)
        found = papers.of(at.fetch(f"/api/v1/meetings/{meeting}/signing", "teller"))
        for line in (*found.words, f"签名人 signer    {page.name}"):
            show.console.print(line, soft_wrap=True)
        if not yes and not typer.confirm("核对无误，签名？ Is this what you sign?", err=True):
            raise typer.Exit(1)
        given.append(page.open(passphrase(passphrase_file, of=page.name)).sign(found.text))
    if not given:
        raise Refusal("lines", [], "nothing to bring", "name files of `minping teller sign --out`, or --key")
    answer = at.act(f"/meetings/{meeting}/signatures", "teller", {"signatures": given})
    show.console.print(f"已签 signed: {', '.join(answer['signed'])}", soft_wrap=True)
    show.console.print(_missing(answer["missing"]), soft_wrap=True)
    show.result(answer)


def seal(
    meeting: Meeting,
    out: Annotated[Path, typer.Option(help="放入校验点和封存包的文件夹 · folder for checkpoint and bundle.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """取封存结果并核验；未封存则说缺谁 · fetch what is sealed and verify it; not sealed: who is missing."""
    at = house(url, token_file, data)
    stands = at.read(f"/meetings/{meeting}/count", "teller")
    if stands["state"] not in ("sealed", "published"):
        raise Refusal(
            "signatures", stands["signed"], _missing(stands["missing"]), "let them sign: `minping meeting sign`", 409
        )
    out.mkdir(parents=True, exist_ok=True)
    (out / "checkpoint.txt").write_bytes(at.fetch(f"/api/v1/meetings/{meeting}/checkpoint"))
    show = Output(json)
    show.console.print((out / "checkpoint.txt").read_text(encoding="utf-8"), soft_wrap=True)
    facts = {"meeting": meeting, "state": stands["state"], "checkpoint": str(out / "checkpoint.txt")}
    bundle = _bundle(at, meeting, out)
    if bundle is None:
        show.console.print(
            "结果已上锁，打开以后再取封存包 · the result is under lock; fetch the bundle once it is opened"
        )
        show.result({**facts, "bundle": None, "verified": None})
        return
    report = verify_file(bundle)
    show.console.print(report.text(), soft_wrap=True)
    show.result({**facts, "bundle": str(bundle), "verified": report.exit_code == 0})
    raise typer.Exit(report.exit_code)


def _bundle(at: House, meeting: str, out: Path) -> Path | None:
    """The sealed bundle; None while the result is under lock."""
    try:
        data = at.fetch(f"/api/v1/meetings/{meeting}/sealed-bundle", "office")
    except Refusal as error:
        if error.field == "result":
            return None
        raise
    path = out / f"{meeting}.zip"
    path.write_bytes(data)
    return path


def _missing(missing: list[str]) -> str:
    return f"还缺 missing: {'; '.join(missing)}" if missing else "签名齐备，已封存 all signed, sealed"


def minutes(
    meeting: Meeting,
    out: Annotated[Path, typer.Option(help="可打印的 .html · the printable sheet.")],
    record: Annotated[Path | None, typer.Option(help="待指导组签名的 minutes.json · for the guidance group.")] = None,
    signed: Annotated[list[Path] | None, typer.Option(help="指导组的签名行 · signature lines over it.")] = None,
    lang: Annotated[Literal["zh", "en"], typer.Option(help="语言 · language.")] = "zh",
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
) -> None:
    """大会记录，单个文件，可打印 · the minutes as one printable file; and, sealed, what the guidance group signs."""
    at = house(url, token_file, data)
    if signed:
        lines = [text_file(path) for path in signed]
        at.act(f"/meetings/{meeting}/minutes-signatures", "guidance", {"signatures": lines})
    if record is not None:
        record.write_bytes(at.fetch(f"/api/v1/meetings/{meeting}/minutes-record"))
    out.write_text(minutes_file(at, meeting, lang), encoding="utf-8")
    typer.echo(f"{out}")
