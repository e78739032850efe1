"""The draw of a quarter's inspections (I9): repeatable by anybody afterwards, known to nobody outside before.

1. *Frame.* Everything that the plan is drawn from: units, kinds of place, kinds of inspection, working days, how many
   targets, the SHA-256 of the seed, and the public entropy, if it is named. The frame's SHA-256 (RFC 8785) is the
   *commitment*, published at once.
2. *Seed.* 32 bytes derived from the vault's key and the plan's id: nobody chooses them, and they stand nowhere.
   `draw = SHA-256(JCS{commitment, seed, public_value})`.
3. *Targets.* Every pair of unit and place is ordered by `HMAC-SHA256(draw, "target" 1F unit 1F place)`; from the top,
   a unit comes a second time only when every unit came once. Kind and day of target n are picked by rejection
   sampling from `HMAC-SHA256(draw, what 1F n 1F try)`: each has the same chance.
4. *Sealed targets.* For target n the SHA-256 of its canonical JSON with a nonce, `HMAC-SHA256(draw, "nonce" 1F n)`, is
   published. When it is done its content and nonce are; when the plan is over, the seed is, and all can be recomputed.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import rfc8785

from shared.errors import Refusal

PROTOCOL = "minping-inspection-plan-v1"
MOST = 500


@dataclass(frozen=True, slots=True)
class Target:
    """Which place of which unit is inspected how and on which day."""

    position: int
    unit: str
    place: str
    kind: str
    on: str
    nonce: str

    @property
    def sealed(self) -> str:
        """The hash that binds the target before it is known."""
        return hashlib.sha256(rfc8785.dumps(asdict(self))).hexdigest()


def frame(
    *,
    plan: str,
    quarter: str,
    count: int,
    units: Sequence[str],
    places: Sequence[str],
    kinds: Sequence[str],
    days: Sequence[date],
    seed: bytes,
    entropy: Mapping[str, str] | None,
) -> dict[str, Any]:
    """What the plan is drawn from; all of it is public. Raises Refusal where there is nothing to draw from."""
    for name, given in (("units", units), ("places", places), ("kinds", kinds)):
        if not given or len(set(given)) < len(given):
            raise Refusal(name, list(given), "nothing to draw from, or something stands twice", "name each once")
    if not days:
        raise Refusal("quarter", quarter, "no working day of it is left", "plan a quarter to come")
    if not 1 <= count <= min(MOST, len(units) * len(places)):
        most = min(MOST, len(units) * len(places))
        raise Refusal("count", count, f"there are 1 to {most} targets to draw", "draw fewer, or name more units")
    return {
        "protocol": PROTOCOL,
        "plan": plan,
        "quarter": quarter,
        "count": count,
        "units": sorted(units),
        "places": sorted(places),
        "kinds": sorted(kinds),
        "days": [day.isoformat() for day in sorted(days)],
        "seed_sha256": hashlib.sha256(seed).hexdigest(),
        "entropy": dict(entropy) if entropy else None,
    }


def commitment(of: Mapping[str, Any]) -> str:
    """The frame's SHA-256, in hex."""
    return hashlib.sha256(rfc8785.dumps(dict(of))).hexdigest()


def draw(of: Mapping[str, Any], seed: bytes, public_value: str | None) -> tuple[Target, ...]:
    """The targets of a frame: the same frame, seed and public value always give the same.

    Raises Refusal if the seed is not the one that the frame binds.
    """
    if hashlib.sha256(seed).hexdigest() != of["seed_sha256"]:
        raise Refusal("seed", "…", "it is not the seed of this frame", "give the seed that was published with it")
    drawn = {"commitment": commitment(of), "seed": seed.hex(), "public_value": public_value}
    key = hashlib.sha256(rfc8785.dumps(drawn)).digest()
    pairs = sorted(
        ((unit, place) for unit in of["units"] for place in of["places"]), key=lambda pair: _mac(key, "target", *pair)
    )
    return tuple(
        Target(
            position=n,
            unit=unit,
            place=place,
            kind=_pick(key, "kind", n, of["kinds"]),
            on=_pick(key, "day", n, of["days"]),
            nonce=_mac(key, "nonce", str(n)).hex(),
        )
        for n, (unit, place) in enumerate(_spread(pairs)[: of["count"]], 1)
    )


def _spread(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same order, but a unit's second place comes after the first place of every unit, and so on."""
    seen: dict[str, int] = {}
    rounds = []
    for unit, place in pairs:
        seen[unit] = seen.get(unit, 0) + 1
        rounds.append((seen[unit], unit, place))
    return [(unit, place) for _, unit, place in sorted(rounds, key=lambda row: row[0])]


def _mac(key: bytes, *parts: str) -> bytes:
    return hmac.new(key, "\x1f".join(parts).encode(), hashlib.sha256).digest()


def _pick(key: bytes, what: str, n: int, choices: Sequence[str]) -> str:
    """One of the choices, each with exactly the same chance: a number beyond the last whole round is drawn again."""
    whole = 2**64 // len(choices) * len(choices)
    attempt = 0
    while (number := int.from_bytes(_mac(key, what, str(n), str(attempt))[:8], "big")) >= whole:
        attempt += 1
    return choices[number % len(choices)]
