"""`minping meeting …` after the seal: recount, opening the result, a dispute, an outside time stamp."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated, cast

import typer
from cryptography.exceptions import InvalidTag

from deploy.local.ceremony.house import TokenFile, Url, house, text_file
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.domain.ballot import public_from_text
from services.scoring.domain.canon import Malformed, parse
from services.scoring.domain.openings import decrypt_openings
from services.scoring.domain.rehearsal import MEMBER
from services.scoring.domain.shamir import combine_key
from services.scoring.verify.container import read_container
from services.scoring.verify.recount import recount as count_again
from services.scoring.verify.timestamp import request
from shared.errors import Refusal

Meeting = Annotated[str, typer.Argument(help="大会编号 · the meeting.")]
Bundle = Annotated[Path, typer.Argument(help="封存包 · bundle.zip.")]
Share = Annotated[list[Path], typer.Option("--share", help="份额文件，每人一个 · a teller's share, once for each.")]


def register(app: typer.Typer) -> None:
    """Add these commands to `minping meeting`."""
    app.command()(recount)
    app.command("open-result")(open_result)
    app.command("open-dispute")(open_dispute)
    app.command("stamp-request")(stamp_request)
    app.command()(stamp)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal("file", str(path), f"cannot be read: {error.strerror}", "name the right file") from error


def recount(
    bundle: Bundle,
    unit: Annotated[str | None, typer.Option(help="只算一个单位 · this unit only.")] = None,
    json: JsonFile = None,
) -> None:
    """只凭封存包重新计票，逐步列出算式 · count again from the bundle alone, showing the arithmetic.

    退出码 0 与封存、公布的一致，1 不一致 · exit 0: the same as sealed and published; 1: not.
    """
    found = count_again(_read(bundle))
    units = [one for one in found.units if unit in (None, one.unit)]
    if unit is not None and not units:
        raise Refusal("unit", unit, "is not on this ballot", "name a unit of the bundle", 404)
    out = Output(json)
    mark = f"  ★ 演练 {MEMBER} ★" if found.rehearsal else ""
    lines = [f"重新计票 recount：{found.meeting}，有效票 {found.ballots}{mark}"]
    for one in units:
        lines += [f"\n{one.unit} {one.name}", *(f"  {line}" for line in one.lines)]
        said = "" if one.published is None else f"，公布 published {one.published}"
        lines.append(f"  封存 sealed {one.sealed}{said}：{'一致 same' if one.same else '✗ 不一致 differs'}")
    lines += [f"✗ {check.title[0]} | {check.title[1]}: {check.where} {check.says}" for check in found.failures]
    lines.append(
        f"\n结论：{'重新计票一致 | the recount agrees' if found.holds else '不一致 | it does not agree'}{mark}"
    )
    for line in lines:
        out.console.print(line, soft_wrap=True, markup=False)
    out.result(cast("dict[str, object]", found.to_json()))
    if not found.holds:
        raise typer.Exit(1)


def open_result(
    meeting: Meeting, share: Share, url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:  # fmt: skip
    """打开封存的结果（周期关闭、申诉全部裁定之后） · open the result, once no appeal can change a daily score."""
    shares = [text_file(path).strip() for path in share]
    found = house(url, token_file, data).act(f"/meetings/{meeting}/result-opening", "teller", {"shares": shares})
    out = Output(json)
    out.console.print(f"{meeting}：结果已打开，可以排名 · the result is open, the ranking may follow", soft_wrap=True)
    out.result(found)


def open_dispute(
    bundle: Bundle,
    openings: Annotated[Path, typer.Argument(help="加密的开示 · openings.bin, from GET …/openings.")],
    share: Share,
    out: Annotated[Path, typer.Option(help="开示写入此文件 · where the opened ballots go.")],
) -> None:
    """争议复核：四名计票人到场，离线打开全部选票 · open the ballots for a dispute, offline, with 4 of 5 shares.

    之后：minping verify BUNDLE --openings OUT。只给复核人看，看完销毁 · only for those who settle the dispute.
    """
    if out.exists():
        raise Refusal("out", str(out), "stands already", "name another file", 409)
    files = read_container(_read(bundle)).files
    try:
        manifest, ceremony = parse(files["manifest.json"]), parse(files["ceremony.json"])
        key = cast("dict[str, object]", cast("dict[str, object]", ceremony)["dispute_key"])
        public, needed = public_from_text(str(key["public_key"])), cast(int, key["needed"])
        private = combine_key([text_file(path).strip() for path in share], public, needed=needed)
        opened = decrypt_openings(private, str(cast("dict[str, object]", manifest)["meeting"]), _read(openings))
    except (Malformed, KeyError, TypeError) as error:
        reason = f"holds no dispute key of this seal ({type(error).__name__})"
        raise Refusal("bundle", str(bundle), reason, "name the bundle of this meeting") from error
    except InvalidTag as error:
        raise Refusal("openings", str(openings), "does not open with this key", "name this meeting's file") from error
    out.touch(mode=0o600)
    out.write_bytes(opened)
    typer.echo(f"{out}：minping verify {bundle} --openings {out}")


def stamp_request(
    checkpoint: Annotated[Path, typer.Argument(help="校验点 · checkpoint.txt, with its signatures.")],
    out: Annotated[Path, typer.Option(help="请求写入此文件 · where the request goes.")] = Path("request.tsq"),
) -> None:
    """给时间戳机构的请求文件（RFC 3161），离线生成 · a request for a time-stamping authority, made offline.

    在可上网的机器上发送 send it:
    curl -H 'Content-Type: application/timestamp-query' --data-binary @request.tsq URL -o stamp.tsr
    """
    try:
        out.write_bytes(request(_read(checkpoint)))
    except Malformed as error:
        raise Refusal("timestamp", str(checkpoint), str(error), "install it, or leave the stamp out") from error
    typer.echo(f"{out}")


def stamp(
    meeting: Meeting,
    response: Annotated[Path, typer.Argument(help="时间戳 · the authority's answer, stamp.tsr.")],
    url: Url = None, token_file: TokenFile = None, data: DataFolder = DEFAULT_DATA, json: JsonFile = None,
) -> None:  # fmt: skip
    """把时间戳存于封存包旁，公开可取 · keep the stamp beside the bundle, for everybody to fetch."""
    body = {"response": base64.b64encode(_read(response)).decode()}
    found = house(url, token_file, data).act(f"/meetings/{meeting}/timestamp", "office", body)
    out = Output(json)
    out.console.print(f"{meeting}：已存 kept（{found['bytes']} bytes）", soft_wrap=True)
    out.result(found)
