"""S12, S14 in a programme: when a result may be public, and what follows from facts besides a rank."""

from datetime import date, time

import pytest

from shared.programme import load
from shared.programme.check import parse
from shared.programme.publication import Earliest
from shared.programme.sources import source

GOOD = source("window-units")
PLAIN = "publication: {earliest: {}, form: [public, circular, media_pack]}"
SEALED, NEXT = date(2026, 7, 10), date(2026, 7, 13)


def fields_of(text: str) -> list[str]:
    """The fields of which a changed programme is told."""
    return [one.field for one in parse(text)[1]]


def test_s14_window_units_publishes_as_soon_as_the_office_releases() -> None:
    rule = load("window-units").publication
    assert rule.earliest.is_at_once
    assert rule.form == ("public", "circular", "media_pack")


@pytest.mark.parametrize(
    ("earliest", "first"),
    [
        (Earliest(hour=time(9)), SEALED),
        (Earliest(days_after_seal=1), NEXT),
        (Earliest.model_validate({"on": {"h1": "07-20"}}), date(2026, 7, 20)),
        (Earliest.model_validate({"days_after_seal": 1, "on": {"h1": "07-01"}}), NEXT),
        (Earliest.model_validate({"on": {"h2": "07-20"}}), SEALED),
        (Earliest.model_validate({"on": {"h1": "+1 01-05"}}), date(2027, 1, 5)),
    ],
)
def test_s14_everything_that_is_given_must_hold(earliest: Earliest, first: date) -> None:
    assert earliest.first_day(SEALED, "h1", 2026, NEXT) == first
    assert not earliest.is_at_once


def test_s14_a_cycle_outside_the_programme_knows_no_day() -> None:
    assert Earliest.model_validate({"on": {"h1": "07-20"}}).first_day(SEALED, None, None, NEXT) == SEALED


@pytest.mark.parametrize(
    ("publication", "field"),
    [
        ("publication: {earliest: {on: {h3: 07-25}}}", "publication.earliest.on.h3"),
        ("publication: {earliest: {days_after_seal: -1}}", "publication.earliest.days_after_seal"),
        ("publication: {form: []}", "publication.form"),
        ("publication: {earliest: {on: {h1: 07-25}, hour: 09:00, days_after_seal: 3}}", ""),
    ],
)
def test_s14_a_slip_in_the_publication_is_told_with_its_field(publication: str, field: str) -> None:
    assert PLAIN in GOOD
    assert fields_of(GOOD.replace(PLAIN, publication)) == ([field] if field else [])


@pytest.mark.parametrize(
    ("when", "field"),
    [
        ("{nominated: true, last_in_scope: true}", "consequences[8].when"),
        ("{nominated: true, scopes: [township]}", "consequences[8].when"),
        ("{city_rank: {last: 3}}", ""),
        ("{section: {below: 60%, least_cards: 30}}", ""),
        ("{}", "consequences[8].when"),
    ],
)
def test_s12_a_fact_goes_with_no_condition_on_a_rank(when: str, field: str) -> None:
    assert "when: {nominated: true}" in GOOD
    assert fields_of(GOOD.replace("when: {nominated: true}", f"when: {when}")) == ([field] if field else [])


def test_s12_what_is_ordered_to_be_put_right_needs_a_way_into_the_register() -> None:
    lines = [line for line in GOOD.splitlines(keepends=True) if "key: appraisal," not in line]
    assert fields_of("".join(lines)) == ["consequences[1].kinds"]


@pytest.mark.parametrize("key", ["window-units", "county", "culture-bureau", "integrity-drive", "provincial-bureau"])
def test_s12_the_ranking_proposes_nothing_that_follows_from_another_fact(key: str) -> None:
    rules = load(key).consequences
    assert all(not (rule.when.nominated and rule.when.is_of_ranking) for rule in rules)
    assert any(rule.when.is_of_ranking for rule in rules)
