"""`minping teller`: a teller's own key, signatures, and shares. All of it offline: nothing here speaks to a service."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.ceremony import papers
from deploy.local.ceremony.key_file import read_key, write_key
from deploy.local.ceremony.passphrase import PassphraseFile, passphrase
from deploy.local.ceremony.sheets import KeptShare, share_sheet
from deploy.local.ceremony.shredding import shred
from deploy.local.keys import write_private
from deploy.local.output import JsonFile, Output
from services.scoring.domain.canon import Malformed
from services.scoring.domain.destruction import share_text
from services.scoring.domain.key_file import KeyFile, SplitKey, split_public
from services.scoring.domain.note import assemble
from services.scoring.domain.rules import check_key
from services.scoring.domain.shamir import new_key, parse_share, split_key
from shared.errors import Refusal

app = typer.Typer(add_completion=False, no_args_is_help=True)
KeyPath = Annotated[Path, typer.Option("--key", metavar="FILE", help="本人的密钥文件 · the teller's key file.")]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问 · do not ask again.")]


@app.callback()
def about() -> None:
    """计票人、监票人用，全部离线 · for tellers and the scrutineer, all offline."""


@app.command()
def key(
    name: Annotated[str, typer.Option(help="在大会中的名字，如 teller-1 · the name in the meeting's ring of keys.")],
    out: Annotated[Path, typer.Option(help="密钥文件 · where to keep it.")],
    passphrase_file: PassphraseFile = None,
    json: JsonFile = None,
) -> None:
    """制作并保存签名密钥，打印登记用的公钥 · make and keep a signing key; prints the vkey to be enrolled.

    私钥加密存放（scrypt，PKCS 8），只有这个文件，不外传 · the private key is in this file only, under the passphrase.
    """
    if out.exists():
        raise Refusal("out", str(out), "a file of that name stands already", "name another file: a key stays", 409)
    made = write_key(out, name, secrets.token_bytes(32), passphrase(passphrase_file, new=True))
    show = Output(json)
    show.console.print(made.vkey, soft_wrap=True)
    print(
        "把上面一行交给评议办登记；私钥文件和口令自己保管。hand in the line above; keep file and passphrase.",
        file=sys.stderr,
    )
    show.result({"name": made.name, "vkey": made.vkey, "file": str(out)})


@app.command()
def sign(
    paper: Annotated[Path, typer.Argument(help="待签文件 · signing.json of `minping meeting count`, or a checkpoint.")],
    key: KeyPath,
    out: Annotated[Path | None, typer.Option(help="签名行写入此文件 · write the signature line here too.")] = None,
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """先显示签的是什么，确认后打印签名行 · show in words what is signed, ask, and print the signature line."""
    found = papers.read(paper)
    page = read_key(key)
    for line in (*found.words, f"签名人 signer    {page.name}"):
        typer.echo(line, err=True)
    if not yes and not typer.confirm("核对无误，签名？ Is this what you sign?", err=True):
        raise typer.Exit(1)
    line = page.open(passphrase(passphrase_file, of=page.name)).sign(found.text)
    typer.echo(line, nl=False)
    if out is not None:
        out.write_text(line, encoding="utf-8")


@app.command("ballot-key")
def ballot_key(
    meeting: Annotated[str, typer.Option(help="大会编号 · the meeting.")],
    out: Annotated[Path, typer.Option(help="新文件夹 · a new folder, on a stick or in memory.")],
    tellers: Annotated[int, typer.Option(help="份数 · how many shares.")] = 5,
    needed: Annotated[int, typer.Option(help="打开选票要几份 · how many open the ballots.")] = 3,
    dispute: Annotated[int, typer.Option(help="打开争议开示要几份，0 不做 · how many open a dispute; 0: none.")] = 4,
    result: Annotated[int, typer.Option(help="公布前打开结果要几份，0 不做 · how many open the result; 0: none.")] = 0,
    names: Annotated[str, typer.Option(help="各份的持有人，逗号分隔 · who holds them, as in the ring of keys.")] = "",
    rehearsal: Annotated[bool, typer.Option(help="演练 · a rehearsal.")] = False,
    json: JsonFile = None,
) -> None:
    """制作大会的选票密钥，当场拆分 · make the meeting's key and split it; the private key is never written.

    每名计票人一份纸（含二维码）和一个份额文件；ballot-key.json 是公开部分，交给服务器。
    """
    holders = [one.strip() for one in names.split(",")] if names else [f"teller-{i}" for i in range(1, tellers + 1)]
    if len(holders) != tellers or len(set(holders)) != tellers:
        raise Refusal("names", names, f"{tellers} different holders are needed", "name each teller once")
    wanted = {"ballot": needed} | ({"dispute": dispute} if dispute else {}) | ({"result": result} if result else {})
    try:
        for name in (meeting, *holders):
            check_key(name, "name")
        made = {purpose: _split(k, tellers, holders) for purpose, k in wanted.items()}
        public = KeyFile(
            meeting, made["ballot"][0], made["dispute"][0] if dispute else None, made["result"][0] if result else None
        )
        data = public.to_bytes()
    except Malformed as error:
        raise Refusal("ballot-key", f"{wanted} of {tellers}", str(error), "correct the numbers") from error
    try:
        out.mkdir(mode=0o700)
    except OSError as error:
        raise Refusal(
            "out", str(out), f"cannot be made: {error.strerror}", "name a folder that is not there"
        ) from error
    for number, name in enumerate(holders):
        kept = [KeptShare(p, k, shares[number], f"{name}.{p}.share") for p, (k, shares) in made.items()]
        for one in kept:
            write_private(out / one.file, f"{one.share}\n".encode())
        write_private(out / f"{name}.html", share_sheet(meeting, name, kept, rehearsal=rehearsal).encode())
    (out / "ballot-key.json").write_bytes(data)
    show = Output(json)
    show.console.print(f"ballot-key.json → 服务器 server: `minping meeting key {meeting} {out / 'ballot-key.json'}`")
    show.console.print(
        "每人取走自己的 .html 与 .share，然后清空此文件夹 · each takes the own files, then empty the folder"
    )
    show.result({
        "meeting": meeting, "public_key": public.ballot.public, "key": public.ballot.id,
        "dispute_key": public.dispute.public if public.dispute else None, "holders": holders, "folder": str(out),
    })  # fmt: skip


def _split(needed: int, given: int, names: list[str]) -> tuple[SplitKey, tuple[str, ...]]:
    private = new_key(secrets.token_bytes)
    shares = split_key(private, needed=needed, given=given)
    return split_public(private.public_key(), needed, names, shares), shares


@app.command()
def destroyed(
    files: Annotated[
        list[Path],
        typer.Argument(help="份额文件在前，其余（如 .html）在后 · the share's file, then others that hold it."),
    ],
    meeting: Annotated[str, typer.Option(help="大会编号 · the meeting.")],
    key: KeyPath,
    out: Annotated[Path, typer.Option(help="声明写入此文件 · where the declaration goes.")],
    passphrase_file: PassphraseFile = None,
    yes: Yes = False,
) -> None:
    """销毁份额并签署声明 · destroy one's share and sign that it is gone, on paper and in files."""
    try:
        found = parse_share(files[0].read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refusal("files", str(files[0]), f"cannot be read: {error}", "name the share's file first") from error
    if missing := [str(one) for one in files if not one.is_file()]:
        raise Refusal("files", missing, "no such file", "name what is still there")
    page = read_key(key)
    signer = page.open(passphrase(passphrase_file, of=page.name))
    typer.echo(
        f"大会 meeting {meeting}，密钥 key {found.key_id.hex()}，第 {found.number} 份 share，{page.name}", err=True
    )
    if not yes and not typer.confirm(
        "纸质份额已撕碎，现在覆盖并删除文件？ The paper is torn up; remove the file?", err=True
    ):
        raise typer.Exit(1)
    text = share_text(meeting, found.key_id.hex(), found.number)
    for one in files:
        shred(one)
    out.write_text(assemble(text, [signer.sign(text)]), encoding="utf-8")
    typer.echo(f"{out}：交给评议办，`minping meeting destroyed {meeting} {out}`")
