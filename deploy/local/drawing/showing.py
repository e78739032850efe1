"""What `minping draw` says: for the board in the room."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from deploy.local.drawing.offline import Frozen
from services.scoring.domain.draw import Drawn
from services.scoring.domain.panels import chances


def show_frozen(console: Console, frozen: Frozen, path: Path, entropy: Path, vkey: str | None) -> None:
    """What is published before the entropy exists, and what comes next."""
    content: Mapping[str, Any] = frozen.pool.content

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    seats = content["seats"]
    say(f"封冻 frozen: {frozen.pool.meeting}, {len(content['pool'])} 人可抽 may be drawn")
    for one in content["excluded"]:
        say(f"  回避 left out: {one['id']} ({one['stratum']}): {one['reason']}")
    say(f"席位 seats: {sum(seats.values())} = " + ", ".join(f"{s} {n}" for s, n in seats.items()))
    if "panels" in content:
        counts = chances(content["panels"], len(content["pool"]))
        of = len(content["panels"])
        say(f"方案 panels: {of}; 中签机会 chances {min(counts)}/{of} to {max(counts)}/{of}")
    public = content["public_entropy"]
    say(f"公开随机源 public value: {public['source']}, from {public['cut_off']}")
    say(f"SHA-256 {frozen.pool.hash}")
    say("公布以上摘要和签名，此后不得改动 · publish this hash and the note now; nothing changes from here on:")
    say("")
    say(frozen.note)
    if vkey is not None:
        say(f"签名公钥（请公布） the new key's public half, to be published: {vkey}")
    say(f"开奖后填写 {entropy}，然后 minping draw run · after the cut-off fill in {entropy}, then `minping draw run`")
    say(f"{path}")


def show_drawn(console: Console, drawn: Drawn, path: Path, sha256: str) -> None:
    """Who is drawn, and the alternates in their order."""

    def say(text: str) -> None:
        console.print(text, soft_wrap=True, markup=False)

    say(f"随机种子 seed {drawn.seed}")
    if drawn.panel is not None:
        say(f"选中方案 panel {drawn.panel}")
    for one in drawn.strata:
        say(f"{one.stratum}: {one.seats} 席 seats")
        say(f"  抽中 drawn: {_list(one.seated)}")
        say(f"  候补 alternates, in this order: {_list(one.alternates)}")
    say(f"证明 proof {path}, SHA-256 {sha256}")
    say(f"任何人可核验 anybody checks it: minping draw verify {path}, or python draw_proof.py {path.name}")


def _list(people: Sequence[str]) -> str:
    return ", ".join(people) or "—"
