"""The hall's screen in a real browser on a projector, while a real meeting goes on (S4, S7, S16)."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import browser as browsers
from tests.support.browser import Reader, faint, fits
from tests.support.polling_place import PollingPlace

pytestmark = pytest.mark.e2e
PROJECTOR = {"width": 1280, "height": 720}
ORDINARY = ("enterprise", "resident", "villager")


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


@pytest.fixture(scope="module")
def hall(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PollingPlace]:
    with PollingPlace(tmp_path_factory.mktemp("hall")) as one:
        yield one


def projector(chrome: Browser, language: str = "zh-CN") -> Reader:
    return Reader(chrome.new_context(viewport=PROJECTOR, locale=language))  # type: ignore[arg-type]  # a ViewportSize


def arrive(hall: PollingPlace, meeting: str, people: list[str]) -> None:
    for person in people:
        hall.act("clerk", f"/api/v1/meetings/{meeting}/check-ins", {"representative": person})


def step(page: Page) -> str:
    return page.locator("[aria-current=step]").inner_text()


def test_s7_the_screen_shows_the_share_as_people_come_and_which_alternates_to_call(
    chrome: Browser, hall: PollingPlace
) -> None:
    drawn = hall.to_check_in("m1", rehearsal=False)
    path = "/api/v1/meetings/m1"
    ordinary = [person for stratum in ORDINARY for person in drawn[stratum]]
    others = [p for stratum, people in drawn.items() if stratum not in ORDINARY for p in people]
    screen = projector(chrome)
    page = screen.page
    page.goto(f"{hall.url}/hall/m1")
    expect(page.locator("h1")).to_contain_text("集中评议大会")
    assert step(page) == "签到"
    expect(page.locator(".banner.rehearsal")).to_have_count(0)

    arrive(hall, "m1", [*others, *ordinary[: 40 - len(others)]])
    expect(page.locator("#present")).to_have_text("40")  # it comes by itself
    expect(page.locator("#ordinary")).to_have_class("bad")
    expect(page.locator("#share .line")).to_have_text("不足 70%，不能开始投票")
    called = hall.act("clerk", f"{path}/hall", method="GET")["to_call"]
    expect(page.locator(".called b")).to_have_text(called)
    part, least = (page.locator(f".bar .{name}") for name in ("part", "least"))
    assert float(part.get_attribute("width") or 0) < float(least.get_attribute("x") or 0)
    assert fits(page)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight"), "the last row sees it all"
    assert faint(page) == []

    arrive(hall, "m1", called)
    expect(page.locator("#ordinary")).to_have_class("good")
    expect(page.locator("#call")).to_have_count(0)
    hall.act("clerk", f"{path}/departures", {"representative": ordinary[0], "reason": "身体不适"})
    expect(page.locator("#present")).to_have_text(str(40 + len(called) - 1))
    assert screen.complaints == []


def test_s4_the_screen_follows_the_steps_and_a_halt_and_never_shows_a_result(
    chrome: Browser, hall: PollingPlace
) -> None:
    cards, path = hall.open("m2", ballots=False), "/api/v1/meetings/m2"
    screen = projector(chrome, "en-GB")
    page = screen.page
    page.goto(f"{hall.url}/hall/m2")
    assert step(page) == "Questions"
    hall.act("clerk", f"{path}/questions", {"unit": "tax", "text": "何时能网上办理？"})
    expect(page.locator(".question")).to_contain_text("何时能网上办理？")
    hall.act("guidance", f"{path}/halt", {"reason": "有人代签"})
    expect(page.locator(".banner.halt")).to_contain_text("有人代签")
    hall.act("guidance", f"{path}/resumption", {"reason": "已核对"})
    expect(page.locator(".banner.halt")).to_have_count(0)
    hall.act("clerk", f"{path}/questions/1/answer", {"text": "下月", "answered_by": "局长"})
    hall.act("office", f"{path}/ballots-opening")
    expect(page.locator("[aria-current=step]")).to_have_text("Ballots")
    expect(page.locator("#returned")).to_have_text("0")
    assert len(cards) == 70
    shown = page.locator("main").inner_text()
    assert not any(word in shown for word in ("score", "satisfied", "rank", "得分", "满意"))
    assert screen.complaints == []


def test_s16_a_rehearsal_says_so_across_the_screen_and_in_the_title(chrome: Browser, hall: PollingPlace) -> None:
    hall.to_check_in("m3")
    page = projector(chrome).page
    page.goto(f"{hall.url}/hall/m3")
    expect(page.locator(".banner.rehearsal")).to_contain_text("演练")
    expect(page).to_have_title("演练 · 集中评议大会 · 民评")
    page.goto(f"{hall.url}/meetings/m3/sheets")
    expect(page.locator(".notice.bad").first).to_have_text("演练，不是真实评议")


def test_s7_a_screen_that_lost_its_server_says_so_and_goes_on_when_it_is_back(
    chrome: Browser, hall: PollingPlace
) -> None:
    hall.to_check_in("m4")
    page = projector(chrome).page
    page.goto(f"{hall.url}/hall/m4")
    expect(page.locator("#lost")).to_be_hidden()
    hall.kill()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.locator("#present")).to_have_text("0")
    hall.start()
    expect(page.locator("#lost")).to_be_hidden()
