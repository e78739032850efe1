"""The pool of evaluators (S2) and how many of each stratum are drawn (S3).

Shares and quotas are exact: Decimal and Fraction, never float.
"""

import hashlib
import hmac
import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Malformed
from services.scoring.domain.rules import check_key
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Candidate:
    """A member of the pool. `conflicts`: ids of units he declared to be employed by or related to.

    township: where he was registered, None in a pool of one township. attributes: for crossing quotas only.
    """

    id: str
    stratum: str
    name_hash: str | None = None
    conflicts: frozenset[str] = frozenset()
    township: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Excluded:
    """A member of the pool who may not be drawn for this meeting, and why."""

    id: str
    stratum: str
    reason: str


@dataclass(frozen=True, slots=True)
class PoolProblem:
    """What does not fit a pool's rules: the field, what it is, what it should be."""

    field: str
    value: str
    reason: str


def private_name(salt: bytes, name: str) -> str:
    """SHA-256(salt ‖ name) in hex, published where names stay private. The salt has 16 bytes, one a person."""
    if len(salt) != 16:
        raise Malformed("a name's salt has 16 bytes")
    return hashlib.sha256(salt + name.encode()).hexdigest()


def name_salt(secret: bytes, person: str) -> bytes:
    """The salt of one person's name: the first 16 bytes of HMAC-SHA256(secret, id).

    The office keeps the secret. It may show one person's salt, to prove one name; the others stay private.
    """
    return hmac.digest(secret, person.encode(), "sha256")[:16]


def eligible(
    candidates: Iterable[Candidate], units: Collection[str]
) -> tuple[tuple[Candidate, ...], tuple[Excluded, ...]]:
    """Split the pool before a draw: who declared a conflict with one of the meeting's units is left out (S2)."""
    within, without = [], []
    appraised = set(units)
    for candidate in candidates:
        if candidate.conflicts & appraised:
            without.append(Excluded(candidate.id, candidate.stratum, "conflict"))
        else:
            within.append(candidate)
    return tuple(within), tuple(without)


def check_pool(
    candidates: Sequence[Candidate],
    *,
    least: int,
    most: int,
    shares: Mapping[str, Decimal],
    ordinary: Collection[str],
) -> tuple[PoolProblem, ...]:
    """What is wrong with a township's pool (S2): size, ids twice, unknown strata, shares of strata below the rule.

    `shares` are the least shares of ordinary strata; other strata may be of any size.
    """
    problems = []
    size = len(candidates)
    if not least <= size <= most:
        problems.append(PoolProblem("pool.size", str(size), f"the pool has {least} to {most} evaluators"))
    for person, times in Counter(c.id for c in candidates).items():
        if times > 1:
            problems.append(PoolProblem("pool.id", person, f"registered {times} times"))
    counts = Counter(c.stratum for c in candidates)
    for stratum in sorted(counts.keys() - shares.keys()):
        problems.append(PoolProblem("pool.stratum", stratum, f"none of {', '.join(sorted(shares))}"))
    for stratum in sorted(set(ordinary) & shares.keys()):
        if size and Fraction(counts[stratum], size) < Fraction(shares[stratum]):
            problems.append(
                PoolProblem(
                    f"pool.share.{stratum}",
                    f"{counts[stratum]} of {size}",
                    f"at least {shares[stratum]:%} of the pool",
                )
            )
    people = sum(counts[s] for s in ordinary)
    floor = sum((Fraction(shares.get(s, Decimal(0))) for s in ordinary), Fraction(0))
    if size and Fraction(people, size) < floor:
        problems.append(
            PoolProblem("pool.share.ordinary", f"{people} of {size}", f"at least {float(floor):.0%} of the pool")
        )
    return tuple(problems)


def check_townships(
    candidates: Sequence[Candidate],
    *,
    least: int,
    most: int,
    shares: Mapping[str, Decimal],
    ordinary: Collection[str],
) -> tuple[PoolProblem, ...]:
    """`check_pool` for each township of the list by itself; a list that names none is one township's (S2)."""
    problems: list[PoolProblem] = []
    for township in sorted({c.township or "" for c in candidates} or {""}):
        of_it = [c for c in candidates if (c.township or "") == township]
        for found in check_pool(of_it, least=least, most=most, shares=shares, ordinary=ordinary):
            value = f"{township}: {found.value}" if township else found.value
            problems.append(PoolProblem(found.field, value, found.reason))
    return tuple(problems)


def allot_seats(
    counts: Mapping[str, int],
    total: int,
    ordinary: Collection[str],
    least_ordinary: Decimal = Decimal("0.75"),
) -> dict[str, int]:
    """Seats by stratum: at least ceil(75 %) for ordinary people, the rest for the others (S3).

    counts: eligible people by stratum. Within each group by pool share, largest remainder (ties: the larger stratum,
    then the key); never more seats than people; what one group cannot fill goes to ordinary people first.
    Raises Refusal where the pool cannot fill the seats with that share.
    """
    people = {s: n for s, n in sorted(counts.items()) if s in ordinary}
    others = {s: n for s, n in sorted(counts.items()) if s not in ordinary}
    floor = math.ceil(Fraction(least_ordinary) * total)
    have_people, have_others = sum(people.values()), sum(others.values())
    if total < 1 or have_people + have_others < total:
        raise Refusal("seats", total, f"{have_people + have_others} people may be drawn", "enlarge the pool")
    wanted = max(floor, total - have_others)
    if have_people < wanted:
        raise Refusal(
            "pool.ordinary",
            have_people,
            f"{wanted} of {total} seats are for ordinary people",
            "register more ordinary people, or draw fewer seats",
        )
    return {**largest_remainder(people, wanted), **largest_remainder(others, total - wanted)}


def largest_remainder(counts: Mapping[str, int], seats: int) -> dict[str, int]:
    """Share out seats in proportion to counts (Hamilton), never above a count.

    Raises Malformed where there are more seats than people.
    """
    total = sum(counts.values())
    if seats > total:
        raise Malformed(f"{seats} seats for {total} people")
    if seats == 0:
        return dict.fromkeys(counts, 0)
    quotas = {s: Fraction(n * seats, total) for s, n in counts.items()}
    given = {s: math.floor(q) for s, q in quotas.items()}  # seats ≤ total, so no quota exceeds its count
    left = seats - sum(given.values())
    order = sorted(counts, key=lambda s: (given[s] - quotas[s], -counts[s], s))
    for stratum in order[:left]:
        given[stratum] += 1
    return given


def check_seats(
    seats: Mapping[str, int], counts: Mapping[str, int], ordinary: Collection[str], least_ordinary: Decimal
) -> None:
    """Check seats that a programme or a file fixed; raises Refusal naming the stratum."""
    for stratum, wanted in seats.items():
        check_key(stratum, "seats")
        if not 0 <= wanted <= counts.get(stratum, 0):
            raise Refusal(
                f"seats.{stratum}",
                wanted,
                f"{counts.get(stratum, 0)} people may be drawn",
                "enlarge the pool",
            )
    total = sum(seats.values())
    people = sum(n for s, n in seats.items() if s in ordinary)
    if total == 0 or Fraction(people, total) < Fraction(least_ordinary):
        raise Refusal(
            "seats",
            f"{people} of {total}",
            f"at least {least_ordinary:%} are for ordinary people",
            "change the seats",
        )


def ordinary_share(present: Mapping[str, int], ordinary: Collection[str]) -> Fraction:
    """Share of ordinary people among those present, by stratum; 0 when nobody is (S7)."""
    total = sum(present.values())
    return Fraction(sum(n for s, n in present.items() if s in ordinary), total) if total else Fraction(0)
