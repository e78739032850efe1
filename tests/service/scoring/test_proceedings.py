"""The five steps of a meeting in their order, each with its guard and on record (S4)."""

from datetime import date
from typing import Any

import pytest

from services.scoring.domain.speaking import by_lot
from shared.contracts.rectification import CaseClosed, CaseOpened
from shared.contracts.rectification_promises import CaseCommitted, CommitmentKept
from shared.contracts.scoring import (
    BallotsOpened,
    MeetingAnnounced,
    MeetingPublished,
    MeetingQuestionDeferred,
    RankingPublished,
)
from tests.service.scoring.house import CLERK, GUIDANCE, LEADER, OFFICE, TELLER, House, refused
from tests.service.scoring.people import DAY, EVE, People

AUDITOR = {"role": "auditor", "sub": "auditor-1"}
SCRUTINEER = {"role": "scrutineer", "sub": "scrutineer-1"}
ANNOUNCEMENT = {"place": "清河镇会堂", "starts_at": f"{DAY}T09:00:00+08:00"}
PROMISE = {"due": "2026-07-24", "reason": "栏目正在改版", "promised_by": "局长"}


def leader(unit: str) -> dict[str, str]:
    return {"role": "leader", "sub": f"leader-{unit}", "unit": unit}


async def to_announcement(people: People) -> None:
    """A meeting that is drawn; key and cards stand."""
    await people.create()
    await people.freeze()
    await people.draw()
    await people.bring_key_and_cards()


async def to_questions(people: People) -> None:
    await people.to_check_in()
    for person in people.seated():
        await people.arrive(person)
    await people.to_questions()


async def state(people: People) -> str:
    return str((await people.house.get("/meetings/m1")).json()["state"])


# --- ① announcement


async def test_s4_the_announcement_tells_units_procedure_place_and_time_to_everybody(people: People) -> None:
    await to_announcement(people)
    refused(await people.house.get("/meetings/m1/announcement"), 404, "meeting")
    wrong = ANNOUNCEMENT | {"starts_at": f"{EVE}T09:00:00+08:00"}
    refused(await people.house.post("/meetings/m1/announcement", wrong), 422, "starts_at")
    await people.announce()
    told = (await people.house.get("/meetings/m1/announcement")).json()
    assert (told["place"], sorted(told["units"]), len(told["procedure"])) == ("清河镇会堂", people.units, 6)
    assert len(people.house.published(MeetingAnnounced)) == 1


async def test_s4_a_fact_sheet_tells_cases_by_topic_and_outcome_promises_and_what_a_unit_does(people: People) -> None:
    house = people.house
    opened: dict[str, Any] = {
        "lead_unit": "u01", "track": "immediate", "due": date(2026, 4, 1), "expires_at": "2026-04-01T16:00:00Z",
    }  # fmt: skip
    for case, topic in (("2026-000001", "delay"), ("2026-000002", "delay"), ("2026-000003", "attitude")):
        await house.take(CaseOpened(case=case, topic=topic, **opened), "2026-03-02 09:00")
    await house.take(CaseOpened(case="2025-000009", topic="delay", **opened), "2025-12-02 09:00")
    closing = {"unit": "u01", "paying_unit": "u01", "outcome": "solved", "late": False}
    await house.take(CaseClosed(case="2026-000001", **closing), "2026-03-20 09:00")
    promise = {"case": "2026-000002", "unit": "u01", "commitment": "2026-000002-1"}
    kept = CommitmentKept(**promise, paying_unit="u01", evidence=("照片",), late=True)
    await house.take(kept, "2026-05-02 09:00")
    filed = CaseCommitted(**promise, text="五月底前修好窗口", person="所长", due=date(2026, 4, 30))
    await house.take(filed, "2026-03-25 09:00")

    await to_announcement(people)
    refused(await house.get("/meetings/m1/fact-sheets/u01"), 404, "meeting")
    text = {"duties": "市场监管", "remarks": "三个窗口"}
    await house.done("/meetings/m1/fact-sheets/u01", text, at=f"{EVE} 22:00")
    draft = (await house.get("/meetings/m1/fact-sheets/u01/draft", OFFICE)).json()
    assert (draft["duties"], draft["facts"]["cases"]["total"]) == ("市场监管", 3)
    await people.announce()
    refused(await house.post("/meetings/m1/fact-sheets/u01", text), 409, "meeting")
    await house.take(CaseClosed(case="2026-000002", **closing), "2026-07-09 23:00")  # after it: the sheet stays

    sheet = (await house.get("/meetings/m1/fact-sheets/u01")).json()
    cases = sheet["facts"]["cases"]
    assert {t: {k: n for k, n in row.items() if n} for t, row in cases["topics"].items()} == {
        "delay": {"solved": 1, "open": 1}, "attitude": {"open": 1},
    }  # fmt: skip
    assert sheet["facts"]["promises"] == [{"text": "五月底前修好窗口", "due": "2026-04-30", "state": "late"}]
    assert (sheet["duties"], sheet["remarks"], sheet["facts"]["earlier"]) == ("市场监管", "三个窗口", [])
    page = await house.http.get("/meetings/m1/sheets/u01", headers={"Accept-Language": "zh-CN"})
    assert page.status_code == 200
    for words in ("市场监管", "五月底前修好窗口", "逾期践诺", "本周期群众反映 3 件"):
        assert words in page.text
    every = await house.http.get("/meetings/m1/sheets", headers={"Accept-Language": "en"})
    assert every.text.count('class="sheet"') == 1 + len(people.units)


# --- ② statements


async def test_s4_who_speaks_is_drawn_from_the_seed_that_everybody_knows_and_anybody_repeats_it(people: People) -> None:
    await to_announcement(people)
    await people.announce()
    found = (await people.house.get("/meetings/m1/announcement")).json()["speakers"]
    proof = (await people.house.get("/meetings/m1/draw-proof")).json()
    assert (found["method"], found["seed"], len(found["speak"])) == ("draw", proof["seed"], 5)
    assert found["order"] == list(by_lot(proof["seed"], people.units))
    assert found["speak"] == found["order"][:5]


async def test_s4_the_office_names_who_speaks_with_a_reason_once_and_before_the_announcement(people: People) -> None:
    await to_announcement(people)
    path = "/meetings/m1/speakers"
    for units, field in (["u01", "u02"], "number"), (["u01", "u01", "u02"], "units"), (["u01", "u02", "x"], "units"):
        refused(await people.house.post(path, {"units": units, "reason": "群众反映多"}), 422, field)
    named = {"units": ["w04", "u06", "u01"], "reason": "群众反映多"}
    assert (await people.house.post(path, named | {"reason": ""})).status_code == 422
    await people.house.done(path, named)
    refused(await people.house.post(path, named), 409, "units")
    await people.announce()
    found = (await people.house.get("/meetings/m1/announcement")).json()["speakers"]
    assert (found["method"], found["reason"], found["speak"]) == ("office", "群众反映多", ["w04", "u06", "u01"])


async def test_s4_written_statements_come_from_the_units_leader_before_the_meeting_and_the_missing_are_listed(
    people: People,
) -> None:
    house = people.house
    await people.to_check_in()
    speak = (await house.get("/meetings/m1/announcement")).json()["speakers"]["speak"]
    writing = [unit for unit in people.units if unit not in speak]
    text = {"text": "本单位上半年…", "handed_in_by": "局长"}
    path = f"/meetings/m1/statements/{writing[0]}/text"
    refused(await house.post(path, text, who=leader(writing[1])), 403, "unit")
    refused(await house.post(path, text, who=CLERK), 403, "role")
    await house.done(path, text, who=leader(writing[0]), at=f"{DAY} 08:31")
    corrected = text | {"text": "更正：本单位上半年…"}
    await house.done(path, corrected, who=leader(writing[0]), at=f"{DAY} 08:35")
    before = (await house.get("/meetings/m1/statements")).json()
    assert all(item["text"] is None for item in before["items"])  # nobody copies
    await people.arrive(people.seated()[0])
    await house.done("/meetings/m1/statements-opening", at=f"{DAY} 09:00")
    refused(await house.post(path, text, who=leader(writing[0])), 409, "meeting")
    found = (await house.get("/meetings/m1/statements")).json()
    assert sorted(found["missing"]) == writing[1:]
    assert {i["unit"]: i["text"] for i in found["items"] if i["text"]} == {writing[0]: "更正：本单位上半年…"}


async def test_s4_questions_open_when_every_chosen_unit_has_spoken_or_is_excused(people: People) -> None:
    house = people.house
    await people.to_check_in()
    await people.arrive(people.seated()[0])
    await house.done("/meetings/m1/statements-opening", at=f"{DAY} 09:00")
    order = (await house.get("/meetings/m1/announcement")).json()["speakers"]["order"]
    for unit in order[:4]:
        await people.speak(unit)
    refused(await house.post("/meetings/m1/questions-opening"), 409, "statements")
    delivery = {"presided_by": "主持人", "spoken_by": "局长"}
    late = await house.post(f"/meetings/m1/statements/{order[5]}/delivery", delivery, who=CLERK)
    refused(late, 409, "unit")
    await house.done(f"/meetings/m1/statements/{order[4]}/excuse", {"reason": "局长突发疾病"})
    refused(await house.post("/meetings/m1/questions-opening"), 409, "statements")  # the next in the order speaks
    await people.speak(order[5])
    refused(await house.post(f"/meetings/m1/statements/{order[5]}/delivery", delivery, who=CLERK), 409, "unit")
    await house.done("/meetings/m1/questions-opening", at=f"{DAY} 09:20")
    found = {i["unit"]: i for i in (await house.get("/meetings/m1/statements")).json()["items"]}
    assert (found[order[4]]["state"], found[order[4]]["reason"]) == ("excused", "局长突发疾病")
    assert (found[order[5]]["state"], found[order[5]]["presided_by"]) == ("given", "主持人")


# --- ③ questions


async def test_s4_a_question_keeps_no_name_and_is_answered_once(people: People) -> None:
    house = people.house
    await to_questions(people)
    asked = {"unit": "u01", "text": "电话13800001111打过三次，为什么没人接？"}
    refused(await house.post("/meetings/m1/questions", asked | {"unit": "x"}, who=CLERK), 422, "unit")
    one = await house.done("/meetings/m1/questions", asked, who=CLERK, at=f"{DAY} 09:21")
    assert (one["number"], "13800001111" in one["text"]) == (1, False)
    columns = {row[1] for row in await house.rows("PRAGMA table_info(question)")}
    assert columns == {"meeting", "number", "unit", "text", "state", "answer", "by", "due", "reason"}
    body = {"text": "今日起设专人接听", "answered_by": "所长"}
    refused(await house.post("/meetings/m1/questions/1/answer", body, who=leader("u02")), 403, "unit")
    await house.done("/meetings/m1/questions/1/answer", body, who=LEADER, at=f"{DAY} 09:22")
    refused(await house.post("/meetings/m1/questions/1/answer", body, who=LEADER), 409, "question")
    refused(await house.post("/meetings/m1/questions/2/answer", body, who=CLERK), 404, "question")
    shown = (await house.get("/meetings/m1/questions")).json()["items"]
    assert [(q["state"], q["answer"], q["by"]) for q in shown] == [("answered", "今日起设专人接听", "所长")]


async def test_s4_a_deferred_question_is_told_with_the_leaders_promise_and_its_date(people: People) -> None:
    house = people.house
    await to_questions(people)
    await house.done("/meetings/m1/questions", {"unit": "u01", "text": "何时能网上办理？"}, who=CLERK)
    path = "/meetings/m1/questions/1/deferral"
    for due in (DAY, "2026-07-01", "2026-12-31"):
        refused(await house.post(path, PROMISE | {"due": due}, who=LEADER, at=f"{DAY} 09:22"), 422, "due")
    refused(await house.post(path, PROMISE, who=leader("u02"), at=f"{DAY} 09:22"), 403, "unit")
    refused(await house.post(path, PROMISE, who=CLERK, at=f"{DAY} 09:22"), 403, "role")
    await house.done(path, PROMISE, who=LEADER, at=f"{DAY} 09:22")
    refused(await house.post(path, PROMISE, who=LEADER, at=f"{DAY} 09:23"), 409, "question")
    [told] = house.published(MeetingQuestionDeferred)
    assert (told.meeting, told.unit, told.question, told.due) == ("m1", "u01", 1, date(2026, 7, 24))
    assert (told.text, told.promised_by, told.reason) == ("何时能网上办理？", "局长", "栏目正在改版")


async def test_s4_ballots_open_when_every_question_is_answered_or_has_a_date(people: People) -> None:
    house = people.house
    await to_questions(people)
    for unit in ("u01", "w01"):
        await house.done("/meetings/m1/questions", {"unit": unit, "text": "何时能网上办理？"}, who=CLERK)
    refused(await house.post("/meetings/m1/ballots-opening"), 409, "questions")
    await house.done("/meetings/m1/questions/1/deferral", PROMISE, who=LEADER, at=f"{DAY} 09:22")
    refused(await house.post("/meetings/m1/ballots-opening"), 409, "questions")
    body = {"text": "下月", "answered_by": "主任"}
    await house.done("/meetings/m1/questions/2/answer", body, who=CLERK, at=f"{DAY} 09:23")
    await house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")
    assert len(house.published(BallotsOpened)) == 1


# --- the sequence, halts, the record


async def test_s4_no_step_opens_early_and_none_twice(people: People) -> None:
    house = people.house
    openings = ("check-in-opening", "statements-opening", "questions-opening", "ballots-opening", "closing")
    await to_announcement(people)
    for step in openings:
        refused(await house.post(f"/meetings/m1/{step}"), 409, "meeting")
    await people.announce()
    for i, step in enumerate(openings):
        for early in openings[i + 1 :]:
            refused(await house.post(f"/meetings/m1/{early}"), 409, "meeting")
        if step == "statements-opening":
            refused(await house.post(f"/meetings/m1/{step}"), 409, "hall")  # nobody is present
            for person in people.seated():
                await people.arrive(person)
        await house.done(f"/meetings/m1/{step}", at=f"{DAY} 09:0{i}")
        refused(await house.post(f"/meetings/m1/{step}"), 409, "meeting")
        if step == "statements-opening":
            for unit in (await house.get("/meetings/m1/announcement")).json()["speakers"]["speak"]:
                await people.speak(unit)
    assert await state(people) == "closed"


@pytest.mark.parametrize(
    ("step", "body"), [("questions", {"unit": "u01", "text": "何时？"}), ("ballots-opening", None)]
)
async def test_s4_the_guidance_group_halts_a_step_and_resumes_it_each_with_a_reason(
    people: People, step: str, body: Any
) -> None:
    house = people.house
    await to_questions(people)
    assert (await house.post("/meetings/m1/halt", {"reason": " "}, who=GUIDANCE)).status_code == 422
    await house.done("/meetings/m1/halt", {"reason": "有人代签"}, who=GUIDANCE, at=f"{DAY} 09:21")
    refused(await house.post(f"/meetings/m1/{step}", body), 409, "meeting")
    assert (await house.post("/meetings/m1/resumption", who=GUIDANCE)).status_code == 422
    await house.done("/meetings/m1/resumption", {"reason": "已核对"}, who=GUIDANCE, at=f"{DAY} 09:25")
    await house.done(f"/meetings/m1/{step}", body, at=f"{DAY} 09:30")
    entries = (await house.get("/meetings/m1/record", AUDITOR)).json()["items"]
    said = [(e["step"], e["role"], e["reason"]) for e in entries if e["step"] in ("halt", "resumption")]
    assert said == [("halt", "guidance", "有人代签"), ("resumption", "guidance", "已核对")]


async def test_s4_every_step_is_on_record_with_who_and_when_but_no_check_in_and_no_ballot(people: People) -> None:
    house = people.house
    await people.to_seal()
    found = (await house.get("/meetings/m1/record", GUIDANCE)).json()
    steps = [e["step"] for e in found["items"]]
    order = ["creation", "freezing", "draw", "speakers", "announcement", "check_in_opening", "statements_opening",
             "questions_opening", "ballots_opening", "closing", "count", "seal"]  # fmt: skip
    assert [s for s in steps if s in order] == order
    assert {"check_in", "ballot"}.isdisjoint(steps)
    assert all(e["by"] and e["role"] and e["at"] for e in found["items"])
    text = str(found)
    assert not any(person in text for person in people.seated())
    assert not any(card.hash in text or card.text in text for card in people.cards)
    for who in (OFFICE, AUDITOR, TELLER, SCRUTINEER):
        assert (await house.get("/meetings/m1/record", who)).status_code == 200
    refused(await house.get("/meetings/m1/record", CLERK), 403, "role")
    public = (await house.get("/meetings/m1/steps")).json()
    assert [set(e) for e in public["items"]] == [{"number", "step", "at"}] * len(steps)


async def test_s4_the_record_only_grows(people: People) -> None:
    house, seen = people.house, []
    await people.to_ballots()
    seen = (await house.get("/meetings/m1/record", GUIDANCE)).json()["items"]
    await house.done("/meetings/m1/annulment", {"reason": "停电"}, at=f"{DAY} 10:00")
    later = (await house.get("/meetings/m1/record", GUIDANCE)).json()["items"]
    assert later[: len(seen)] == seen
    assert [(e["step"], e["reason"]) for e in later[len(seen) :]] == [("annulment", "停电")]
    paths = {
        path: list(methods)
        for path, methods in house.app.openapi()["paths"].items()
        if path.endswith("{meeting}/record")
    }
    assert paths == {"/api/v1/meetings/{meeting}/record": ["get"]}


async def test_s4_the_result_goes_to_public_supervisors_and_evaluators_only_with_the_publication(
    people: People,
) -> None:
    house: House = people.house
    await people.to_ranking()
    assert (await house.get("/meetings/m1/bundle")).status_code == 404
    assert house.published(MeetingPublished) == []
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    assert len(house.published(MeetingPublished)) == 1
    assert len(house.published(RankingPublished)) == 1
    assert (await house.get("/meetings/m1/bundle")).status_code == 200
