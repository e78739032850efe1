"""The catalogue of mechanisms: whole, true to the wire and to the files, and strict about what is missing."""

import re
from datetime import date

import pytest

from deploy.local.simulate.labels import EVENTS_ZH
from deploy.local.simulate.mechanism import Figures
from deploy.local.simulate.mechanisms import MECHANISMS, counted, missing, of
from deploy.local.simulate.world import Checked
from deploy.programme_pages import File, page
from shared.contracts import EVENTS
from shared.errors import Refusal
from shared.programme import load
from shared.programme.sources import bundled, source
from tests.unit.deploy.simulated import Told, record, year

DOMAIN = [f"{of}{n}" for of, last in (("I", 18), ("R", 10), ("S", 16), ("N", 9)) for n in range(1, last + 1)]
KINDS = {name.removeprefix("minping.").removesuffix(".v1"): cls for name, cls in EVENTS.items()}


def test_every_mechanism_of_the_domain_is_in_the_catalogue_once() -> None:
    assert [one.key for one in MECHANISMS if not one.particular] == DOMAIN
    assert len({one.key for one in MECHANISMS}) == len(MECHANISMS)


@pytest.mark.parametrize("key", bundled())
def test_what_a_mechanism_counts_is_on_the_wire(key: str) -> None:
    programme = load(key)
    for one in of(programme, 2):
        for proof in one.proofs(programme, 2):
            for kind in proof.kinds:
                fields = set(KINDS[kind].model_fields)
                assert {name for name, _ in proof.fields} <= fields, f"{one.key}: {proof.needs}"


@pytest.mark.parametrize("key", bundled())
def test_where_a_mechanism_stands_there_is_something_in_the_file_or_the_default(key: str) -> None:
    file = File(key)
    places = [place for one in of(load(key)) for where in one.where for place in file.places(where)]
    assert len(places) > len(DOMAIN)
    texts = {name: source(name).splitlines() for name in bundled()}
    for place in places:
        last = re.sub(r".*[.\[]([^.\[\]]+)\]?$", r"\1", place.path)
        assert last in texts[place.file][place.line - 1], place


def test_what_is_particular_follows_from_the_file_alone() -> None:
    county = load("county")
    keys = {one.key for one in of(county)}
    assert {"panels", "key-units", "own-method", "phases", "commitments-filed"} <= keys
    plain = county.model_copy(update={"key": "sixth", "groups": (), "scopes": county.scopes[:1]})
    assert keys - {one.key for one in of(plain)} == {"panels", "key-units", "own-method"}
    assert {one.key for one in of(county.model_copy(update={"key": "sixth"}))} == keys


def test_a_programme_without_a_vote_has_no_mechanisms_of_the_hall() -> None:
    assert {"S2", "S5", "S7", "S16"}.isdisjoint({one.key for one in of(load("county"))})
    assert {"S2", "S5", "S7", "S16"} <= {one.key for one in of(load("window-units"))}


def test_two_years_running_is_asked_for_in_two_years_only() -> None:
    programme = load("window-units")
    assert "two-years" not in {one.key for one in of(programme, 1)}
    assert "two-years" in {one.key for one in of(programme, 2)}


def test_a_mechanism_counts_the_facts_that_show_it_and_says_what_is_missing() -> None:
    found = counted(load("window-units"), 1, record(year().envelopes).facts, Figures(), ())
    guards = next(one for one in found if one.mechanism.key == "R5")
    shown = {one.proof.en: one.count for one in guards.shown}
    assert (shown["solved"], shown["disputed"], shown["returned"]) == (1, 1, 0)
    assert guards.count == 2
    assert "退回重办 · returned" in guards.missing
    assert any(line.startswith("R5 四个不放过: 退回重办") for line in missing(found))


def test_what_leaves_no_event_counts_when_an_actor_put_it_down() -> None:
    programme, facts = load("window-units"), record(year().envelopes).facts
    seen = (Checked("I13", date(2026, 3, 1), "读入 9 行"),)
    (imports,) = (one for one in counted(programme, 1, facts, Figures(), seen) if one.mechanism.key == "I13")
    assert (imports.count, imports.missing) == (1, ())


def test_what_an_actor_looked_at_besides_stands_with_its_mechanism_and_is_asked_of_nobody() -> None:
    programme, seen = load("window-units"), (Checked("R7", date(2026, 7, 1), "核对了台账"),)
    for checked, more in (((), 0), (seen, 1)):
        found = counted(programme, 1, (), Figures(), checked)
        (lapsed,) = (one for one in found if one.mechanism.key == "R7")
        assert (len(lapsed.shown), len(lapsed.missing)) == (1 + more, 1)


def test_a_check_that_no_mechanism_asks_for_is_refused() -> None:
    with pytest.raises(Refusal, match="no mechanism asks for it"):
        counted(load("county"), 1, (), Figures(), (Checked("I99", date(2026, 3, 1), "?"),))


def test_a_ranking_issued_again_is_the_correction_and_the_first_is_not() -> None:
    told = Told()
    for at, cycle in (("07-12", "2026-H1"), ("07-20", "2026-H1"), ("07-21", "2026-H2")):
        told.tell("scoring.ranking.published", f"2026-{at}T10:00:00+08:00", cycle_name=cycle, rows=[])
    found = counted(load("window-units"), 1, record(told.envelopes).facts, Figures(), ())
    (correction,) = (one for one in found if one.mechanism.key == "S15")
    assert correction.count == 1


def test_a_successor_is_somebody_else_in_an_office_that_one_holds() -> None:
    told = Told()
    for at, person, until in (("01-01", "a", None), ("03-01", "a", "2026-02-28"), ("03-02", "b", None)):
        told.tell(
            "notify.leader.changed", f"2026-{at}T09:00:00+08:00", unit="u", role="main_leader", person=person,
            name=person, since="2026-01-01", until=until,
        )  # fmt: skip
    found = counted(load("window-units"), 1, record(told.envelopes).facts, Figures(), ())
    (directory,) = (one for one in found if one.mechanism.key == "N1")
    assert {one.proof.en: one.count for one in directory.shown}["a successor took over what was open"] == 1


def test_a_part_of_the_score_counts_the_units_that_have_a_value_of_it() -> None:
    rows = [{"formula": "20% × 100.00 (daily) + 80% × 98.45 (concentrated) = 98.76"},
            {"formula": "20% × 97.00 (daily) + 80% × — (concentrated)"}]  # fmt: skip
    figures = Figures(results={"2026-H1": {"units": rows}})
    found = counted(load("window-units"), 1, (), figures, ())
    (parts,) = (one for one in found if one.mechanism.key == "S9")
    assert [one.count for one in parts.shown if one.proof.figure] == [2, 1]


def test_every_kind_of_event_has_a_chinese_name() -> None:
    assert set(EVENTS_ZH) == set(KINDS)


@pytest.mark.parametrize("key", bundled())
def test_the_page_of_a_programme_begins_with_what_is_particular_in_its_own_file(key: str) -> None:
    text = page(key)
    first = text.partition("## 本方案特有的")[2].splitlines()[4]
    assert f"{key}.yaml#L" in first
    assert all(f"| {number} |" in text for number in DOMAIN)
