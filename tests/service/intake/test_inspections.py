"""Inspections (I9): planned in secret, recorded with findings, corrected without loss, and missed ones reported."""

import hashlib
import json
from datetime import datetime
from typing import Any

import rfc8785
from sqlalchemy import text

from services.intake.domain import plan as domain
from services.intake.store.inspections import Quarter
from services.intake.usecases import planning
from shared.contracts.inspection import CoverageMissed, InspectionPlanned, InspectionRecorded
from shared.contracts.intake import ComplaintRegistered, ComplaintScreened, TransferApproved
from shared.contracts.scoring import UnitRegistered
from shared.programme.oversight import Coverage
from tests.service.intake import samples
from tests.service.intake.house import House, local
from tests.service.intake.test_evidence import sent

CHECKLIST = (
    "post_responsibility", "open_procedure", "service_promise", "first_asked", "one_time_notice", "time_limit",
    "ab_cover", "receipt",
)  # fmt: skip


def answers(**no: str) -> dict[str, dict[str, str]]:
    return {item: {"answer": "no", "words": no[item]} if item in no else {"answer": "yes"} for item in CHECKLIST}


def seen(**changes: Any) -> dict[str, Any]:
    """An inspection of the tax station's window with one finding."""
    return {
        "unit": "tax", "place": "window", "kind": "covert", "on": "2026-03-02",
        "answers": answers(ab_cover="A岗离开，无人顶岗，电话13800001111"),
        "findings": [{"text": "三号窗口A岗离岗四十分钟，B岗没有顶岗。", "topic": "lax", "institution": "ab_cover"}],
        "good_practice": "",
    } | changes  # fmt: skip


async def dump(house: House) -> str:
    """Everything that stands in the plans' tables and in the kept answers."""

    def rows(session: Any) -> str:
        tables = ("inspection_plan", "inspection_target", "outbox", "idempotency")
        return str([session.connection().execute(text(f"SELECT * FROM {table}")).all() for table in tables])

    return await house.unit.read(rows)


async def test_i9_a_plan_is_committed_to_and_its_targets_stay_hidden_until_they_are_done(house: House) -> None:
    body = {"quarter": "2026-Q2", "count": 3, "kinds": ["covert"], "places": ["window"]}
    made = (await house.call("office", "POST", "/inspection-plans", key="plan-1", **body)).json()
    [planned] = house.events(InspectionPlanned)
    assert (planned.plan, planned.quarter, planned.count) == (made["id"], "2026-Q2", 3)
    assert planned.commitment == made["commitment"]
    public = await house.done("public", "GET", f"/public/inspection-plans/{made['id']}")
    assert hashlib.sha256(rfc8785.dumps(public["frame"])).hexdigest() == planned.commitment
    assert all(day > "2026-03-31" for day in public["frame"]["days"])
    assert "2026-05-01" not in public["frame"]["days"]
    assert public["seed"] is None
    assert [target["opened"] for target in public["targets"]] == [None] * 3
    office = await house.done("office", "GET", f"/inspection-plans/{made['id']}")
    assert len(office["targets"]) == 3
    assert (await house.done("inspector", "GET", f"/inspection-plans/{made['id']}"))["targets"] == []
    await house.done("office", "POST", f"/inspection-plans/{made['id']}/targets/2/assignment", inspector="inspector-1")
    mine = (await house.done("inspector", "GET", f"/inspection-plans/{made['id']}"))["targets"]
    assert mine == [office["targets"][1] | {"inspector": "inspector-1"}]
    for role in ("handler", "leader", "clerk", "approver"):
        assert (await house.call(role, "GET", f"/inspection-plans/{made['id']}")).status_code == 403


async def test_i9_what_a_plan_holds_stands_nowhere_in_the_database(house: House) -> None:
    """Plan rows of another key's vault say nothing: the same frame drawn from another seed is another plan."""
    made = await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=9)
    office = await house.done("office", "GET", f"/inspection-plans/{made['id']}")

    def targets(session: Any) -> list[Any]:
        return list(session.connection().execute(text("SELECT * FROM inspection_target ORDER BY position")).mappings())

    rows = await house.unit.read(targets)
    assert all(set(row) == {"plan", "position", "sealed", "inspector", "inspection"} for row in rows)
    seed = planning._seed(house.rules, made["id"]).hex()
    assert seed not in await dump(house)
    for target, row in zip(office["targets"], rows, strict=True):
        assert not row["inspection"]
        assert target["unit"] not in str(dict(row))


async def test_i9_when_the_targets_are_done_anybody_recomputes_the_plan(house: House) -> None:
    made = await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=2, places=["window"])
    path = f"/public/inspection-plans/{made['id']}"
    sealed = [target["sealed"] for target in (await house.done("public", "GET", path))["targets"]]
    targets = (await house.done("office", "GET", f"/inspection-plans/{made['id']}"))["targets"]
    for target in targets:
        at = f"{target['on']}T15:00"
        wrong = seen(unit="nobody", on=target["on"], plan=made["id"], position=target["position"])
        assert (await house.call("office", "POST", "/inspections", at, **wrong)).status_code == 422
        other = next(name for name in ("tax", "police", "town") if name != target["unit"])
        wrong["unit"] = other
        assert (await house.call("office", "POST", "/inspections", at, **wrong)).status_code == 409
        record = seen(
            unit=target["unit"], kind=target["kind"], on=target["on"], plan=made["id"],
            position=target["position"], findings=[],
        )  # fmt: skip
        await house.done("office", "POST", "/inspections", at, **record)
        assert (await house.call("office", "POST", "/inspections", at, **record)).status_code == 409
        shown = (await house.done("public", "GET", path))["targets"][target["position"] - 1]
        assert hashlib.sha256(rfc8785.dumps(shown["opened"])).hexdigest() == shown["sealed"]
    public = await house.done("public", "GET", path)
    assert public["state"] == "opened"
    drawn = domain.draw(public["frame"], bytes.fromhex(public["seed"]), public["public_value"])
    assert [target.sealed for target in drawn] == sealed
    assert [(t.unit, t.on) for t in drawn] == [(t["unit"], t["on"]) for t in targets]


async def test_i9_a_plan_from_public_entropy_waits_for_it_and_is_bound_before(house: House) -> None:
    entropy = {"name": "福彩3D第2026101期", "cut_off": "2026-03-31T21:30:00+08:00"}
    made = await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=2, entropy=entropy)
    path = f"/inspection-plans/{made['id']}"
    assert made["state"] == "committed"
    early = await house.call("office", "POST", f"{path}/draw", "2026-03-31T21:00", value="935")
    assert (early.status_code, early.json()["field"]) == (409, "value")
    drawn = await house.done("office", "POST", f"{path}/draw", "2026-03-31T22:00", value="935")
    assert (drawn["state"], drawn["commitment"]) == ("drawn", made["commitment"])
    assert (await house.call("office", "POST", f"{path}/draw", "2026-04-01T09:00", value="936")).status_code == 409
    assert (await house.done("public", "GET", f"/public{path}"))["public_value"] == "935"


async def test_i9_a_finding_becomes_a_complaint_with_its_evidence_in_the_same_transaction(house: House) -> None:
    photo = await sent(house, "inspector", samples.picture())
    body = seen()
    body["findings"][0]["evidence"] = [photo["sha"]]
    body["good_practice"] = "政务公开栏每日更新，联系人电话13800001111"
    made = await house.done("inspector", "POST", "/inspections", **body)
    [number] = made["findings"]
    [registered] = house.events(ComplaintRegistered)
    assert (registered.number, registered.channel, registered.topic) == (number, "inspection_covert", "lax")
    assert registered.identity == "anonymous"
    [recorded] = house.events(InspectionRecorded)
    assert (recorded.inspection, recorded.unit, recorded.quarter) == (made["id"], "tax", "2026-Q1")
    assert (recorded.kind, recorded.by, recorded.findings) == ("covert", "office", (number,))
    assert recorded.good_practice
    assert "13800001111" not in json.dumps(made, ensure_ascii=False)
    files = await house.done("clerk", "GET", f"/evidence?about=complaint&of={number}")
    assert [item["sha"] for item in files["items"]] == [photo["sha"]]
    await house.to_unit(number)
    [approved] = house.events(TransferApproved)
    assert approved.origin == "inspection"


async def test_i9_a_record_is_whole_or_not_taken_at_all(house: House) -> None:
    for field, change in {
        "answers.receipt": {"answers": {k: v for k, v in answers().items() if k != "receipt"}},
        "findings.0.institution": {"answers": answers()},
        "place": {"place": "roof"},
        "on": {"on": "2026-03-03"},
        "unit": {"unit": "nobody"},
        "evidence.0": {"evidence": ["0" * 64]},
        "topic": {"findings": [{"text": "好的", "topic": "nonsense"}]},
    }.items():
        answer = await house.call("inspector", "POST", "/inspections", **seen(**change))
        assert (answer.status_code, answer.json()["field"]) == (422, field)
    assert house.published == []
    assert (await house.done("office", "GET", "/inspections"))["items"] == []


async def test_i9_a_unit_reports_its_own_covert_inspections_and_no_others(house: House) -> None:
    await house.hear(
        "2026-01-02T08:00",
        UnitRegistered(unit="tax-2", name="清河二窗", category="service_window", scope="township", parent="tax"),
    )
    other = await house.call("handler", "POST", "/inspections", **seen(unit="police"))
    assert other.status_code == 403
    made = await house.done("handler", "POST", "/inspections", **seen(unit="tax-2"))
    assert (made["by"], house.events(ComplaintRegistered)[0].channel) == ("unit", "self_inspection")
    await house.done("supervisor", "POST", "/inspections", **seen(unit="tax", kind="call_on", findings=[]))
    office = await house.done("office", "POST", "/inspections", **seen(findings=[{"text": "窗口无人"}]))
    assert [item["id"] for item in (await house.done("leader", "GET", "/inspections"))["items"]] == [made["id"]]
    assert (await house.call("leader", "GET", f"/inspections/{office['id']}")).status_code == 403
    assert len((await house.done("office", "GET", "/inspections?quarter=2026-Q1"))["items"]) == 3
    assert len((await house.done("supervisor", "GET", "/inspections"))["items"]) == 1
    figures = await house.done("office", "GET", "/inspections/statistics?quarter=2026-Q1")
    by_unit = {one["unit"]: one for one in figures["units"]}
    assert by_unit["tax"]["by"] == {"supervisor": 1, "office": 1}
    assert by_unit["tax-2"]["findings"] == 1
    assert by_unit["tax"]["covered"] is None  # registered during the quarter
    figures = await house.done("office", "GET", "/inspections/statistics?quarter=2026-Q2")
    assert {one["unit"]: one["covered"] for one in figures["units"]}["tax"] is False


async def test_i9_a_wrong_record_is_corrected_by_a_new_version_and_what_was_transferred_stays(house: House) -> None:
    body = seen(findings=[{"text": "第一个问题：窗口无人。"}, {"text": "第二个问题：没有公示。"}])
    made = await house.done("inspector", "POST", "/inspections", **body)
    first, second = made["findings"]
    await house.to_unit(first)
    change = {k: v for k, v in body.items() if k not in ("unit", "findings")} | {
        "reason": "把另一个窗口当成了三号窗口", "withdrawn": [first, second],
        "findings": [{"text": "第三个问题：没有回执。"}],
    }  # fmt: skip
    stranger = await house.call("inspector", "POST", f"/inspections/{made['id']}/correction", sub="i-2", **change)
    assert stranger.status_code == 403
    after = await house.done("inspector", "POST", f"/inspections/{made['id']}/correction", "2026-03-03T09:00", **change)
    assert (after["version"], after["kept"]) == (2, [first])
    assert after["findings"][0] == first
    assert second not in after["findings"]
    assert [v["reason"] for v in after["versions"]] == ["", "把另一个窗口当成了三号窗口"]
    assert [f["number"] for f in after["versions"][0]["content"]["findings"]] == [first, second]
    [*_, unfounded] = house.events(ComplaintScreened)
    assert (unfounded.number, unfounded.decision) == (second, "unfounded")
    assert [e.version for e in house.events(InspectionRecorded)] == [1, 2]
    assert house.events(InspectionRecorded)[-1].findings == tuple(after["findings"])


async def test_i9_a_unit_that_nobody_covered_in_a_quarter_is_itself_reported_once(house: House) -> None:
    await house.done("handler", "POST", "/inspections", **seen(findings=[]))
    await house.done("inspector", "POST", "/inspections", **seen(unit="police", findings=[]))
    await house.tick("2026-04-07T12:00")
    assert house.events(CoverageMissed) == []
    await house.tick("2026-04-10T00:00")
    assert house.events(CoverageMissed) == []  # registered during the first quarter: nothing is owed for it
    await house.tick("2026-07-01T00:01")
    assert house.events(CoverageMissed) == []  # there are five working days to report what was done
    own = seen(findings=[], on="2026-06-30")
    await house.done("handler", "POST", "/inspections", "2026-07-02T09:00", **own)
    await house.tick("2026-07-08T00:00")
    assert [(e.unit, e.quarter) for e in house.events(CoverageMissed)] == [("police", "2026-Q2"), ("town", "2026-Q2")]
    await house.tick("2026-07-09T00:00")
    assert len(house.events(CoverageMissed)) == 2
    figures = await house.done("office", "GET", "/inspections/statistics?quarter=2026-Q2")
    assert figures["closed"]
    assert [one["unit"] for one in figures["units"] if not one["covered"]] == ["police", "town"]


async def test_i9_what_is_recorded_after_the_days_to_report_it_covers_nothing_whenever_the_clock_comes_by(
    house: House,
) -> None:
    own = seen(findings=[], on="2026-06-30")
    await house.done("handler", "POST", "/inspections", "2026-07-20T09:00", **own)
    await house.tick("2026-07-21T00:00")
    assert ("tax", "2026-Q2") in [(e.unit, e.quarter) for e in house.events(CoverageMissed)]


async def test_i9_a_correction_of_what_came_too_late_covers_nothing_either(house: House) -> None:
    own = seen(findings=[], on="2026-06-30")
    made = await house.done("handler", "POST", "/inspections", "2026-07-20T09:00", **own)
    change = {name: own[name] for name in ("place", "kind", "on", "answers")} | {"reason": "补记地点"}
    await house.done("handler", "POST", f"/inspections/{made['id']}/correction", "2026-07-20T10:00", **change)
    await house.tick("2026-07-21T00:00")
    assert ("tax", "2026-Q2") in [(e.unit, e.quarter) for e in house.events(CoverageMissed)]


async def test_i9_quarters_that_a_jump_of_the_clock_passed_over_are_each_reported_once(house: House) -> None:
    await house.tick("2027-02-01T00:00")
    told = [(e.quarter, e.unit) for e in house.events(CoverageMissed)]
    assert told == [(q, u) for q in ("2026-Q2", "2026-Q3", "2026-Q4") for u in ("police", "tax", "town")]
    dated = [json.loads(row.payload)["time"] for row in house.published if row.subject == CoverageMissed.TYPE]
    assert datetime.fromisoformat(dated[0]) == local("2026-07-08T00:00")

    await house.tick("2027-02-02T00:00", restarted=True)
    assert len(house.events(CoverageMissed)) == 9
    rows = await house.unit.read(lambda session: session.get(Quarter, "2026-Q1"))
    assert rows is not None
    assert rows.missed == []


async def test_i9_a_programme_may_count_any_inspection_or_none(house: House) -> None:
    inspections = house.rules.programme.inspections
    house.rules.programme = house.rules.programme.model_copy(
        update={"inspections": inspections.model_copy(update={"coverage": Coverage(by=(), report_within=0)})}
    )
    await house.tick("2026-07-01T00:00")
    assert house.events(CoverageMissed) == []
    house.rules.programme = house.rules.programme.model_copy(
        update={"inspections": inspections.model_copy(update={"coverage": Coverage(by=("office",), kinds=())})}
    )
    await house.done("inspector", "POST", "/inspections", "2026-07-02T10:00", **seen(kind="patrol", on="2026-07-01"))
    await house.tick("2026-11-01T00:00")
    assert [(e.unit, e.quarter) for e in house.events(CoverageMissed)] == [("police", "2026-Q3"), ("town", "2026-Q3")]


async def test_i9_what_nobody_inspected_is_opened_with_its_quarter(house: House) -> None:
    made = await house.done("office", "POST", "/inspection-plans", quarter="2026-Q2", count=2)
    await house.tick("2026-06-30T23:59")
    assert (await house.done("public", "GET", f"/public/inspection-plans/{made['id']}"))["seed"] is None
    await house.tick("2026-07-01T00:01")
    public = await house.done("public", "GET", f"/public/inspection-plans/{made['id']}")
    assert public["seed"]
    assert all(target["opened"] for target in public["targets"])
