"""A media exposure: verified first, followed up in the media in the end (I8)."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.intake import TransferApproved
from shared.contracts.publicity import ExposureChased, ExposureFollowed, ExposureVerified
from shared.contracts.rectification import CaseClosed, CaseOpened, CaseReopened
from tests.service.intake.house import House, local

NUMBER = "2026-000001"
ACCEPT = {"decision": "accepted", "reason": "属实", "transfer": {"lead_unit": "tax"}}
FOLLOW = {
    "outlet": "市广播电视台", "on": "2026-03-20", "outcome": "窗口已恢复", "accountability": "窗口负责人诫勉谈话",
    "statement": "局长王某公开致歉，电话13800001111",
    "promise": "六月底前全部窗口延时服务", "promise_due": "2026-06-30",
}  # fmt: skip


@pytest.fixture(autouse=True)
async def exposed(house: House) -> None:
    """Monday, 2 March: the city's television has shown an empty window."""
    told = {"outlet": "市电视台", "date": "2026-03-01"}
    receipt = await house.report("T-1", channel="media_exposure", particulars=told)
    assert receipt["state"] == "registered", receipt


async def verify(house: House, at: str = "2026-03-04T10:00", **found: Any) -> Any:
    return await house.call(
        "discipline", "POST", f"/complaints/{NUMBER}/verification", at,
        **{"verified": True, "reason": "已到现场核实", "evidence": ["现场照片"], **found},
    )  # fmt: skip


async def close(house: House, at: str = "2026-03-18T10:00", round_: int = 1) -> None:
    closing = CaseClosed(case=NUMBER, unit="tax", paying_unit="tax", outcome="solved", round=round_, late=False)
    await house.hear(at, closing)


async def numbers(house: House, state: str) -> list[str]:
    return [e["number"] for e in (await house.done("office", "GET", f"/exposures?state={state}"))["items"]]


async def test_i8_only_a_verified_exposure_is_accepted_and_transferred_as_such(house: House) -> None:
    early = await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", **ACCEPT)
    assert (early.status_code, early.json()["field"]) == (409, "decision")
    assert await numbers(house, "unverified") == [NUMBER]
    assert (await verify(house)).json()["outlet"] == "市电视台"
    [found] = house.events(ExposureVerified)
    assert (found.outlet, found.verified, found.reason) == ("市电视台", True, "已到现场核实")
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", **ACCEPT)
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval")
    assert house.events(TransferApproved)[0].origin == "exposure"


async def test_i8_a_finding_is_given_once_and_by_the_discipline_office_only(house: House) -> None:
    assert (await verify(house)).is_success
    assert (await verify(house, verified=False)).status_code == 409
    body = {"verified": True, "reason": "x"}
    assert (await house.call("clerk", "POST", f"/complaints/{NUMBER}/verification", **body)).status_code == 403


async def test_i8_an_exposure_that_does_not_hold_is_answered_and_never_transferred(house: House) -> None:
    await verify(house, verified=False, reason="画面系旧闻")
    assert (await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", **ACCEPT)).status_code == 409
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", decision="unfounded", reason="画面系旧闻")
    assert await numbers(house, "unfounded") == [NUMBER]
    assert not house.events(TransferApproved)


@pytest.mark.parametrize("decision", ["unfounded", "accepted"])
async def test_i8_no_clerk_anticipates_the_finding(house: House, decision: str) -> None:
    answer = await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", decision=decision, reason="x")
    assert answer.status_code == 409


async def test_i8_what_is_no_exposure_needs_no_verification(house: House) -> None:
    await house.report("T-2", text="另一件事：停车场夜间乱收费，保安态度恶劣，多次反映无人处理。")
    assert (await house.call("discipline", "POST", "/complaints/2026-000002/verification",
                             verified=True, reason="x")).status_code == 404  # fmt: skip
    assert (await house.call("clerk", "POST", "/complaints/2026-000002/screening", **ACCEPT)).is_success


async def test_i8_the_verification_is_warned_of_overdue_and_escalated_once_a_step(house: House) -> None:
    for at in ("2026-03-04T08:59", "2026-03-04T09:00", "2026-03-10T00:00", "2026-03-12T09:00"):
        await house.tick(at, restarted=True)
    assert [(e.step, e.roles) for e in house.events(ExposureChased)] == [
        ("warning_3", ("discipline",)), ("warning_1", ("discipline",)), ("expired", ("discipline", "office")),
        ("escalation_3", ("discipline", "office")),
    ]  # fmt: skip
    assert house.events(ExposureChased)[0].due == local("2026-03-10T00:00")
    assert (await house.done("office", "GET", f"/exposures/{NUMBER}"))["overdue"]
    await verify(house, "2026-03-12T10:00")
    await house.tick("2026-06-01T09:00")
    assert len(house.events(ExposureChased)) == 4
    assert not (await house.done("office", "GET", f"/exposures/{NUMBER}"))["overdue"]


async def test_i8_an_exposure_is_finished_only_when_its_outcome_was_followed_up_in_the_media(house: House) -> None:
    path = f"/complaints/{NUMBER}/coverage"
    assert (await house.call("office", "POST", path, "2026-03-21T09:00", **FOLLOW)).status_code == 409
    await verify(house)
    assert await numbers(house, "outstanding") == [NUMBER]
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", "2026-03-04T11:00", **ACCEPT)
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-04T12:00")
    due = {"due": date(2026, 3, 25), "expires_at": local("2026-03-26T00:00")}
    await house.hear("2026-03-04T12:00", CaseOpened(case=NUMBER, lead_unit="tax", track="immediate", **due))
    early = FOLLOW | {"on": "2026-03-05"}
    assert not (await house.done("office", "POST", path, "2026-03-05T09:00", **early))["finished"]
    await close(house)
    assert await numbers(house, "outstanding") == [NUMBER]
    done = await house.done("office", "POST", path, "2026-03-21T09:00", **FOLLOW)
    assert done["finished"]
    assert [piece["final"] for piece in done["coverage"]] == [False, True]
    assert await numbers(house, "outstanding") == []
    assert await numbers(house, "finished") == [NUMBER]
    followed = house.events(ExposureFollowed)[-1]
    assert (followed.outlet, followed.on, followed.promise_due) == (
        "市广播电视台",
        date(2026, 3, 20),
        date(2026, 6, 30),
    )
    assert followed.statement == "局长王某公开致歉，电话［电话］"
    reopening = CaseReopened(case=NUMBER, unit="tax", reason="bad_callback", round=2, **due)
    await house.hear("2026-03-22T09:00", reopening)
    await close(house, "2026-03-30T09:00", 2)
    assert await numbers(house, "outstanding") == [NUMBER]


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"promise_due": None}, "promise_due"), ({"on": "2026-03-22"}, "on"), ({"accountability": ""}, "accountability")],
)
async def test_i8_coverage_tells_outcome_accountability_statement_and_a_dated_promise(
    house: House, changes: dict[str, Any], field: str
) -> None:
    await verify(house)
    answer = await house.call(
        "office", "POST", f"/complaints/{NUMBER}/coverage", "2026-03-21T09:00", **FOLLOW | changes
    )
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_i8_an_exposure_of_a_matter_that_was_reported_before_is_finished_with_that_matter(house: House) -> None:
    first = (await house.report("T-2", text="同一个窗口，群众早就反映过没有人值守"))["number"]
    await verify(house)
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/link", lead=first, reason="同一窗口")
    await house.to_unit(first)
    closing = CaseClosed(case=first, unit="tax", paying_unit="tax", outcome="solved", round=1, late=False)
    await house.hear("2026-03-18T10:00", closing)
    assert await numbers(house, "outstanding") == [NUMBER]
    shown = await house.done("office", "POST", f"/complaints/{NUMBER}/coverage", "2026-03-20T10:00", **FOLLOW)
    assert (shown["unit"], shown["finished"], shown["coverage"][0]["final"]) == ("tax", True, True)
    assert (await numbers(house, "finished"), await numbers(house, "outstanding")) == ([NUMBER], [])
