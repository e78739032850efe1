"""Bonus points and service volume in the daily score (S8), through the doors of the service."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.local.commands.score import from_bundle, told
from services.scoring.domain.bundle import result_note_text, with_result, write_bundle
from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.domain.note import assemble
from services.scoring.verify import verify_bytes
from shared.contracts.bonus import PointsAwarded, PointsWithdrawn
from shared.contracts.inspection import InspectionRecorded
from shared.contracts.rectification import CaseClosed, CaseLapsed
from shared.contracts.rectification_duties import ObligationMissed
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, OTHER_OFFICE, House, refused
from tests.service.scoring.ledger import BONUS, VOLUME, open_house, programme, verified_alone
from tests.service.scoring.people import People
from tests.service.scoring.test_s9_part_values import members

CYCLE = "2026-H1"


@pytest.fixture
async def people(empty_store: Path, tmp_path: Path) -> AsyncIterator[People]:
    """A programme with bonus rules and service volume."""
    async with open_house(empty_store, tmp_path, programme(bonus=BONUS, volume=VOLUME)) as house:
        found = People(house)
        await found.prepare()
        yield found


async def inspected(house: House, number: str, *, by: str = "office", good: bool = True, version: int = 1) -> None:
    data = InspectionRecorded(
        inspection=number, unit="u01", quarter="2026-Q1", kind="open", by=by, good_practice=good, version=version
    )  # type: ignore[arg-type]  # `by` comes as text
    await house.take(data, f"2026-03-{version:02} 10:00")


async def corrected(house: House, case: str, *, outcome: str = "solved", own: bool = True) -> None:
    data = CaseClosed(
        case=case, unit="u01", paying_unit="u02", outcome=outcome, late=False, misconduct=True, self_corrected=own
    )  # type: ignore[arg-type]  # outcomes come as text
    await house.take(data, "2026-03-20 10:00")


async def daily(house: House, unit: str = "u01") -> Any:
    return (await house.get(f"/units/{unit}/score", OFFICE, cycle=CYCLE)).json()["daily"]


async def volumes(house: House, *, confirmed: bool = True, **services: int) -> Any:
    body = {"volumes": [{"unit": u, "services": n, "document": "业务量统计表"} for u, n in services.items()]}
    made = await house.done(f"/cycles/{CYCLE}/volumes", body, at="2026-07-03 09:00")
    if confirmed:
        names = [{"unit": row["unit"], "version": row["version"]} for row in made]
        decision = {"values": names, "confirmed": True}
        await house.done(f"/cycles/{CYCLE}/volumes/decision", decision, who=OTHER_OFFICE, at="2026-07-03 10:00")
    return made


async def commended(house: House, day: str = "2026-05-04", who: dict[str, Any] = OTHER_OFFICE) -> Any:
    body = {"unit": "u01", "title": "省级青年文明号", "awarded_on": day, "document": "省团发〔2026〕8号"}
    made = await house.done("/commendations", body, at="2026-05-06 09:00")
    path = f"/commendations/{made['commendation']}/decision"
    return await house.done(path, {"confirmed": True}, who=who, at="2026-05-07 09:00")


async def test_s8_good_practice_commendation_and_self_correction_are_bonuses_with_their_evidence(
    people: People,
) -> None:
    house = people.house
    await inspected(house, "i-1")
    await inspected(house, "i-2", by="unit")
    await corrected(house, "2026-000007")
    await corrected(house, "2026-000008", outcome="disputed")
    await corrected(house, "2026-000009", own=False)  # dealt with by others: it costs who pays, and brings nothing
    await commended(house)
    rows = (await daily(house))["lines"]
    assert len(rows) == 3, "what a unit records of itself, and what was not mended, brings nothing"
    lines = {row["rule"]: row for row in rows}
    assert {rule: row["points"] for rule, row in lines.items()} == {
        "good_practice": "1", "self_correction": "0.5", "commendation": "2",
    }  # fmt: skip
    assert lines["self_correction"]["case"] == "2026-000007" and lines["commendation"]["evidence"] == ["commendation:1"]
    told_now = house.published(PointsAwarded)
    assert {(e.rule, e.points) for e in told_now} == {(r, Decimal(row["points"])) for r, row in lines.items()}
    assert (await daily(house, "u02"))["score"] == "99"


async def test_s8_a_bonus_is_capped_by_case_and_cycle_and_the_score_by_the_ceiling(people: People) -> None:
    house = people.house
    await volumes(house, u01=10000)
    for number in range(4):
        await inspected(house, f"i-{number}")
    found = await daily(house)
    assert (found["score"], found["formula"]) == ("100", "100 + 2 = 102 > 100 → 100")
    assert [e["sum"] for e in found["ledger"]["entries"] if e["kind"] == "bonus"] == ["1 + 1 + 1 + 1 = 4 > 2 → 2"]
    lapsed = CaseLapsed(case="c", unit="u01", paying_unit="u01", cycle_name=CYCLE, due=date(2026, 6, 1))
    await house.take(lapsed, "2026-06-30 23:59")
    assert (await daily(house))["formula"] == "100 − 3 + 2 = 99"


async def test_s8_a_bonus_is_withdrawn_with_a_reason_and_the_trace_stays(people: People) -> None:
    house = people.house
    await inspected(house, "i-1")
    line = (await daily(house))["lines"][0]["line"]
    appeal = await house.post(f"/points/{line}/appeal", {"grounds": "少了"}, who=LEADER, at="2026-03-02 09:00")
    refused(appeal, 409, "line")
    assert (await house.post(f"/points/{line}/withdrawal", {"reason": "重复表扬"}, who=CLERK)).status_code == 403
    refused(await house.post(f"/points/{line}/withdrawal", {"reason": " "}), 422, "reason")
    done = await house.done(f"/points/{line}/withdrawal", {"reason": "与暗访结果不符"}, at="2026-04-01 09:00")
    assert done["withdrawn_by"] == "officer-1"
    [row] = (await daily(house))["lines"]
    assert (row["stands"], row["withdrawn"], row["points"]) == (False, "与暗访结果不符", "1")
    assert house.published(PointsWithdrawn)[0].reason == "与暗访结果不符"
    refused(await house.post(f"/points/{line}/withdrawal", {"reason": "再撤"}), 409, "line")
    late = CaseClosed(case="c1", unit="u01", paying_unit="u01", outcome="solved", late=True)
    await house.take(late, "2026-04-02 10:00")
    deduction = next(r["line"] for r in (await daily(house))["lines"] if r["rule"] == "late")
    refused(await house.post(f"/points/{deduction}/withdrawal", {"reason": "不该扣"}), 409, "line")
    await inspected(house, "i-2")
    await inspected(house, "i-2", good=False, version=2)
    assert [r["stands"] for r in (await daily(house))["lines"] if r["rule"] == "good_practice"] == [False, False]


async def test_s8_a_commendation_needs_a_document_and_a_second_person(people: People) -> None:
    house = people.house
    body = {"unit": "u01", "title": "表扬信", "awarded_on": "2026-05-04", "document": " "}
    refused(await house.post("/commendations", body, at="2026-05-06 09:00"), 422, "document")
    body["document"] = "感谢信 2026-05-04"
    refused(await house.post("/commendations", body, at="2026-05-01 09:00"), 422, "awarded_on")
    made = await house.done("/commendations", body, at="2026-05-06 09:00")
    path = f"/commendations/{made['commendation']}/decision"
    refused(await house.post(path, {"confirmed": True}), 403, "decided_by")
    refused(await house.post(path, {"confirmed": False}, who=APPROVER), 422, "reason")
    assert (await daily(house))["lines"] == []
    await volumes(house, **dict.fromkeys(people.units, 10000))
    await people.to_seal()
    await house.done(f"/cycles/{CYCLE}/closing", at="2026-07-11 09:00")
    refused(await house.post(f"/cycles/{CYCLE}/ranking", at="2026-07-12 09:00"), 409, "values")
    done = await house.done(path, {"confirmed": False, "reason": "无单位公章"}, who=APPROVER, at="2026-07-12 09:00")
    assert done["state"] == "refused"
    await house.done(f"/cycles/{CYCLE}/ranking", at="2026-07-12 10:00")


async def facts(house: House) -> None:
    """u01: two late cases, a missed duty, good practice."""
    for case in ("c1", "c2"):
        closed = CaseClosed(case=case, unit="u01", paying_unit="u01", outcome="solved", late=True)
        await house.take(closed, "2026-03-02 10:00")
    duty = "duty:own_plan:2026:u01"
    missed = ObligationMissed(duty=duty, obligation="own_plan", unit="u01", period="2026", due=date(2026, 1, 30))
    await house.take(missed, "2026-02-02 00:00")
    await inspected(house, "i-1")


async def test_s8_deductions_are_counted_per_service_volume_which_a_second_person_confirms(people: People) -> None:
    house = people.house
    await facts(house)
    before = await daily(house)
    assert (before["score"], before["missing"]) == ("98", "no service volume was entered and confirmed")
    await volumes(house, confirmed=False, u01=30000)
    assert (await daily(house))["missing"] == before["missing"]
    decision = {"values": [{"unit": "u01", "version": 1}], "confirmed": True}
    refused(await house.post(f"/cycles/{CYCLE}/volumes/decision", decision), 403, "decided_by")
    await house.done(f"/cycles/{CYCLE}/volumes/decision", decision, who=APPROVER, at="2026-07-03 11:00")
    found = await daily(house)
    [said] = [e["sum"] for e in found["ledger"]["entries"] if e["kind"] == "volume"]
    assert said == "2 × 10000 ÷ 30000 = 0.67 [half_up 2]", "the duty costs a large unit what it costs a small one"
    assert found["formula"] == "100 − (0.67 + 1) + 1 = 99.33"
    again = {"volumes": [{"unit": "u01", "services": 1500, "document": "更正表"}]}
    refused(await house.post(f"/cycles/{CYCLE}/volumes", again, at="2026-07-04 09:00"), 409, "volumes.0.reason")
    again["volumes"][0]["reason"] = "统计口径有误"
    await house.done(f"/cycles/{CYCLE}/volumes", again, at="2026-07-04 09:00")
    decision["values"][0]["version"] = 2  # type: ignore[index]
    await house.done(f"/cycles/{CYCLE}/volumes/decision", decision, who=APPROVER, at="2026-07-04 11:00")
    found = await daily(house)
    assert found["formula"] == "100 − (10 + 1) + 1 = 90"
    assert found["ledger"]["entries"][1]["sum"] == "2 × 10000 ÷ 2000 = 10 (1500 < 2000) [half_up 2]"
    versions = (await house.get(f"/cycles/{CYCLE}/volumes", OFFICE)).json()["items"]
    assert [(v["version"], v["services"], v["state"]) for v in versions] == [
        (1, 30000, "confirmed"), (2, 1500, "confirmed"),
    ]  # fmt: skip


async def test_s8_verify_computes_bonus_and_volume_again_and_explain_prints_them(
    people: People, tmp_path: Path
) -> None:
    house = people.house
    await facts(house)
    await volumes(house, **dict.fromkeys([u for u in people.units if u != "u03"], 30000))
    ranked = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
    assert ranked["u01"]["daily"] == "99.33" and ranked["u03"]["daily"] is None
    assert ranked["u03"]["not_ranked"] == "daily: no service volume was entered and confirmed"
    await house.done(f"{people.path}/publication", at="2026-07-20 09:00")
    bundle = (await house.get(f"{people.path}/bundle")).content
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    files = members(bundle)
    alone = await verified_alone(house, CYCLE, tmp_path)
    assert alone.exit_code == 0, alone.text()

    def failures(change: Any) -> set[str]:
        result: Any = parse_canonical(files["result.json"])
        change(result, next(r for r in result["units"] if r["unit"] == "u01"))
        data = canonical(result)
        text = result_note_text(files["checkpoint.txt"].decode(), data)
        sealed = {name: body for name, body in files.items() if not name.startswith("result")}
        note = assemble(text, [house.desk.signer.sign(text)])
        found = verify_bytes(write_bundle(with_result(sealed, data, note)))
        return {check.name for check in found.failures}

    assert failures(lambda result, row: None) == set()
    assert "result.daily" in failures(lambda result, row: row["ledger"]["volume"].update(services=90000))
    assert "result.daily" in failures(lambda result, row: row["ledger"]["bonus"].clear())
    assert "result.daily" in failures(lambda result, row: row["ledger"]["bonus"][0].update(points="5"))
    assert "result.daily" in failures(lambda result, row: result["points"]["bonus"][0].update(most_per_cycle="0.5"))
    assert "result.daily" in failures(lambda result, row: result["points"]["volume"].update(rounding="down"))
    assert "result.daily" in failures(lambda result, row: row.update(daily="99.34"))
    working = (await house.get("/units/u01/working", OFFICE, cycle=CYCLE)).json()
    sums = {(step["kind"], step["subject"]): step["sum"] for step in working["steps"]}
    assert sums[("gain", "inspection:i-1")] == "1" and sums[("daily", "")] == "100 − (0.67 + 1) + 1 = 99.33"
    (tmp_path / "bundle.zip").write_bytes(bundle)
    assert from_bundle(tmp_path / "bundle.zip", "u01", CYCLE)["steps"] == working["steps"], "offline the same sum"
    printed = told(working)
    assert "加分 bonus inspection:i-1 (规则 Rule)" in printed
    assert "按业务量折算的扣分 deductions per service volume" in printed
    page = (await house.http.get(f"/results/{CYCLE}/u01")).text
    assert "2 × 10000 ÷ 30000 = 0.67" in page and "按业务量折算的扣分" in page
    assert (await house.http.get(f"/results/{CYCLE}")).status_code == 200
    assert (await house.http.get(f"/results/{CYCLE}/u03")).status_code == 200
    assert (await house.http.get(f"/results/{CYCLE}/result.xlsx")).status_code == 200
