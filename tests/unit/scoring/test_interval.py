"""The interval of a rank (S10): simultaneous, repeatable, honest at the edges."""

import random
from decimal import Decimal
from hashlib import sha256

from services.scoring.domain.doubt import intervals
from services.scoring.domain.interval import doubts

SEED = sha256(b"a seed").hexdigest()
WEIGHTS = [Decimal(50), Decimal(50)]
MARKS = [Decimal(100), Decimal(80), Decimal(40)]


def ballots(quality: list[list[int]], number: int, seed: int) -> list[list[list[Decimal | None]]]:
    """Marks drawn for each unit with its own weights of the three grades."""
    rng = random.Random(seed)
    return [[rng.choices(MARKS, weights, k=2) for weights in quality] for _ in range(number)]  # type: ignore[misc]  # no abstentions here


def composites(marks: list[list[list[Decimal | None]]]) -> dict[str, Decimal]:
    found = {}
    for u in range(len(marks[0])):
        every = [m for ballot in marks for m in ballot[u] if m is not None]
        found[f"u{u}"] = sum(every, Decimal(0)) / len(every)
    return found


def found_of(marks: list[list[list[Decimal | None]]], **more: int) -> dict[str, tuple[int, int, bool]]:
    units = [f"u{i}" for i in range(len(marks[0]))]
    (doubt,) = doubts(marks, units, WEIGHTS, {"s": units}, least_ratings=30, seed=SEED, **more)
    return {u: (i.low, i.high, i.may_be_last) for u, i in intervals(doubt, composites(marks), Decimal(100)).items()}


def test_units_far_apart_have_a_certain_rank() -> None:
    marks = ballots([[1, 0, 0], [0, 1, 0], [1, 1, 20]], 60, 1)
    assert found_of(marks) == {"u0": (1, 1, False), "u1": (2, 2, False), "u2": (3, 3, True)}


def test_units_that_the_vote_cannot_tell_apart_may_all_be_last() -> None:
    marks = ballots([[5, 4, 1]] * 4, 60, 2)
    assert set(found_of(marks).values()) == {(1, 4, True)}


def test_identical_marks_on_every_ballot_are_certain() -> None:
    marks: list[list[list[Decimal | None]]] = [[[Decimal(100)] * 2, [Decimal(80)] * 2, [Decimal(80)] * 2]] * 40
    assert found_of(marks) == {"u0": (1, 1, False), "u1": (2, 3, True), "u2": (2, 3, True)}


def test_the_same_ballots_and_seed_give_the_same_figures_in_any_order() -> None:
    marks = ballots([[5, 4, 1], [4, 4, 2], [3, 4, 3]], 50, 3)
    units = ["u0", "u1", "u2"]
    one = doubts(marks, units, WEIGHTS, {"s": units}, least_ratings=30, seed=SEED)
    other = doubts(marks[::-1], units, WEIGHTS, {"s": units}, least_ratings=30, seed=SEED)
    assert one == other
    assert one != doubts(marks, units, WEIGHTS, {"s": units}, least_ratings=30, seed=sha256(b"x").hexdigest())


def test_units_with_too_few_ratings_are_left_out() -> None:
    marks = ballots([[5, 4, 1], [4, 4, 2], [3, 4, 3]], 50, 4)
    for ballot in marks[:30]:
        ballot[1] = [None, None]
    (doubt,) = doubts(marks, ["u0", "u1", "u2"], WEIGHTS, {"s": ["u0", "u1", "u2"]}, least_ratings=30, seed=SEED)
    assert doubt.units == ("u0", "u2")


def test_no_ballots_no_doubts() -> None:
    assert doubts([], ["u0"], WEIGHTS, {"s": ["u0"]}, least_ratings=30, seed=SEED) == ()


def test_the_intervals_hold_all_true_ranks_in_about_95_of_100_meetings() -> None:
    quality = [[8, 3, 1], [7, 3, 2], [7, 4, 2], [6, 4, 3], [5, 4, 3], [4, 4, 4]]
    truth = sorted(
        range(6), key=lambda u: -sum(w * m for w, m in zip(quality[u], (100, 80, 40), strict=True)) / sum(quality[u])
    )
    true_rank = {f"u{u}": place for place, u in enumerate(truth, 1)}
    hits = 0
    for seed in range(60):
        found = found_of(ballots(quality, 60, seed), resamples=400)
        hits += all(found[u][0] <= true_rank[u] <= found[u][1] for u in true_rank)
    assert hits >= 54
