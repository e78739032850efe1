"""`minping draw meeting`: the draw of a meeting in the running service, from the same files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from deploy.local import deployment
from deploy.local.asking import ask, fetch, tell
from deploy.local.crossing import propose
from deploy.local.drawing.entropy_file import read_entropy
from deploy.local.drawing.files import must_not_stand, read_mapping, write_once
from deploy.local.drawing.seats_file import read_seats
from deploy.local.keys import Keyring
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from services.scoring.domain.draw import Reveal
from shared.errors import Refusal
from shared.programme import load

PANELS = 1000
app = typer.Typer(add_completion=False, no_args_is_help=True)
Meeting = Annotated[str, typer.Argument(help="大会编号 · the meeting's name.")]


@app.callback()
def about() -> None:
    """服务中一次大会的抽签 · the draw of a meeting in the running service."""


class _Service:
    """A meeting in a running deployment, for a role."""

    def __init__(self, data: Path, meeting: str, role: str, sub: str | None = None) -> None:
        layout, ports, self.state = deployment.opened(data)
        self._base = f"{ports.url('scoring')}/api/v1/meetings/{quote(meeting, safe='')}"
        keys = Keyring(layout.secrets)
        self._token = deployment.token(keys, role, unit=None, name="minping draw", sub=sub, days=1)

    def ask(self, path: str) -> dict[str, Any]:
        return ask(f"{self._base}{path}", self._token)

    def tell(self, path: str, body: Any) -> dict[str, Any]:
        return tell(f"{self._base}{path}", self._token, body)

    def proof(self) -> bytes:
        """draw_proof.json, byte for byte as it was hashed."""
        return fetch(f"{self._base}/draw-proof")


@app.command()
def commit(
    meeting: Meeting,
    witness: Annotated[str, typer.Option(metavar="NAME=COMMITMENT", help="As `draw commit` prints it.")],
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """登记见证人的承诺值 · put a witness's commitment on record, before the freeze."""
    name, sign, value = witness.partition("=")
    if not (name and sign and value):
        raise Refusal("--witness", witness, "is not NAME=COMMITMENT", "copy the line that `draw commit` printed")
    found = _Service(data, meeting, "office").tell("/commitments", {"witness": name, "commitment": value})
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
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """封冻评议员库并公布摘要 · freeze the pool, with panels proposed for crossing quotas if they are wanted."""
    service, out = _Service(data, meeting, "office"), Output(json)
    body: dict[str, Any] = {"public_source": public_source, "cut_off": cut_off}
    if quotas is not None:
        lots = service.ask("/lots")
        programme = load(service.state.get("programme") or "window-units")
        said = read_mapping("--quotas", quotas)
        of = {"total": sum(lots["seats"].values()), **{k: v for k, v in said.items() if k in ("quotas", "panels")}}
        wanted = read_seats(quotas, programme, PANELS, said=of)
        out.console.print(f"proposing {wanted.panels} panels for {len(wanted.quotas)} crossing quotas …")
        lottery = propose(lots["people"], lots["seats"], wanted.quotas, wanted.panels)
        body["quotas"] = [
            {"attribute": q.attribute, "value": q.value, "least": q.least, "most": q.most} for q in lottery.quotas
        ]
        body["panels"] = lottery.panels
    found = service.tell("/freezing", body)
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
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """开奖后抽取代表 · draw after the cut-off; keeps the proof."""
    must_not_stand("--out", out)
    given, service = read_entropy(entropy), _Service(data, meeting, "office")
    body: dict[str, Any] = {"public_value": given.public_value, "dice": given.dice, "reveals": [], "thrown": []}
    for one in given.answers:
        if isinstance(one, Reveal):
            body["reveals"].append({"witness": one.witness, "nonce": one.nonce.hex(), "value": one.value})
        else:
            body["thrown"].append({"witness": one.witness, "dice": one.dice, "reason": one.reason})
    found = service.tell("/draw", body)
    write_once("--out", out, service.proof())
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
    data: DataFolder = DEFAULT_DATA,
    json: JsonFile = None,
) -> None:
    """抽中者不来：按序递补，记录在案 · somebody drawn does not come: the next alternate is called, on record."""
    body = {"representative": representative, "reason": reason}
    found, out = _Service(data, meeting, "office").tell("/refusals", body), Output(json)
    last = found["replacements"][-1] if found["replacements"] else None
    called = last["called"] if last and last["gone"] == representative else None
    out.console.print(f"{representative}: {reason}; called: {called or 'nobody'}", markup=False)
    out.result(found)
