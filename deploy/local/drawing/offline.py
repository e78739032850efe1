"""Freeze and draw from files, with the same domain code as the service and no service running (voting.md A)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from deploy.local.crossing import propose
from deploy.local.drawing.entropy_file import EntropyFile
from deploy.local.drawing.files import read
from deploy.local.drawing.seats_file import SeatsFile
from services.scoring.domain.canon import Malformed, items, kind, parse_canonical
from services.scoring.domain.draw import Drawn, ThrownFor, draw
from services.scoring.domain.freezing import POOL_KIND, Commitment, FrozenPool, PublicEntropy, freeze
from services.scoring.domain.fresh import Used, check_fresh_draw, check_fresh_freeze, used
from services.scoring.domain.note import Key, KeyRing, Signer, assemble
from services.scoring.domain.panels import Lottery
from services.scoring.domain.pool import Candidate, eligible
from services.scoring.domain.proof import sign_proof, unsigned_proof
from services.scoring.verify import draw_proof
from shared.clock import Clock
from shared.errors import Refusal
from shared.programme import Programme, fingerprint

NOTE_SUFFIX = ".note.txt"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A frozen pool and the office's note over it."""

    pool: FrozenPool
    note: str


def note_of(path: Path) -> Path:
    """Where the signed note of a frozen pool stands."""
    return path.with_name(path.name.removesuffix(".json") + NOTE_SUFFIX)


def earlier_draws(named: Sequence[Path], folders: Collection[Path]) -> list[Used]:
    """What earlier draws used: the proofs that are named, and every proof in these folders. Raises Refusal."""
    found = []
    for path in named:
        data = read("--earlier", path)
        try:
            found.append(used(data))
        except (Malformed, KeyError, TypeError, ValueError) as error:
            raise Refusal("--earlier", str(path), f"is no draw proof: {error}", "name a draw_proof.json") from error
    for path in sorted({p for folder in folders for p in folder.glob("*.json")} - set(named)):
        data = path.read_bytes()
        if draw_proof.is_ours(data):
            try:
                found.append(used(data))
            except (Malformed, KeyError, TypeError, ValueError):  # a damaged proof beside us: `verify` names it
                continue
    return found


def freeze_files(
    *,
    people: Sequence[Candidate],
    seats: SeatsFile,
    units: Sequence[str],
    meeting: str,
    public_entropy: PublicEntropy,
    witnesses: Sequence[Commitment],
    programme: Programme,
    earlier: Sequence[Used],
    signer: Signer,
    clock: Clock,
) -> Frozen:
    """Freeze a list. units: those appraised; without any, every declared conflict leaves out. Raises Refusal."""
    appraised = units or sorted({unit for one in people for unit in one.conflicts})
    within, without = eligible(people, appraised)
    given = seats.seats(within)
    lottery: Lottery | None = None
    if seats.quotas:
        asked = {q.attribute for q in seats.quotas}
        for one in within:
            if missing := sorted(asked - one.attributes.keys()):
                raise Refusal(f"pool.{missing[0]}", one.id, "has no value for a crossing quota", "fill in the list")
        plain = [{"id": c.id, "stratum": c.stratum, **{a: c.attributes[a] for a in asked}} for c in within]
        lottery = propose(plain, given, seats.quotas, seats.panels)
    try:
        frozen = freeze(
            meeting=meeting, rules_version=fingerprint(programme), candidates=within, excluded=without, seats=given,
            ordinary=seats.ordinary, least_ordinary=seats.least, public_entropy=public_entropy, witnesses=witnesses,
            frozen_at=clock.now(), least_dice=programme.meeting.dice_least, lottery=lottery,
        )  # fmt: skip
    except Malformed as error:
        raise Refusal("pool", meeting, str(error), "correct it and freeze again") from error
    check_fresh_freeze(frozen, earlier)
    return Frozen(frozen, assemble(frozen.note_text, [signer.sign(frozen.note_text)]))


def read_frozen(path: Path) -> Frozen:
    """A frozen pool and its note. Raises Refusal."""
    data = read("--frozen", path)
    try:
        kind(parse_canonical(data), POOL_KIND)
    except Malformed as error:
        raise Refusal("--frozen", str(path), f"is no frozen pool: {error}", "name the file of `draw freeze`") from error
    return Frozen(FrozenPool(data), read("--frozen", note_of(path)).decode("utf-8", "replace"))


def must_be_what_was_frozen(frozen: FrozenPool, people: Sequence[Candidate], seats: SeatsFile) -> None:
    """List and seats are still those of the freeze. Raises Refusal naming whoever differs."""
    content = frozen.content
    listed = [cast(Mapping[str, str], e) for e in items(content["pool"], "pool")]
    left_out = [cast(Mapping[str, str], e) for e in items(content["excluded"], "excluded")]
    before = {e["id"]: e["stratum"] for e in [*listed, *left_out]}
    now = {one.id: one.stratum for one in people}
    if before != now:
        changed = sorted(before.keys() ^ now.keys()) or sorted(i for i in now if now[i] != before[i])
        remedy = "draw from the list that was frozen; a changed list is frozen again, with fresh entropy"
        raise Refusal("pool", changed, "is not as it was frozen", remedy, 409)
    within = {e["id"] for e in listed}
    given = {s: n for s, n in seats.seats([one for one in people if one.id in within]).items() if n}
    fixed = {s: n for s, n in cast(Mapping[str, int], content["seats"]).items() if n}
    if given != fixed:
        raise Refusal("seats", given, f"the seats that were frozen are {fixed}", "name the seats of the freeze", 409)


def draw_files(
    frozen: Frozen, entropy: EntropyFile, *, earlier: Sequence[Used], signer: Signer, now: datetime
) -> tuple[Drawn, bytes]:
    """Draw, not before the cut-off: the outcome and draw_proof.json. Raises Refusal."""
    public: Any = frozen.pool.content["public_entropy"]
    if now < datetime.fromisoformat(public["cut_off"]):
        reason = f"{public['source']} is not known before {public['cut_off']}"
        raise Refusal("draw", frozen.pool.meeting, reason, "draw then", 409)
    thrown = [entropy.dice, *(a.dice for a in entropy.answers if isinstance(a, ThrownFor))]
    check_fresh_draw(frozen.pool, thrown, earlier)
    drawn = draw(frozen.pool, public_value=entropy.public_value, dice=entropy.dice, witnesses=entropy.answers)
    keys = KeyRing((Key("system", signer.vkey),))
    try:
        proof = unsigned_proof(frozen.pool, frozen.note, drawn, keys)
    except Malformed as error:
        remedy = "sign with the key of the freeze: --key FILE"
        raise Refusal("note", signer.name, f"the note over the frozen pool: {error}", remedy) from error
    note = assemble(proof.note_text, [signer.sign(proof.note_text)])
    return drawn, sign_proof(proof, note, keys)
