"""Pictures of the pages for the README and docs/, taken of the real pages: `python -m deploy.page_pictures`.

It starts a house in a temporary folder, reports on a phone, plays the office, holds a rehearsal and votes on a tablet.
Needs Chromium and the dev packages.
"""

import os
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Page, ViewportSize, sync_playwright

from deploy.local.demo.rehearsal import rehearse
from deploy.local.deployment import Deployment
from deploy.local.layout import Ports
from services.scoring.domain.cards import Card
from services.scoring.domain.shamir import new_key
from shared.programme import demo

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
TEXT = "三号窗口每天下午四点就没有人了，跑了三趟都没有办成营业执照。希望按公示的时间办公。"
PHONE: ViewportSize = {"width": 390, "height": 844}
TABLET: ViewportSize = {"width": 1180, "height": 820}


def act(house: Deployment, role: str, service: str, path: str, body: Any = None, *, unit: str | None = None) -> Any:
    """Somebody does something, as soon as what it needs has arrived; gives the answer."""
    headers = {"Authorization": f"Bearer {house.token(role, unit=unit)}"}
    for _ in range(100):
        answer = httpx2.post(house.urls[service] + path, headers=headers, json=body, timeout=30, trust_env=False)
        if answer.is_success:
            return answer.json()
        time.sleep(0.2)  # what it needs comes over the bus to another service, which announces nothing
    raise SystemExit(f"{path}: {answer.status_code} {answer.text}")


def take(page: Page, house: Deployment) -> None:
    """Report, and take a picture of the form and of the way of the complaint."""
    unit = demo.units()[0]
    fields = {name: getattr(unit, name) for name in ("name", "name_en", "category", "township", "parent")}
    act(house, "office", "scoring", "/api/v1/units", [{"unit": unit.key, **fields}])
    page.goto(house.urls["intake"])
    page.get_by_label("发生了什么").fill(TEXT)
    page.get_by_label("反映哪个单位").fill(unit.name)
    page.get_by_text("匿名", exact=True).click()
    page.evaluate("scrollTo(0, 0)")
    page.screenshot(path=FOLDER / "report.png")
    page.get_by_role("button", name="提交", exact=True).click()
    number = page.locator("#number").inner_text()
    page.get_by_role("link", name="看办理进度").click()
    transfer = {"lead_unit": unit.key}
    screening = {"decision": "accepted", "reason": "属受理范围", "transfer": transfer}
    act(house, "clerk", "intake", f"/api/v1/complaints/{number}/screening", screening)
    act(house, "approver", "intake", f"/api/v1/transfers/{number}/approval")
    for _ in range(100):
        page.reload()
        if page.locator("h1").inner_text() == "承办单位办理中":
            break
        time.sleep(0.2)  # the page has no script that would renew it
    else:
        raise SystemExit("the case was never shown as being worked on")
    page.screenshot(path=FOLDER / "track.png")


def publish(page: Page, house: Deployment) -> None:
    """Something on the bulletin: a task, an announcement that is corrected, a contribution; and its pictures."""
    unit = demo.units()[0]
    due = (datetime.now(UTC) + timedelta(days=40)).date().isoformat()
    task = {
        "decision": "政务公开领导小组会议纪要〔2026〕3号", "content": "办事窗口午间不断档", "person": "分管副局长",
        "standard": "全部窗口12时至14时有人值守，公示值班表", "lead_unit": unit.key, "due": due,
    }  # fmt: skip
    act(house, "office", "rectification", "/api/v1/tasks", task)
    words = {"title": "上半年政风行风评议大会公告", "text": "评议大会定于本月二十日上午九时在市民中心召开。"}
    item = act(house, "office", "notify", "/api/v1/bulletin/announcements", words)
    correction = {"text": "评议大会改于本月二十二日上午九时在市民中心召开。", "reason": "会场临时调整"}
    act(house, "office", "notify", f"/api/v1/bulletin/{item['id']}/corrections", correction)
    words = {"title": "延时服务方便群众", "text": "三号窗口午间和周六上午照常办理，群众不用请假来办事。"}
    sent = act(house, "leader", "notify", "/api/v1/contributions", words, unit=unit.key)
    act(house, "office", "notify", f"/api/v1/contributions/{sent['number']}/approval")
    for _ in range(100):
        page.goto(f"{house.urls['notify']}/bulletin")
        if page.locator("li.item").count() >= 3:
            break
        time.sleep(0.2)  # the task comes over the bus, and the page has no script that would renew it
    else:
        raise SystemExit("the bulletin was never filled")
    page.screenshot(path=FOLDER / "bulletin.png")
    page.goto(f"{house.urls['notify']}/bulletin/{item['id']}")
    page.screenshot(path=FOLDER / "bulletin-correction.png")


class Terminal:
    """A tablet of the hall, and the pictures taken of it."""

    def __init__(self, page: Page, house: Deployment) -> None:
        self._page, self._house = page, house

    def prepare(self) -> tuple[Card, ...]:
        """A rehearsal on all units of the demo, its ballots open; the tablet is signed in. Its cards."""
        units = [
            {"unit": u.key, "name": u.name, "name_en": u.name_en, "category": u.category, "township": u.township}
            for u in demo.units()
        ]
        self._do("office", "/api/v1/units", units)
        now = datetime.now(UTC)
        cycle = {"name": "2026", "starts": str(now - timedelta(days=9)), "ends": str(now + timedelta(days=9))}
        self._do("office", "/api/v1/cycles", cycle)
        self._do("office", "/api/v1/pools/p", {"members": [{"id": p.id, "stratum": p.stratum} for p in demo.pool()]})
        cards = rehearse(self._do, "yunxi-2026", [u.key for u in demo.units()], "2026", "p", new_key(os.urandom))
        self._page.goto(f"{self._house.urls['scoring']}/signin?token={self._house.token('terminal')}")
        self._at("card")
        self._page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        return cards

    def _do(self, role: str, path: str, body: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._house.token(role)}"}
        method, url = "GET" if body is None else "POST", self._house.urls["scoring"] + path
        answer = httpx2.request(method, url, headers=headers, json=body, timeout=30, trust_env=False)
        if not answer.is_success:
            raise SystemExit(f"{path}: {answer.status_code} {answer.text}")
        return answer.json()

    def _at(self, view: str) -> None:
        self._page.locator(f"main.view-{view} h1").wait_for()

    def _take(self, name: str) -> None:
        self._page.mouse.move(0, 0)
        self._page.screenshot(path=FOLDER / f"terminal-{name}.png")

    def vote(self, cards: Sequence[Card]) -> None:
        """Two people vote, the second without a network."""
        page = self._page
        page.keyboard.type(cards[0].text[:19])
        self._take("card")
        page.keyboard.type(cards[0].text[19:])
        page.keyboard.press("Enter")
        self._fill(lambda: self._take("unit"))
        self._take("overview")
        self._confirm()
        self._at("thanks")
        self._take("thanks")
        page.get_by_role("button", name="下一位").click()
        page.context.set_offline(True)
        self._at("card")
        page.keyboard.type(cards[1].text)
        page.keyboard.press("Enter")
        self._fill(lambda: None)
        self._confirm()
        self._at("saved")
        self._take("saved")

    def _fill(self, third: Callable[[], None]) -> None:
        """Mark all units in some way; `third` looks at the third one."""
        self._at("unit")
        chance = random.Random(8)
        number = len(demo.units())
        for unit in range(number):
            self._page.locator(".all button").nth(chance.choice((0, 0, 0, 1, 2))).click()
            for place in chance.sample(range(6), unit % 3):
                self._page.locator(".dimension").nth(place).locator("input").nth(chance.choice((1, 2, 3))).check()
            if unit == 2:
                third()
            self._page.locator("nav button").last.click()
        self._at("overview")

    def _confirm(self) -> None:
        self._page.locator("nav button").last.click()
        self._page.locator(".vote").click()


def main() -> None:
    """Write docs/pictures/report.png, track.png, bulletin*.png and terminal-*.png."""
    found = shutil.which("chromium")
    if found is None:
        raise SystemExit("no Chromium here: apt-get install chromium fonts-noto-cjk")
    with (
        tempfile.TemporaryDirectory() as folder,
        Deployment(Path(folder), Ports.free()) as house,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport=PHONE, locale="zh-CN")
        take(page, house)
        publish(page, house)
        terminal = Terminal(browser.new_page(viewport=TABLET, locale="zh-CN"), house)
        terminal.vote(terminal.prepare())
        browser.close()


if __name__ == "__main__":
    main()
