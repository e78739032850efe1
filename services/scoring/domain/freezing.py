"""The freeze of a draw (S3, protocol A): the pool file, whose hash is signed and published before any entropy exists.

With crossing quotas it also holds the panels that were proposed; the public seed then picks one of them.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from services.scoring.domain.canon import Json, canonical, digest, moment, parse_canonical, text
from services.scoring.domain.panels import Lottery, check_panels, positions, quotas_json
from services.scoring.domain.pool import Candidate, Excluded, check_seats
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

POOL_KIND = "minping.draw_pool.v1"
ALGORITHM = "hmac-sha256-order.v1"
PANEL_ALGORITHM = "panel-lottery.v1"
FREEZE_ORIGIN = "minping/draw/freeze"
LEAST_DICE = 20
NONCE_BYTES = 32


def commit(nonce: bytes, value: str) -> str:
    """A witness's commitment SHA-256(nonce ‖ value) in hex.

    The nonce has exactly 32 bytes: were its length free, a witness could later move the border between nonce and
    value and reveal another value for the same commitment.
    """
    if len(nonce) != NONCE_BYTES:
        raise Refusal("witness.nonce", len(nonce), "a nonce has 32 bytes", "draw 32 random bytes")
    return hashlib.sha256(nonce + value.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PublicEntropy:
    """The named public source (a lottery of that evening) and the time before which nobody knows its value."""

    source: str
    cut_off: datetime


@dataclass(frozen=True, slots=True)
class Commitment:
    """What a witness committed to before the draw."""

    witness: str
    commitment: str


@dataclass(frozen=True, slots=True)
class FrozenPool:
    """The pool file. After this nobody edits the pool."""

    data: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the file, published before the entropy exists."""
        return digest(self.data)

    @property
    def content(self) -> Mapping[str, Json]:
        """The file read back."""
        return cast(Mapping[str, Json], parse_canonical(self.data))

    @property
    def meeting(self) -> str:
        """The meeting it is for."""
        return text(self.content["meeting"], "pool.meeting")

    @property
    def note_text(self) -> str:
        """The text that the system (and whoever is there) signs before the entropy exists."""
        frozen_at = text(self.content["frozen_at"], "pool.frozen_at")
        return f"{FREEZE_ORIGIN}\n{self.meeting}\n{self.hash}\n{frozen_at}\n"


def freeze(
    *,
    meeting: str,
    rules_version: str,
    candidates: Sequence[Candidate],
    excluded: Iterable[Excluded],
    seats: Mapping[str, int],
    ordinary: Collection[str],
    least_ordinary: Decimal,
    public_entropy: PublicEntropy,
    witnesses: Sequence[Commitment],
    frozen_at: datetime,
    least_dice: int = LEAST_DICE,
    lottery: Lottery | None = None,
) -> FrozenPool:
    """Write the pool file. `candidates` and `excluded` come from `pool.eligible`, seats from `pool.allot_seats`.

    lottery: crossing quotas and the panels proposed for them; only then attributes of people are in the file.
    Raises Refusal for an id twice, seats that break the share of ordinary people, no or a doubled witness, a
    commitment that is no SHA-256, a cut-off that is not after the freeze, and panels that break a quota.
    """
    check_key(meeting, "meeting")
    left_out = sorted(excluded, key=lambda e: e.id)
    ids = [check_key(c.id, "pool.id") for c in candidates] + [e.id for e in left_out]
    if len(set(ids)) != len(ids):
        twice = sorted({i for i in ids if ids.count(i) > 1})
        raise Refusal("pool.id", twice, "registered twice", "remove the double entry before the freeze")
    counts: dict[str, int] = {}
    for candidate in candidates:
        counts[candidate.stratum] = counts.get(candidate.stratum, 0) + 1
    check_seats(seats, counts, ordinary, least_ordinary)
    if public_entropy.cut_off.replace(microsecond=0) <= frozen_at.replace(microsecond=0):  # as the file has them
        raise Refusal(
            "public_entropy.cut_off",
            moment(public_entropy.cut_off),
            "the value might be known",
            "freeze earlier",
        )
    names = [w.witness for w in witnesses]
    if not names or len(set(names)) != len(names):
        raise Refusal("witnesses", names, "no witness, or one twice", "name each witness once")
    for witness in witnesses:
        if len(witness.commitment) != 64 or not set(witness.commitment) <= set("0123456789abcdef"):
            raise Refusal(f"witnesses.{witness.witness}", witness.commitment, "is no SHA-256 in hex", "use `commit`")
    if least_dice < LEAST_DICE:
        raise Refusal("dice", least_dice, f"at least {LEAST_DICE} dice are thrown", "raise the number")
    if lottery is not None:
        check_panels(lottery.panels, candidates, {s: n for s, n in seats.items() if n}, lottery.quotas)
    asked = sorted({q.attribute for q in lottery.quotas}) if lottery else []
    pool: list[Json] = []
    for candidate in sorted(candidates, key=lambda c: c.id):
        entry: dict[str, Json] = {"id": candidate.id, "stratum": candidate.stratum}
        if candidate.name_hash is not None:
            entry["name_hash"] = candidate.name_hash
        if asked:
            entry["attributes"] = {a: candidate.attributes[a] for a in asked}
        pool.append(entry)
    crossing: dict[str, Json] = {}
    if lottery is not None:
        crossing["quotas"] = quotas_json(lottery.quotas)
        crossing["panels"] = positions(lottery.panels, sorted(c.id for c in candidates))
    return FrozenPool(
        canonical(
            {
                **crossing,
                "kind": POOL_KIND,
                "meeting": meeting,
                "rules_version": rules_version,
                "algorithm": PANEL_ALGORITHM if lottery else ALGORITHM,
                "frozen_at": moment(frozen_at),
                "pool": pool,
                "excluded": [{"id": e.id, "stratum": e.stratum, "reason": e.reason} for e in left_out],
                "seats": {s: seats.get(s, 0) for s in sorted(counts)},
                "ordinary": {"strata": sorted(ordinary), "least": format(least_ordinary, "f")},
                "public_entropy": {
                    "source": public_entropy.source,
                    "cut_off": moment(public_entropy.cut_off),
                },
                "witnesses": [{"witness": w.witness, "commitment": w.commitment} for w in witnesses],
                "least_dice": least_dice,
            }
        )
    )
