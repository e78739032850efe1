"""A questionnaire in a real browser on a phone: every kind of question, without a script, in two languages (S9)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, expect

from tests.service.scoring.house import House, local
from tests.service.scoring.ledger import programme
from tests.service.scoring.people import People
from tests.service.scoring.test_s9_questionnaires import codes, opened
from tests.support import browser as browsers
from tests.support.browser import faint, faults, fits, reader, unlabelled
from tests.support.scoring_server import served

pytestmark = pytest.mark.e2e


@dataclass
class Town:
    """The service in a thread of its own, and codes that nobody has used so far."""

    url: str = ""
    codes: list[str] = field(default_factory=list)

    def link(self) -> str:
        """The link of another code."""
        return f"{self.url}/questionnaire/{self.codes.pop()}"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    one = Town()

    async def prepare(house: House) -> None:
        object.__setattr__(house.desk, "programme", programme())
        await People(house).prepare()
        await opened(house)
        one.codes = await codes(house, 4)
        house.clock.current = local("2026-05-10 10:00")

    with served(tmp_path_factory.mktemp("questionnaire"), prepare) as one.url:
        yield one


@pytest.mark.parametrize("javascript", [True, False])
def test_s9_somebody_answers_every_kind_of_question_once(chrome: Browser, town: Town, javascript: bool) -> None:
    link = town.link()
    with reader(chrome, javascript=javascript) as one:
        page = one.page
        page.goto(link)
        expect(page.locator("h1")).to_have_text("服务对象问卷")
        expect(page.locator("#unit")).to_have_text("所u01")
        page.get_by_text("拖延", exact=True).tap()
        page.get_by_text("态度差", exact=True).tap()
        page.get_by_label("意见").fill("快一些")
        page.get_by_role("button", name="提交问卷").last.tap()
        expect(page.get_by_role("alert").last).to_contain_text("必须回答")
        expect(page.get_by_label("拖延")).to_be_checked()
        page.get_by_role("button", name="English").click()
        expect(page.get_by_label("Delay")).to_be_checked()
        expect(page.get_by_label("Remarks")).to_have_value("快一些")
        page.get_by_text("Basically satisfied", exact=True).tap()
        page.get_by_role("button", name="Send").last.dblclick()
        expect(page.locator("h1")).to_have_text("Thank you")
        page.goto(link)
        expect(page.locator("h1")).to_have_text("这个答题码已经用过")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_s9_the_pages_fit_a_phone_and_can_be_read_by_everybody(chrome: Browser, town: Town, scheme: str) -> None:
    with reader(chrome) as one:
        page, link = one.page, f"{town.url}/questionnaire/{town.codes[0]}"
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        for path in (f"{town.url}/questionnaire", f"{town.url}/questionnaire/x", link, f"{link}?lang=en"):
            page.goto(path)
            assert fits(page), path
            assert (faint(page), unlabelled(page), faults(page)) == ([], [], []), path
