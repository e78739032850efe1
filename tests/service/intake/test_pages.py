"""The public pages over HTTP: what a browser without JavaScript sends and gets (I1–I4, I11, R6, X8, X9)."""

import html
import io
import re
from datetime import date
from typing import Any

import httpx2
import pytest
import segno

from services.intake.domain.complaint import State
from services.intake.domain.progress import stages
from shared.contracts.intake import CallbackRecorded, ComplaintRegistered
from shared.contracts.rectification import CallbackRequested, CaseClosed, CaseOpened, CaseSolved
from tests.service.intake.house import PERSON, TEXT, House, local

OURS = {"Origin": "http://intake", "Sec-Fetch-Site": "same-origin"}
FILLED = {"text": TEXT, "identity": "anonymous"}
NUMBER = "2026-000001"
ATTACK = "<script>document.title='run'</script><img src=x onerror=alert(1)>"


async def page(house: House, path: str, status: int = 200, **headers: str) -> str:
    answer = await house.web.get(path, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.text


def key_in(text: str) -> str:
    found = re.search(r'name="key" value="([^"]+)"', text)
    assert found, text
    return found[1]


async def send(
    house: House, fields: dict[str, str], *, key: str = "", path: str = "/", at: str = "2026-03-02T09:00",
    headers: dict[str, str] | None = None, files: Any = None, form: str = "/",
) -> httpx2.Response:  # fmt: skip
    """The form as the browser posts it, with the key of a form that was shown unless a key is given."""
    key = key or key_in(await page(house, form))
    given = {"Minping-At": local(at).isoformat(), **(OURS if headers is None else headers)}
    return await house.web.post(path, data={"key": key, **fields}, files=files, headers=given)


async def reported(house: House, **fields: str) -> str:
    """A report by the form; gives its tracking code."""
    answer = await send(house, {**FILLED, **fields})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].partition("?")[0].rpartition("/")[2]


# --- report


async def test_i2_the_form_gives_number_and_code_at_once_and_the_receipt_may_be_loaded_again(house: House) -> None:
    code = await reported(house, unit="清河tax", topic="delay", place="三号窗口")
    for _ in range(2):
        receipt = await page(house, f"/receipt/{code}")
        assert code in receipt
        assert NUMBER in receipt
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert (line["named_unit"], line["topic"], line["place"], line["channel"], line["source"]) == (
        "tax", "delay", "三号窗口", "web_form", "web",
    )  # fmt: skip
    assert line["publish_consent"] is False
    picture = await house.web.get(f"/receipt/{code}/qr.png")
    assert picture.content.startswith(b"\x89PNG")
    assert len(house.events(ComplaintRegistered)) == 1


async def test_i2_pressing_the_button_twice_registers_once(house: House) -> None:
    key = key_in(await page(house, "/"))
    first, again = [await send(house, FILLED, key=key) for _ in range(2)]
    assert first.headers["location"] == again.headers["location"]
    assert len(house.events(ComplaintRegistered)) == 1


async def test_a_form_that_was_sent_and_then_changed_is_asked_about_with_nothing_lost(house: House) -> None:
    key = key_in(await page(house, "/"))
    await send(house, FILLED, key=key)
    other = await send(house, {**FILLED, "text": "另一件事：停车场乱收费"}, key=key)
    assert other.status_code == 422
    assert "另一件事：停车场乱收费" in other.text
    assert key_in(other.text) != key
    await send(house, {**FILLED, "text": "另一件事：停车场乱收费"}, key=key_in(other.text))
    assert len(house.events(ComplaintRegistered)) == 2


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"text": ""}, "text"),
        ({"text": "长" * 20_001}, "text"),
        ({"unit": "长" * 65}, "unit"),
        ({"place": "长" * 201}, "place"),
        ({"topic": "potholes"}, "topic"),
        ({"identity": ""}, "identity"),
        ({"identity": "secret"}, "identity"),
        ({"identity": "named"}, "name"),
        ({"identity": "confidential", "phone": "123"}, "phone"),
    ],
)
async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    house: House, fields: dict[str, str], wrong: str
) -> None:
    typed = {"text": TEXT, "unit": "某某分局", "place": "三号窗口", "identity": "anonymous", "publish": "yes", **fields}
    answer = await send(house, typed)
    assert answer.status_code == 422
    assert f'id="{wrong}-wrong"' in answer.text
    assert f'href="#{wrong}"' in answer.text
    for name, value in typed.items():
        if name in ("text", "unit", "place", "phone"):
            assert value in html.unescape(answer.text), name
    assert 'id="publish" value="yes" checked' in answer.text
    assert house.events(ComplaintRegistered) == []


async def test_i3_the_choice_of_identity_holds(house: House) -> None:
    person = {"name": PERSON["name"], "phone": PERSON["phone"]}
    await reported(house, **person)
    await reported(house, identity="confidential", **person, text="第二件：排队三小时没有人管")
    lines = (await house.done("clerk", "GET", "/complaints"))["items"]
    assert [line["identity"] for line in lines] == ["anonymous", "confidential"]
    refused = await house.call("clerk", "POST", "/disclosures", number=NUMBER, reason="须核实")
    assert refused.status_code == 404  # nothing is kept of an anonymous person
    assert PERSON["phone"] not in "".join(row.payload.decode() for row in house.published)


async def test_a_unit_nobody_knows_is_kept_as_it_was_written(house: House) -> None:
    await reported(house, unit="河边那个站", publish="yes")
    line = await house.done("clerk", "GET", f"/complaints/{NUMBER}")
    assert (line["named_unit"], line["publish_consent"]) == ("河边那个站", True)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "http://intake", "Sec-Fetch-Site": "cross-site"}, 403),
        ({}, 303),  # a browser too old to say
    ],
)
async def test_x9_only_forms_of_our_own_pages_are_carried_out(
    house: House, headers: dict[str, str], status: int
) -> None:
    assert (await send(house, FILLED, headers=headers)).status_code == status
    assert len(house.events(ComplaintRegistered)) == (status == 303)


async def test_i1_pictures_come_with_the_report_and_a_bad_one_loses_nothing(house: House) -> None:
    picture = io.BytesIO()
    segno.make("三号窗口").save(picture, kind="png")
    files = [
        ("photos", ("good.png", picture.getvalue(), "image/png")),
        ("photos", ("bad.jpg", b"MZ nonsense", "image/jpeg")),
    ]
    answer = await send(house, FILLED, files=files)
    assert answer.status_code == 422
    assert 'id="photos-wrong"' in answer.text
    assert "good.png" in answer.text
    kept = html.unescape(re.search(r'name="kept" value="([^"]+)"', answer.text)[1])  # type: ignore[index]
    again = await send(house, {**FILLED, "kept": kept}, key=key_in(answer.text))
    assert again.status_code == 303
    [photo] = (await house.web.get("/api/v1/evidence", params={"about": "complaint", "of": NUMBER},
                                   headers=house.bearer("clerk"))).json()["items"]  # fmt: skip
    assert (photo["kind"], photo["name"]) == ("photo", "good.png")


async def test_too_many_reports_a_minute_are_told_to_wait_and_lose_nothing(house: House) -> None:
    for count in range(5):
        await reported(house, text=f"{TEXT}第{count}件")
    answer = await send(house, FILLED)
    assert answer.status_code == 429
    assert TEXT in answer.text


# --- what every page keeps to


async def test_pages_may_run_no_script_and_load_nothing_from_elsewhere(house: House) -> None:
    code = await reported(house)
    for path in ("/", "/track", f"/track/{code}", f"/receipt/{code}", "/track/nonsense"):
        answer = await house.web.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "script" not in policy
        assert "<script" not in answer.text
        assert "style=" not in answer.text
        assert not re.findall(r'(?:src|href)="(?:https?:)?//', answer.text)
        assert "set-cookie" not in answer.headers
        assert answer.headers["x-content-type-options"] == "nosniff"
        if code in path:
            assert answer.headers["referrer-policy"] == "no-referrer"
            assert answer.headers["cache-control"] == "no-store"
    style = re.search(r'href="(/assets/[^"]+\.css)"', await page(house, "/"))
    assert style
    assert (await house.web.get(style[1])).headers["cache-control"].endswith("immutable")
    assert (await house.web.get("/assets/0/style.css")).status_code == 404


async def test_english_is_complete_and_the_switch_keeps_the_page_and_what_is_typed(house: House) -> None:
    chinese = re.compile("[\u4e00-\u9fff]")

    def left(text: str) -> list[str]:
        body = re.sub(r"<option.*?</option>|<[^>]*lang=\"zh-CN\"[^>]*>[^<]*|<[^>]+>", "", text, flags=re.DOTALL)
        return [line for line in body.splitlines() if chinese.search(line) and "清河" not in line]

    for path in ("/?lang=en", "/track?lang=en"):
        assert left(await page(house, path)) == []
    assert left(await page(house, "/", **{"Accept-Language": "en-US,en;q=0.9,zh;q=0.5"})) == []
    assert "发生了什么" in await page(house, "/", **{"Accept-Language": "fr"})
    switched = await send(house, {**FILLED, "unit": "tax", "switch": "en"})
    assert switched.status_code == 200
    assert TEXT in switched.text
    assert "What happened?" in switched.text
    assert 'name="lang" value="en"' in switched.text
    sent = await send(house, {**FILLED, "lang": "en"})
    assert sent.headers["location"].endswith("?lang=en")
    assert left(await page(house, sent.headers["location"])) == []
    assert left(await page(house, sent.headers["location"].replace("receipt", "track"))) == []


async def test_every_field_has_a_label(house: House) -> None:
    await house.report("T-1")
    text = await page(house, "/")
    for name in re.findall(r'<(?:input|select|textarea) [^>]*?\bid="([^"]+)"', text):
        assert f'for="{name}"' in text, name
    hidden = re.findall(r"<(?:input|select|textarea) (?![^>]*\bid=)[^>]*>", text)
    assert all('type="hidden"' in one for one in hidden), hidden


# --- track


async def test_i2_a_code_is_found_however_it_is_typed(house: House) -> None:
    code = await reported(house)
    typed = code.replace("-", "").lower()
    answer = await send(house, {"code": f" {typed} "}, path="/track", key="x")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/track/{code}")
    wrong = await send(house, {"code": "0000 0000"}, path="/track", key="x")
    assert wrong.status_code == 404
    assert "0000 0000" in wrong.text
    assert "没有这个查询码" in wrong.text
    await page(house, "/track/0000-0000-0000-0000", 404)
    await page(house, "/receipt/0000-0000-0000-0000", 404)


def opened() -> CaseOpened:
    expires = local("2026-03-24T00:00")
    return CaseOpened(case=NUMBER, lead_unit="tax", track="immediate", due=date(2026, 3, 23), expires_at=expires)


async def solved(house: House, reply: str = "三号窗口已增派人员。") -> None:
    await house.to_unit(NUMBER)
    await house.hear("2026-03-02T12:00", opened())
    await house.hear("2026-03-10T12:00", CaseSolved(case=NUMBER, unit="tax", round=1, reply=reply, late=False))
    await house.hear("2026-03-10T12:01", CallbackRequested(case=NUMBER, unit="tax", round=1, complaints=(NUMBER,),
                                                           expires_at=local("2026-03-18T00:00")))  # fmt: skip


async def test_i2_the_page_says_in_words_and_stages_where_it_stands_and_by_when(house: House) -> None:
    code = await reported(house, identity="confidential", phone="13800001111")
    before = await page(house, f"/track/{code}")
    assert "已登记，待审核" in before
    assert "清河tax" not in before
    await house.to_unit(NUMBER)
    await house.hear("2026-03-02T12:00", opened())
    working = await page(house, f"/track/{code}")
    assert "清河tax" in working
    assert "2026年3月23日" in working
    assert "2026年3月2日批转，自次日起 15 个工作日" in working
    assert working.count('aria-current="step"') == 1


async def test_i11_the_question_is_answered_on_the_page_once(house: House) -> None:
    code = await reported(house, identity="confidential", phone="13800001111")
    await solved(house)
    shown = await page(house, f"/track/{code}")
    assert "三号窗口已增派人员。" in shown
    path = f"/track/{code}/answer"
    nothing = await send(house, {"round": "1", "words": "还行"}, path=path, key=key_in(shown), at="2026-03-11T09:00")
    assert nothing.status_code == 422
    assert "还行" in nothing.text
    given = {"round": "1", "grade": "satisfied", "words": "很快"}
    key = key_in(shown)
    answers = [await send(house, given, path=path, key=key, at="2026-03-11T09:00") for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    [event] = house.events(CallbackRecorded)
    assert (event.grade, event.words, event.number) == ("satisfied", "很快", NUMBER)
    assert "您的评价已收到" in await page(house, f"/track/{code}?done=answered")
    late = await send(house, {**given, "grade": "dissatisfied"}, path=path, key="A" * 22, at="2026-03-11T09:00")
    assert late.status_code == 409
    assert len(house.events(CallbackRecorded)) == 1


async def test_i4_what_is_asked_for_is_added_on_the_page(house: House) -> None:
    code = await reported(house)
    await house.done("clerk", "POST", f"/complaints/{NUMBER}/screening", decision="returned_for_information",
                     reason="请说明是哪一天")  # fmt: skip
    shown = await page(house, f"/track/{code}")
    assert "请说明是哪一天" in shown
    given = {"text": "三月一日下午四点"}
    key = key_in(shown)
    for _ in range(2):
        answer = await send(house, given, path=f"/track/{code}/information", key=key, at="2026-03-03T09:00")
        assert answer.status_code == 303, answer.text
    after = await page(house, f"/track/{code}")
    assert after.count("三月一日下午四点") == 1


async def test_r6_after_closing_the_page_takes_an_objection_once(house: House) -> None:
    code = await reported(house)
    await solved(house)
    await house.hear("2026-03-12T12:00", CaseClosed(case=NUMBER, unit="tax", paying_unit="tax", outcome="solved",
                                                    round=1, late=False))  # fmt: skip
    house.set_clock("2026-03-13T00:00")
    shown = await page(house, f"/track/{code}")
    assert "其实没有解决" in shown
    path, given = f"/track/{code}/objection", {"grade": "dissatisfied", "words": "窗口还是没有人"}
    satisfied = await send(house, {**given, "grade": "satisfied"}, path=path, key="A" * 22, at="2026-03-13T09:00")
    assert satisfied.status_code == 422
    answer = await send(house, given, path=path, key=key_in(shown), at="2026-03-13T09:00")
    assert answer.status_code == 303
    assert house.events(CallbackRecorded)[-1].grade == "dissatisfied"
    assert "其实没有解决" not in await page(house, f"/track/{code}")
    house.set_clock("2026-09-13T00:00")


async def test_x9_what_people_write_is_shown_as_text(house: House) -> None:
    code = await reported(house, text=f"{ATTACK}{TEXT}", identity="confidential", phone="13800001111")
    await solved(house, reply=ATTACK)
    wrong = await send(house, {"text": ATTACK, "unit": '"><script>x</script>', "identity": ""})
    for text in (await page(house, f"/track/{code}"), wrong.text):
        assert "<script" not in text
        assert "<img src=x" not in text
        assert html.escape(ATTACK, quote=False)[:20] in html.unescape(text).replace("<", "&lt;").replace(">", "&gt;")


def test_every_state_has_its_place_among_the_stages() -> None:
    at = local("2026-03-02T09:00")
    for state in State:
        found = stages(state, at, [(State.ACCEPTED, at)])
        present = [stage for stage in found if stage.mark in ("now", "stopped")]
        assert len(present) == (state not in (State.CLOSED, State.BODY_DONE))
        assert all(stage.at is None for stage in found if stage.mark == "ahead")
