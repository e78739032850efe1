"""Ranks (S10), canvassing (S11)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.ranking import Candidate, Standing, rank
from shared.errors import Refusal


def unit(
    key: str, score: str | None, *, scope: str = "s", category: str = "window", ratings: int = 60, **more: object
) -> Candidate:
    return Candidate(key, scope, category, None if score is None else Decimal(score), ratings, **more)  # type: ignore[arg-type]  # keywords by name


def ranks(*units: Candidate) -> dict[str, Standing]:
    return {s.unit: s for s in rank(units, least_ratings=30, least_units_for_last=3)}


def test_ties_give_1_2_2_4() -> None:
    found = ranks(unit("a", "95"), unit("b", "90"), unit("c", "90"), unit("d", "80"))
    assert [found[u].rank for u in "abcd"] == [1, 2, 2, 4]
    assert [u for u in "abcd" if found[u].last] == ["d"]


def test_all_tied_at_the_bottom_are_last_and_flagged() -> None:
    found = ranks(unit("a", "95"), unit("b", "70"), unit("c", "70"))
    assert [(u, found[u].tied_last) for u in "abc" if found[u].last] == [("b", True), ("c", True)]


def test_scopes_are_ranked_apart_and_categories_beside() -> None:
    found = ranks(
        unit("a", "95", scope="x"),
        unit("b", "90", scope="x", category="police"),
        unit("c", "85", scope="x"),
        unit("d", "60", scope="y"),
    )
    assert [(found[u].rank, found[u].category_rank, found[u].of) for u in "abcd"] == [
        (1, 1, 3),
        (2, 1, 3),
        (3, 2, 3),
        (1, 1, 1),
    ]


def test_no_last_in_a_scope_of_fewer_than_three_ranked_units() -> None:
    found = ranks(unit("a", "95"), unit("b", "60"), unit("c", "50", ratings=29))
    assert not any(s.last for s in found.values())


def test_fewer_than_thirty_ratings_or_a_missing_part_is_not_ranked_and_says_why() -> None:
    found = ranks(unit("a", "95"), unit("b", "60", ratings=29), unit("c", None, missing="concentrated: no meeting"))
    assert found["b"].rank is None
    assert found["b"].not_ranked == "29 ratings, at least 30 are needed"
    assert found["c"].not_ranked == "concentrated: no meeting"
    assert found["a"].of == 1


def test_a_canvasser_stands_behind_all_others_and_its_merit_rank_stays_visible() -> None:
    found = ranks(unit("a", "95", canvassing=True), unit("b", "90"), unit("c", "70"))
    assert [(found[u].rank, found[u].merit_rank) for u in "abc"] == [(3, 1), (1, 2), (2, 3)]
    assert found["a"].last
    assert not found["a"].merit_last


def test_the_unit_last_on_merit_is_not_last_when_a_canvasser_stands_behind_it() -> None:
    found = ranks(unit("a", "95", canvassing=True), unit("b", "90"), unit("c", "70"))
    assert found["c"].merit_last
    assert not found["c"].last


def test_a_canvasser_with_too_few_ratings_stands_behind_all_others_too() -> None:
    found = ranks(unit("a", "95"), unit("b", "90"), unit("c", "99", ratings=2, canvassing=True))
    assert (found["c"].rank, found["c"].merit_rank, found["c"].last) == (3, None, True)


def test_a_unit_twice_is_refused() -> None:
    with pytest.raises(Refusal):
        ranks(unit("a", "95"), unit("a", "90"))


scores = st.integers(0, 20).map(lambda n: Decimal(n))
fields = st.lists(st.tuples(scores, st.booleans(), st.integers(28, 32)), max_size=12)


@given(fields)
def test_a_rank_is_one_more_than_the_number_of_units_before(rows: list[tuple[Decimal, bool, int]]) -> None:
    units = [
        Candidate(f"u{i}", "s", "c", score, ratings, canvassing=canvassing)
        for i, (score, canvassing, ratings) in enumerate(rows)
    ]
    found = {s.unit: s for s in rank(units, least_ratings=30, least_units_for_last=3)}
    ranked = [u for u in units if found[u.unit].rank is not None]
    for u in ranked:
        before = [
            v for v in ranked
            if (u.canvassing and not v.canvassing)
            or (u.canvassing == v.canvassing is False and v.composite > u.composite)  # type: ignore[operator]  # none is None here
        ]  # fmt: skip
        assert found[u.unit].rank == len(before) + 1
    last = [s for s in found.values() if s.last]
    assert bool(last) == (len(ranked) >= 3)
    assert {s.rank for s in last} <= {max((s.rank or 0 for s in found.values()), default=0)}
    if any(u.canvassing for u in ranked) and last:
        assert all(s.canvassing for s in last)


@given(fields, st.randoms(use_true_random=False))
def test_ranks_do_not_depend_on_the_order_of_units(rows: list[tuple[Decimal, bool, int]], random: object) -> None:
    units = [Candidate(f"u{i}", "s", "c", s, r, canvassing=c) for i, (s, c, r) in enumerate(rows)]
    shuffled = list(units)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random
    one = rank(units, least_ratings=30, least_units_for_last=3)
    assert one == rank(shuffled, least_ratings=30, least_units_for_last=3)
