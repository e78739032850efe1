"""Consequences (S12): proposals with their conditions, the review flag, two years running."""

from decimal import Decimal
from typing import Any

import pytest

from services.scoring.domain.consequence import (
    ConsequenceState,
    Proposal,
    YearStanding,
    confirm,
    propose,
    withdraw,
    year_result,
)
from services.scoring.domain.ranking import Candidate, Standing, rank
from shared.errors import Refusal
from shared.programme import load

RULES = load("window-units").consequences


def standings(
    scores: dict[str, str], *, scope: str = "township:清河镇", canvassing: tuple[str, ...] = ()
) -> tuple[Standing, ...]:
    units = [
        Candidate(u, scope, "service_window", Decimal(s), 60, canvassing=u in canvassing) for u, s in scores.items()
    ]
    return rank(units, least_ratings=30, least_units_for_last=3)


def proposed(rows: tuple[Standing, ...], possible: tuple[str, ...] = (), **more: Any) -> list[Proposal]:
    return list(propose(RULES, rows, may_be_last={"township:清河镇": possible}, **more))


def test_last_and_below_80_is_proposed_for_criticism_self_criticism_and_help() -> None:
    found = proposed(standings({"a": "85", "b": "82", "c": "79.99"}), ("c",))
    assert [(p.unit, p.kind) for p in found] == [
        ("c", "circulated_criticism"),
        ("c", "written_self_criticism"),
        ("c", "key_help_list"),
        ("c", "rectification"),
    ]
    assert not any(p.review for p in found)


def test_last_but_not_below_80_has_no_consequence() -> None:
    assert proposed(standings({"a": "85", "b": "82", "c": "80.00"}), ("c",)) == []


def test_below_80_but_not_last_has_no_consequence() -> None:
    found = proposed(standings({"a": "85", "b": "70", "c": "60"}), ("c",))
    assert {p.unit for p in found} == {"c"}


def test_several_possibly_last_carry_a_review_flag() -> None:
    found = proposed(standings({"a": "85", "b": "70", "c": "60"}), ("b", "c"))
    assert all(p.review for p in found)


def test_all_tied_at_the_bottom_are_proposed_with_a_review_flag() -> None:
    found = proposed(standings({"a": "85", "b": "60", "c": "60"}), ("b", "c"))
    assert {p.unit for p in found} == {"b", "c"}
    assert all(p.review for p in found)


def test_a_canvasser_is_proposed_for_accountability_and_shields_the_last_on_merit() -> None:
    found = proposed(standings({"a": "88", "b": "70", "c": "60"}, canvassing=("a",)), ("b", "c"))
    assert [(p.unit, p.kind, p.review) for p in found] == [("a", "accountability", False)]


def test_a_canvasser_below_80_is_last_and_below_80_without_doubt() -> None:
    found = proposed(standings({"a": "70", "b": "85", "c": "60"}, canvassing=("a",)), ("b", "c"))
    assert next((p.unit, p.kind, p.review) for p in found if p.rule == "last-below-80") == (
        "a",
        "circulated_criticism",
        False,
    )


def year(last: str, score: str) -> dict[str, YearStanding]:
    return {u: YearStanding(u, Decimal(score), u == last) for u in "abc"}


@pytest.mark.parametrize(
    ("this_year", "last_year", "holds"),
    [
        (("c", "75"), ("c", "79.99"), True),
        (("c", "75"), ("c", "80"), False),
        (("c", "75"), ("b", "75"), False),
        (("b", "75"), ("c", "75"), False),
    ],
)
def test_two_years_running_needs_last_and_below_80_in_both(
    this_year: tuple[str, str], last_year: tuple[str, str], holds: bool
) -> None:
    found = proposed(standings({"a": "85", "b": "82", "c": "75"}), ("c",), years=[year(*this_year), year(*last_year)])
    kinds = {p.kind for p in found if p.unit == "c" and p.rule == "two-years-running"}
    assert kinds == ({"admonition_talk", "organisational_measure"} if holds else set())


def test_two_years_running_waits_for_the_years_last_cycle() -> None:
    found = proposed(standings({"a": "85", "b": "82", "c": "75"}), ("c",))
    assert not [p for p in found if p.rule == "two-years-running"]


def test_a_years_result_is_the_mean_of_its_ranked_cycles() -> None:
    h1 = standings({"a": "90", "b": "80", "c": "70"})
    h2 = standings({"a": "90", "b": "60.01", "c": "80"})
    found = year_result([h1, h2], least_units_for_last=3)
    assert (found["b"].composite, found["b"].last) == (Decimal("70.01"), True)
    assert (found["c"].composite, found["c"].last) == (Decimal("75.00"), False)


def test_the_ten_best_stations_are_taken_from_all_townships_together() -> None:
    rows = [
        *standings({f"x{i}": str(99 - i) for i in range(5)}, scope="township:甲镇"),
        *standings({f"y{i}": str(94 - i) for i in range(5)}, scope="township:乙镇"),
        *standings({f"z{i}": "99" for i in range(5)}, scope="approval-centre"),
    ]
    found = propose(RULES, rows, may_be_last={})
    assert {p.unit for p in found if p.rule == "top-ten-stations"} == {"x0", "x1", "x2"}


def test_a_review_flag_is_answered_in_writing_before_confirming() -> None:
    with pytest.raises(Refusal) as refused:
        confirm(ConsequenceState.PROPOSED, review=True, answer="  ")
    assert refused.value.field == "answer"
    assert confirm(ConsequenceState.PROPOSED, review=True, answer="已核实") is ConsequenceState.CONFIRMED
    assert confirm(ConsequenceState.PROPOSED, review=False, answer="") is ConsequenceState.CONFIRMED


def test_a_withdrawal_gives_its_reason_and_nothing_is_decided_twice() -> None:
    with pytest.raises(Refusal):
        withdraw(ConsequenceState.PROPOSED, reason="")
    assert withdraw(ConsequenceState.PROPOSED, reason="复核不成立") is ConsequenceState.WITHDRAWN
    for state in (ConsequenceState.CONFIRMED, ConsequenceState.WITHDRAWN):
        with pytest.raises(Refusal) as refused:
            confirm(state, review=False, answer="")
        assert refused.value.status == 409
