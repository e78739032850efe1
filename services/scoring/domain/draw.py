"""The draw (S3, protocol A): freeze the pool, gather entropy, order each stratum, prove it.

1. `freeze` writes the pool file; its hash is signed and published before any entropy exists.
2. `draw` takes the public value, the witnesses' reveals and the dice, and orders every stratum.
3. `unsigned_proof` and `sign_proof` write draw_proof.json, which `verify/draw_proof.py` checks with the standard
   library alone.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import cast

from services.scoring.domain.canon import Json, canonical, digest, items, moment, parse_canonical, text
from services.scoring.domain.note import KeyRing, open_note
from services.scoring.domain.pool import Candidate, Excluded, check_seats
from services.scoring.domain.rules import check_key
from shared.errors import Refusal

POOL_KIND = "minping.draw_pool.v1"
PROOF_KIND = "minping.draw_proof.v1"
ALGORITHM = "hmac-sha256-order.v1"
FREEZE_ORIGIN = "minping/draw/freeze"
PROOF_ORIGIN = "minping/draw/proof"
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
class Reveal:
    """What a witness revealed afterwards."""

    witness: str
    nonce: bytes
    value: str


@dataclass(frozen=True, slots=True)
class ThrownFor:
    """Dice thrown in the room in place of a witness who did not reveal; the reason stands on record."""

    witness: str
    dice: tuple[int, ...]
    reason: str


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
) -> FrozenPool:
    """Write the pool file. `candidates` and `excluded` come from `pool.eligible`, seats from `pool.allot_seats`.

    Raises Refusal for an id twice, seats that break the share of ordinary people, no or a doubled witness, a
    commitment that is no SHA-256, and a cut-off that is not after the freeze.
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
    if public_entropy.cut_off <= frozen_at:
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
    pool: list[Json] = []
    for candidate in sorted(candidates, key=lambda c: c.id):
        entry: dict[str, Json] = {"id": candidate.id, "stratum": candidate.stratum}
        if candidate.name_hash is not None:
            entry["name_hash"] = candidate.name_hash
        pool.append(entry)
    return FrozenPool(
        canonical(
            {
                "kind": POOL_KIND,
                "meeting": meeting,
                "rules_version": rules_version,
                "algorithm": ALGORITHM,
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


@dataclass(frozen=True, slots=True)
class Stratum:
    """A stratum in its drawn order: the first `seats` sit, the rest are alternates in that order."""

    stratum: str
    seats: int
    order: tuple[str, ...]

    @property
    def seated(self) -> tuple[str, ...]:
        """Those who are drawn."""
        return self.order[: self.seats]

    @property
    def alternates(self) -> tuple[str, ...]:
        """Those who may be called, in this order."""
        return self.order[self.seats :]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The outcome of a draw."""

    meeting: str
    pool_hash: str
    entropy: Mapping[str, Json]
    seed: str
    strata: tuple[Stratum, ...]

    @property
    def seated(self) -> tuple[str, ...]:
        """Everybody who is drawn."""
        return tuple(i for s in self.strata for i in s.seated)

    def stratum_of(self, person: str) -> str:
        """The stratum of a member of the pool; raises Refusal for anybody else."""
        for stratum in self.strata:
            if person in stratum.order:
                return stratum.stratum
        raise Refusal("representative", person, "is not in the pool of this draw", "check the id", 404)


def order_key(seed: bytes, stratum: str, person: str) -> bytes:
    """HMAC-SHA256(seed, stratum ‖ 0x1F ‖ id): the number by which a stratum is sorted."""
    return hmac.digest(seed, stratum.encode() + b"\x1f" + person.encode(), "sha256")


def _check_dice(dice: Sequence[int], least: int, field: str) -> list[int]:
    if len(dice) < least or any(isinstance(d, bool) or not isinstance(d, int) or not 0 <= d <= 9 for d in dice):
        raise Refusal(field, list(dice), f"at least {least} digits 0–9 are thrown", "throw the dice again")
    return list(dice)


def draw(
    frozen: FrozenPool,
    *,
    public_value: str,
    dice: Sequence[int],
    witnesses: Sequence[Reveal | ThrownFor],
) -> Drawn:
    """Order every stratum by the seed of all entropy together.

    Every witness of the frozen file, in any order, either reveals or is replaced by dice. Raises Refusal naming the
    witness whose reveal does not fit the commitment, who is missing, or too few dice.
    """
    content = frozen.content
    least = cast(int, content["least_dice"])
    thrown = _check_dice(dice, least, "dice")
    if not public_value:
        raise Refusal("public_value", public_value, "no public value", "enter the published result")
    answers = {w.witness: w for w in witnesses}
    committed = {
        text(cast(Mapping[str, Json], w)["witness"], "witness"): text(
            cast(Mapping[str, Json], w)["commitment"], "commitment"
        )
        for w in items(content["witnesses"], "pool.witnesses")
    }
    if len(answers) != len(witnesses) or answers.keys() != committed.keys():
        wrong = sorted(answers.keys() ^ committed.keys()) or sorted(answers)
        raise Refusal("witnesses", wrong, "each committed witness answers once", "add, remove or throw dice for them")
    values: list[Json] = []
    records: list[Json] = []
    for name, commitment in committed.items():
        answer = answers[name]
        if isinstance(answer, Reveal):
            if commit(answer.nonce, answer.value) != commitment:
                raise Refusal(
                    f"witnesses.{name}",
                    answer.value,
                    "does not fit the commitment",
                    "throw dice in their place",
                )
            values.append({"witness": name, "value": answer.value})
            records.append({"witness": name, "nonce": answer.nonce.hex(), "value": answer.value})
        else:
            replaced: list[Json] = list(_check_dice(answer.dice, least, f"witnesses.{name}.dice"))
            if not answer.reason:
                raise Refusal(f"witnesses.{name}.reason", "", "no reason", "say why the witness did not reveal")
            values.append({"witness": name, "dice": replaced})
            records.append({"witness": name, "dice": replaced, "reason": answer.reason})
    seed = hashlib.sha256(
        canonical(
            {
                "pool_hash": frozen.hash,
                "public_value": public_value,
                "witness_values": values,
                "dice": cast(list[Json], thrown),
            }
        )
    ).digest()
    people: dict[str, list[str]] = {}
    for entry in items(content["pool"], "pool.pool"):
        person = cast(Mapping[str, str], entry)
        people.setdefault(person["stratum"], []).append(person["id"])
    seats = cast(Mapping[str, int], content["seats"])
    return Drawn(
        meeting=frozen.meeting,
        pool_hash=frozen.hash,
        entropy={"public_value": public_value, "dice": cast(list[Json], thrown), "witnesses": records},
        seed=seed.hex(),
        strata=tuple(
            Stratum(s, seats[s], tuple(sorted(people[s], key=lambda i: (order_key(seed, s, i), i))))
            for s in sorted(people)
        ),
    )


@dataclass(frozen=True, slots=True)
class UnsignedProof:
    """The proof before its signatures."""

    content: Mapping[str, Json]

    @property
    def note_text(self) -> str:
        """The text that the system and the witnesses sign."""
        pool = cast(Mapping[str, Json], self.content["pool"])
        return f"{PROOF_ORIGIN}\n{text(pool['meeting'], 'meeting')}\n{digest(canonical(self.content))}\n"


def unsigned_proof(frozen: FrozenPool, freeze_note: str, drawn: Drawn, keys: KeyRing) -> UnsignedProof:
    """Everything the proof says. `freeze_note`: the signed note over `frozen.note_text`, checked here."""
    signed_text, _ = open_note(freeze_note, keys.verifiers())
    if signed_text != frozen.note_text or drawn.pool_hash != frozen.hash:
        raise Refusal("freeze_note", signed_text, "is for another pool file", "use the note of this freeze")
    return UnsignedProof(
        {
            "kind": PROOF_KIND,
            "pool": frozen.content,
            "pool_hash": frozen.hash,
            "freeze_note": freeze_note,
            "entropy": drawn.entropy,
            "seed": drawn.seed,
            "strata": [
                {"stratum": s.stratum, "seated": list(s.seated), "alternates": list(s.alternates)} for s in drawn.strata
            ],
            "keys": keys.to_json(),
        }
    )


def sign_proof(proof: UnsignedProof, note: str, keys: KeyRing) -> bytes:
    """draw_proof.json: the proof with its note, which must be over it and hold the system's signature."""
    signed_text, names = open_note(note, keys.verifiers())
    if signed_text != proof.note_text:
        raise Refusal("note", signed_text, "is for another proof", "sign this proof's note_text")
    if not {v.name for v in keys.verifiers("system")} & set(names):
        raise Refusal("note", list(names), "the system's signature is missing", "let the system sign too")
    return canonical({**proof.content, "note": note})
