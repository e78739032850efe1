"""The draw of inspections (I9): the same entropy gives the same plan, each target has the same chance, seals bind."""

import hashlib
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.intake.domain import plan
from services.intake.domain.inspection import Duty, Seen, check_answers, check_findings, uncovered
from services.intake.domain.quarter import Quarter
from services.intake.domain.supervisor import Told, due, last_day
from shared.errors import Refusal

DAYS = [date(2026, 4, 1) + timedelta(days=n) for n in range(20)]
UNITS = [f"u{n:02d}" for n in range(12)]
PLACES = ("window", "inner_office", "post")


def frame(seed: bytes = b"s" * 32, **changes: object) -> dict[str, object]:
    given = {
        "plan": "2026-Q2-P1", "quarter": "2026-Q2", "count": 6, "units": UNITS, "places": PLACES,
        "kinds": ("covert", "open"), "days": DAYS, "seed": seed, "entropy": None,
    } | changes  # fmt: skip
    return plan.frame(**given)  # type: ignore[arg-type]  # the fields stand above


def test_the_same_frame_seed_and_value_give_the_same_plan_whatever_the_order_they_were_named_in() -> None:
    first = plan.draw(frame(), b"s" * 32, "935")
    again = plan.draw(frame(units=UNITS[::-1], places=PLACES[::-1], days=DAYS[::-1]), b"s" * 32, "935")
    assert first == again
    assert [t.position for t in first] == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("change", [{"count": 5}, {"quarter": "2026-Q3"}, {"units": UNITS[:-1]}, {"days": DAYS[1:]}])
def test_any_change_of_the_frame_changes_the_commitment_and_the_plan(change: dict[str, object]) -> None:
    assert plan.commitment(frame()) != plan.commitment(frame(**change))
    assert plan.draw(frame(), b"s" * 32, None)[:4] != plan.draw(frame(**change), b"s" * 32, None)[:4]


def test_another_value_or_seed_gives_another_plan_and_a_wrong_seed_is_refused() -> None:
    one = plan.draw(frame(), b"s" * 32, "935")
    assert one != plan.draw(frame(), b"s" * 32, "936")
    assert one != plan.draw(frame(b"t" * 32), b"t" * 32, "935")
    with pytest.raises(Refusal, match="seed"):
        plan.draw(frame(), b"t" * 32, "935")


def test_a_sealed_target_binds_unit_place_kind_day_and_hides_them_behind_its_nonce() -> None:
    target = plan.draw(frame(), b"s" * 32, None)[0]
    for changed in (
        replace(target, unit="x"), replace(target, place="x"), replace(target, kind="x"), replace(target, on="x"),
        replace(target, nonce="0" * 64),
    ):  # fmt: skip
        assert changed.sealed != target.sealed
    assert len(bytes.fromhex(target.nonce)) == 32


def test_a_unit_comes_a_second_time_only_when_every_unit_came_once() -> None:
    targets = plan.draw(frame(count=30), b"s" * 32, None)
    assert {t.unit for t in targets[:12]} == set(UNITS)
    assert {t.unit for t in targets[12:24]} == set(UNITS)
    assert len({(t.unit, t.place) for t in targets}) == 30


def test_units_places_kinds_and_days_have_equal_chances() -> None:
    units: Counter[str] = Counter()
    places: Counter[str] = Counter()
    days: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    draws = 2_000
    for n in range(draws):
        seed = hashlib.sha256(str(n).encode()).digest()
        for target in plan.draw(frame(seed, count=3), seed, None):
            units[target.unit] += 1
            places[target.place] += 1
            days[target.on] += 1
            kinds[target.kind] += 1

    def chi_square(counted: Counter[str], choices: int) -> float:
        expected = 3 * draws / choices
        return sum((counted[key] - expected) ** 2 / expected for key in counted)

    # bounds: the chance of more is under one in a million for a fair draw (chi-square with choices-1 degrees)
    assert len(units) == 12
    assert len(days) == 20
    assert chi_square(units, 12) < 50
    assert chi_square(places, 3) < 28
    assert chi_square(days, 20) < 65
    assert chi_square(kinds, 2) < 24


@pytest.mark.parametrize(
    "change", [{"count": 0}, {"count": 37}, {"units": []}, {"days": []}, {"places": ["window", "window"]}]
)
def test_what_cannot_be_drawn_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        frame(**change)


def test_quarters_have_their_days() -> None:
    quarter = Quarter.named("2026-Q4")
    assert (quarter.first, quarter.last) == (date(2026, 10, 1), date(2026, 12, 31))
    assert str(quarter.following) == "2027-Q1"
    assert {str(Quarter.of(date(2026, month, 15))) for month in (1, 2, 3)} == {"2026-Q1"}
    for wrong in ("2026-Q5", "2026Q1", "26-Q1", ""):
        with pytest.raises(Refusal):
            Quarter.named(wrong)


def test_a_unit_is_covered_by_the_inspections_that_the_duty_names_and_through_its_sections() -> None:
    above = {"tax-window": "tax", "police": None}
    seen = [Seen("tax-window", "unit", "covert"), Seen("police", "office", "covert"), Seen("town", "unit", "open")]
    assert uncovered(["tax", "police", "town"], seen, above, Duty(("unit",), ("covert",))) == ["police", "town"]
    assert uncovered(["tax", "police", "town"], seen, above, Duty(("unit", "office"), ())) == []
    assert uncovered(["tax"], [], above, Duty((), ())) == []


def test_a_record_answers_the_whole_checklist_and_its_findings_fit_it() -> None:
    check_answers({"a": "yes", "b": "no"}, ["a", "b"])
    for wrong in ({"a": "yes"}, {"a": "yes", "b": "no", "c": "no"}):
        with pytest.raises(Refusal):
            check_answers(wrong, ["a", "b"])
    check_findings({"a": "no"}, ["a", None])
    with pytest.raises(Refusal, match="institution"):
        check_findings({"a": "yes"}, ["a"])


def test_a_term_ends_the_day_before_and_is_warned_of_and_told_once() -> None:
    assert last_day(date(2026, 3, 1), 3) == date(2029, 2, 28)
    assert last_day(date(2024, 2, 29), 3) == date(2027, 2, 28)
    until = date(2029, 2, 28)
    assert due(until, date(2029, 1, 28), 30, Told()) == (False, False)
    assert due(until, date(2029, 1, 29), 30, Told()) == (True, False)
    assert due(until, until, 30, Told(warned_for=until)) == (False, False)
    assert due(until, date(2029, 3, 1), 30, Told(warned_for=until)) == (False, True)
    assert due(until, date(2029, 3, 1), 30, Told(warned_for=until, expired_for=until)) == (False, False)
