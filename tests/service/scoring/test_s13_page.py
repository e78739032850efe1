"""The page on which people evaluate with the code of a receipt (S13). In Chromium: tests/e2e/test_page_evaluate.py."""

import secrets

import httpx2
import pytest

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import code_text
from services.scoring.pages.evaluate import MARK
from tests.service.scoring.house import House, local
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import GOOD, LATER, SERVED, counted, issued

OWN = {"Origin": "http://house", "Sec-Fetch-Site": "same-origin"}
AFTER = "2026-04-02 00:00"


def when(at: str) -> dict[str, str]:
    """A request of this time."""
    return {"Minping-At": f"{at.replace(' ', 'T')}:00+08:00"}


async def opened(house: House, code: str, *, at: str = LATER, lang: str = "") -> httpx2.Response:
    """Somebody opens the link of his receipt."""
    house.clock.current = local(at)
    return await house.http.get(f"/evaluate/{code}{f'?lang={lang}' if lang else ''}")


async def sent(house: House, code: str, marks: dict[str, str], *, at: str = LATER, **more: str) -> httpx2.Response:
    """Somebody sends the form of the page."""
    body = {**{MARK + dimension: grade for dimension, grade in marks.items()}, **more}
    return await house.http.post(f"/evaluate/{code}", data=body, headers={**OWN, **when(at)})


@pytest.fixture
def dims(people: People) -> list[str]:
    """The programme's dimensions."""
    return [d.key for d in people.house.desk.programme.dimensions]


async def test_s13_the_link_of_a_receipt_shows_what_it_is_about_and_takes_one_evaluation(
    people: People, dims: list[str]
) -> None:
    house, (code,) = people.house, await issued(people.house, 1, section="户籍窗口")
    page = await opened(house, code)
    assert page.status_code == 200
    for said in ("所u01", "户籍窗口", "2026-03-02", "2026-04-01", "不了解", "满意", "依法行政"):
        assert said in page.text
    assert all(f'name="{MARK}{dimension}"' in page.text for dimension in dims)
    english = await opened(house, code, lang="en")
    assert "Lawfulness" in english.text and "Basically satisfied" in english.text and "依法行政" not in english.text
    marks = {dims[0]: GOOD, dims[1]: house.desk.programme.abstain.key}
    answer = await sent(house, code, marks)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/evaluate/{code}?done=1")
    assert "谢谢" in (await house.http.get(answer.headers["location"])).text
    assert (await sent(house, code.lower().replace("-", ""), marks)).status_code == 303, "pressed twice"
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 1


async def test_s13_a_used_a_foreign_and_an_expired_code_say_what_is_wrong_and_nothing_more(
    people: People, dims: list[str]
) -> None:
    house, (code, other) = people.house, await issued(people.house, 2, section="户籍窗口")
    await sent(house, code, {dims[0]: GOOD})
    again = await opened(house, code)
    assert again.status_code == 409 and "已经用过" in again.text
    other_marks = await sent(house, code, {dims[0]: "dissatisfied"})
    assert other_marks.status_code == 409 and "已经用过" in other_marks.text
    late = await opened(house, other, at=AFTER)
    assert late.status_code == 410 and "30 天" in late.text
    too_late = await sent(house, other, {dims[0]: GOOD}, at=AFTER)
    assert too_late.status_code == 410
    for page in (again, other_marks, late, too_late):
        assert not any(said in page.text for said in ("所u01", "户籍窗口", SERVED))
    foreign = code_text(secrets.token_bytes(TOKEN_BYTES))
    for wrong, status, said in ((foreign, 404, "没有这个评价码"), (code[:-1], 422, "输错了"), ("x", 422, "输错了")):
        for page in (await opened(house, wrong), await sent(house, wrong, {dims[0]: GOOD})):
            assert page.status_code == status and said in page.text and f'value="{wrong}"' in page.text
    tally = await counted(house)
    assert tally is not None and tally.evaluations == 1


async def test_s13_a_code_may_be_typed_instead_of_scanned(people: People) -> None:
    house, (code,) = people.house, await issued(people.house, 1)
    assert (await house.http.get("/evaluate")).status_code == 200

    async def typed(text: str, lang: str = "") -> httpx2.Response:
        return await house.http.post("/evaluate", data={"code": text, "lang": lang}, headers=OWN)

    found = await typed(code.lower().replace("-", " "), "en")
    assert (found.status_code, found.headers["location"]) == (303, f"/evaluate/{code}?lang=en")
    wrong = await typed(f'"><script>{code[:-1]}')
    assert wrong.status_code == 422 and "<script>" not in wrong.text
    foreign = await typed(code_text(secrets.token_bytes(TOKEN_BYTES)), "en")
    assert foreign.status_code == 404 and "no such code" in foreign.text


async def test_s13_what_is_chosen_stays_when_something_is_wrong_or_the_language_changes(
    people: People, dims: list[str]
) -> None:
    house, (code,) = people.house, await issued(people.house, 1)
    checked = f'id="{dims[2]}-{GOOD}" value="{GOOD}" checked'
    switched = await sent(house, code, {dims[2]: GOOD}, switch="en")
    assert switched.status_code == 200 and checked in switched.text and "Evaluate until" in switched.text
    nothing = await sent(house, code, {}, lang="en")
    assert nothing.status_code == 422 and "Nothing is graded yet" in nothing.text
    no_grade = await sent(house, code, {dims[2]: GOOD, dims[0]: "superb"})
    assert no_grade.status_code == 422 and checked in no_grade.text
    strange = await sent(house, code, {dims[2]: GOOD, "beauty": GOOD})
    assert strange.status_code == 422
    assert await counted(house) is None
    english = await sent(house, code, {dims[2]: GOOD}, lang="en")
    assert english.headers["location"] == f"/evaluate/{code}?lang=en&done=1"


async def test_s13_no_foreign_page_sends_and_nothing_of_the_sender_is_kept(people: People, dims: list[str]) -> None:
    house, (code,) = people.house, await issued(people.house, 1)
    body = {MARK + dims[0]: GOOD}
    for headers in (
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
    ):
        for path, given in ((f"/evaluate/{code}", body), ("/evaluate", {"code": code})):
            foreign = await house.http.post(path, data=given, headers={**headers, **when(LATER)})
            assert foreign.status_code == 403
    assert await counted(house) is None
    page = await opened(house, code)
    assert page.headers["referrer-policy"] == "no-referrer" and page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"] and "<script" not in page.text
    assert "set-cookie" not in page.headers
    me = {"User-Agent": "Phone of a curious person", "X-Forwarded-For": "203.0.113.77"}
    done = await house.http.post(f"/evaluate/{code}", data=body, headers={**OWN, **me, **when(LATER)})
    assert done.status_code == 303 and "set-cookie" not in done.headers
    stored = ""
    for (name,) in await house.rows("SELECT name FROM sqlite_master WHERE type = 'table'"):
        stored += str(await house.rows(f'SELECT * FROM "{name}"'))
    assert not any(said in stored for said in ("curious", "203.0.113.77", "127.0.0.1", code, code.replace("-", "")))


async def test_s13_a_flood_of_looks_from_one_address_is_stopped(people: People) -> None:
    answers = [await people.house.http.get("/evaluate/x") for _ in range(62)]
    assert answers[0].status_code == 422 and answers[-1].status_code == 429
    assert "过一分钟" in answers[-1].text
