"""Unit and topic of a new text are suggested from what people decided before; a clerk decides (I14, I16)."""

from datetime import UTC, datetime

from services.intake.study import Study
from shared.contracts.intake import TransferApproved
from tests.service.intake.house import House

AT = datetime(2026, 3, 2, tzinfo=UTC)
STREETS = "东西南北中上下前后左右"
MATTERS = {
    "tax": ("发票开不出来", "办税大厅窗口不给开增值税发票，说系统坏了", "delay"),
    "police": ("户口迁移难", "派出所户籍窗口办理户口迁移要跑三趟，说材料不齐", "hard_to_get_done"),
}


async def decided(house: House, each: int, start: int = 0) -> None:
    """A season of transfers: screened by a clerk with a topic, approved by a leader."""
    for n in range(start, start + each):
        for unit, (title, text, topic) in MATTERS.items():
            street = STREETS[n % len(STREETS)]
            number = (await house.report(f"{unit}-{n}", title=f"{street}街{title}", text=f"{text}。{street}街{n}号。"))[
                "number"
            ]
            await house.done(
                "clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实", topic=topic,
                transfer={"lead_unit": unit},
            )  # fmt: skip
            await house.done("approver", "POST", f"/transfers/{number}/approval", "2026-03-02T11:00")


async def test_i14_a_unit_is_suggested_from_past_transfers_with_confidence_and_why(house: House) -> None:
    house.rules.learn_from = 20
    study = Study(house.rules, house.unit)
    await decided(house, 9)
    await study.look(AT)
    assert house.rules.learned == {}, "too little has been decided"
    assert (await house.done("office", "GET", "/suggestions/model"))["models"] == {"unit": [], "topic": []}
    await decided(house, 3, start=9)
    await study.look(AT)
    new = (await house.report("new", title="发票", text="大厅里又不给开增值税发票，等了一天"))["number"]
    said = (await house.done("clerk", "GET", f"/complaints/{new}"))["suggested_unit"]
    assert (said["key"], said["basis"]) == ("tax", "learned")
    assert 0.5 < said["confidence"] <= 1
    assert any("发票" in word for word in said["why"])
    assert said["others"][0]["key"] == "police"
    listed = await house.done("clerk", "GET", "/suggestions")
    assert [(one["number"], one["unit"]["key"], one["topic"]["key"]) for one in listed["items"]] == [
        (new, "tax", "delay")
    ]
    figures = await house.done("office", "GET", "/suggestions/model")
    assert figures["decided"] == {"unit": 24, "topic": 24}
    [model] = figures["models"]["unit"]
    assert (model["version"], model["transfers"]) == (1, 24)
    assert model["figures"]["macro_f1"] == 1.0 and set(model["figures"]["candidates"]) == {
        "linear_svc",
        "complement_nb",
    }


async def test_i14_a_suggestion_decides_nothing_and_what_the_clerk_decided_is_kept_beside_it(house: House) -> None:
    house.rules.learn_from = 20
    await decided(house, 10)
    await Study(house.rules, house.unit).look(AT)
    new = (await house.report("new", title="发票", text="大厅里又不给开增值税发票，等了一天"))["number"]
    assert (await house.done("clerk", "GET", f"/complaints/{new}"))["state"] == "registered"
    await house.to_unit(new, "police")
    assert house.events(TransferApproved)[-1].lead_unit == "police"
    followed = (await house.done("office", "GET", "/suggestions/model"))["followed"]
    assert [
        (one["what"], one["basis"], one["suggested"], one["followed"]) for one in followed if one["what"] == "unit"
    ] == [("unit", "learned", 1, 0)]


async def test_i14_what_a_leader_amends_is_what_the_next_model_learns(house: House) -> None:
    house.rules.learn_from = 20
    study = Study(house.rules, house.unit)
    await decided(house, 10)
    await study.look(AT)
    for n in range(6):
        text = f"镇上主街的路灯坏了{n}个月没有修，晚上走路看不见，{STREETS[n]}街"
        number = (await house.report(f"lamp-{n}", title="路灯不亮", text=text))["number"]
        await house.done(
            "clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实",
            transfer={"lead_unit": "police"},
        )  # fmt: skip
        await house.done("approver", "POST", f"/transfers/{number}/approval", amend={"lead_unit": "town"})
    await study.look(AT)
    assert house.rules.learned["unit"].version == 2
    new = (await house.report("new", title="路灯", text="主街的路灯又坏了，晚上看不见"))["number"]
    assert (await house.done("clerk", "GET", f"/complaints/{new}"))["suggested_unit"]["key"] == "town"
    versions = (await house.done("office", "GET", "/suggestions/model"))["models"]["unit"]
    assert [(one["version"], one["transfers"]) for one in versions] == [(2, 26), (1, 20)]


async def test_i14_a_restarted_service_takes_up_what_was_learned(house: House) -> None:
    house.rules.learn_from = 20
    await decided(house, 10)
    await Study(house.rules, house.unit).look(AT)
    house.rules.learned.clear()
    await Study(house.rules, house.unit).look(AT)
    assert {what: model.version for what, model in house.rules.learned.items()} == {"unit": 1, "topic": 1}


async def test_i14_a_unit_that_the_report_names_comes_first(house: House) -> None:
    number = (await house.report("T-1", unit="town"))["number"]
    said = (await house.done("clerk", "GET", f"/complaints/{number}"))["suggested_unit"]
    assert (said["key"], said["basis"], said["confidence"]) == ("town", "named", None)


async def test_i16_before_anything_is_learned_the_programmes_words_suggest_a_topic(house: House) -> None:
    number = (await house.report("T-1", text="窗口工作人员态度恶劣，很不耐烦"))["number"]
    said = (await house.done("clerk", "GET", f"/complaints/{number}"))["suggested_topic"]
    assert (said["key"], said["basis"]) == ("rude", "keywords")
    assert said["why"] == ["态度", "不耐烦", "恶劣"]
    await house.done(
        "clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实", topic="rude",
        transfer={"lead_unit": "tax"},
    )  # fmt: skip
    await house.done("approver", "POST", f"/transfers/{number}/approval", "2026-03-02T11:00")
    event = house.events(TransferApproved)[-1]
    assert (event.topic, event.dimension) == ("rude", "service")
    followed = (await house.done("office", "GET", "/suggestions/model"))["followed"]
    assert [(one["what"], one["basis"], one["followed"]) for one in followed] == [("topic", "keywords", 1)]


async def test_i16_a_topic_that_the_programme_does_not_have_is_refused_by_name(house: House) -> None:
    number = (await house.report("T-1"))["number"]
    answer = await house.call(
        "clerk", "POST", f"/complaints/{number}/screening", decision="accepted", reason="属实", topic="weather"
    )
    assert (answer.status_code, answer.json()["value"]) == (422, "weather")
