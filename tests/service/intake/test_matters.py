"""Same matter: linked and never merged, undone again, hot; and one who does not let go (I5)."""

from datetime import date
from typing import Any

import pytest

from shared.contracts.intake import ComplaintLinked, ComplaintUnlinked
from shared.contracts.petitioner import ComplaintHot, PetitionerExcluded, PetitionerRestored
from shared.contracts.rectification import CallbackRequested, CaseClosed, CaseOpened, CaseSolved
from tests.service.intake.house import PERSON, TEXT, House, local

FIRST, SECOND = "2026-000001", "2026-000002"
EXCLUSIONS = "/petitioners/exclusions"


async def named(house: House, ticket: str, phone: str, **changes: Any) -> dict[str, Any]:
    person = {"name": f"投诉人{ticket}", "phone": phone}
    return await house.report(ticket, identity="named", sealed_identity=house.sealed(ticket, person), **changes)


async def tracked(house: House, receipt: dict[str, Any]) -> dict[str, Any]:
    return dict(await house.done("public", "GET", f"/public/track/{receipt['tracking_code']}"))


async def closed(house: House, *numbers: str) -> None:
    """The case of the first complaint, from the unit to its closing; `numbers` are asked."""
    await house.to_unit(FIRST)
    due = {"due": date(2026, 3, 23), "expires_at": local("2026-03-24T00:00")}
    await house.hear("2026-03-03T09:00", CaseOpened(case=FIRST, lead_unit="tax", track="immediate", **due))
    await house.hear("2026-03-09T09:00", CaseSolved(case=FIRST, unit="tax", round=1, reply="已加派人手", late=False))
    wanted = CallbackRequested(
        case=FIRST, unit="tax", round=1, complaints=numbers, expires_at=local("2026-03-17T00:00")
    )
    await house.hear("2026-03-09T09:00", wanted)
    ended = CaseClosed(case=FIRST, unit="tax", paying_unit="tax", outcome="solved", round=1, late=False)
    await house.hear("2026-03-12T09:00", ended)


async def test_i5_each_petitioner_of_a_matter_gets_the_reply_and_is_asked_himself(house: House) -> None:
    receipts = [await named(house, f"T-{n}", f"1380000111{n}") for n in range(3)]
    numbers = [receipt["number"] for receipt in receipts]
    assert [receipt["linked_to"] for receipt in receipts] == [None, FIRST, FIRST]
    await closed(house, *numbers)
    codes = set()
    for receipt in receipts:
        track = await tracked(house, receipt)
        assert (track["state"], track["reply"], track["outcome"]) == ("closed", "已加派人手", "solved")
        codes.add(track["callback"]["code"])
        answer = await house.call("public", "POST", f"/public/callbacks/{track['callback']['code']}", grade="satisfied")
        assert answer.is_success
    assert len(codes) == 3
    rows = (await house.done("clerk", "GET", f"/callbacks?case={FIRST}"))["items"]
    assert sorted((row["number"], row["state"]) for row in rows) == [(number, "graded") for number in numbers]


async def test_i5_a_link_undone_after_closing_gives_back_a_matter_of_its_own_with_all_it_had(house: House) -> None:
    first, second = await house.report("T-1"), await house.report("T-2", text=f"{TEXT}另有收费问题，请一并查处为盼")
    before = await house.done("clerk", "GET", f"/complaints/{SECOND}")
    await house.done("clerk", "POST", f"/complaints/{SECOND}/link", lead=FIRST, reason="同一窗口")
    await closed(house, FIRST, SECOND)
    path = f"/public/track/{second['tracking_code']}/objection"
    assert (await house.call("public", "POST", path, "2026-03-13T09:00", grade="dissatisfied")).status_code == 204
    await house.done("clerk", "POST", f"/complaints/{SECOND}/unlink", "2026-03-14T09:00", reason="其实是收费问题")
    after = await house.done("clerk", "GET", f"/complaints/{SECOND}")
    changed = {key for key in before if before[key] != after[key]} - {"links", "round"}
    assert changed == set()
    [link] = after["links"]
    assert (link["reason"], link["undone_reason"], link["undone_by"]) == ("同一窗口", "其实是收费问题", "clerk-1")
    lead = await house.done("clerk", "GET", f"/complaints/{FIRST}")
    assert (lead["petitioners"], lead["linked"]) == (1, [])
    assert house.events(ComplaintUnlinked)[0].lead == FIRST
    assert (await tracked(house, second))["state"] == "registered"
    assert (await tracked(house, first))["state"] == "closed"
    rows = (await house.done("clerk", "GET", f"/callbacks?case={FIRST}"))["items"]
    assert {row["number"]: row["state"] for row in rows} == {FIRST: "open", SECOND: "superseded"}
    await house.to_unit(SECOND)  # it goes its own way to the unit
    due = {"due": date(2026, 4, 23), "expires_at": local("2026-04-24T00:00")}
    await house.hear("2026-03-15T09:00", CaseOpened(case=SECOND, lead_unit="tax", track="immediate", **due))
    ended = CaseClosed(case=SECOND, unit="tax", paying_unit="tax", outcome="solved", round=1, late=False)
    await house.hear("2026-03-20T09:00", ended)
    again = await house.call("public", "POST", path, "2026-03-21T09:00", grade="dissatisfied")
    assert again.status_code == 204, "what he said of the other case does not silence him in his own"


async def test_i5_a_link_undone_and_made_again_in_the_same_round_asks_again_and_a_late_question_asks_nobody(
    house: House,
) -> None:
    await house.report("T-1")
    await house.report("T-2", text=f"{TEXT}另有收费问题，请一并查处为盼")
    await house.done("clerk", "POST", f"/complaints/{SECOND}/link", lead=FIRST, reason="同一窗口")
    await house.to_unit(FIRST)
    question = CallbackRequested(
        case=FIRST, unit="tax", round=1, complaints=(SECOND,), expires_at=local("2026-04-01T00:00")
    )
    await house.hear("2026-03-10T09:00", question)
    await house.done("clerk", "POST", f"/complaints/{SECOND}/unlink", "2026-03-11T09:00", reason="其实是收费问题")
    await house.hear("2026-03-10T10:00", question)  # was on its way while the link was undone
    assert await _state_of_second(house) == "superseded"
    await house.done(
        "clerk", "POST", f"/complaints/{SECOND}/link", "2026-03-12T09:00", lead=FIRST, reason="还是同一窗口"
    )
    await house.hear("2026-03-12T10:00", question)
    assert await _state_of_second(house) == "open"


async def _state_of_second(house: House) -> str:
    rows = (await house.done("clerk", "GET", f"/callbacks?case={FIRST}"))["items"]
    [state] = [row["state"] for row in rows if row["number"] == SECOND]
    return str(state)


async def test_i5_likely_repeats_are_shown_with_both_texts_for_words_or_for_unit_and_place(house: House) -> None:
    await house.report("T-1", unit="tax", place="清河镇便民服务大厅", text="发票窗口的人让我先去买他家亲戚的打印机")
    await house.report("T-2", unit="tax", place="清河镇便民大厅", text="排了两个小时的队，轮到我就说系统坏了")
    await house.report("T-3", unit="police", place="清河镇便民大厅", text="户口迁移材料被退回三次，每次理由都不一样")
    found = await house.done("clerk", "GET", f"/complaints/{SECOND}/similar")
    assert found["complaint"]["text"] == "排了两个小时的队，轮到我就说系统坏了"
    [likely] = found["similar"]
    assert (likely["number"], likely["text"]) == (FIRST, "发票窗口的人让我先去买他家亲戚的打印机")
    assert likely["same_unit"]
    assert likely["place_share"] > 0.7


async def test_i5_many_petitioners_make_a_matter_hot_bring_it_to_the_top_and_its_leader_is_told_once(
    house: House,
) -> None:
    await house.report("T-a", text="与此无关的另外一件事情，写在最前面")
    most = house.rules.hot_from
    for n in range(most + 2):
        await named(house, f"T-{n}", f"138000011{n:02d}")
    [hot] = house.events(ComplaintHot)
    assert (hot.number, hot.petitioners) == (SECOND, most)
    assert [event.hot for event in house.events(ComplaintLinked)] == [False] * (most - 2) + [True] * 3
    page = await house.done("clerk", "GET", "/complaints?order=priority&limit=1")
    [top] = page["items"]
    assert (top["number"], top["hot"], top["petitioners"]) == (SECOND, True, most + 2)
    rest = await house.done("clerk", "GET", f"/complaints?order=priority&limit=1&cursor={page['next']}")
    assert [line["number"] for line in rest["items"]] == [FIRST]
    assert (await house.call("clerk", "GET", "/complaints?order=priority&cursor=7")).status_code == 422
    for n in range(3, most + 3):
        await house.done("clerk", "POST", f"/complaints/2026-{n:06d}/unlink", reason="另一件事")
    assert not (await house.done("clerk", "GET", f"/complaints/{SECOND}"))["hot"]
    for n in range(3, most + 3):
        await house.done("clerk", "POST", f"/complaints/2026-{n:06d}/link", lead=SECOND, reason="还是同一件")
    assert len(house.events(ComplaintHot)) == 1


async def test_i5_one_person_however_often_does_not_make_a_matter_hot(house: House) -> None:
    for n in range(house.rules.hot_from + 2):
        await named(house, f"T-{n}", PERSON["phone"])
    assert not house.events(ComplaintHot)


async def test_i5_a_serial_petitioner_is_determined_by_two_persons_and_openly_left_out(house: House) -> None:
    await named(house, "T-1", "13800001111")
    await named(house, "T-2", "13800001111", text="别的一件事情，同一个人反映的，与前面没有关系")
    await named(house, "T-3", "13900002222", text="另外一个人反映的完全不同的第三件事情在这里")
    asked = await house.call("clerk", "POST", EXCLUSIONS, sub="zhang", number=FIRST, reason="一年四十件，均查无实据")
    assert asked.status_code == 201, asked.text
    key = asked.json()["id"]
    assert not house.events(PetitionerExcluded)
    own = await house.call("office", "POST", f"{EXCLUSIONS}/{key}/confirmation", sub="zhang", reason="同意")
    assert own.status_code == 403
    await house.done("office", "POST", f"{EXCLUSIONS}/{key}/confirmation", reason="情况属实")
    [told] = house.events(PetitionerExcluded)
    assert (told.numbers, told.decided_by) == ((FIRST, SECOND), ("clerk", "office"))
    assert "13800001111" not in told.model_dump_json()
    figures = await house.done("public", "GET", "/public/exclusions")
    assert figures == {"petitioners": 1, "of_petitioners": 2, "complaints": 2, "of_complaints": 3}
    [listed] = (await house.done("auditor", "GET", EXCLUSIONS))["items"]
    assert (listed["numbers"], listed["reason"], listed["decided_by"]) == (
        [FIRST, SECOND], "一年四十件，均查无实据", "office-1",
    )  # fmt: skip
    await named(house, "T-4", "138 0000 1111", text="又一件新的事情，过了一些日子以后才说的")
    assert [event.numbers for event in house.events(PetitionerExcluded)][1:] == [("2026-000004",)]
    await named(house, "T-5", "13800001111")
    assert house.events(ComplaintLinked)[-1].excluded
    steps = [e["step"] for e in (await house.done("auditor", "GET", "/audit"))["items"]]
    assert steps == ["exclusion_proposed", "exclusion_denied", "exclusion_excluded"]


async def test_i5_the_determination_is_taken_back_and_may_be_rejected(house: House) -> None:
    await named(house, "T-1", "13800001111")
    first = (await house.done("clerk", "POST", EXCLUSIONS, number=FIRST, reason="重复投诉"))["id"]
    assert (await house.call("clerk", "POST", EXCLUSIONS, number=FIRST, reason="再提")).status_code == 409
    await house.done("office", "POST", f"{EXCLUSIONS}/{first}/rejection", reason="每件都有新情况")
    second = (await house.done("clerk", "POST", EXCLUSIONS, number=FIRST, reason="重复投诉"))["id"]
    await house.done("office", "POST", f"{EXCLUSIONS}/{second}/confirmation", reason="同意")
    back = await house.done("office", "POST", f"{EXCLUSIONS}/{second}/restoration", reason="认定有误")
    assert (back["state"], back["restored_reason"]) == ("restored", "认定有误")
    assert [event.numbers for event in house.events(PetitionerRestored)] == [(FIRST,)]
    assert (await house.call("office", "POST", f"{EXCLUSIONS}/{second}/restoration", reason="x")).status_code == 409
    states = {row["id"]: row["state"] for row in (await house.done("office", "GET", EXCLUSIONS))["items"]}
    assert states == {first: "rejected", second: "restored"}
    assert (await house.done("public", "GET", "/public/exclusions"))["petitioners"] == 0


@pytest.mark.parametrize("number", [FIRST, "2026-999999"])
async def test_i5_who_left_no_name_cannot_be_left_out(house: House, number: str) -> None:
    await house.report("T-1")
    answer = await house.call("clerk", "POST", EXCLUSIONS, number=number, reason="重复投诉")
    assert answer.status_code == (409 if number == FIRST else 404)


async def test_i5_the_statistics_say_what_rates_are_taken_of_and_who_is_left_out_of_them(house: House) -> None:
    phones = ("13800001111", "13900002222", "13700003333", "13600004444", "13500005555")
    numbers = [(await named(house, f"T-{n}", phone))["number"] for n, phone in enumerate(phones)]
    await closed(house, *numbers)
    grades = {numbers[0]: "very_dissatisfied", numbers[1]: "satisfied", numbers[2]: "dissatisfied"}
    for number, grade in grades.items():
        answer = {"result": "graded", "grade": grade, "confirmed": True}
        await house.done("clerk", "POST", f"/callbacks/{FIRST}/{number}", "2026-03-13T09:00", **answer)
    for day in ("13", "14", "15"):
        path = f"/callbacks/{FIRST}/{numbers[3]}"
        await house.done("clerk", "POST", path, f"2026-03-{day}T10:00", result="not_reached")
    one = await house.done("clerk", "POST", EXCLUSIONS, number=numbers[0], reason="一年四十件，均查无实据")
    await house.done("office", "POST", f"{EXCLUSIONS}/{one['id']}/confirmation", reason="情况属实")
    found = await house.done("office", "GET", "/statistics")
    assert found["satisfaction"] == {
        "asked": 5, "open": 1, "not_reached": 1, "excluded": 1, "counted": 2,
        "by_grade": {"satisfied": 1, "dissatisfied": 1},
    }  # fmt: skip
    assert found["excluded"] == {"petitioners": 1, "of_petitioners": 5, "complaints": 1, "of_complaints": 5}
    assert found["registered"] == 5
