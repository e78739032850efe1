"""The draw (S3, protocol A): all entropy together orders every stratum.

1. `freezing.freeze` writes the pool file; its hash is signed and published before any entropy exists.
2. `draw` takes the public value, the witnesses' reveals and the dice, and orders every stratum.
3. `proof` writes draw_proof.json, which `verify/draw_proof.py` checks with the standard library alone.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from services.scoring.domain.canon import Json, canonical, items, text
from services.scoring.domain.freezing import FrozenPool, commit
from services.scoring.domain.panels import pick
from shared.errors import Refusal


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
    """The outcome of a draw. panel: index of the panel that was picked, where crossing quotas had panels proposed."""

    meeting: str
    pool_hash: str
    entropy: Mapping[str, Json]
    seed: str
    strata: tuple[Stratum, ...]
    panel: int | None = None

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
    panel, favoured = _picked(content, seed)

    def place(stratum: str, person: str) -> tuple[bool, bytes, str]:
        return person not in favoured, order_key(seed, stratum, person), person

    return Drawn(
        meeting=frozen.meeting,
        pool_hash=frozen.hash,
        entropy={"public_value": public_value, "dice": cast(list[Json], thrown), "witnesses": records},
        seed=seed.hex(),
        strata=tuple(Stratum(s, seats[s], tuple(sorted(people[s], key=partial(place, s)))) for s in sorted(people)),
        panel=panel,
    )


def _picked(content: Mapping[str, Json], seed: bytes) -> tuple[int | None, frozenset[str]]:
    """Index and members of the panel that the seed picks; nobody where none were proposed."""
    if "panels" not in content:
        return None, frozenset()
    panels = cast(Sequence[Sequence[int]], content["panels"])
    ids = [cast(Mapping[str, str], entry)["id"] for entry in items(content["pool"], "pool.pool")]
    index = pick(seed, len(panels))
    return index, frozenset(ids[position] for position in panels[index])
