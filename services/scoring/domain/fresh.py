"""A later draw needs fresh entropy (S3): nothing in it may have been known when its pool was frozen.

Draws of one evening may share a lottery and a throw of dice, because every pool was frozen before: their seeds differ
by the pool's hash. What an earlier evening used is stale: whoever froze the new pool knew it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from services.scoring.domain.canon import Json, items, parse_canonical, text
from services.scoring.domain.freezing import FrozenPool
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Used:
    """What a draw was made from: its public source, when that became known, commitments, throws of dice."""

    meeting: str
    pool_hash: str
    source: str
    cut_off: datetime
    commitments: frozenset[str]
    throws: frozenset[tuple[int, ...]]


def used(proof: bytes) -> Used:
    """What the draw of a proof was made from. Raises Malformed."""
    content = cast(Mapping[str, Json], parse_canonical(proof))
    pool = cast(Mapping[str, Json], content["pool"])
    entropy = cast(Mapping[str, Json], content["entropy"])
    answers = [cast(Mapping[str, Json], a) for a in items(entropy["witnesses"], "entropy.witnesses")]
    throws = [entropy["dice"], *(a["dice"] for a in answers if "dice" in a)]
    source, cut_off, commitments = _before(pool)
    return Used(
        text(pool["meeting"], "pool.meeting"),
        text(content["pool_hash"], "pool_hash"),
        source,
        cut_off,
        commitments,
        frozenset(tuple(cast(Sequence[int], throw)) for throw in throws),
    )


def _before(pool: Mapping[str, Json]) -> tuple[str, datetime, frozenset[str]]:
    public = cast(Mapping[str, str], pool["public_entropy"])
    witnesses = [cast(Mapping[str, str], w) for w in items(pool["witnesses"], "pool.witnesses")]
    return public["source"], datetime.fromisoformat(public["cut_off"]), frozenset(w["commitment"] for w in witnesses)


def _stale(frozen: FrozenPool, earlier: Iterable[Used]) -> list[Used]:
    at = datetime.fromisoformat(text(frozen.content["frozen_at"], "pool.frozen_at"))
    return [one for one in earlier if one.cut_off <= at]


def check_fresh_freeze(frozen: FrozenPool, earlier: Iterable[Used]) -> None:
    """Source and commitments are none that an earlier draw made known. Raises Refusal (409)."""
    source, _, commitments = _before(frozen.content)
    for one in _stale(frozen, earlier):
        if "".join(one.source.split()) == "".join(source.split()):
            reason = f"the draw of {one.meeting} used it: its value is known"
            raise Refusal("public_source", source, reason, "name a result that is still to come", 409)
        if again := sorted(one.commitments & commitments):
            reason = f"the draw of {one.meeting} revealed what is behind it"
            raise Refusal("witnesses", again[0], reason, "the witness makes a new one: `minping draw commit`", 409)


def check_fresh_draw(frozen: FrozenPool, dice: Iterable[Sequence[int]], earlier: Iterable[Used]) -> None:
    """The pool was not drawn before, and the dice were thrown for this evening. Raises Refusal (409)."""
    known = list(earlier)
    if drawn := [one for one in known if one.pool_hash == frozen.hash]:
        reason = f"this pool was drawn already, for {drawn[0].meeting}"
        raise Refusal("pool", frozen.hash, reason, "a second draw freezes again and needs fresh entropy", 409)
    throws = {tuple(throw) for throw in dice}
    for one in _stale(frozen, known):
        if throws & one.throws:
            reason = f"the draw of {one.meeting} used these very throws"
            raise Refusal("dice", "".join(map(str, min(throws & one.throws))), reason, "throw the dice again", 409)
