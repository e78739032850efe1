"""S3: the same chance for everybody, over 20,000 seeds; and enough ordinary people after no-shows."""

import math
import random
from collections import Counter
from fractions import Fraction

from services.scoring.domain.draw import order_key
from services.scoring.domain.panels import pick
from services.scoring.domain.pool import allot_seats, ordinary_share

SEEDS = 20_000
SHARES = {
    "enterprise": 22, "resident": 22, "villager": 33, "deputy": 11, "cppcc": 9, "democratic": 4,
    "party_delegate": 6, "retired_cadre": 3,
}  # fmt: skip
ORDINARY = ("enterprise", "resident", "villager")
MEETINGS = 20_000
NO_SHOWS = 20260630
"""seed of the simulated no-shows"""


def seeds(count: int = SEEDS) -> list[bytes]:
    """32 bytes each: 0, 1, 2 …, as SHA-256 might give them."""
    return [number.to_bytes(32, "big") for number in range(count)]


def within(found: int, chance: float, of: int, sigmas: float = 4) -> bool:
    return abs(found - of * chance) < sigmas * math.sqrt(of * chance * (1 - chance))


def test_s3_over_20_000_seeds_each_member_is_drawn_as_often_as_everybody_in_the_stratum() -> None:
    """110 people, 60 seats: every frequency within 4 sigma of seats / people."""
    seats = allot_seats(SHARES, 60, ORDINARY)
    seated: Counter[str] = Counter()
    for seed in seeds():
        for stratum, people in SHARES.items():
            order = sorted(range(people), key=lambda i: order_key(seed, stratum, f"{i:03}"))
            seated.update(f"{stratum}-{i}" for i in order[: seats[stratum]])
    worst = max(
        abs(seated[f"{s}-{i}"] - SEEDS * seats[s] / n) / math.sqrt(SEEDS * seats[s] / n * (1 - seats[s] / n))
        for s, n in SHARES.items()
        for i in range(n)
    )
    print(f"seeds 0 to {SEEDS - 1}, 110 people: furthest from its chance {worst:.2f} sigma")
    assert all(within(seated[f"{s}-{i}"], seats[s] / n, SEEDS) for s, n in SHARES.items() for i in range(n))


def test_s3_over_20_000_seeds_neighbours_come_in_either_order_and_any_place_is_as_likely() -> None:
    places: Counter[int] = Counter()
    first = 0
    for seed in seeds():
        order = sorted(range(9), key=lambda i: order_key(seed, "cppcc", f"{i:03}"))
        places[order.index(0)] += 1
        first += order.index(0) < order.index(1)
    assert within(first, 1 / 2, SEEDS)
    assert all(within(places[place], 1 / 9, SEEDS) for place in range(9))


def test_s3_over_20_000_seeds_each_panel_is_picked_as_often() -> None:
    for count in (1, 3, 100, 1000):
        picked = Counter(pick(seed, count) for seed in seeds())
        assert set(picked) <= set(range(count))
        if count > 1:
            assert all(within(picked[index], 1 / count, SEEDS, 4.5) for index in range(count))


def test_s3_the_pick_takes_another_word_where_the_first_would_favour_a_panel(monkeypatch) -> None:
    """2**64 is no multiple of 3: the last word is over the greatest multiple and is thrown again."""
    words = iter([b"\xff" * 8, (7).to_bytes(8, "big")])
    monkeypatch.setattr("services.scoring.domain.panels.hmac.digest", lambda *_: next(words) + b"\0" * 24)
    assert pick(b"s" * 32, 3) == 7 % 3


def exactly_below(ordinary: int, seats: int, attendance: Fraction, least: Fraction) -> Fraction:
    """The chance that fewer than `least` of those who come are ordinary people, each coming by himself."""

    def of(n: int) -> list[Fraction]:
        return [math.comb(n, k) * attendance**k * (1 - attendance) ** (n - k) for k in range(n + 1)]

    return sum(
        (
            p * q
            for people, p in enumerate(of(ordinary))
            for others, q in enumerate(of(seats - ordinary))
            if people < least * (people + others) or people + others == 0
        ),
        Fraction(0),
    )


def test_s3_a_draw_of_exactly_70_per_cent_falls_below_in_about_half_of_all_meetings_75_in_about_one_of_100() -> None:
    """60 seats, 85% turn up: exactly, and simulated with the code that opens the ballots (S7)."""
    attendance, least = Fraction(85, 100), Fraction(70, 100)
    chance = {ordinary: float(exactly_below(ordinary, 60, attendance, least)) for ordinary in (42, 45)}
    print(f"below 70%: {chance[42]:.3f} with 42 of 60, {chance[45]:.4f} with 45 of 60")
    assert 0.40 < chance[42] < 0.55
    assert 0.005 < chance[45] < 0.02
    rng = random.Random(NO_SHOWS)
    for ordinary in (42, 45):
        below = 0
        for _ in range(MEETINGS):
            people = sum(rng.random() < 0.85 for _ in range(ordinary))
            others = sum(rng.random() < 0.85 for _ in range(60 - ordinary))
            below += ordinary_share({"villager": people, "deputy": others}, ORDINARY) < least
        assert within(below, chance[ordinary], MEETINGS), f"seed {NO_SHOWS}: {below} of {MEETINGS}"
