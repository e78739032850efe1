"""`minping programme publish` and `programme amend`: what they ask of the running house."""

from __future__ import annotations

import json as json_format
import urllib.parse
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local import deployment
from deploy.local.asking import ask, fetch, tell
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from shared.errors import Refusal
from shared.programme import Programme, fingerprint, load
from shared.programme.sources import source

File = Annotated[str, typer.Argument(metavar="FILE", help="方案文件或自带方案的名字 · file or bundled key")]


def publish(
    file: File,
    year: Annotated[int, typer.Option(min=2004, max=2050, help="年度 · the year whose cycles are opened.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """公布方案：开设一年的各期，规则按哈希公布 · open the cycles of a year by this file; its hash is published.

    文件须是系统正在使用的那一个；有一处错误就不公布 · the house must run by it; one error, and nothing is done.
    """
    programme = load(file)
    found = _published(programme, year, data)
    out = Output(json)
    for cycle in found["cycles"]:
        said = "新开 opened" if cycle["opened"] else "已开 open already"
        out.console.print(f"{cycle['name']}  {cycle['starts']} – {cycle['ends']}  {said}", markup=False, soft_wrap=True)
    out.console.print(f"{programme.key}  SHA-256 {found['sha256']}", markup=False, soft_wrap=True)
    out.result(found)


def amend(
    file: File,
    cycle: Annotated[str, typer.Option(help="周期 · the cycle that runs, such as 2026-H1.")],
    reason: Annotated[str, typer.Option(help="修改理由 · why.")],
    document: Annotated[str, typer.Option(help="修改依据（文号）· the decision, with its number.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """周期中修改方案：先记录在案，再用新文件启动 · put a change in mid-cycle on record; then start with the new file.

    不能改的（已用的名字、投票后的计分办法）会列出 · what a running cycle does not bear is listed and refused.
    """
    body = {"programme": source(file), "reason": reason, "document": document}
    ports, token = _house(data, "approver", "minping programme amend")
    quoted = urllib.parse.quote(cycle, safe="")
    found = tell(f"{ports.url('scoring')}/api/v1/cycles/{quoted}/amendments", token, body)
    out = Output(json)
    for change in found["changes"]:
        out.console.print(f"{change['path']}: {change['before']} → {change['after']}", markup=False, soft_wrap=True)
    out.console.print(
        "已记录。现在停止系统，用新文件启动 · on record; now stop the house and start it with the new file:\n"
        f"  minping up --programme {file}", markup=False, soft_wrap=True,
    )  # fmt: skip
    out.result(found)


def _published(programme: Programme, year: int, data: Path) -> dict[str, Any]:
    ports, token = _house(data, "office", "minping programme publish")
    base = f"{ports.url('scoring')}/api/v1"
    running, sha256 = ask(f"{base}/programme", token), fingerprint(programme)
    if running["sha256"] != sha256:
        raise Refusal(
            "programme", programme.key,
            f"the house runs by {running['key']} {running['sha256'][:12]}, not by this file",
            "stop it and start it with `minping up --programme FILE`",
        )  # fmt: skip
    listed: list[dict[str, Any]] = json_format.loads(fetch(f"{base}/cycles", token))
    open_already = {one["name"]: one for one in listed}
    cycles: list[dict[str, Any]] = []
    for pattern in programme.cycles:
        name = pattern.name.replace("{year}", str(year))
        known = open_already.get(name)
        cycle = known if known is not None else tell(f"{base}/cycles", token, {"name": name})
        cycles.append({**cycle, "opened": known is None})
    return {"key": programme.key, "sha256": sha256, "cycles": cycles}


def _house(data: Path, role: str, name: str) -> tuple[Any, str]:
    layout, ports, _ = deployment.opened(data)
    return ports, deployment.token(Keyring(layout.secrets), role, unit=None, name=name, sub=None, days=1)
