"""`minping draw pool`: the pool of evaluators. Names are hashed here; the service gets registration ids."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from deploy.local.ceremony.house import TokenFile, Url, house
from deploy.local.commands.import_ import mapping
from deploy.local.drawing.files import name_secret
from deploy.local.drawing.pool_file import held_against, read_pool, show
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.domain.pool import name_salt, private_name
from services.scoring.domain.pool_rows import KINDS
from shared.errors import Refusal
from shared.programme import load

app = typer.Typer(add_completion=False, no_args_is_help=True)
ListFile = Annotated[Path, typer.Argument(help="评议员名册 · list of evaluators, .csv or .xlsx.")]
Salt = Annotated[
    Path | None,
    typer.Option(
        "--salt", metavar="FILE", help="姓名加盐密钥，留在本机 · office's secret for hashes of names; made once."
    ),
]
ProgrammeKey = Annotated[
    str, typer.Option("--programme", metavar="KEY", help="评议方案 · whose sizes and shares hold.")
]
Maps = Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column holds.")]


@app.callback()
def about() -> None:
    """评议员库 · the pool of evaluators: check, import, conflicts of interest."""


@app.command()
def check(
    file: ListFile,
    maps: Maps = None,
    programme_key: ProgrammeKey = "window-units",
    json: JsonFile = None,
) -> None:
    """离线检查名册：逐行、规模、比例 · check a list offline: every row, sizes, shares. Exit 1 if anything is wrong."""
    programme = load(programme_key)
    pool = read_pool(file, mapping(maps or []), None)
    found, out = held_against(pool, programme), Output(json)
    show(out.console, found, programme, pool)
    out.result(found)
    if found["refused"] or found["problems"]:
        raise typer.Exit(1)


@app.command("import")
def import_(
    file: ListFile,
    pool: Annotated[str, typer.Option("--pool", metavar="NAME", help="评议员库名 · the pool's name.")],
    township: Annotated[str | None, typer.Option(help="乡镇 · the township, if the list is one township's.")] = None,
    salt: Salt = None,
    maps: Maps = None,
    programme_key: ProgrammeKey = "window-units",
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """导入评议员库，姓名只在本机加盐取摘要 · import a list into a running service; names stay on this machine.

    读、取、退逐行交代；比例不符则不登记 · every row is accounted for; nothing changes while the shares do not hold.
    """
    programme = load(programme_key)
    listed = read_pool(file, mapping(maps or []), salt)
    rows = [
        {"row": r.row, "id": r.id, "stratum": r.stratum, "township": r.township, "name_hash": r.name_hash,
         "conflicts": [list(pair) for pair in r.conflicts], "attributes": dict(r.attributes)}
        for r in listed.raw
    ]  # fmt: skip
    body = {"township": township, "rows": rows}
    path = f"/pools/{quote(pool, safe='')}/import"
    found = {"file": listed.name, **house(url, token_file, data).act(path, "office", body)}
    out = Output(json)
    show(out.console, found, programme, listed)
    said = "registered" if found["registered"] else "not registered: nothing was changed"
    out.console.print(f"pool {pool}: {said}", markup=False)
    out.result(found)
    if not found["registered"] or found["refused"]:
        raise typer.Exit(1)


@app.command()
def conflict(
    pool: Annotated[str, typer.Argument(help="评议员库名 · the pool's name.")],
    member: Annotated[str, typer.Argument(help="登记号 · registration id.")],
    unit: Annotated[str, typer.Argument(help="被评单位 · key of the unit.")],
    reason: Annotated[str, typer.Option(help="事由，记录在案 · why; it stands on record.")],
    kind: Annotated[str, typer.Option(help="employed 任职, related 亲属, declared 自行申明.")] = "declared",
    withdraw: Annotated[bool, typer.Option("--withdraw", help="撤销 · it has ended.")] = False,
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """申报或撤销利害关系 · put a conflict of interest on record, or withdraw it."""
    if kind not in KINDS:
        raise Refusal("kind", kind, "no such kind of conflict", f"one of: {', '.join(KINDS)}")
    path = f"/pools/{quote(pool, safe='')}/conflicts{'/withdrawal' if withdraw else ''}"
    body = {"member": member, "unit": unit, "reason": reason} | ({} if withdraw else {"kind": kind})
    found, out = house(url, token_file, data).act(path, "office", body), Output(json)
    said = "withdrawn" if withdraw else "on record"
    out.console.print(f"{member} – {unit} ({found['kind']}): {said} {found['recorded_at']}", markup=False)
    out.result(found)


@app.command()
def name(
    member: Annotated[str, typer.Argument(help="登记号 · registration id.")],
    person: Annotated[str, typer.Argument(help="姓名 · the name as it stands in the list.")],
    salt: Annotated[Path, typer.Option(metavar="FILE", help="姓名加盐密钥 · the office's secret for hashes of names.")],
    json: JsonFile = None,
) -> None:
    """出示一人姓名的盐，以证明公布的摘要是他 · show the salt of one name, to prove whose hash is in the frozen pool."""
    if not salt.exists():
        raise Refusal("--salt", str(salt), "there is no such file", "name the file of the import")
    found = name_salt(name_secret(salt), member)
    hashed, out = private_name(found, person), Output(json)
    out.console.print(f"salt {found.hex()}\nSHA-256(salt ‖ name) {hashed}", markup=False, soft_wrap=True)
    out.result({"member": member, "salt": found.hex(), "name_hash": hashed})
