"""Flags of the count (voting.md D): honest halls raise none, planted copies and strings do, and no figure names two."""

import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.domain.custody import BESIDE_BYTES, lock_beside, unlock_beside
from services.scoring.domain.patterns import Patterns, patterns, patterns_from_json
from services.scoring.domain.shamir import new_key

GRADES = ("satisfied", "basically_satisfied", "dissatisfied", "unknown")
UNITS, DIMENSIONS = 20, 6
Hall = list[tuple[tuple[str, ...], ...]]


def hall(number: int, seed: int) -> Hall:
    """Honest people: each knows the units by his own errands, some answer all units alike."""
    rng = random.Random(seed)
    good = [rng.uniform(0.3, 0.6) for _ in range(UNITS)]
    found: Hall = []
    for i in range(number):
        if i % 7 == 0:
            found.append(((GRADES[0],) * DIMENSIONS,) * UNITS)
            continue
        found.append(
            tuple(tuple(rng.choices(GRADES, (p, 0.8 - p, 0.1, 0.1))[0] for _ in range(DIMENSIONS)) for p in good)
        )
    return found


def test_s10_an_honest_hall_raises_no_flag_and_straight_liners_are_set_aside() -> None:
    largest = 0.0
    for seed in range(10):
        ballots = hall(60, seed)
        assert patterns(ballots) == Patterns(60, 0, 0)
        flat = [[c for unit in b for c in unit] for i, b in enumerate(ballots) if i % 7]
        largest = max(
            largest, *(sum(x == y for x, y in zip(a, b, strict=True)) / len(a) for a, b in combinations(flat, 2))
        )
    print(f"\nhonest ballots agree in at most {largest:.0%} of their answers; planted copies count from 95%")
    assert largest < 0.75


@pytest.mark.parametrize(("planted", "shown"), [(4, 0), (5, 5), (12, 12)])
def test_s10_planted_copies_are_counted_from_five_on(planted: int, shown: int) -> None:
    ballots = hall(60, 1)
    copy = list(map(list, ballots[1]))
    for i in range(planted - 1):
        copy[i % UNITS][0] = GRADES[2]  # each a little different: still over 95%
        ballots[8 + i] = tuple(map(tuple, copy))
        copy = list(map(list, ballots[1]))
    found = patterns(ballots)
    assert found.alike == shown and found.flagged == bool(shown)


def test_s10_long_strings_are_counted() -> None:
    ballots = hall(60, 2)
    flat, rng = [c for unit in ballots[1] for c in unit], random.Random(5)
    for i in range(6):
        row = [GRADES[1]] * 100 + [rng.choice(GRADES) for _ in flat[100:]]
        ballots[8 + i] = tuple(tuple(row[k : k + DIMENSIONS]) for k in range(0, len(row), DIMENSIONS))
    assert patterns(ballots).long_string == 6


def test_s10_nothing_is_looked_for_in_few_ballots_or_few_answers() -> None:
    assert patterns(hall(29, 1)) == Patterns(29, None, None)
    assert patterns([ballot[:4] for ballot in hall(60, 1)]) == Patterns(60, None, None)
    assert patterns([]) == Patterns(0, None, None)
    assert not patterns([]).flagged


@given(st.integers(0, 20), st.randoms(use_true_random=False))
def test_s10_the_figures_do_not_depend_on_the_order_of_ballots(seed: int, rng: random.Random) -> None:
    ballots = hall(40, seed)
    ballots[1:7] = [ballots[1]] * 6
    mixed = ballots[:]
    rng.shuffle(mixed)
    found = patterns(mixed)
    assert found == patterns(ballots) and found.alike == 6
    assert patterns_from_json(parse_canonical(canonical(found.to_json()))) == found


def test_s10_under_lock_the_figures_have_one_length_and_open_with_their_key_only() -> None:
    key, other = new_key(random.randbytes), new_key(random.randbytes)
    short, long = (canonical(Patterns(n, n, n).to_json()) for n in (5, 100_000))
    locked = [lock_beside(key.public_key(), "m1", data) for data in (short, long)]
    assert len(locked[0]) == len(locked[1]) > BESIDE_BYTES
    assert [unlock_beside(key, "m1", data) for data in locked] == [short, long]
    for wrong, meeting in ((other, "m1"), (key, "m2")):
        with pytest.raises(ValueError, match="does not open"):
            unlock_beside(wrong, meeting, locked[0])
