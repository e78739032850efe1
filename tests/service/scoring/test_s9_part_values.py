"""The composite of a programme with more parts than two (S9), through the doors of the service."""

import io
import shutil
import zipfile
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from services.scoring.domain.bundle import result_note_text, with_result, write_bundle
from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.domain.figures import published
from services.scoring.domain.note import assemble
from services.scoring.verify import verify_bytes
from shared.contracts.rectification import CaseClosed, CaseLapsed
from shared.contracts.rectification_duties import LatenessExcused
from shared.contracts.rectification_promises import CaseCommitted
from shared.programme import Programme, load
from shared.programme.composite import CompositePart
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, OTHER_OFFICE, House, refused
from tests.service.scoring.people import People

LABEL = {"zh": "部分", "en": "Part"}
PARTS: list[dict[str, Any]] = [
    {"key": "daily", "label": LABEL, "weight": 20},
    {"key": "concentrated", "label": LABEL, "weight": 50},
    {"key": "questionnaire", "label": LABEL, "weight": 10},
    {
        "key": "online_hall", "label": LABEL, "weight": 10,
        "items": [{"key": "covered", "label": LABEL, "weight": 60}, {"key": "speed", "label": LABEL, "weight": 40}],
    },
    {"key": "resolution", "label": LABEL, "weight": 10},
]  # fmt: skip
QUESTIONS, HALL = "/cycles/2026-H1/parts/questionnaire", "/cycles/2026-H1/parts/online_hall"
RESULT = "result.json"


def programme(*parts: dict[str, Any]) -> Programme:
    made = tuple(CompositePart.model_validate(part) for part in parts)
    return load("window-units").model_copy(update={"composite": made})


@pytest.fixture
async def house(empty_store: Path, tmp_path: Path) -> AsyncIterator[House]:
    """A house whose programme has five parts."""
    shutil.copy(empty_store, tmp_path / "parts.db")
    one = House(f"sqlite:///{tmp_path / 'parts.db'}", programme(*PARTS))
    one.unit.start()
    yield one
    await one.close()


def one(unit: str, **changes: Any) -> dict[str, Any]:
    return {"unit": unit, "value": "88.5", "sample": 120, "document": "问卷汇总表 2026-07-02"} | changes


async def entered(house: House, path: str, *values: dict[str, Any]) -> list[dict[str, Any]]:
    done = await house.done(f"{path}/values", {"values": list(values)}, at="2026-07-03 09:00")
    return list(done)


async def confirmed(house: House, path: str, *values: dict[str, Any]) -> None:
    made = await entered(house, path, *values)
    names = [{"unit": row["unit"], "version": row["version"]} for row in made]
    await house.done(f"{path}/decision", {"values": names, "confirmed": True}, who=OTHER_OFFICE, at="2026-07-04 09:00")


async def closed(house: House, case: str, unit: str, *, late: bool = False, grades: tuple[str, ...] = ()) -> None:
    data = CaseClosed(case=case, unit=unit, paying_unit=unit, outcome="solved", late=late, grades=grades)
    await house.take(data, at="2026-03-02 10:00")


async def everything(people: People) -> None:
    """Every part of every unit; u01 has a late case, a promised one, and one excused."""
    house = people.house
    for unit in people.units:
        await closed(house, f"c-{unit}", unit, grades=("satisfied",))
    await closed(house, "late", "u01", late=True, grades=("basically_satisfied",))
    await closed(house, "excused", "u01", late=True)
    excused = LatenessExcused(case="excused", unit="u01", times_closed=1, reason="证据", ruled_by="officer-2")
    await house.take(excused, at="2026-03-09 10:00")
    due = date(2026, 6, 1)
    promise = CaseCommitted(case="c-u01", unit="u01", commitment="c-u01/1", text="承诺", person="所长", due=due)
    await house.take(promise, at="2026-02-01 10:00")
    lapsed = CaseLapsed(case="open", unit="u02", paying_unit="u02", cycle_name="2026-H1", due=due)
    await house.take(lapsed, at="2026-06-30 23:59")
    await confirmed(house, QUESTIONS, *(one(unit) for unit in people.units))
    items = {"covered": "90", "speed": "75.5"}
    await confirmed(house, HALL, *(one(unit, value=None, items=items, sample=None) for unit in people.units))


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as found:
        return {name: found.read(name) for name in found.namelist()}


async def test_s9_every_part_enters_the_composite_and_the_formula_and_inputs_stand_beside_it(people: People) -> None:
    await everything(people)
    found = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
    await people.house.done(f"{people.path}/publication", at="2026-07-20 09:00")
    bundle = (await people.house.get(f"{people.path}/bundle")).content
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    assert "result.parts" in {check.name for check in report.checks}
    result: Any = parse_canonical(members(bundle)[RESULT])
    rows = {row["unit"]: row for row in result["units"]}
    mine = rows["u01"]["parts"]
    assert mine["questionnaire"]["value"] == "177/2" and mine["questionnaire"]["inputs"]["document"].startswith("问卷")
    assert mine["online_hall"]["formula"] == "60% × 90 (covered) + 40% × 75.5 (speed) = 84.20"
    marks = {g.key: g.mark for g in people.house.desk.programme.callback.grades}
    mean = (2 * marks["satisfied"] + marks["basically_satisfied"]) / 3
    resolved = Fraction(3, 4) * Fraction(2 * marks["satisfied"] + marks["basically_satisfied"]) / 3
    assert mine["resolution"]["value"] == str(resolved), "late 1, excused in time 1, promised in time 2"
    assert mine["resolution"]["formula"] == f"3 ÷ 4 × {published(mean)} = {published(resolved)}"
    assert rows["u02"]["parts"]["resolution"]["inputs"]["on_time"] == 1, "no result is not on time"
    by_hand = (
        20 * Fraction(rows["u01"]["daily"]) + 50 * Fraction(rows["u01"]["concentrated"]) + 10 * Fraction("88.5")
        + 10 * Fraction("84.2") + 10 * resolved
    ) / 100  # fmt: skip
    assert Decimal(found["u01"]["composite"]) == published(by_hand) == Decimal(rows["u01"]["composite"])
    assert all(who not in str(result) for who in ("officer-1", "officer-2")), "who entered stays inside"


async def test_s9_a_changed_part_is_found_though_the_system_signed(people: People) -> None:
    await everything(people)
    await people.to_ranking()
    await people.house.done(f"{people.path}/publication", at="2026-07-20 09:00")
    files = members((await people.house.get(f"{people.path}/bundle")).content)

    def failures(change: Any) -> set[str]:
        result: Any = parse_canonical(files[RESULT])
        row = next(r for r in result["units"] if r["unit"] == "u01")
        change(result, row)
        data = canonical(result)
        text = result_note_text(files["checkpoint.txt"].decode(), data)
        note = assemble(text, [people.house.desk.signer.sign(text)])
        sealed = {name: body for name, body in files.items() if not name.startswith("result")}
        report = verify_bytes(write_bundle(with_result(sealed, data, note)))
        return {check.name for check in report.failures}

    assert failures(lambda result, row: None) == set()
    assert failures(lambda result, row: row["parts"]["questionnaire"].update(value="99")) >= {
        "result.parts", "result.composite",
    }  # fmt: skip
    assert "result.parts" in failures(lambda result, row: row["parts"]["resolution"]["inputs"].update(on_time=4))
    assert "result.parts" in failures(lambda result, row: row["parts"].pop("online_hall"))
    assert "result.parts" in failures(lambda result, row: result["parts"][0].update(least=500))
    assert "result.parts" in failures(lambda result, row: result["parts"].pop())
    assert "result.composite" in failures(lambda result, row: result.pop("parts") and row.pop("parts"))


async def test_s9_a_value_needs_a_document_and_a_second_person(people: People) -> None:
    house = people.house
    refused(await house.post(f"{QUESTIONS}/values", {"values": [one("u01", document=" ")]}), 422, "values.0.document")
    refused(await house.post(f"{QUESTIONS}/values", {"values": [one("u01", value=None)]}), 422, "values.0.value")
    refused(await house.post(f"{HALL}/values", {"values": [one("u01")]}), 422, "online_hall.items")
    refused(await house.post("/cycles/2026-H1/parts/resolution/values", {"values": [one("u01")]}), 409, "part")
    refused(await house.post("/cycles/2026-H1/parts/panel/values", {"values": [one("u01")]}), 404, "part")
    assert (await house.post(f"{QUESTIONS}/values", {"values": [one("u01")]}, who=CLERK)).status_code == 403
    await entered(house, QUESTIONS, one("u01"))
    decision = {"values": [{"unit": "u01", "version": 1}], "confirmed": True}
    refused(await house.post(f"{QUESTIONS}/decision", decision), 403, "decided_by")
    refused(await house.post(f"{QUESTIONS}/decision", decision | {"confirmed": False}, who=APPROVER), 422, "reason")
    [row] = await house.done(f"{QUESTIONS}/decision", decision, who=APPROVER)
    assert (row["state"], row["entered_by"], row["decided_by"]) == ("confirmed", "officer-1", "approver-1")
    refused(await house.post(f"{QUESTIONS}/decision", decision, who=APPROVER), 409, "values.0")
    assert (await house.get(f"{QUESTIONS}/values", LEADER)).status_code == 403


async def test_s9_a_correction_is_a_new_version_with_its_reason_and_the_earlier_one_stays(people: People) -> None:
    house = people.house
    await confirmed(house, QUESTIONS, one("u01"), one("u02"))
    refused(await house.post(f"{QUESTIONS}/values", {"values": [one("u01", value="90")]}), 409, "values.0.reason")
    await confirmed(house, QUESTIONS, one("u01", value="90", reason="汇总表漏算一页"))
    page = (await house.get(f"{QUESTIONS}/values", OFFICE, unit="u01")).json()
    assert [(r["version"], r["marks"][""], r["reason"]) for r in page["items"]] == [
        (1, "88.5", ""), (2, "90", "汇总表漏算一页"),
    ]  # fmt: skip
    first = (await house.get(f"{QUESTIONS}/values", OFFICE, limit="2")).json()
    rest = (await house.get(f"{QUESTIONS}/values", OFFICE, limit="2", cursor=first["next"])).json()
    assert [r["unit"] for r in (*first["items"], *rest["items"])] == ["u01", "u02", "u01"]


async def test_s9_a_value_that_waits_holds_the_ranking_back_and_a_missing_part_is_not_ranked(people: People) -> None:
    house = people.house
    await everything(people)
    await people.to_seal()
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    await entered(house, QUESTIONS, one("u01", value="12", sample=3, reason="重新统计"))
    refused(await house.post("/cycles/2026-H1/ranking", at="2026-07-12 09:00"), 409, "values")
    name = {"values": [{"unit": "u01", "version": 2}]}
    await house.done(f"{QUESTIONS}/decision", name | {"confirmed": True}, who=APPROVER, at="2026-07-12 09:30")
    done = await house.done("/cycles/2026-H1/ranking", at="2026-07-12 10:00")
    mine = next(row for row in done["rows"] if row["unit"] == "u01")
    assert (mine["rank"], mine["composite"]) == (None, None)
    assert mine["not_ranked"] == "questionnaire: a sample of 3, at least 30 are needed"
    assert all(row["rank"] is not None for row in done["rows"] if row["unit"] != "u01")
    reissued = await _corrected(people)
    assert reissued["version"] == 2
    assert next(row for row in reissued["rows"] if row["unit"] == "u01")["rank"] is not None


async def _corrected(people: People) -> Any:
    await confirmed(people.house, QUESTIONS, one("u01", reason="份数写错"))
    body = {"reason": "问卷份数更正"}
    return await people.house.done("/cycles/2026-H1/ranking", body, at="2026-07-13 10:00")


async def test_s9_without_a_vote_in_the_composite_units_are_ranked_without_ratings(
    empty_store: Path, tmp_path: Path
) -> None:
    shutil.copy(empty_store, tmp_path / "bureau.db")
    parts = [{"key": k, "kind": "panel", "label": LABEL, "weight": 50} for k in ("responsibility", "drive")]
    house = House(f"sqlite:///{tmp_path / 'bureau.db'}", programme(*parts))
    house.unit.start()
    try:
        people = People(house)
        await people.prepare()
        for part in ("responsibility", "drive"):
            values = [one(u, value=str(60 + i), sample=None) for i, u in enumerate(people.units)]
            await confirmed(house, f"/cycles/2026-H1/parts/{part}", *values)
        await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
        rows = (await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00"))["rows"]
        assert [r["unit"] for r in rows if r["scope"].startswith("township")] == [
            "u06",
            "u05",
            "u04",
            "u03",
            "u02",
            "u01",
        ]
        assert [r["composite"] for r in rows if r["unit"] == "u06"] == ["65.00"]
    finally:
        await house.close()
