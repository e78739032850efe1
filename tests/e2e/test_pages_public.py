"""Intake's public pages in a real browser on a phone, through a complaint's whole life (I1–I4, I11, R6, X9)."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.local.demo.casework import GUARDS, STANDARDS
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from tests.support import browser

pytestmark = pytest.mark.e2e
TEXT = "三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照。"
ATTACK = "<script>document.title='run';alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>"
UNIT = {"unit": "market", "name": "清河镇市场监管所", "name_en": "Qinghe Market Supervision Station",
        "category": "enforcement", "township": "清河镇"}  # fmt: skip


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browser.required()
    with browser.started() as one:
        yield one


class Town:
    """The house as `minping up` starts it, and the people who work in it."""

    def __init__(self, house: Deployment) -> None:
        self.house = house
        self.url = house.urls["intake"]
        self._http = httpx2.Client(timeout=30, trust_env=False)

    def act(self, role: str, service: str, path: str, body: Any = None, *, method: str = "POST", unit: str = "") -> Any:
        """Somebody does something; it is tried again while what it needs is still on its way."""
        headers = {"Authorization": f"Bearer {self.house.token(role, unit=unit or None)}"}
        for _ in range(100):
            answer = self._http.request(method, self.house.urls[service] + path, headers=headers, json=body)
            if answer.status_code not in (404, 409):
                break
            time.sleep(0.1)
        assert answer.is_success, answer.text
        return answer.json() if answer.content else None

    def until(self, page: Page, state: str) -> None:
        """Load the page until it says so."""
        for _ in range(100):
            page.reload()
            if state in page.locator("h1").inner_text():
                return
            time.sleep(0.1)
        raise AssertionError(f"{page.locator('h1').inner_text()!r} never became {state!r}")

    def leave(self) -> None:
        self._http.close()

    def register(self) -> None:
        self.act("office", "scoring", "/api/v1/units", [UNIT])
        for _ in range(100):
            if self.act("clerk", "intake", "/api/v1/units", method="GET")["items"]:
                return
            time.sleep(0.1)


@pytest.fixture(scope="module")
def town(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Deployment(tmp_path_factory.mktemp("house"), Ports.free(), Plan()) as running:
        one = Town(running)
        one.register()
        yield one
        one.leave()


def fill(page: Page, town: Town, text: str = TEXT, *, identity: str = "匿名") -> None:
    page.goto(town.url)
    page.get_by_label("发生了什么").fill(text)
    page.get_by_label("反映哪个单位").fill(UNIT["name"])
    page.get_by_text(identity, exact=True).click()


def sent(page: Page) -> tuple[str, str]:
    """Press the button; the number and the tracking code of the receipt."""
    page.get_by_role("button", name="提交", exact=True).click()
    expect(page.locator("h1")).to_have_text("已收到")
    return page.locator("#number").inner_text(), page.locator("#code").inner_text()


def numbers(town: Town) -> list[str]:
    return [
        one["number"] for one in town.act("clerk", "intake", "/api/v1/complaints?limit=1000", method="GET")["items"]
    ]


def test_i2_a_report_on_a_phone_gives_a_code_that_opens_it(chrome: Browser, town: Town, tmp_path: Path) -> None:
    picture = tmp_path / "window.png"
    with browser.reader(chrome) as one:
        page = one.page
        fill(page, town)
        page.screenshot(path=picture)  # a real picture to send along
        page.get_by_label("照片或视频").set_input_files(picture)
        assert browser.fits(page)
        number, code = sent(page)
        assert re.fullmatch(r"\d{4}-\d{6}", number)
        assert page.locator("img.qr").evaluate("e => e.naturalWidth") > 100
        assert browser.fits(page)
        assert browser.unlabelled(page) == []
        page.reload()  # loading the receipt anew sends nothing
        page.get_by_role("link", name="看办理进度").click()
        expect(page.locator("h1")).to_have_text("已登记，待审核")
        page.goto(f"{town.url}/track")
        page.get_by_label("查询码").fill(code.lower())
        page.get_by_role("button", name="查询").click()
        expect(page.locator("#number")).to_have_text(number)
    assert numbers(town).count(number) == 1
    [photo] = town.act("clerk", "intake", f"/api/v1/evidence?about=complaint&of={number}", method="GET")["items"]
    assert photo["kind"] == "photo"


def test_errors_stand_beside_their_fields_and_nothing_typed_is_lost(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome) as one:
        page = one.page
        fill(page, town, identity="保密")
        before = len(numbers(town))
        page.get_by_role("button", name="提交", exact=True).click()
        wrong = page.locator("#name-wrong")
        expect(wrong).to_have_text("选了保密或实名，请留姓名或电话。")
        expect(page.get_by_role("textbox", name="姓名")).to_have_attribute("aria-invalid", "true")
        expect(page.get_by_label("发生了什么")).to_have_value(TEXT)
        expect(page.get_by_label("反映哪个单位")).to_have_value(UNIT["name"])
        expect(page.get_by_role("radio", name="保密")).to_be_checked()
        page.get_by_role("button", name="English").click()  # switching keeps what is typed too
        expect(page.get_by_label("What happened?")).to_have_value(TEXT)
        assert browser.fits(page)
    assert len(numbers(town)) == before


def test_i2_a_double_click_registers_once(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome) as one:
        fill(one.page, town, "双击：大厅取号机坏了三天没有人修")
        before = len(numbers(town))
        one.page.get_by_role("button", name="提交", exact=True).dblclick()
        expect(one.page.locator("h1")).to_have_text("已收到")
        first = one.page.locator("#number").inner_text()
        one.page.go_back()
    assert numbers(town)[before:] == [first]


def test_the_pages_work_without_javascript_and_with_the_keyboard_alone(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome, javascript=False) as one:
        page = one.page
        page.goto(town.url)
        page.get_by_label("发生了什么").focus()
        page.keyboard.type("没有脚本：窗口中午提前下班")
        for _ in range(5):  # unit, topic, place, files, the first choice of identity
            page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.get_by_label("在什么地方").focus()
        page.keyboard.press("Enter")  # sends the form; it does not switch the language
        expect(page.locator("h1")).to_have_text("已收到")


def test_i2_i11_r6_the_page_follows_the_matter_to_its_end_and_takes_the_answer(chrome: Browser, town: Town) -> None:
    reply = "三号窗口已增派一名工作人员，下午四点后有人值守。"
    with browser.reader(chrome) as one:
        page = one.page
        fill(page, town, "一生：三号窗口下午四点以后没有人，营业执照办不成。", identity="保密")
        page.get_by_role("textbox", name="姓名").fill("欧阳小明")
        page.get_by_role("textbox", name="电话").fill("13800001111")
        number, _ = sent(page)
        page.get_by_role("link", name="看办理进度").click()
        expect(page.get_by_text(UNIT["name"])).to_have_count(0)  # before approval nobody is named (I7)

        screening = {"decision": "accepted", "reason": "属受理范围", "transfer": {"lead_unit": UNIT["unit"]}}
        town.act("clerk", "intake", f"/api/v1/complaints/{number}/screening", screening)
        town.until(page, "已受理，待领导批转")
        town.act("approver", "intake", f"/api/v1/transfers/{number}/approval")
        town.until(page, "承办单位办理中")
        expect(page.get_by_text(UNIT["name"])).to_be_visible()
        expect(page.get_by_text("15 个工作日")).to_be_visible()
        assert browser.fits(page)

        case = f"/api/v1/cases/{number}"
        town.act("handler", "rectification", f"{case}/acceptance", unit=UNIT["unit"])
        solution = {"measures": "增派人员", "reply": reply, "misconduct_found": False,
                    "misconduct_dealt_with": "未发现", "evidence": ["排班表"]}  # fmt: skip
        town.act("handler", "rectification", f"{case}/solution", solution, unit=UNIT["unit"])
        town.until(page, "单位已报结，待回访")
        page.reload()
        expect(page.locator("#reply")).to_have_text(reply)
        page.get_by_role("radio", name="满意", exact=True).check()
        page.get_by_label("想说的话").fill("很快，谢谢")
        assert browser.unlabelled(page) == []
        page.get_by_role("button", name="提交评价").click()
        expect(page.get_by_role("status")).to_have_text("谢谢，您的评价已收到。")
        expect(page.get_by_role("button", name="提交评价")).to_have_count(0)

        guards = {name: {"holds": True, "evidence": "r1-1", "by": "核查员"} for name in GUARDS}
        town.act(
            "office",
            "rectification",
            f"{case}/closing",
            {"guards": guards, "standards": dict.fromkeys(STANDARDS, True)},
        )
        town.until(page, "已办结")
        expect(page.get_by_text("已解决", exact=True)).to_be_visible()
        page.get_by_text("其实没有解决？").first.click()
        page.get_by_role("radio", name="不满意", exact=True).check()
        page.get_by_label("想说的话").fill("第二天又没有人了")
        page.get_by_role("button", name="提出异议").click()
        expect(page.get_by_role("status")).to_have_text("已收到。将重新办理。")
        town.until(page, "承办单位办理中")


def test_i4_more_is_asked_for_and_given_on_the_page_in_english(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome, language="en-US") as one:
        page = one.page
        page.goto(town.url)
        page.get_by_label("What happened?").fill("Nobody at window 5 for a whole afternoon.")
        page.get_by_label("Which body is it about?").fill(UNIT["name_en"])
        page.get_by_text("Anonymous", exact=True).click()
        page.get_by_role("button", name="Send", exact=True).click()
        expect(page.locator("h1")).to_have_text("Received")
        number = page.locator("#number").inner_text()
        page.get_by_role("link", name="See where it stands").click()
        returned = {"decision": "returned_for_information", "reason": "Which day was it?"}
        town.act("clerk", "intake", f"/api/v1/complaints/{number}/screening", returned)
        town.until(page, "More information is needed from you")
        page.get_by_label("What you would like to add").fill("On Tuesday, from two o'clock.")
        page.get_by_role("button", name="Add it").click()
        expect(page.get_by_role("status")).to_have_text("What you added is recorded.")
        expect(page.get_by_text("On Tuesday, from two o'clock.")).to_be_visible()
        line = town.act("clerk", "intake", f"/api/v1/complaints/{number}", method="GET")
        assert line["named_unit"] == UNIT["unit"]


def test_x9_nothing_that_people_write_runs(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome) as one:
        page = one.page
        fill(page, town, f"{ATTACK}窗口人员态度恶劣", identity="保密")
        page.get_by_label("在什么地方").fill(ATTACK[:200])
        page.get_by_role("button", name="提交", exact=True).click()  # the name is missing: all is shown again
        expect(page.get_by_label("发生了什么")).to_have_value(f"{ATTACK}窗口人员态度恶劣")
        page.get_by_role("textbox", name="姓名").fill(f"\"'>{ATTACK}"[:100])
        number, _ = sent(page)
        screening = {"decision": "returned_for_information", "reason": ATTACK}
        town.act("clerk", "intake", f"/api/v1/complaints/{number}/screening", screening)
        page.get_by_role("link", name="看办理进度").click()
        town.until(page, "请补充情况")
        expect(page.locator("#own")).to_contain_text("<script>")
        assert page.title().startswith(number)
        assert page.locator("main script, main img, main svg").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_readable_in_daylight_and_at_night(chrome: Browser, town: Town, scheme: Any) -> None:
    with browser.reader(chrome) as one:
        one.page.emulate_media(color_scheme=scheme)
        for path in ("/", "/track", "/track/nonsense"):
            one.page.goto(town.url + path)
            assert browser.faint(one.page) == []
            assert browser.unlabelled(one.page) == []
            assert one.page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 16


def test_the_first_page_is_small(chrome: Browser, town: Town) -> None:
    with browser.reader(chrome) as one:
        sizes: list[int] = []
        one.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0"))))
        one.page.goto(town.url)
        assert 0 < sum(sizes) < 60_000
