"""`minping notice bounces` and `suppressions`: what came back, and the addresses that get nothing (N3)."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask, fetch, hand_in, tell
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared.errors import Refusal

KINDS = {
    "hard": "地址无效 no such address",
    "refused": "终被拒收 refused for good",
    "soft": "暂缓 delayed",
    "complaint": "被投诉为垃圾邮件 called spam",
}
EFFECTS = {
    "failed": "信件未送达，改送下一顺位 failed, next in line told",
    "suppressed": "地址停发 address suppressed",
    "noted": "仅记录 noted",
    "unmatched": "与本系统信件无关 no letter of ours",
}
CAUSES = {
    "refused": "服务器拒收 refused by the server",
    "bounce": "退信 bounce",
    "complaint": "投诉 complaint",
    "operator": "人工 operator",
    "directory": "通讯录重新登记 entered in the directory",
}
Channel = Annotated[str, typer.Option(help="渠道 · the channel; email.")]
Address = Annotated[str, typer.Argument(help="地址 · the address.")]
Why = Annotated[str, typer.Option(help="理由，留在记录里 · why, for the record.")]
app = typer.Typer(add_completion=False, no_args_is_help=True)


def bounces(
    letter: Annotated[str | None, typer.Option(help="信件编号 · only of a letter.")] = None,
    report: Annotated[
        Path | None, typer.Option(help="交入一封退信或投诉原件 · hand in a bounce as it came, .eml.")
    ] = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """退信和投诉，及其后果 · what came back after letters had been taken, and what followed from it (N3)."""
    out = Output(json)
    url, token = _notify(data)
    if report is not None:
        done = hand_in(f"{url}/api/v1/bounces/report", token, _read(report), "message/rfc822")
        again = "（此前已收到 had come before）" if done["again"] else ""
        out.console.print(f"{report.name}: {EFFECTS[done['effect']]}{again}", markup=False, soft_wrap=True)
        out.result(done)
        return
    found = _all(f"{url}/api/v1/bounces", token, "bounces", {"letter": letter} if letter else {})
    for line in bounce_lines(found):
        out.console.print(line, markup=False, soft_wrap=True)
    out.result({"bounces": found})


@app.callback()
def about() -> None:
    """停发地址：不再投递的地址，及其原因 · addresses that get nothing, and why."""


@app.command("list")
def list_(
    history: Annotated[bool, typer.Option("--history", help="包括已恢复的沿革 · how they came and left.")] = False,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """列出停发地址 · the addresses that get nothing now."""
    url, token = _notify(data)
    name = "changes" if history else "suppressions"
    found = _all(f"{url}/api/v1/suppressions{'/history' if history else ''}", token, name, {})
    out = Output(json)
    for line in suppression_lines(found):
        out.console.print(line, markup=False, soft_wrap=True)
    out.result({name: found})


@app.command("add")
def add(address: Address, reason: Why, channel: Channel = "email", data: DataFolder = DEFAULT_DATA) -> None:
    """停发一个地址，未发通知改送下一顺位 · suppress an address; what waits goes to the next in line."""
    url, token = _notify(data)
    tell(f"{url}/api/v1/suppressions", token, {"channel": channel, "address": address, "reason": reason})
    Output(None).console.print(f"已停发 suppressed: {address}", markup=False)


@app.command("lift")
def lift(address: Address, reason: Why, channel: Channel = "email", data: DataFolder = DEFAULT_DATA) -> None:
    """恢复投递 · let an address get letters again; what failed meanwhile stays failed."""
    url, token = _notify(data)
    tell(f"{url}/api/v1/suppressions/lift", token, {"channel": channel, "address": address, "reason": reason})
    Output(None).console.print(f"已恢复 lifted: {address}", markup=False)


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="写到 · the file to write, .xlsx.")], data: DataFolder = DEFAULT_DATA
) -> None:
    """导出停发地址表 · write the list as a table."""
    url, token = _notify(data)
    content = fetch(f"{url}/api/v1/suppressions/export", token)
    try:
        file.write_bytes(content)
    except OSError as error:
        raise Refusal("file", str(file), f"cannot be written: {error.strerror}", "name another file") from error
    Output(None).console.print(f"{file}: {len(content)} bytes", markup=False)


def bounce_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """Reports as lines for people."""
    if not found:
        yield "没有退信 · nothing came back"
    for one in found:
        about = one["letter"] or one["address"] or "—"
        yield f"{one['at'][:16]}  {KINDS[one['kind']]}  {about}: {one['reason'] or '—'} → {EFFECTS[one['effect']]}"


def suppression_lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """Suppressed addresses, or their history, as lines for people."""
    if not found:
        yield "没有停发地址 · no address is suppressed"
    for one in found:
        where = one["address"] if one["channel"] == "email" else f"{one['channel']} {one['address']}"
        lifted = "恢复 lifted: " if one.get("change") == "lifted" else ""
        who = f" {one['name']} ({one['unit']})" if one.get("name") else ""
        by = f" · {one['actor']}" if one["actor"] else ""
        yield f"{one['at'][:16]}  {where}{who}: {lifted}{CAUSES[one['cause']]} — {one['reason']}{by}"


def _notify(data: Path) -> tuple[str, str]:
    layout, ports, _ = deployment.opened(data)
    token = deployment.token(
        Keyring(layout.secrets), "operator", unit=None, name="minping notice bounces", sub=None, days=1
    )
    return ports.url("notify"), token


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal("report", str(path), f"cannot be read: {error.strerror}", "name another file") from error


def _all(url: str, token: str, name: str, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        query = urllib.parse.urlencode({**wanted, "limit": 500, **({"cursor": cursor} if cursor else {})})
        page = ask(f"{url}?{query}", token)
        found += page[name]
        cursor = page["next"]
    return found
