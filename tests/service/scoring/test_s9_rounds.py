"""Rounds of a cycle and parts for some categories only (S9): entered, computed, printed and verified again."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.usecases.evaluations import Arrival
from services.scoring.usecases.evaluations import take as evaluate_all
from services.scoring.usecases.questionnaire_answers import take
from services.scoring.verify.result import check_alone
from shared.programme import Programme, load
from shared.store import Tx
from tests.service.scoring.house import CLERK, OFFICE, OTHER_OFFICE, House, local, refused
from tests.service.scoring.ledger import open_house, verified_alone

YEAR = "2026"
DEPARTMENTS, SECTIONS = ("d1", "d2", "d3"), ("s1", "s2", "s3")
WORST = {"d1": "satisfied", "d2": "basically_satisfied", "d3": "dissatisfied"}


def county() -> Programme:
    """The county as it ships; few answers are enough."""
    whole = load("county")
    parts = tuple(
        part.model_copy(update={"least": 1} if part.kind == "questionnaire" else {}) for part in whole.composite
    )
    asked = tuple(one.model_copy(update={"least": 1}) for one in whole.questionnaires)
    return whole.model_copy(update={"composite": parts, "questionnaires": asked})


def drive() -> Programme:
    """The integrity drive as it ships; few cards are enough."""
    whole = load("integrity-drive")
    return whole.model_copy(
        update={
            "composite": tuple(p.model_copy(update={"least": 1} if p.kind == "online" else {}) for p in whole.composite)
        }
    )


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A county with three departments, its one cycle open."""
    async with open_house(empty_store, tmp_path, county()) as one:
        units = [{"unit": u, "name": f"{u}局", "category": "department", "scope": "departments"} for u in DEPARTMENTS]
        await one.done("/units", units, at="2026-01-01 09:00")
        await one.done("/cycles", {"name": YEAR}, at="2026-01-01 09:00")
        yield one


@pytest.fixture
async def city(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A city with three sections and a county, its one cycle open."""
    async with open_house(empty_store, tmp_path, drive()) as one:
        sections = [{"unit": u, "name": f"{u}科", "category": "section", "parent": "bureau"} for u in SECTIONS]
        county = {"unit": "c1", "name": "一县", "category": "county_office"}
        await one.done("/units", [*sections, county], at="2026-01-01 09:00")
        await one.done("/cycles", {"name": YEAR}, at="2026-01-01 09:00")
        yield one


async def entered(house: House, part: str, marks: dict[str, str], at: str) -> None:
    path = f"/cycles/{YEAR}/parts/{part}"
    rows = [{"unit": unit, "value": mark, "document": f"{part} 评分表"} for unit, mark in marks.items()]
    await house.done(f"{path}/values", {"values": rows}, at=at)
    named = [{"unit": unit, "version": 1} for unit in marks]
    await house.done(f"{path}/decision", {"values": named, "confirmed": True}, who=OTHER_OFFICE, at=at)


async def asked(house: House, key: str, day: str, grades: dict[str, str]) -> None:
    """A round's questionnaire: held, its codes issued, one answer a unit."""
    path = f"/cycles/{YEAR}/questionnaires/{key}"
    await house.done(f"{path}/opening", at=f"{day} 09:00")
    for unit, grade in grades.items():
        made = await house.done(f"{path}/codes", {"unit": unit, "count": 1}, who=CLERK, at=f"{day} 09:30")
        answers = dict.fromkeys(("lawful", "open", "service", "clean"), grade)
        await house.unit.run(lambda tx, m=made, a=answers: take(tx, m["texts"][0], a), at=local(f"{day} 10:00"))


async def cards(house: House, unit: str, day: str, grade: str, number: int = 1) -> str:
    """Codes issued on a day and used at once; the last day on which they could be used."""
    body = {"count": number, "served_on": day}
    made = await house.done(f"/units/{unit}/evaluation-codes", body, who=OFFICE, at=f"{day} 18:00")
    marks = {d.key: grade for d in house.desk.programme.dimensions}

    def all_of_them(tx: Tx) -> None:
        given = [Arrival(code, unit, marks, local(f"{day} 19:00")) for code in made["texts"]]
        assert {str(one.outcome) for one in evaluate_all(house.desk, tx, given)} == {"accepted"}

    await house.unit.run(all_of_them, at=local(f"{day} 19:00"))
    return str(made["last_day"])


async def ranked(house: House, end: str, at: str) -> dict[str, Any]:
    await house.done(f"/cycles/{YEAR}/closing", at=f"{end} 00:00")
    rows = (await house.done(f"/cycles/{YEAR}/ranking", {}, at=at))["rows"]
    return {row["unit"]: row for row in rows}


async def test_s9_two_rounds_of_one_year_are_entered_held_and_counted_each_for_itself(
    house: House, tmp_path: Path
) -> None:
    early = {"values": [{"unit": "d1", "value": "90", "document": "评分表"}]}
    path = f"/cycles/{YEAR}/parts/june-inspection/values"
    refused(await house.post(path, early, at="2026-05-31 23:00"), 409, "part")
    await entered(house, "june-inspection", dict.fromkeys(DEPARTMENTS, "90"), "2026-07-02 09:00")
    opening = f"/cycles/{YEAR}/questionnaires/june-opinion/opening"
    refused(await house.post(opening, at="2026-05-31 09:00"), 409, "questionnaire")
    await asked(house, "june-opinion", "2026-06-10", WORST)
    codes = f"/cycles/{YEAR}/questionnaires/june-opinion/codes"
    late = await house.done(codes, {"unit": "d1", "count": 1}, who=CLERK, at="2026-06-29 09:00")
    assert late["last_day"] == "2026-06-30", "the round's last day, not thirty days from now"
    refused(await house.post(codes, {"unit": "d1", "count": 1}, who=CLERK, at="2026-07-01 09:00"), 409, "questionnaire")
    await asked(house, "november-opinion", "2026-11-10", dict.fromkeys(DEPARTMENTS, "satisfied"))
    await entered(house, "november-inspection", dict.fromkeys(DEPARTMENTS, "80"), "2026-11-29 09:00")
    await entered(house, "panel", dict.fromkeys(DEPARTMENTS, "100"), "2026-11-29 09:00")
    rows = await ranked(house, "2026-12-01", "2026-12-10 09:00")
    # daily 15 × 100, inspections 15 × 90 and 15 × 80, questionnaires 15 × 40 and 15 × 100, panel 25 × 100
    assert Decimal(rows["d3"]["composite"]) == Decimal("86.50")
    assert [rows[unit]["rank"] for unit in DEPARTMENTS] == [1, 2, 3]
    shown = (await house.get("/units/d3/working", OFFICE, cycle=YEAR)).json()
    assert shown["labels"]["june-questionnaire"]["zh"] == "六月问卷（06-01 至 06-30）"
    assert any(step["subject"] == "june-questionnaire" and "40 × 1" in step["sum"] for step in shown["steps"])
    await house.done(f"/cycles/{YEAR}/publication", at="2026-12-20 09:00")
    report = await verified_alone(house, YEAR, tmp_path)
    assert report.exit_code == 0, report.text()
    result: Any = parse_canonical((tmp_path / "result.json").read_bytes())
    assert {p["part"]: p.get("window") for p in result["parts"]}["november-inspection"] == ["11-01", "11-30"]
    page = (await house.http.get(f"/results/{YEAR}/d3")).text
    assert "十一月问卷（11-01 至 11-30）" in page


async def test_s9_a_round_of_cards_counts_those_that_were_handed_out_in_it(city: House) -> None:
    for unit in SECTIONS:
        await cards(city, unit, "2026-03-05", "dissatisfied", 9)
        assert await cards(city, unit, "2026-06-20", "satisfied") == "2026-06-30"
        await cards(city, unit, "2026-12-10", "basically_satisfied")
    rows = await ranked(city, "2027-01-01", "2027-01-10 09:00")
    # daily 20 × 100, mid-year 40 × 100, year's end 40 × 80; March is opinion only
    assert Decimal(rows["s1"]["composite"]) == Decimal("92.00")


async def test_s9_parts_count_for_the_categories_they_are_written_for(city: House, tmp_path: Path) -> None:
    wrong = {"values": [{"unit": "s1", "value": "90", "document": "县评议结果"}]}
    refused(await city.post(f"/cycles/{YEAR}/parts/county-results/values", wrong, at="2026-12-20 09:00"), 409,
            "values.0.unit")  # fmt: skip
    for unit in SECTIONS:
        for start in ("2026-06-20", "2026-12-10"):
            await cards(city, unit, start, "satisfied")
    await entered(city, "county-results", {"c1": "70"}, "2026-12-20 09:00")
    rows = await ranked(city, "2027-01-01", "2027-01-10 09:00")
    assert Decimal(rows["c1"]["composite"]) == Decimal("76.00") and rows["c1"]["rank"] == 1, "no vote, no least ratings"
    await city.done(f"/cycles/{YEAR}/publication", at="2027-01-25 09:00")
    report = await verified_alone(city, YEAR, tmp_path)
    assert report.exit_code == 0, report.text()
    result: Any = parse_canonical((tmp_path / "result.json").read_bytes())
    assert result["only"]["county-results"] == ["county_office"]
    formula = next(row["formula"] for row in result["units"] if row["unit"] == "s1")
    assert formula.count("%") == 3, "daily and two rounds, not the city units' parts"

    def failures(change: Any) -> set[str]:
        other: Any = parse_canonical(canonical(result))
        change(other)
        return {check.name for check in check_alone(other) if not check.holds}

    assert failures(lambda it: None) == set()
    assert failures(lambda it: it["only"].pop("county-results")), "then the sections lack a part"
    assert failures(lambda it: it["only"]["midyear-cards"].append("county_office"))


def test_s9_the_days_of_a_round_are_those_of_its_own_year() -> None:
    programme = load("integrity-drive")
    assessment = programme.part("assessment").window
    assert assessment is not None
    assert assessment.holding(date(2027, 1, 20)) == (date(2026, 12, 1), date(2027, 1, 20))
    assert assessment.holding(date(2027, 1, 20) + timedelta(days=1)) is None
    assert programme.online_round("unit", date(2026, 6, 10)) is None, "cards are of sections"
    assert programme.online_round("section", date(2026, 7, 1)) is None
