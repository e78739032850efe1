"""Letters of the gate, exposures, referrals and shows: the right people, nobody else (I7, I8, I12, I15, I17, I18)."""

from services.notify.domain.recipient import OFFICE
from shared.contracts import assignment, publicity
from tests.support.notify_house import House, local, seat

NUMBER = "2026-000001"


async def told(house: House) -> list[tuple[str, str]]:
    return sorted({(n["role"], n["person"]) for n in await house.notices()})


async def test_i15_a_referral_is_told_to_the_discipline_organ_and_to_no_unit_or_leader(house: House) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "discipline", "ji"), seat(OFFICE, "leading_group", "group"))
    await house.hear("2026-03-02T11:00", assignment.MatterReferred(number=NUMBER, reason="所长索要好处费"))
    await house.hear("2026-03-05T11:00", assignment.ReferralConcluded(number=NUMBER, outcome="confirmed"))
    assert await told(house) == [("discipline", "ji")]
    letters = await house.post("2026-03-09T09:30")
    assert {letter["person"] for letter in letters} == {"ji"}
    assert any("好处费" in letter["text"] for letter in letters)


async def test_i15_without_a_discipline_organ_in_the_directory_nobody_else_is_told(house: House) -> None:
    await house.hear("2026-03-02T11:00", assignment.MatterReferred(number=NUMBER, reason="所长索要好处费"))
    assert [(n["state"], n["person"]) for n in await house.notices()] == [("unaddressed", "")]
    assert await house.post("2026-03-09T09:30") == []


async def test_i7_an_overdue_approval_is_told_to_approver_and_office_once_a_step(house: House) -> None:
    late = assignment.TransferOverdue(
        number=NUMBER, card=f"ZB-{NUMBER}", due=local("2026-03-05T00:00"), roles=("approver", "office")
    )
    for event in ("one", "two"):
        await house.hear("2026-03-05T00:00", late, event)
    assert await told(house) == [("approver", "boss"), ("office", "clerk")]
    assert len(await house.notices()) == 2
    letters = await house.post("2026-03-05T09:00")
    assert {letter["person"] for letter in letters} == {"boss", "clerk"}
    assert all("3月4日" in letter["text"] for letter in letters)
    again = late.model_copy(update={"step": "escalation_3"})
    await house.hear("2026-03-09T09:00", again, "three")
    assert len(await house.notices()) == 4


async def test_i17_an_objection_is_told_to_the_office_and_the_ruling_to_who_objected(house: House) -> None:
    raised = assignment.ObjectionRaised(number=NUMBER, unit="tax", reason="无此职责", due=local("2026-03-05T00:00"))
    await house.hear("2026-03-03T10:00", raised)
    assert await told(house) == [("office", "clerk")]
    ruled = assignment.ObjectionRuled(
        number=NUMBER, unit="tax", upheld=False, reason="属地职责", ruled_by_role="office"
    )
    await house.hear("2026-03-03T15:00", ruled)
    assert await told(house) == [("handler", "wang"), ("main_leader", "li"), ("office", "clerk")]


async def test_i8_a_verification_that_comes_due_is_told_to_the_discipline_office(house: House) -> None:
    await house.hold("2026-01-01T08:00", seat(OFFICE, "discipline", "ji"))
    due = local("2026-03-10T00:00")
    chased = publicity.ExposureChased(number=NUMBER, due=due, step="warning_1", roles=("discipline",))
    await house.hear("2026-03-06T09:00", chased)
    assert await told(house) == [("discipline", "ji")]


async def test_i12_overdue_feedback_is_told_to_the_office(house: House) -> None:
    overdue = publicity.FeedbackOverdue(number=NUMBER, due=local("2026-03-27T00:00"), roles=("office",))
    await house.hear("2026-03-27T00:00", overdue)
    assert await told(house) == [("office", "clerk")]


async def test_i18_a_leader_is_told_of_his_show_and_again_when_its_date_moves(house: House) -> None:
    show = publicity.ShowApproaching(
        show="s-1", name="政风行风热线", outlet="市电台", unit="tax", leader="李强",
        starts_at=local("2026-03-10T10:00"), questions=2,
    )  # fmt: skip
    for event in ("one", "two"):
        await house.hear("2026-03-09T09:00", show, event)
    assert await told(house) == [("main_leader", "li")]
    assert len(await house.notices()) == 1
    await house.hear("2026-03-09T11:00", show.model_copy(update={"starts_at": local("2026-03-11T10:00")}), "three")
    assert len(await house.notices()) == 2
    [letter] = await house.post("2026-03-09T09:30")
    assert "2件" in letter["text"]
