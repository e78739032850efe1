"""`minping draw meeting`: the draw of a meeting in the running service, from the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.ceremony.house import Meeting, TokenFile, Url, house
from deploy.local.crossing import propose
from deploy.local.drawing.entropy_file import read_entropy
from deploy.local.drawing.files import must_not_stand, read_mapping, write_once
from deploy.local.drawing.seats_file import read_seats
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.domain.draw import Reveal
from shared.errors import Refusal
from shared.programme import load

PANELS = 1000
app = typer.Typer(add_completion=False, no_args_is_help=True)
ProgrammeKey = Annotated[str, typer.Option("--programme", metavar="KEY", help="评议方案 · the programme.")]


@app.callback()
def about() -> None:
    """服务中一次大会的抽签 · the draw of a meeting in the running service."""


@app.command()
def commit(
    meeting: Meeting,
    witness: Annotated[str, typer.Option(metavar="NAME=COMMITMENT", help="As `draw commit` prints it.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """登记见证人的承诺值 · put a witness's commitment on record, before the freeze."""
    name, sign, value = witness.partition("=")
    if not (name and sign and value):
        raise Refusal("--witness", witness, "is not NAME=COMMITMENT", "copy the line that `draw commit` printed")
    body = {"witness": name, "commitment": value}
    found = house(url, token_file, data).act(f"/meetings/{meeting}/commitments", "office", body)
    out = Output(json)
    out.console.print(f"{meeting}: {found['recorded']} has committed", markup=False)
    out.result(found)


@app.command()
def freeze(
    meeting: Meeting,
    public_source: Annotated[str, typer.Option(help="公开随机源 · which public result.")],
    cut_off: Annotated[str, typer.Option(help="此前无人知其结果 · nobody knows it before: 2026-06-29T21:15+08:00.")],
    quotas: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Crossing quotas, as `quotas` of a seats file: docs/draw.md.")
    ] = None,
    programme_key: ProgrammeKey = "window-units",
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """封冻评议员库并公布摘要 · freeze the pool, with panels proposed for crossing quotas if they are wanted."""
    at, out = house(url, token_file, data), Output(json)
    body: dict[str, Any] = {"public_source": public_source, "cut_off": cut_off}
    if quotas is not None:
        lots = at.read(f"/meetings/{meeting}/lots", "office")
        said = read_mapping("--quotas", quotas)
        of = {"total": sum(lots["seats"].values()), **{k: v for k, v in said.items() if k in ("quotas", "panels")}}
        wanted = read_seats(quotas, load(programme_key), PANELS, said=of)
        out.console.print(f"proposing {wanted.panels} panels for {len(wanted.quotas)} crossing quotas …")
        lottery = propose(lots["people"], lots["seats"], wanted.quotas, wanted.panels)
        body["quotas"] = [
            {"attribute": q.attribute, "value": q.value, "least": q.least, "most": q.most} for q in lottery.quotas
        ]
        body["panels"] = lottery.panels
    found = at.act(f"/meetings/{meeting}/freezing", "office", body)
    out.console.print(f"{meeting}: {found['eligible']} may be drawn, {found['excluded']} left out", markup=False)
    out.console.print(f"SHA-256 {found['pool_hash']}\n{found['note']}", markup=False, soft_wrap=True)
    out.result(found)


@app.command()
def run(
    meeting: Meeting,
    entropy: Annotated[
        Path, typer.Option(metavar="FILE", help="随机源 · public value, dice, witnesses: docs/draw.md.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="抽签证明 · where to put the proof.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """开奖后抽取代表 · draw after the cut-off; keeps the proof."""
    must_not_stand("--out", out)
    given, at = read_entropy(entropy), house(url, token_file, data)
    body: dict[str, Any] = {"public_value": given.public_value, "dice": given.dice, "reveals": [], "thrown": []}
    for one in given.answers:
        if isinstance(one, Reveal):
            body["reveals"].append({"witness": one.witness, "nonce": one.nonce.hex(), "value": one.value})
        else:
            body["thrown"].append({"witness": one.witness, "dice": one.dice, "reason": one.reason})
    found = at.act(f"/meetings/{meeting}/draw", "office", body)
    write_once("--out", out, at.fetch(f"/api/v1/meetings/{meeting}/draw-proof"))
    show = Output(json)
    for stratum, people in found["seated"].items():
        show.console.print(f"{stratum}: {', '.join(people)}", markup=False, soft_wrap=True)
    show.console.print(f"seed {found['seed']}, proof {out}, SHA-256 {found['proof_hash']}", markup=False)
    show.result({**found, "proof": str(out)})


@app.command()
def replace(
    meeting: Meeting,
    representative: Annotated[str, typer.Argument(help="登记号 · registration id of who does not come.")],
    reason: Annotated[str, typer.Option(help="原因，记录在案 · why; it stands on record.")],
    url: Url = None,
    token_file: TokenFile = None,
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """抽中者不来：按序递补，记录在案 · somebody drawn does not come: the next alternate is called, on record."""
    body = {"representative": representative, "reason": reason}
    found, out = house(url, token_file, data).act(f"/meetings/{meeting}/refusals", "office", body), Output(json)
    last = found["replacements"][-1] if found["replacements"] else None
    called = last["called"] if last and last["gone"] == representative else None
    out.console.print(f"{representative}: {reason}; called: {called or 'nobody'}", markup=False)
    out.result(found)
