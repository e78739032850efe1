"""Online evaluation in a real browser on a phone: with a thumb, without a script, in two languages, at night (S13)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.service.scoring.house import House, local
from tests.service.scoring.people import People
from tests.service.scoring.test_s13_evaluations import LATER, issued
from tests.support import browser as browsers
from tests.support.browser import faint, faults, fits, reader, unlabelled
from tests.support.scoring_server import served

pytestmark = pytest.mark.e2e
CODES = 8
THUMB = 48


@dataclass
class Town:
    """The service in a thread of its own, and receipts that nobody has used so far."""

    url: str = ""
    codes: list[str] = field(default_factory=list)

    def link(self) -> str:
        """The link of another receipt."""
        return f"{self.url}/evaluate/{self.codes.pop()}"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    one = Town()

    async def prepare(house: House) -> None:
        await People(house).prepare()
        one.codes = await issued(house, CODES, section="户籍窗口")
        house.clock.current = local(LATER)

    with served(tmp_path_factory.mktemp("evaluate"), prepare) as one.url:
        yield one


def small(page: Page) -> list[str]:
    """What is to be touched and is smaller than a thumb."""
    found: list[str] = page.evaluate(
        """least => [...document.querySelectorAll('main button, main a, label.choice, main input[type=text]')]
            .filter(e => { const r = e.getBoundingClientRect(); return r.height < least || r.width < least; })
            .map(e => e.outerHTML)""",
        THUMB - 4,
    )
    return found


@pytest.mark.parametrize("javascript", [True, False])
def test_s13_somebody_evaluates_with_one_thumb_once(chrome: Browser, town: Town, javascript: bool) -> None:
    link = town.link()
    with reader(chrome, javascript=javascript) as one:
        page = one.page
        page.goto(link)
        expect(page.locator("h1")).to_have_text("所u01")
        expect(page.locator("#section")).to_have_text("户籍窗口")
        page.locator("fieldset").nth(0).get_by_text("满意", exact=True).tap()
        page.locator("fieldset").nth(1).get_by_text("不满意", exact=True).tap()
        page.get_by_role("button", name="提交评价").last.dblclick()
        expect(page.locator("h1")).to_have_text("谢谢")
        page.reload()
        expect(page.locator("h1")).to_have_text("谢谢")
        page.goto(link)
        expect(page.locator("h1")).to_have_text("这个评价码已经用过")


def test_s13_the_language_changes_and_what_was_chosen_stays(chrome: Browser, town: Town) -> None:
    with reader(chrome) as one:
        page = one.page
        page.goto(town.link())
        page.get_by_role("radio", name="基本满意").nth(2).check()
        page.get_by_role("button", name="English").click()
        expect(page.get_by_role("radio", name="Basically satisfied").nth(2)).to_be_checked()
        page.get_by_role("radio", name="Basically satisfied").nth(2).press("Enter")  # sends; it switches nothing
        expect(page.locator("h1")).to_have_text("Thank you")


def test_s13_an_error_stands_beside_the_code_and_the_code_can_be_mended(chrome: Browser, town: Town) -> None:
    code = town.codes.pop()
    with reader(chrome, language="en-US") as one:
        page = one.page
        page.goto(f"{town.url}/evaluate")
        page.get_by_label("Code").fill(code[:-1])
        page.get_by_role("button", name="Go on").click()
        expect(page.locator("#code-wrong")).to_contain_text("typing error")
        assert fits(page) and faults(page) == []
        page.get_by_label("Code").fill(code.lower())
        page.keyboard.press("Enter")
        expect(page.get_by_role("button", name="Send").last).to_be_visible()
        page.get_by_role("button", name="Send").last.click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing is graded yet")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_s13_the_pages_fit_a_phone_and_can_be_read_and_touched_by_everybody(
    chrome: Browser, town: Town, scheme: Any
) -> None:
    with reader(chrome) as one:
        page, link, sizes = one.page, town.link(), []
        page.emulate_media(color_scheme=scheme)
        page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", "0"))))
        for path in (f"{town.url}/evaluate", f"{town.url}/evaluate/x", link, f"{link}?lang=en"):
            page.goto(path)
            assert fits(page), path
            assert (faint(page), unlabelled(page), faults(page), small(page)) == ([], [], [], []), path
        page.get_by_role("radio").first.check()
        page.get_by_role("button", name="Send").last.click()
        expect(page.locator("h1")).to_have_text("Thank you")
        assert (fits(page), faint(page), faults(page), small(page)) == (True, [], [], [])
    assert 0 < sum(sizes) < 100_000
