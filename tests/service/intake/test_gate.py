"""Cards as they were made, the leader's gate, his deputy, the chase (I6, I7)."""

from typing import Any

import pytest

from shared.contracts.assignment import TransferOverdue
from shared.contracts.intake import TransferApproved, TransferRequested
from shared.programme.tracks import Tracks
from tests.service.intake.house import PERSON, TEXT, House, local

NUMBER = "2026-000001"
CARD = f"/transfers/{NUMBER}/card"


async def asked(house: House, by: str = "clerk-1", **card: Any) -> None:
    await house.report("T-1", place="清河镇", topic="hard_to_get_done")
    body = {"decision": "accepted", "reason": "属实，须查", "transfer": {"lead_unit": "tax", **card}}
    answer = await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", sub=by, **body)
    assert answer.is_success, answer.text


async def away(house: House, deputy: str = "chen", **more: Any) -> dict[str, Any]:
    body = {"person": "wang", "deputy": deputy, "first": "2026-03-02", "last": "2026-03-06", "reason": "外出学习"}
    return await house.done("office", "POST", "/absences", "2026-03-02T08:00", **body, **more)  # type: ignore[no-any-return]  # done is untyped


async def test_r2_where_the_programme_plans_representatives_matters_only_a_hotlines_is_explained(house: House) -> None:
    house.rules.programme = house.rules.programme.model_copy(update={"tracks": Tracks(planned=("meeting_question",))})
    await house.report("T-1", place="清河镇", topic="hard_to_get_done")
    body = {"decision": "accepted", "reason": "属实，须查", "transfer": {"lead_unit": "tax", "track": "planned"}}
    refused = await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", **body)
    assert (refused.status_code, refused.json()["field"]) == (409, "track"), refused.text
    body["transfer"] = {"lead_unit": "tax", "track": "explained"}
    assert (await house.call("clerk", "POST", f"/complaints/{NUMBER}/screening", **body)).is_success
    amended = {"amend": {"track": "planned"}}
    refused = await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", **amended)
    assert (refused.status_code, refused.json()["field"]) == (409, "track"), "the leader's amendment neither"
    assert (await house.call("approver", "POST", f"/transfers/{NUMBER}/approval")).is_success


async def test_i6_a_card_holds_everything_that_is_printed_and_no_version_ever_changes(house: House) -> None:
    await asked(house, cooperating_units=["police"], territorial_unit="town")
    first = await house.done("approver", "GET", CARD)
    assert (first["card"], first["version"], first["kind"]) == (f"ZB-{NUMBER}", 1, "requested")
    assert (first["lead_unit"]["zh"], [u["key"] for u in first["cooperating_units"]]) == ("清河tax", ["police"])
    assert (first["channel"]["zh"], first["topic"]["zh"], first["place"]) == ("日常热线", "事难办", "清河镇")
    assert (first["text"], first["screening"], first["track"]["zh"], first["days"]) == (
        TEXT,
        "属实，须查",
        "限时解决",
        15,
    )
    assert (first["due"], first["decision"]) == (None, None)
    assert first["office"]["zh"] == house.rules.programme.office.zh
    body = {"amend": {"lead_unit": "police", "cooperating_units": []}, "words": "请公安牵头，从快办理"}
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", **body)
    card = await house.done("clerk", "GET", CARD)
    assert (card["version"], card["kind"], card["lead_unit"]["key"], card["due"]) == (
        2,
        "approved",
        "police",
        "2026-03-23",
    )
    said = card["decision"]
    assert (said["words"], said["by"], said["role"], said["stands_in_for"]) == (
        body["words"],
        "approver-1",
        "approver",
        None,
    )
    assert (card["receipt"]["unit"]["key"], card["receipt"]["received_by"], card["provisional"]) == (
        "police",
        "",
        False,
    )
    assert await house.done("clerk", "GET", f"{CARD}?version=1") == first
    kinds = [
        (v["version"], v["kind"]) for v in (await house.done("clerk", "GET", f"/transfers/{NUMBER}/versions"))["items"]
    ]
    assert kinds == [(1, "requested"), (2, "approved")]
    assert (await house.call("clerk", "GET", f"{CARD}?version=3")).status_code == 404


async def test_i6_the_letter_of_recommendation_goes_with_the_card(house: House) -> None:
    own = {"findings": "窗口下午无人，电话13800001111", "advice": "增派人手", "basis": "《首问负责制》"}
    await asked(house, **own)
    letter = await house.done("clerk", "GET", f"/transfers/{NUMBER}/recommendation")
    assert (letter["findings"], letter["recommendation"]["zh"]) == ("窗口下午无人，电话［电话］", "增派人手")
    assert (letter["basis"]["zh"], letter["unit"]["key"], letter["due"], letter["signed_on"]) == (
        "《首问负责制》",
        "tax",
        None,
        None,
    )
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval")
    letter = await house.done("clerk", "GET", f"/transfers/{NUMBER}/recommendation")
    assert (letter["due"], letter["signed_on"]) == ("2026-03-23", "2026-03-02")


async def test_i6_without_words_of_its_own_the_letter_says_the_programmes(house: House) -> None:
    await asked(house)
    letter = await house.done("clerk", "GET", f"/transfers/{NUMBER}/recommendation")
    said = house.rules.programme.recommendation
    assert (letter["findings"], letter["recommendation"]["zh"], letter["basis"]["zh"]) == (
        TEXT,
        said.advice.zh,
        said.basis.zh,
    )


async def test_i7_no_unit_sees_a_card_before_its_approval_and_other_units_never(house: House) -> None:
    await asked(house)
    for version in ("", "?version=1"):
        assert (await house.call("leader", "GET", CARD + version)).status_code == 404
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", amend={"lead_unit": "police"})
    assert (await house.done("handler", "GET", CARD, of="police"))["version"] == 2
    assert (await house.call("handler", "GET", f"{CARD}?version=1", of="police")).status_code == 404
    for unit in ("tax", "town"):
        assert (await house.call("leader", "GET", CARD, of=unit)).status_code == 404
        assert (await house.call("leader", "GET", f"/transfers/{NUMBER}/recommendation", of=unit)).status_code == 404


async def test_i7_a_refused_card_keeps_the_leaders_words(house: House) -> None:
    await asked(house)
    await house.done("approver", "POST", f"/transfers/{NUMBER}/refusal", reason="先核实再报")
    card = await house.done("clerk", "GET", CARD)
    assert (card["kind"], card["decision"]["result"], card["decision"]["words"]) == ("refused", "refused", "先核实再报")
    assert (await house.call("leader", "GET", CARD)).status_code == 404


async def test_i7_an_overdue_approval_is_chased_once_a_step_and_after_a_restart_no_step_comes_again(
    house: House,
) -> None:
    await asked(house)
    await house.tick("2026-03-04T23:59")
    assert not house.events(TransferOverdue)
    await house.tick("2026-03-05T00:00")
    [late] = house.events(TransferOverdue)
    assert (late.number, late.card, late.step, late.roles) == (
        NUMBER,
        f"ZB-{NUMBER}",
        "expired",
        ("approver", "office"),
    )
    assert late.due == local("2026-03-05T00:00")
    await house.tick("2026-03-05T00:00", restarted=True)
    await house.tick("2026-03-09T08:59")
    assert len(house.events(TransferOverdue)) == 1
    await house.tick("2026-03-09T09:00")
    await house.tick("2026-03-13T09:00", restarted=True)
    await house.tick("2026-06-01T09:00")
    assert [(e.step, e.roles) for e in house.events(TransferOverdue)] == [
        ("expired", ("approver", "office")), ("escalation_3", ("approver", "office")),
        ("escalation_7", ("leading_group",)),
    ]  # fmt: skip


async def test_i7_a_clock_that_jumps_over_the_due_day_fires_every_step_dated_by_its_own_instant(house: House) -> None:
    await asked(house)
    await house.tick("2026-04-20T10:00", restarted=True)
    times = [event.time for event in house.envelopes(TransferOverdue)]
    assert times == [local("2026-03-05T00:00"), local("2026-03-09T09:00"), local("2026-03-13T09:00")]


async def test_i7_what_fell_due_before_a_late_approval_is_told_though_no_clock_came_by(house: House) -> None:
    await asked(house)
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-06T09:00")
    assert [e.step for e in house.events(TransferOverdue)] == ["expired"]
    await house.tick("2026-06-01T09:00")
    assert [e.step for e in house.events(TransferOverdue)] == ["expired"]


async def test_i7_an_approval_in_time_is_never_chased(house: House) -> None:
    await asked(house)
    await house.done("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-04T23:59")
    await house.tick("2026-06-01T09:00")
    assert not house.events(TransferOverdue)


async def test_i7_a_deputy_decides_while_the_approver_is_away_and_it_is_on_record(house: House) -> None:
    await away(house)
    await asked(house)
    path = f"/transfers/{NUMBER}/approval"
    assert (await house.call("office", "POST", path, sub="zhou")).status_code == 403
    himself = await house.call("approver", "POST", path, sub="wang")
    assert (himself.status_code, himself.json()["field"]) == (409, "absence")
    assert (await house.call("office", "POST", path, sub="chen")).is_success
    [event] = house.events(TransferApproved)
    assert (event.approver_role, event.stands_in_for) == ("office", "wang")
    said = (await house.done("clerk", "GET", CARD))["decision"]
    assert (said["by"], said["role"], said["stands_in_for"]) == ("chen", "office", "wang")


async def test_i7_after_the_absence_the_deputy_has_no_say_any_more(house: House) -> None:
    await away(house)
    await asked(house)
    late = await house.call("office", "POST", f"/transfers/{NUMBER}/approval", "2026-03-07T00:00", sub="chen")
    assert late.status_code == 403
    back = await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", "2026-03-07T00:00", sub="wang")
    assert back.is_success
    assert house.events(TransferApproved)[0].stands_in_for is None


async def test_i7_a_withdrawn_absence_ends_the_stand_in(house: House) -> None:
    absence = await away(house)
    await asked(house)
    path = f"/absences/{absence['id']}/withdrawal"
    assert (await house.call("approver", "POST", path, sub="other", reason="x")).status_code == 403
    await house.done("approver", "POST", path, sub="wang", reason="提前返回")
    assert (await house.call("office", "POST", f"/transfers/{NUMBER}/approval", sub="chen")).status_code == 403
    assert (await house.call("approver", "POST", f"/transfers/{NUMBER}/approval", sub="wang")).is_success
    [listed] = (await house.done("auditor", "GET", "/absences"))["items"]
    assert (listed["withdrawn_by"], listed["withdrawn_reason"]) == ("wang", "提前返回")


async def test_i7_who_asked_for_a_transfer_approves_it_in_nobodys_place(house: House) -> None:
    await away(house)
    await asked(house, by="chen")
    own = await house.call("office", "POST", f"/transfers/{NUMBER}/approval", sub="chen")
    assert (own.status_code, own.json()["field"]) == (403, "approver")


async def test_i7_a_deputy_does_not_approve_what_the_absent_approver_asked_for(house: House) -> None:
    await away(house)
    await asked(house, by="wang")
    answer = await house.call("office", "POST", f"/transfers/{NUMBER}/approval", sub="chen")
    assert (answer.status_code, answer.json()["field"]) == (403, "approver")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"deputy": "wang"}, 422, "deputy"),
        ({"last": "2026-03-01"}, 422, "last"),
        ({"first": "2026-02-01", "last": "2026-02-02"}, 422, "last"),
        ({"role": "clerk"}, 422, "role"),
        ({"deputy": "li"}, 409, "first"),
        ({"person": "liu", "deputy": "wang"}, 409, "deputy"),
        ({"person": "chen", "deputy": "li"}, 409, "person"),
    ],
)
async def test_i7_an_absence_without_a_deputy_who_is_there_is_refused(
    house: House, changes: dict[str, Any], status: int, field: str
) -> None:
    await away(house)
    body = {"person": "wang", "deputy": "chen", "first": "2026-03-03", "last": "2026-03-09", "reason": "出差"} | changes
    answer = await house.call("office", "POST", "/absences", "2026-03-02T08:30", **body)
    assert (answer.status_code, answer.json()["field"]) == (status, field)


async def test_i7_an_approver_enters_his_own_absence_and_nobody_elses(house: House) -> None:
    body = {"deputy": "chen", "first": "2026-03-02", "last": "2026-03-03", "reason": "出差"}
    assert (await house.done("approver", "POST", "/absences", sub="wang", **body))["person"] == "wang"
    other = await house.call("approver", "POST", "/absences", sub="li", person="liu", **body)
    assert (other.status_code, other.json()["field"]) == (403, "person")


async def test_i7_a_custodians_deputy_consents_while_he_is_away_and_the_audit_says_so(house: House) -> None:
    await house.report("T-1", identity="named", sealed_identity=house.sealed("T-1", PERSON))
    body = {"person": "bao", "deputy": "dai", "first": "2026-03-02", "last": "2026-03-03", "reason": "出差"}
    await house.done("office", "POST", "/absences", "2026-03-02T08:00", **body, role="custodian")
    asked = await house.done("clerk", "POST", "/disclosures", number=NUMBER, reason="须当面核实")
    path = f"/disclosures/{asked['id']}/consent"
    himself = await house.call("custodian", "POST", path, sub="bao", reason="同意")
    assert (himself.status_code, himself.json()["field"]) == (409, "absence")
    assert (await house.call("custodian", "POST", path, sub="dai", reason="同意")).is_success
    steps = (await house.done("auditor", "GET", "/audit"))["items"]
    assert [(s["step"], s["who"]) for s in steps[-2:]] == [("decision_denied", "bao"), ("consented", "dai")]
    assert "bao" in steps[-1]["words"]


async def test_i7_when_an_official_leaves_his_places_go_to_the_successor(house: House) -> None:
    await away(house)
    await asked(house)
    body = {"leaves": "chen", "successor": "sun", "role": "approver", "reason": "调离"}
    made = await house.done("office", "POST", "/handovers", **body)
    assert [what.split()[0] for what in made["moved"]] == ["stand-in"]
    path = f"/transfers/{NUMBER}/approval"
    assert (await house.call("office", "POST", path, sub="chen")).status_code == 403
    assert (await house.call("office", "POST", path, sub="sun")).is_success
    assert house.events(TransferApproved)[0].stands_in_for == "wang"
    [kept] = (await house.done("auditor", "GET", "/handovers"))["items"]
    assert (kept["leaves"], kept["successor"], kept["reason"]) == ("chen", "sun", "调离")


async def test_i6_what_waits_for_approval_carries_what_stands_on_the_card_and_nothing_of_who_complained(
    house: House,
) -> None:
    await asked(house, advice="请立即恢复值守，电话13912345678", cooperating_units=["police"])
    [told] = house.events(TransferRequested)
    card = await house.done("approver", "GET", CARD)
    assert (told.text, told.title, told.channel, told.topic) == (
        card["text"], card["title"], card["channel"]["key"], card["topic"]["key"],
    )  # fmt: skip
    assert told.advice == "请立即恢复值守，电话［电话］" and told.basis == ""
    assert not [value for value in PERSON.values() if value and value in told.model_dump_json()]
