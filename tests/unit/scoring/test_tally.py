"""The count (S6): the figures agree, the arithmetic is exact, the order tells nothing."""

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain import reconcile, rules, tally
from services.scoring.domain.ballot import Ballot
from services.scoring.domain.canon import Malformed, parse_canonical
from shared.errors import Refusal

S, B, D, A = "satisfied", "basically_satisfied", "dissatisfied", "abstain"


def count(world, rows, kinds=None, **changes):
    """Tally of one unit: a row of choices a ballot."""
    ballots = [Ballot(c, (tuple(row),)) for row, c in zip(rows, kinds or ["all"] * len(rows), strict=True)]
    return tally.count(ballots, replace(world.rules, **changes), world.units[:1]).units[0]


def test_a_score_is_the_weighted_mean_of_its_marks_rounded_once(world):
    found = count(world, [(S, B), (S, D), (B, D)])  # weights 60 and 40
    assert [d.exact for d in found.dimensions] == [Fraction(280, 3), Fraction(160, 3)]
    assert [d.mean for d in found.dimensions] == [Decimal("93.33"), Decimal("53.33")]
    assert found.exact == Fraction(60, 100) * Fraction(280, 3) + Fraction(40, 100) * Fraction(160, 3)
    assert found.score == Decimal("77.33") and found.ratings == 3


def test_abstentions_are_left_out_and_ratings_are_those_of_the_weakest_dimension(world):
    found = count(world, [(S, A), (A, B), (A, A), (D, B)])
    assert [(d.ratings, d.exact) for d in found.dimensions] == [(2, 70), (2, 80)]
    assert found.dimensions[0].counts == {S: 1, B: 0, D: 1, A: 2}
    assert count(world, [(S, A), (S, B), (S, A)]).ratings == 1


def test_a_dimension_nobody_marked_leaves_no_score_and_is_never_renormalised(world):
    found = count(world, [(S, A), (S, A)])
    assert found.score is None and found.exact is None and found.ratings == 0
    assert found.dimensions[0].mean == Decimal("100.00") and found.dimensions[1].mean is None


@given(st.lists(st.sampled_from([S, B, D, A]), min_size=1, max_size=60), st.integers(0, 2**32))
def test_the_tally_does_not_depend_on_the_order_of_ballots(world, choices, seed):
    rows = [(c, S) for c in choices]
    number = iter(range(10**6))
    mixed = tally.shuffled(rows, lambda n: ((seed + next(number)) * 2654435761 % 256**n).to_bytes(n, "big"))
    assert count(world, rows) == count(world, mixed)


def test_two_classes_of_card_are_weighted_seventy_thirty_and_never_shown_when_small(world):
    classes = (rules.CardClass("ordinary", Decimal(70)), rules.CardClass("other", Decimal(30)))
    rows, kinds = [(S, S)] * 20 + [(D, S)] * 10, ["ordinary"] * 20 + ["other"] * 10
    found = count(world, rows, kinds, classes=classes)
    assert found.dimensions[0].exact == Fraction(70 * 100 + 30 * 40, 100)
    assert found.dimensions[0].by_class["other"] == {S: 0, B: 0, D: 10, A: 0}
    with pytest.raises(Refusal, match="fewer than 10"):
        count(world, rows[:29], kinds[:29], classes=classes)
    with pytest.raises(Refusal, match="no class"):
        count(world, rows, kinds)


def test_the_matrix_for_the_interval_holds_whole_ballots_without_token_in_another_order(world, entropy_of):
    matrix = tally.marks_matrix(world.opened.valid, world.rules, entropy_of("matrix"))
    marks = {**world.rules.marks, "abstain": None}
    plain = [tuple(tuple(marks[c] for c in row) for row in b.rows) for b in world.opened.valid]
    assert list(matrix) != plain and Counter(matrix) == Counter(plain)


def test_every_order_of_a_shuffle_is_as_likely(entropy_of):
    entropy, rounds = entropy_of("shuffle"), 6000
    seen = Counter(tally.shuffled("abc", entropy) for _ in range(rounds))
    assert len(seen) == 6
    assert all(abs(n - rounds / 6) < 4 * (rounds * 5 / 36) ** 0.5 for n in seen.values())


@pytest.mark.parametrize("bound", [1, 2, 3, 255, 256, 257, 65535, 65537])
def test_an_index_is_always_below_its_bound(entropy_of, bound):
    entropy = entropy_of(f"below {bound}")
    assert all(0 <= tally.below(bound, entropy) < bound for _ in range(200))
    assert tally.below(bound, lambda n: bytes(n)) == 0


def test_a_number_that_would_favour_some_index_is_thrown_again():
    thrown = iter([b"\xff\xff", b"\x00\x01"])  # 65,535 is the one of 65,536 that would make index 0 likelier
    assert tally.below(3, lambda n: next(thrown)) == 1


def test_tally_json_is_canonical_with_figures_as_text(world):
    content = parse_canonical(world.sealed.tally.to_bytes())
    assert content["kind"] == "minping.tally.v1" and content["ballots"] == {"all": 30}
    assert all(isinstance(u["score"], str) and isinstance(u["exact"], str) for u in content["units"])
    assert world.sealed.tally.unit("U001").unit == "U001"
    with pytest.raises(Refusal):
        world.sealed.tally.unit("U999")


# -- reconciliation -------------------------------------------------------------------------------------

GOOD = reconcile.Counts(
    drawn=60, present=50, ordinary_present=36, printed=70, left_in_box=18, roll=52, issued=52, returned=50, unused=2,
    valid=48, void=2, void_reasons={"unreadable": 2},
)  # fmt: skip


def problems(world, **changes):
    return {p.name: p.voids for p in reconcile.reconcile(replace(GOOD, **changes), world.rules)}


def test_figures_that_agree_let_the_vote_stand(world):
    assert problems(world) == {}
    assert reconcile.counts_from_bytes(GOOD.to_bytes()) == GOOD


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"issued": 53}, "issued"),
        ({"unused": 3}, "issued"),
        ({"returned": 51}, "returned"),
        ({"valid": 47}, "returned"),
        ({"void": 3}, "returned"),
        ({"void_reasons": {}}, "void"),
        ({"printed": 71}, "printed"),
        ({"left_in_box": 17}, "printed"),
        ({"roll": 51}, "roll"),
        ({"ordinary_present": 34}, "ordinary"),
        ({"ordinary_present": 51}, "ordinary"),
        ({"present": 0, "ordinary_present": 0}, "ordinary"),
    ],
)
def test_each_figure_that_does_not_agree_voids_the_vote(world, changes, name):
    assert problems(world, **changes)[name] is True


def test_more_ballots_than_cards_issued_voids_the_vote(world):
    assert problems(world, returned=53, unused=0, valid=51)["stuffed"] is True


def test_the_quorum_is_two_thirds_of_those_drawn_and_thirty_valid(world):
    def voted(valid, drawn):
        return problems(
            world, drawn=drawn, issued=valid, roll=valid, returned=valid, unused=0, valid=valid, void=0,
            void_reasons={}, printed=valid, left_in_box=0,
        )  # fmt: skip

    assert voted(40, 60) == {}
    assert voted(39, 60) == {"quorum": False}
    assert voted(30, 45) == {}
    assert voted(29, 40) == {"quorum_valid": False}
    assert voted(30, 0) == {"quorum": False}


@pytest.mark.parametrize(
    ("present", "ordinary", "opens"), [(10, 7, True), (10, 6, False), (60, 42, True), (0, 0, False)]
)
def test_ballots_open_only_when_seventy_percent_are_ordinary_people(world, present, ordinary, opens):
    assert reconcile.ballots_may_open(present, ordinary, world.rules) is opens


# -- rules ----------------------------------------------------------------------------------------------


def test_rules_and_units_read_back_as_written(world):
    assert rules.rules_from_bytes(world.rules.to_bytes()) == world.rules
    assert rules.units_from_bytes(rules.units_bytes(world.units)) == world.units


@pytest.mark.parametrize(
    "changes",
    [
        {"dimensions": ()},
        {"dimensions": (rules.Dimension("a", Decimal(60)), rules.Dimension("b", Decimal(39)))},
        {"dimensions": (rules.Dimension("a", Decimal(60)), rules.Dimension("a", Decimal(40)))},
        {"dimensions": (rules.Dimension("a", Decimal(110)), rules.Dimension("b", Decimal(-10)))},
        {"grades": (rules.Grade("abstain", Decimal(1)),)},
        {"grades": (rules.Grade("a", Decimal(101)),)},
        {"quorum_of_drawn": Fraction(3, 2)},
        {"tellers_needed": 0},
        {"ordinary_present": Decimal(2)},
        {"abstain": "a b"},
    ],
)
def test_rules_that_cannot_be_are_refused(world, changes):
    with pytest.raises(Malformed):
        replace(world.rules, **changes)
