"""Questionnaires (S8, S9): opened, answered with a code by API and page, scored, reported, entering the scores."""

import json
import re
from collections.abc import AsyncIterator
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from services.scoring.domain.figures import published
from services.scoring.usecases.evaluations import Arrival
from services.scoring.usecases.evaluations import take as evaluate_all
from services.scoring.usecases.questionnaire_answers import take
from services.scoring.verify import verify_bytes
from shared.store import Tx
from tests.service.scoring.house import APPROVER, CLERK, LEADER, OFFICE, House, local, refused
from tests.service.scoring.ledger import open_house, programme, verified_alone, with_computed_parts
from tests.service.scoring.people import People
from tests.service.scoring.test_s9_part_values import members
from tests.service.scoring.test_s13_evaluations import issued as receipts

CYCLE = "2026-H1"
PATH = f"/cycles/{CYCLE}/questionnaires/survey"
GOOD: dict[str, Any] = {"overall": "satisfied", "met": ["nothing"]}
BAD: dict[str, Any] = {"overall": "dissatisfied", "met": ["slow", "rude"]}


@pytest.fixture
async def people(empty_store: Path, tmp_path: Path) -> AsyncIterator[People]:
    """A programme with a questionnaire, which makes up 20 % of the daily score where it is held."""
    share = programme(questionnaire={"key": "survey", "share": 20})
    async with open_house(empty_store, tmp_path, share) as house:
        found = People(house)
        await found.prepare()
        yield found


async def opened(house: House) -> None:
    await house.done(f"{PATH}/opening", at="2026-05-01 09:00")


async def codes(house: House, number: int, unit: str = "u01") -> list[str]:
    made = await house.done(f"{PATH}/codes", {"unit": unit, "count": number}, who=CLERK, at="2026-05-02 09:00")
    assert made["link"].endswith("/questionnaire/")
    return list(made["texts"])


async def answer(house: House, code: str, answers: dict[str, Any], at: str = "2026-05-10 10:00") -> Any:
    headers = {"Minping-At": f"{at.replace(' ', 'T')}:00+08:00"}
    body = {"code": code, "answers": answers}
    return await house.http.post("/api/v1/questionnaire-answers", json=body, headers=headers)


async def held(house: House, units: list[str], number: int = 30) -> None:
    """Everybody's service users answer: all content but one of u01's."""
    await opened(house)
    for unit in units:
        given = [BAD if unit == "u01" and i == 0 else GOOD for i in range(number)]
        await _together(house, await codes(house, number, unit), given)


async def _together(house: House, texts: list[str], given: list[dict[str, Any]]) -> None:
    """Many answers in one transaction: one address may not send so many a minute."""

    def all_of_them(tx: Tx) -> None:
        for code, answers in zip(texts, given, strict=True):
            assert take(tx, code, answers) == "accepted"

    await house.unit.run(all_of_them, at=local("2026-05-10 10:00"))


async def test_s9_one_code_is_one_answer_kept_without_who_when_and_code(people: People) -> None:
    house = people.house
    refused(await house.post(f"{PATH}/codes", {"unit": "u01", "count": 1}, at="2026-05-02 09:00"), 409, "questionnaire")
    await opened(house)
    refused(await house.post(f"{PATH}/opening", at="2026-05-01 10:00"), 409, "questionnaire")
    code, late = await codes(house, 2)
    given = GOOD | {"words": "窗口小李很好，电话 13812345678", "visits": "once"}
    assert (await answer(house, code, given)).json() == {"state": "accepted"}
    again = await answer(house, code.lower(), given)
    assert (again.status_code, again.json()) == (200, {"state": "repeated"})
    refused(await answer(house, code, BAD), 409, "code")
    refused(await answer(house, code[:-1] + ("A" if code[-1] != "A" else "B"), GOOD), 422, "code")
    refused(await answer(house, late, {"met": ["slow"]}), 422, "answers.overall")
    refused(await answer(house, late, GOOD, at="2026-06-02 00:00"), 410, "code")
    assert (await answer(house, late, GOOD, at="2026-06-01 23:59")).status_code == 201
    kept = json.dumps([str(row) for row in await house.rows("SELECT * FROM questionnaire_answer")], ensure_ascii=False)
    columns = {row[1] for row in await house.rows("PRAGMA table_info(questionnaire_answer)")}
    assert columns == {"id", "cycle", "questionnaire", "unit", "chosen"} and code not in kept
    hashes = {row[0] for row in await house.rows("SELECT code_hash FROM questionnaire_code")}
    assert not hashes & {row[0] for row in await house.rows("SELECT id FROM questionnaire_answer")}
    assert await house.rows("SELECT text FROM questionnaire_text") == [("窗口小李很好，电话 ［电话］",)]


async def test_s9_what_was_written_is_scrubbed_and_shown_to_the_office_only(people: People) -> None:
    house = people.house
    await opened(house)
    for n, code in enumerate(await codes(house, 3)):
        words = f"第{n}条：请打 13812345678" if n < 2 else ""
        assert (await answer(house, code, GOOD | {"words": words})).status_code == 201
    for who in (CLERK, LEADER, APPROVER, {"role": "auditor", "sub": "a"}):
        assert (await house.get(f"{PATH}/texts", who, unit="u01")).status_code == 403
    first = (await house.get(f"{PATH}/texts", OFFICE, unit="u01", limit="1")).json()
    rest = (await house.get(f"{PATH}/texts", OFFICE, unit="u01", cursor=first["next"])).json()
    assert sorted(t["text"] for t in (*first["items"], *rest["items"])) == [f"第{n}条：请打 ［电话］" for n in (0, 1)]
    refused(await house.get(f"{PATH}/texts", OFFICE, unit="u01", cursor="zz"), 422, "cursor")
    report = (await house.get(f"{PATH}/inside", OFFICE)).text
    assert "第0条" not in report


async def test_s9_the_page_asks_every_kind_of_question_without_a_script(people: People) -> None:
    house = people.house
    await opened(house)
    (code, other) = await codes(house, 2)
    at = {"Minping-At": "2026-05-10T10:00:00+08:00", "Accept-Language": "zh"}
    page = await house.http.get(f"/questionnaire/{code}", headers=at)
    assert page.status_code == 200 and page.headers["Referrer-Policy"] == "no-referrer"
    for said in ("服务对象问卷", "所u01", "总的看法", "可以选几项", "基本满意", "不了解", "只有评议办看得到", "必答"):
        assert said in page.text, said
    english = (await house.http.get(f"/questionnaire/{code}?lang=en", headers=at)).text
    assert "Survey of service users" in english and not re.search(
        "[\u4e00-\u9fff]", _main(english).replace("所u01", "")
    )
    wrong = await house.http.post(f"/questionnaire/{code}", data={"a.met.slow": "1", "a.words": "慢"}, headers=at)
    assert wrong.status_code == 422 and "这一题必须回答" in wrong.text and ">慢</textarea>" in wrong.text
    assert re.search(r'name="a.met.slow"[^>]* checked', wrong.text)
    form = {"a.overall": "satisfied", "a.met.slow": "1", "a.met.rude": "1", "a.visits": "more", "a.words": "快些"}
    sent = await house.http.post(f"/questionnaire/{code}", data=form, headers=at)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/questionnaire/{code}?done=1")
    assert "谢谢" in (await house.http.get(sent.headers["location"], headers=at)).text
    again = await house.http.post(f"/questionnaire/{code}", data=form, headers=at)
    assert again.status_code == 303, "the button pressed twice"
    used = await house.http.post(f"/questionnaire/{code}", data=form | {"a.visits": "once"}, headers=at)
    assert used.status_code == 409 and "已经用过" in used.text
    [row] = await house.rows("SELECT chosen FROM questionnaire_answer")
    assert json.loads(row[0]) == {"met": ["slow", "rude"], "overall": ["satisfied"], "visits": ["more"]}
    find = await house.http.post("/questionnaire", data={"code": other.replace("-", " ")}, headers=at)
    assert (find.status_code, find.headers["location"]) == (303, f"/questionnaire/{other}")
    assert (await house.http.get("/questionnaire/0000", headers=at)).status_code == 422
    receipt = (await receipts(house, 1))[0]
    house.clock.current = local("2026-06-02 00:00")
    assert (await house.http.get(f"/questionnaire/{other}", headers=at)).status_code == 410
    assert (await house.http.get(f"/questionnaire/{receipt}", headers=at)).status_code == 404


def _main(page: str) -> str:
    return page[page.index("<main") : page.index("</main>")]


async def test_s8_a_questionnaire_that_is_held_enters_the_daily_score_and_verify_computes_it_again(
    people: People,
) -> None:
    house = people.house
    before = (await house.get("/units/u01/score", OFFICE, cycle=CYCLE)).json()["daily"]
    assert (before["score"], before["ledger"]) == ("100", None), "not held: the points alone"
    await held(house, [u for u in people.units if u != "w01"])
    report = (await house.get(f"{PATH}/inside", OFFICE)).json()
    mine = next(row for row in report["items"] if row["unit"] == "u01")
    assert mine["answers"] == 30 and mine["questions"][0]["chosen"]["dissatisfied"] == 1
    score = Fraction(60) * (29 * 100 + 40) / 30 / 100 + Fraction(40) * (29 * 100 + 25) / 30 / 100
    assert Decimal(mine["score"]) == published(score) == Decimal("97.80")
    assert mine["formula"] == (
        "60% × (100 × 29 + 40 × 1) ÷ 30 (overall) + 40% × (100 × 29 + 25 × 1) ÷ 30 (met) = 97.80"
    )
    assert (await house.get(PATH)).status_code == 404, "nothing before the publication"
    ranked = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
    assert Decimal(ranked["u01"]["daily"]) == Decimal("99.56")
    assert ranked["w01"]["not_ranked"] == "daily: survey: a sample of 0, at least 30 are needed"
    await house.done(f"{people.path}/publication", at="2026-07-20 09:00")
    bundle = (await house.get(f"{people.path}/bundle")).content
    assert verify_bytes(bundle).exit_code == 0, verify_bytes(bundle).text()
    result = json.loads(members(bundle)["result.json"])
    row = next(r for r in result["units"] if r["unit"] == "u01")
    assert row["ledger"]["entries"][-1]["sum"] == "80% × 100 + 20% × 97.80 = 99.56"
    assert (await house.get(PATH)).json()["items"][0]["score"] == "97.80"
    page = (await house.http.get(f"/results/{CYCLE}/u01")).text
    assert "80% × 100 + 20% × 97.80 = 99.56" in page and "日常评议中的问卷" in page
    assert "收到 30 份答卷" in page and "<b>29</b> / 30" in page and "态度差" in page, "the distribution"
    assert "收到" not in (await house.http.get(f"/results/{CYCLE}/w01")).text


async def test_s8_an_annulled_questionnaire_was_never_held(people: People) -> None:
    house = people.house
    await opened(house)
    code, other = await codes(house, 2)
    await answer(house, code, BAD)
    path = f"{PATH}/annulment"
    assert (await house.post(path, {"reason": "发放有误"})).status_code == 403
    assert "sample of 1" in (await house.get("/units/u01/score", OFFICE, cycle=CYCLE)).json()["daily"]["missing"]
    await house.done(path, {"reason": "发放有误"}, who=APPROVER, at="2026-05-12 09:00")
    daily = (await house.get("/units/u01/score", OFFICE, cycle=CYCLE)).json()["daily"]
    assert (daily["score"], daily["missing"], daily["ledger"]) == ("100", None, None)
    refused(await answer(house, other, GOOD, at="2026-05-13 09:00"), 410, "code")
    report = (await house.get(f"{PATH}/inside", OFFICE)).json()
    assert (report["annulled"], report["items"]) == ("发放有误", [])


async def test_s9_online_and_questionnaire_parts_are_computed_and_frozen_at_the_ranking(
    empty_store: Path, tmp_path: Path
) -> None:
    async with open_house(empty_store, tmp_path, with_computed_parts()) as house:
        people = People(house)
        await people.prepare()
        asked = [u for u in people.units if u != "w01"]
        await held(house, asked)
        dims, at = [d.key for d in house.desk.programme.dimensions], local("2026-03-05 10:00")
        for unit in people.units[:2]:
            arrivals = [
                Arrival(code, unit, dict.fromkeys(dims, "dissatisfied" if unit == "u01" and i < 3 else "satisfied"), at)
                for i, code in enumerate(await receipts(house, 30, unit))
            ]
            await house.unit.run(partial(evaluate_all, house.desk, arrivals=arrivals), at=at)
        refused(await house.post(f"/cycles/{CYCLE}/parts/online/values", {"values": []}), 422, "values")
        ranked = {row["unit"]: row for row in (await people.to_ranking())["rows"]}
        assert ranked["u01"]["rank"] is not None and ranked["u02"]["rank"] is not None
        assert ranked["u03"]["not_ranked"] == "online: a sample of 0, at least 30 are needed"
        assert ranked["w01"]["not_ranked"].startswith("asked: a sample of 0")
        await house.done(f"{people.path}/publication", at="2026-07-20 09:00")
        bundle = (await house.get(f"{people.path}/bundle")).content
        report = verify_bytes(bundle)
        assert report.exit_code == 0, report.text()
        assert "result.parts" in {check.name for check in report.checks}
        alone = await verified_alone(house, CYCLE, tmp_path)
        assert alone.exit_code == 0, alone.text()
        rows = {row["unit"]: row for row in json.loads(members(bundle)["result.json"])["units"]}
        parts = rows["u01"]["parts"]
        assert parts["online"]["value"] == "94" and parts["online"]["inputs"]["sample"] == 30
        assert parts["asked"]["inputs"]["items"][0] == {
            "item": "overall",
            "marks": [["100", 29], ["40", 1]],
            "weight": "60",
        }
        by_hand = (
            20 * Fraction(rows["u01"]["daily"]) + 60 * Fraction(rows["u01"]["concentrated"])
            + 10 * Fraction(parts["asked"]["value"]) + 10 * 94
        ) / 100  # fmt: skip
        assert published(by_hand) == Decimal(ranked["u01"]["composite"])
        assert rows["u03"]["parts"]["online"]["inputs"]["items"] == []
