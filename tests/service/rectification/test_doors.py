"""Who may do what, and what is said to those who may not or err."""

from typing import Any

import pytest

from tests.service.rectification.house import AUDITOR, CLOSING, HANDLER, OFFICE, SOLUTION, House, approved, lines

NUMBER = "2026-000001"
EVERY = ("clerk", "office", "approver", "custodian", "inspector", "discipline", "handler", "leader", "supervisor",
         "evaluator", "teller", "scrutineer", "witness", "guidance", "higher_office", "auditor", "operator",
         "source", "terminal")  # fmt: skip
READS = {
    "/cases": ("office", "clerk", "auditor", "handler", "leader"),
    f"/cases/{NUMBER}": ("office", "clerk", "auditor", "handler", "leader"),
    "/cases/export": ("office", "auditor", "operator"),
    "/deadlines": ("office", "handler", "leader"),
    f"/cases/{NUMBER}/deadlines": ("office", "clerk", "auditor", "handler", "leader"),
    "/deadlines/1/explanation": ("office", "clerk", "auditor", "handler", "leader"),
    "/handovers": ("office", "auditor", "leader"),
    "/handovers/preview?from=handler-a": ("leader",),
    "/statistics": ("office", "auditor", "operator"),
    "/statistics/exclusions": ("office", "auditor", "operator"),
    "/ledger": ("auditor", "office"),
    "/ledger/verification": ("auditor", "office", "operator"),
}
ACTS: dict[str, tuple[tuple[str, ...], Any]] = {
    "acknowledgement": (("handler", "leader"), None),
    "acceptance": (("handler",), None),
    "solution": (("handler",), SOLUTION),
    "closing": (("office",), CLOSING),
    "return": (("office",), {"reasons": ["x"]}),
    "dispute": (("approver",), {"reasons": "x"}),
    "extension": (("handler",), {"days": 5, "reasons": "x"}),
    "track": (("handler",), {"track": "planned", "reasons": "x"}),
    "suspension": (("office", "handler"), {"ground": "law_suit", "reasons": "x"}),
    "resumption": (("office",), None),
    "decision": (("office",), {"granted": True}),
    "contributions": (("handler", "leader"), {"text": "x", "evidence": ["x"]}),
    "assignment": (("leader",), {"handler": "handler-b"}),
    "../../handovers": (("leader",), {"from": "a", "to": "b", "reason": "x"}),
}


def who(role: str, unit: str = "unit-a") -> dict[str, Any]:
    return {"role": role, "sub": f"{role}-1", "unit": unit}


@pytest.mark.parametrize("path", READS)
async def test_only_these_roles_may_read(house: House, path: str) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    may = [role for role in EVERY if (await house.get(path, who(role))).status_code != 403]
    assert sorted(may) == sorted(READS[path])
    assert (await house.http.get(f"/api/v1{path}")).status_code == 401


@pytest.mark.parametrize("action", ACTS)
async def test_only_these_roles_may_act(house: House, action: str) -> None:
    roles, body = ACTS[action]
    path = f"/{NUMBER}/{action}"
    answers = {r: await house.post(path, body, who=who(r), at="2026-03-03 10:00") for r in EVERY}
    assert sorted(r for r, answer in answers.items() if answer.status_code != 403) == sorted(roles)
    assert (await house.http.post(f"/api/v1/cases{path}", json=body)).status_code == 401


@pytest.mark.parametrize("role", ["handler", "leader"])
async def test_a_unit_sees_its_own_cases_only(house: House, role: str) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.take(approved("2026-000002", lead_unit="unit-b"), "2026-03-02 10:00")
    listed = (await house.get("/cases", who(role))).json()["items"]
    assert [case["case"] for case in listed] == [NUMBER]
    assert {d["case"] for d in (await house.get("/deadlines", who(role))).json()["items"]} == {NUMBER}
    assert (await house.get("/cases?unit=unit-b", who(role))).status_code == 404
    unknown, others = await house.get("/cases/2026-000777", who(role)), await house.get("/cases/2026-000002", who(role))
    assert (unknown.status_code, others.status_code) == (404, 404)
    # The same words for both: nobody learns what exists elsewhere.
    assert unknown.json()["reason"] == others.json()["reason"]


async def test_a_unit_that_helps_reads_the_case_and_does_not_act_on_it(house: House) -> None:
    await house.take(approved(cooperating_units=("unit-b",)), "2026-03-02 10:00")
    helper = who("handler", "unit-b")
    assert (await house.get(f"/cases/{NUMBER}", helper)).status_code == 200
    acted = await house.post(f"/{NUMBER}/solution", SOLUTION, who=helper, at="2026-03-03 10:00")
    assert acted.status_code == 404


async def test_a_unit_never_learns_which_petitioner_said_what(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00")
    await house.answer("2026-03-04 10:00", "dissatisfied", words="还是那样")
    for history in ((await house.get(f"/cases/{NUMBER}", HANDLER)).json()["history"],):
        assert not any(hidden in entry["data"] for entry in history for hidden in ("number", "words", "complaints"))
        assert any(entry["data"].get("grade") == "dissatisfied" for entry in history)
    (answered,) = [e for e in (await house.get(f"/cases/{NUMBER}")).json()["history"] if e["kind"] == "answered"]
    assert answered["data"]["words"] == "还是那样"


async def test_who_reported_it_solved_may_not_close_it_and_no_officer_of_the_unit(house: House) -> None:
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00")
    same_person = {"role": "office", "sub": "handler-a"}
    same_unit = {"role": "office", "sub": "officer-2", "unit": "unit-a"}
    for officer in (same_person, same_unit):
        refused = await house.post(f"/{NUMBER}/closing", CLOSING, who=officer, at="2026-03-04 10:00")
        assert refused.status_code == 403
    assert (await house.write_off("2026-03-04 10:00")).status_code == 200


async def test_what_the_state_forbids_says_what_is_allowed(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    refused = await house.write_off("2026-03-04 10:00")
    assert refused.status_code == 409
    assert refused.json()["remedy"] == "allowed now: acknowledgement, acceptance, solution"


@pytest.mark.parametrize("guard", CLOSING["guards"])
@pytest.mark.parametrize(
    ("given", "field"),
    [
        (None, ""),
        ({"holds": True, "by": "a"}, ".evidence"),
        ({"holds": False, "evidence": "x", "by": "a"}, ".holds"),
    ],
)
async def test_a_guard_without_evidence_is_named(house: House, guard: str, given: Any, field: str) -> None:
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-03 10:00")
    refused = await house.write_off("2026-03-04 10:00", guards=CLOSING["guards"] | {guard: given})
    assert (refused.status_code, refused.json()["field"]) == (422, f"guards.{guard}{field}")


async def test_a_misspelt_field_is_named(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    refused = await house.solve("2026-03-03 10:00", measure="x")
    assert (refused.status_code, refused.json()["field"]) == (422, "measure")


async def test_a_request_repeated_with_its_key_acts_once(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    path = f"/{NUMBER}/solution"
    answers = [await house.post(path, SOLUTION, who=HANDLER, at="2026-03-03 10:00", key="k-1") for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert house.said().count("case.solved") == 1


async def test_pages_follow_one_another_without_gap_or_repeat(house: House) -> None:
    numbers = [f"2026-{n:06d}" for n in range(1, 8)]
    for i, number in enumerate(numbers):
        await house.take(approved(number), f"2026-03-0{i % 3 + 2} 10:00")
    found: list[str] = []
    cursor = ""
    while cursor is not None:
        page = (await house.get(f"/cases?limit=3&cursor={cursor}")).json()
        found += [case["case"] for case in page["items"]]
        cursor = page["cursor"]
    assert found == numbers
    deadlines: list[dict[str, Any]] = []
    query = ""
    while query is not None:
        page = (await house.get(f"/deadlines?limit=4{query}")).json()
        deadlines += page["items"]
        query = f"&cursor={page['cursor']}" if page["cursor"] else None
    assert len(deadlines) == len({(d["case"], d["kind"]) for d in deadlines}) == 21
    assert [d["expires_at"] for d in deadlines] == sorted(d["expires_at"] for d in deadlines)
    assert (await house.get("/deadlines?cursor=nonsense")).status_code == 422


async def test_cases_by_state(house: House) -> None:
    await house.closed_case()
    await house.take(approved("2026-000002"), "2026-03-02 10:00")
    assert [c["case"] for c in (await house.get("/cases?state=closed")).json()["items"]] == [NUMBER]
    assert (await house.get("/cases?state=gone")).status_code == 422


async def test_the_export_is_one_line_a_case(house: House) -> None:
    await house.closed_case()
    await house.take(approved("2026-000002"), "2026-03-02 10:00")
    answer = await house.get("/cases/export?to=2026-03-24T00:00:00%2B08:00", AUDITOR)
    first, second = lines(answer)
    assert (first["case"], first["outcome"], first["late"]) == (NUMBER, "solved", False)
    assert (second["case"], second["outcome"], second["late"], second["solved_at"]) == ("2026-000002", None, True, None)
    (earlier, _) = lines(await house.get("/cases/export?to=2026-03-23T23:59:59%2B08:00", OFFICE))
    assert earlier["late"] is False
