"""Published figures and the composite (S9)."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.composite import PartScore, composite
from services.scoring.domain.figures import exact, published
from shared.errors import Refusal

D = Decimal


def parts(daily: Fraction | None, concentrated: Fraction | None) -> list[PartScore]:
    return [
        PartScore("daily", D(20), daily),
        PartScore("concentrated", D(80), concentrated, None if concentrated is not None else "no meeting"),
    ]


def test_daily_a_fifth_and_concentrated_four_fifths() -> None:
    found = composite("u1", parts(Fraction(98), Fraction(1252, 15)))
    assert found.score == D("86.37")
    assert found.formula == "20% × 98.00 (daily) + 80% × 83.47 (concentrated) = 86.37"


def test_the_composite_is_rounded_once_from_exact_parts() -> None:
    # 83.466… published as 83.47; from the rounded part it would be 86.38
    exactly = (Fraction(98) * 20 + Fraction(1252, 15) * 80) / 100
    assert composite("u1", parts(Fraction(98), Fraction(1252, 15))).score == published(exactly)
    assert published((Fraction(98) * 20 + Fraction("83.47") * 80) / 100) == D("86.38")


def test_a_missing_part_is_never_renormalised() -> None:
    found = composite("u1", parts(Fraction(98), None))
    assert found.score is None
    assert found.missing == "concentrated: no meeting"


@pytest.mark.parametrize(
    ("value", "figure"),
    [("0.005", "0.01"), ("83.445", "83.45"), ("83.444", "83.44"), ("-0.005", "-0.01"), ("7", "7.00")],
)
def test_half_goes_up(value: str, figure: str) -> None:
    assert published(exact(value)) == D(figure)


@given(st.decimals(min_value=0, max_value=100, places=6))
def test_published_agrees_with_decimals_own_half_up(value: Decimal) -> None:
    assert published(value) == value.quantize(D("0.01"), ROUND_HALF_UP)


@given(st.fractions())
def test_an_exact_value_is_read_as_it_was_written(value: Fraction) -> None:
    assert exact(str(value)) == value


@pytest.mark.parametrize("text", ["", "1e5", "nan", "1/0", "1.", " 1", "1_0", "0x1"])
def test_what_is_no_exact_value_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        exact(text)


def test_weights_that_do_not_sum_to_a_hundred_are_refused() -> None:
    with pytest.raises(Refusal, match="sum to 100"):
        composite("u1", [PartScore("daily", D(20), Fraction(1))])


def test_a_value_outside_0_to_100_is_refused() -> None:
    with pytest.raises(Refusal, match="outside"):
        composite("u1", parts(Fraction(101), Fraction(1)))


@given(st.fractions(0, 100), st.fractions(0, 100))
def test_the_composite_lies_between_its_parts(a: Fraction, b: Fraction) -> None:
    score = composite("u1", parts(a, b)).score
    assert score is not None
    assert published(min(a, b)) <= score <= published(max(a, b))
