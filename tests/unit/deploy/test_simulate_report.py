"""The report of a simulated year: every number leads to its events, and the same happenings give the same bytes."""

import json
import re
from typing import Any

from deploy.local.simulate.mechanism import Figures
from deploy.local.simulate.report_model import Number, Report, numbers
from deploy.local.simulate.report_page import page
from tests.unit.deploy.simulated import Told, record, report, year

ROW = {
    "unit": "market-1", "scope": "township:青石镇", "meeting": "m-1", "rank": 2, "rank_low": 1, "rank_high": 3,
    "may_be_last": True, "last": False, "canvassing": False, "composite": "98.76", "not_ranked": None,
    "formula": "20% × 100.00 (daily) + 80% × 98.45 (concentrated) = 98.76",
}  # fmt: skip
FIGURES = Figures(
    results={"2026-H1": {"units": [ROW]}},
    complaints={"received": 4, "registered": 2, "repeated": 1, "linked": 0, "kept_for_repair": 1},
)


def made(told: Told | None = None) -> Report:
    return report(record((told or year()).shuffled()), figures=FIGURES)


def rows(of: Report, section: str, table: str) -> list[dict[str, Any]]:
    return of.as_json()["report"][section][table]  # type: ignore[no-any-return]


def test_the_same_happenings_give_the_same_report_to_the_byte() -> None:
    first = made(year(2))
    for seed in (4, 6, 8):
        other = made(year(seed))
        assert page(other) == page(first)
        assert json.dumps(other.as_json(), sort_keys=True) == json.dumps(first.as_json(), sort_keys=True)


def test_every_number_leads_to_events_that_the_report_has() -> None:
    whole = made()
    known = {fact.number for fact in whole.facts}
    counted = [one for one in numbers(whole) if one.events]
    assert counted
    for one in counted:
        assert set(one.events) <= known
        assert isinstance(one.value, str) or one.value == len(one.events)
        assert len(set(one.events)) == len(one.events)


def test_every_link_of_the_page_leads_somewhere() -> None:
    text = page(made())
    anchors = set(re.findall(r" id=\"?([\w-]+)", text))
    targets = set(re.findall(r"href=[\"']#([\w-]+)", text))
    assert targets
    assert targets <= anchors


def test_the_page_loads_nothing_and_runs_nothing() -> None:
    text = page(made())
    assert not re.search(r"<script|src=|https?://|@import|url\(", text)


def test_what_people_wrote_is_no_markup() -> None:
    text = page(made())
    assert "&lt;market-1&gt;所" in text
    assert "<market-1>" not in text


def test_the_json_holds_no_float_no_path_and_no_time_of_the_run() -> None:
    text = json.dumps(made().as_json(), ensure_ascii=False)
    assert not re.findall(r": -?\d+\.\d+[,}]", text)
    assert "/tmp" not in text


def test_cases_are_counted_by_track_outcome_channel_and_unit() -> None:
    of = made()
    (track,) = rows(of, "cases", "by_track")
    assert (track["opened"]["value"], track["closed"]["value"], track["late"]["value"]) == (2, 2, 1)
    outcomes = {row["what"]["en"]: row["number"]["value"] for row in rows(of, "cases", "outcome")}
    assert outcomes == {"disputed": 1, "solved": 1}
    email = next(row for row in rows(of, "complaints", "channels") if row["channel"]["en"] == "E-mail")
    assert (email["registered"]["value"], email["opened"]["value"]) == (2, 2)


def test_what_was_read_is_as_intake_says_and_what_was_registered_as_the_events_say() -> None:
    figures = {row["what"]["en"]: row["number"] for row in rows(made(), "complaints", "read")}
    assert figures["received"] == 4
    assert figures["registered"]["value"] == 2
    assert (figures["repeated by the same ticket"], figures["kept for repair"]) == (1, 1)


def test_a_duty_that_was_missed_stands_under_its_name_and_its_unit() -> None:
    of = made()
    (duty,) = rows(of, "duties", "by_duty")
    assert (duty["duty"]["en"], duty["missed"]["value"]) == ("Quarterly covert self-inspection", 1)
    (unit,) = rows(of, "duties", "by_unit")
    assert (unit["unit"], unit["missed"]["value"]) == ("land-1", 1)


def test_letters_are_counted_by_what_caused_them() -> None:
    (letters,) = rows(made(), "letters", "by_kind")
    assert (letters["kind"]["en"], letters["sent"]["value"]) == ("rectification.case.closed", 2)


def test_points_are_summed_by_rule_as_decimals() -> None:
    (rule,) = rows(made(), "points", "by_rule")
    assert (rule["lines"]["value"], rule["points"]["value"]) == (1, "-1")


def test_a_rank_shows_its_parts_its_interval_and_its_doubt() -> None:
    (row,) = rows(made(), "ranking", "2026-H1")
    assert (row["daily"]["value"], row["concentrated"]["value"], row["composite"]["value"]) == (
        "100.00",
        "98.45",
        "98.76",
    )
    assert (row["rank"]["value"], row["interval"], row["flags"]["en"]) == ("2", "1–3", "may be last")


def test_a_consequence_shows_its_course_to_the_end() -> None:
    told = year()
    about = {"consequence": "2026-H1.land-1.last-below-80.key_help_list", "cycle_name": "2026-H1", "unit": "land-1",
             "kind": "key_help_list"}  # fmt: skip
    for day, step in ((12, "proposed"), (13, "confirmed"), (20, "executed"), (21, "closed")):
        told.tell(f"scoring.consequence.{step}", f"2026-07-{day}T10:00:00+08:00", **about, review=True)
    of = made(told)
    (each,) = rows(of, "consequences", "each")
    assert [each[step]["value"] for step in ("proposed", "confirmed", "executed", "closed")] == [
        "2026-07-12", "2026-07-13", "2026-07-20", "2026-07-21",
    ]  # fmt: skip
    total = next(row for row in rows(of, "consequences", "by_rule") if row["rule"]["en"] == "Last and below 80")
    assert (total["proposed"]["value"], total["review"]["value"], total["withdrawn"]["value"]) == (1, 1, 0)


def test_the_calendar_sets_what_was_planned_beside_what_was_kept() -> None:
    told = year()
    told.tell("scoring.cycle.closed", "2026-07-01T00:00:00+08:00", name="2026-H1")
    told.tell("scoring.ranking.published", "2026-08-03T10:00:00+08:00", cycle_name="2026-H1", rows=[])
    steps = {
        row["step"]["en"]: row for row in rows(made(told), "calendar", "cycles") if row["cycle"]["zh"] == "2026年上半年"
    }
    assert (steps["daily part closes"]["actual"]["value"], steps["daily part closes"]["kept"]["en"]) == (
        "2026-06-30",
        "yes",
    )
    assert (steps["result published"]["planned"], steps["result published"]["kept"]["en"]) == ("2026-07-31", "no")


def test_the_report_says_which_mechanisms_were_not_seen() -> None:
    of = made()
    assert "I13: 导入报告：读入、登记、待补正 · import report: read, registered, kept" not in of.missing
    assert any(line.startswith("S11:") for line in of.missing)
    assert f"未出现 not seen: {len(of.missing)}" in page(of)


def test_a_number_is_what_it_counts() -> None:
    assert Number(2, ("E000001", "E000002")).as_json() == {"value": 2, "events": ["E000001", "E000002"]}
