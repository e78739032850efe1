"""`minping draw`: the lots drawn from files, offline; `pool` and `meeting` are in modules beside this."""

from __future__ import annotations

import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast

import typer

from deploy.local.commands import draw_meeting, draw_pool
from deploy.local.commands.import_ import mapping
from deploy.local.drawing import offline
from deploy.local.drawing.entropy_file import read_entropy, secret_bytes, template
from deploy.local.drawing.files import must_not_stand, read, signer_of, write_once
from deploy.local.drawing.pool_file import everybody, read_pool
from deploy.local.drawing.seats_file import read_seats
from deploy.local.drawing.showing import show_drawn, show_frozen
from deploy.local.keys import write_private
from deploy.local.output import JsonFile, Output
from services.scoring.domain.canon import Malformed, digest
from services.scoring.domain.freezing import NONCE_BYTES, Commitment, PublicEntropy, commit
from services.scoring.domain.rules import check_key
from services.scoring.verify import verify_file
from shared.clock import SystemClock
from shared.errors import Refusal
from shared.programme import load

PANELS = 1000
app = typer.Typer(add_completion=False, no_args_is_help=True)
app.add_typer(draw_pool.app, name="pool")
app.add_typer(draw_meeting.app, name="meeting")

Pool = Annotated[Path, typer.Option("--pool", metavar="FILE", help="评议员名册 · list of evaluators, .csv or .xlsx.")]
Seats = Annotated[Path, typer.Option("--seats", metavar="FILE", help="席位 · seats, .yaml or .json: docs/draw.md.")]
Salt = Annotated[
    Path | None, typer.Option("--salt", metavar="FILE", help="姓名加盐密钥 · office's secret for hashes of names.")
]
Maps = Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=FIELD", help="What a column holds.")]
ProgrammeKey = Annotated[
    str, typer.Option("--programme", metavar="KEY", help="评议方案 · whose strata and shares hold.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", metavar="FILE", help="Office's signing key (PEM); draw.key beside the frozen pool."),
]
KeyName = Annotated[str, typer.Option("--key-name", help="Its name in the signed notes.")]
Earlier = Annotated[
    list[Path] | None,
    typer.Option("--earlier", metavar="PROOF", help="Proofs of earlier draws; those beside the files are seen anyway."),
]


@app.callback()
def about() -> None:
    """抽签：承诺、封冻、抽取、核验，均可离线 · the draw, offline; `pool` and `meeting` ask a running service."""


@app.command("commit")
def commit_(
    witness: Annotated[str, typer.Option(help="见证人 · the witness's name.")],
    secret: Annotated[Path, typer.Option(metavar="FILE", help="秘密文件，抽签前不示人 · kept secret until the draw.")],
    value: Annotated[str | None, typer.Option(help="自选的数或话；不写则随机 · any text; random without it.")] = None,
    json: JsonFile = None,
) -> None:
    """见证人承诺：造随机数，存秘密文件，打印承诺值 · a witness commits: keeps a secret file, prints the commitment."""
    must_not_stand("--secret", secret)
    if not witness.strip() or value == "":
        raise Refusal("witness", witness, "name and value are not empty", "give both")
    said = value if value is not None else secrets.token_hex(8)
    nonce = secrets.token_bytes(NONCE_BYTES)
    found = commit(nonce, said)
    write_private(secret, secret_bytes(witness, nonce, said, found))
    out = Output(json)
    out.console.print(f"{witness}={found}", soft_wrap=True, markup=False)
    out.console.print(f"秘密存于 {secret}，抽签时才出示 · keep {secret} to yourself until the draw", markup=False)
    out.result({"witness": witness, "commitment": found, "secret": str(secret)})


@app.command()
def freeze(
    pool: Pool,
    seats: Seats,
    meeting: Annotated[str, typer.Option(help="大会编号 · the meeting's name.")],
    public_source: Annotated[str, typer.Option(help="公开随机源 · which public result, e.g. 福彩3D 第2026171期.")],
    cut_off: Annotated[str, typer.Option(help="此前无人知其结果 · nobody knows it before: 2026-06-29T21:15+08:00.")],
    witness: Annotated[list[str], typer.Option(metavar="NAME=COMMITMENT", help="As `draw commit` prints it.")],
    out: Annotated[Path, typer.Option(metavar="FILE", help="封冻文件 · the frozen pool: pool.json.")],
    unit: Annotated[list[str] | None, typer.Option(help="被评单位，用于回避 · units appraised, for conflicts.")] = None,
    key: KeyFile = None,
    key_name: KeyName = "minping",
    earlier: Earlier = None,
    salt: Salt = None,
    maps: Maps = None,
    programme_key: ProgrammeKey = "window-units",
    json: JsonFile = None,
) -> None:
    """开奖前封冻名册、席位、承诺和公开随机源，签名 · freeze and sign everything before the public value exists."""
    entropy_file = out.with_name(f"{out.stem}.entropy.json")
    for path in (out, offline.note_of(out), entropy_file):
        must_not_stand("--out", path)
    show, programme = Output(json), load(programme_key)
    table = read_pool(pool, mapping(maps or []), salt)
    wanted = read_seats(seats, programme, PANELS)
    people = everybody(table, wanted.labels)
    if wanted.quotas:
        show.console.print(f"proposing {wanted.panels} panels for {len(wanted.quotas)} crossing quotas …")
    signer, made = signer_of("--key", key or out.with_name("draw.key"), key_name, make=key is None)
    try:
        check_key(meeting, "meeting")
    except Malformed as error:
        raise Refusal("meeting", meeting, str(error), "choose another name") from error
    frozen = offline.freeze_files(
        people=people, seats=wanted, units=unit or [], meeting=meeting,
        public_entropy=PublicEntropy(public_source, _moment(cut_off)),
        witnesses=[_commitment(one) for one in witness], programme=programme,
        earlier=offline.earlier_draws(earlier or [], {out.parent}), signer=signer, clock=SystemClock(),
    )  # fmt: skip
    write_once("--out", out, frozen.pool.data)
    write_once("--out", offline.note_of(out), frozen.note.encode())
    write_once("--out", entropy_file, template(out, [one.partition("=")[0] for one in witness]))
    show_frozen(show.console, frozen, out, entropy_file, signer.vkey if made else None)
    show.result(
        {"meeting": meeting, "pool_hash": frozen.pool.hash, "file": str(out), "note": frozen.note,
         "entropy": str(entropy_file), "vkey": signer.vkey, "seats": frozen.pool.content["seats"]}
    )  # fmt: skip


@app.command()
def run(
    pool: Pool,
    seats: Seats,
    entropy: Annotated[
        Path, typer.Option(metavar="FILE", help="随机源 · public value, dice, witnesses: docs/draw.md.")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="抽签证明 · the proof: draw_proof.json.")],
    frozen: Annotated[
        Path | None, typer.Option(metavar="FILE", help="封冻文件 · the frozen pool; else the one named in --entropy.")
    ] = None,
    key: KeyFile = None,
    key_name: KeyName = "minping",
    earlier: Earlier = None,
    maps: Maps = None,
    programme_key: ProgrammeKey = "window-units",
    json: JsonFile = None,
) -> None:
    """开奖后抽取，写出任何人可复算的证明 · draw after the cut-off; writes the proof that anybody can repeat."""
    must_not_stand("--out", out)
    show, programme, now = Output(json), load(programme_key), SystemClock().now()
    given = read_entropy(entropy)
    path = frozen or given.frozen
    if path is None:
        reason = "the pool was not frozen before the public value existed"
        raise Refusal("--frozen", "", reason, "freeze it first, with a value still to come: minping draw freeze", 409)
    before = offline.read_frozen(path)
    wanted = read_seats(seats, programme, PANELS)
    people = everybody(read_pool(pool, mapping(maps or []), None), wanted.labels)
    offline.must_be_what_was_frozen(before.pool, people, wanted)
    signer, _ = signer_of("--key", key or path.with_name("draw.key"), key_name, make=False)
    known = offline.earlier_draws(earlier or [], {path.parent, out.parent})
    drawn, proof = offline.draw_files(before, given, earlier=known, signer=signer, now=now)
    write_once("--out", out, proof)
    show_drawn(show.console, drawn, out, digest(proof))
    show.result(
        {"meeting": drawn.meeting, "proof": str(out), "proof_hash": digest(proof), "pool_hash": drawn.pool_hash,
         "seed": drawn.seed, "panel": drawn.panel,
         "seated": {s.stratum: list(s.seated) for s in drawn.strata},
         "alternates": {s.stratum: list(s.alternates) for s in drawn.strata}}
    )  # fmt: skip


@app.command()
def verify(
    proof: Annotated[Path, typer.Argument(help="抽签证明 · draw_proof.json.")],
    trusted: Annotated[
        Path | None, typer.Option(help="事先公布的公钥，每行一个 · the published vkeys, one a line")
    ] = None,
    json: JsonFile = None,
) -> None:
    """核验抽签证明 · check a draw's proof: exit 0 all holds, 1 something does not, 2 not a file of ours."""
    keys = None if trusted is None else set(read("--trusted", trusted).decode("utf-8", "replace").split())
    report = verify_file(proof, trusted=keys)
    show = Output(json)
    show.console.print(report.text(), soft_wrap=True, markup=False)
    show.result(cast(dict[str, Any], report.to_json()))
    raise typer.Exit(report.exit_code)


def _commitment(said: str) -> Commitment:
    name, sign, value = said.partition("=")
    if not (name and sign and value):
        raise Refusal("--witness", said, "is not NAME=COMMITMENT", "copy the line that `draw commit` printed")
    return Commitment(name, value)


def _moment(said: str) -> datetime:
    try:
        found = datetime.fromisoformat(said)
    except ValueError as error:
        raise Refusal("--cut-off", said, "is no time", "write it like 2026-06-29T21:15+08:00") from error
    if found.utcoffset() is None:
        raise Refusal("--cut-off", said, "has no zone", "write it like 2026-06-29T21:15+08:00")
    return found
