"""Values of the composite's other parts (S9): items, samples, resolution, and that print and sum agree."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.canon import Malformed, canonical, parse_canonical
from services.scoring.domain.part_print import again, rules_from_json
from services.scoring.domain.parts import Matter, PartRule, entered, resolution
from shared.errors import Refusal

D = Decimal
HALL = PartRule("online_hall", "online_hall", 0, (("covered", D(60)), ("speed", D("40"))))
SURVEY = PartRule("questionnaire", "questionnaire", 30)
SOLVING = PartRule("resolution", "resolution", 2)

marks = st.decimals(0, 100, places=3)
matters = st.lists(
    st.builds(
        Matter, st.integers(0, 50).map("c{:02}".format), st.booleans(), st.booleans(),
        st.lists(st.sampled_from([D(100), D(90), D(75), D(50), D(0)]), max_size=3).map(tuple),
    ),
    max_size=12, unique_by=lambda m: m.case,
)  # fmt: skip


def test_s9_items_are_weighted_and_the_formula_can_be_redone_by_hand() -> None:
    found = entered(HALL, {"covered": D("95"), "speed": D("80.5")}, None)
    assert found.value == Fraction("89.2")
    assert found.formula == "60% × 95 (covered) + 40% × 80.5 (speed) = 89.20"


@pytest.mark.parametrize("given_marks", [{"": D(9)}, {"covered": D(9)}, {"covered": D(9), "speed": D(9), "x": D(9)}])
def test_s9_exactly_the_parts_items_are_entered(given_marks: dict[str, Decimal]) -> None:
    with pytest.raises(Refusal, match="the part has"):
        entered(HALL, given_marks, None)
    with pytest.raises(Refusal, match="outside"):
        entered(SURVEY, {"": D("100.01")}, 99)


def test_s9_below_the_least_sample_there_is_no_value_and_it_says_why() -> None:
    assert entered(SURVEY, {"": D(88)}, 30).value == 88
    few = entered(SURVEY, {"": D(88)}, 29)
    assert (few.value, few.missing) == (None, "a sample of 29, at least 30 are needed")
    assert entered(SURVEY, {"": D(88)}, None).missing == "a sample of 0, at least 30 are needed"


def test_s9_resolution_is_the_share_on_time_times_satisfaction_and_promises_count_double() -> None:
    found = resolution(
        SOLVING,
        [
            Matter("a", True, True, (D(100), D(50))),  # promised: twice on time, twice 75
            Matter("b", True, False, (D(90),)),
            Matter("c", False),  # nobody answered: counts in the share, not in the mean
        ],
    )
    assert found.value == Fraction(3, 4) * Fraction(2 * 75 + 90, 3)
    assert found.formula == "3 ÷ 4 × 80.00 = 60.00"
    assert resolution(SOLVING, []).missing == "a sample of 0, at least 2 are needed"
    assert resolution(PartRule("r", "resolution"), []).missing == "no matter to solve"
    assert resolution(PartRule("r", "resolution"), [Matter("c", True)]).missing == "nobody answered how satisfied he is"


@given(matters, st.data())
def test_s9_resolution_does_not_depend_on_order_and_never_falls_when_a_matter_is_solved_in_time(
    listed: list[Matter], data: st.DataObject
) -> None:
    rule = PartRule("r", "resolution")
    found = resolution(rule, listed)
    assert found == resolution(rule, data.draw(st.permutations(listed)))
    better = resolution(rule, [Matter(m.case, True, m.promised, m.marks) for m in listed])
    if found.value is not None:
        assert better.value is not None and 0 <= found.value <= better.value <= 100


@given(matters, marks, marks, st.none() | st.integers(0, 60))
def test_s9_every_value_follows_again_from_what_is_printed(
    listed: list[Matter], a: Decimal, b: Decimal, sample: int | None
) -> None:
    for rule, found in (
        (SOLVING, resolution(SOLVING, listed)),
        (HALL, entered(HALL, {"covered": a, "speed": b}, sample, {"document": "文件", "version": 1})),
        (SURVEY, entered(SURVEY, {"": a}, sample)),
    ):
        printed = parse_canonical(canonical(found.to_json()))
        assert isinstance(printed, dict)
        assert again(rule, printed["inputs"]).to_json() == printed
    read = rules_from_json(parse_canonical(canonical([HALL.to_json(), SURVEY.to_json()])))
    assert read == (HALL, SURVEY)


@pytest.mark.parametrize("change", [{"on_time": 9}, {"satisfaction": "301"}, {"satisfaction": "1e9"}, {"matters": "3"}])
def test_s9_sums_that_do_not_fit_are_found(change: dict[str, object]) -> None:
    inputs = {"matters": 4, "on_time": 3, "answered": 3, "satisfaction": "240", "sample": 3}
    with pytest.raises((Malformed, Refusal)):
        again(SOLVING, {**inputs, **change})  # type: ignore[arg-type]  # what a forger writes
