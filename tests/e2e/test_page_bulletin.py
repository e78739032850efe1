"""The bulletin in a real browser: on a phone, in two languages, without a script, read aloud, printed (N7)."""

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, expect

from services.notify.api import make_router
from services.notify.domain.bulletin import item_id
from services.notify.pages import pages
from shared.clock import SimulatedClock
from shared.web import add_problems, guard
from tests.service.notify.test_n6_circulars import quarter
from tests.service.notify.test_n7_bulletin import NASTY, WORDS, filled, promise
from tests.support import browser as browsers
from tests.support.browser import faint, faults, fits, reader, unlabelled
from tests.support.notify_house import House, a_house, furnish, local
from tests.support.notify_web import KEY, Web

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


async def furnished(house: House, app: FastAPI) -> None:
    """A bulletin with something of each kind, a correction, a withdrawal, and texts that would run if they could."""
    await furnish(house)
    await quarter(house)
    await filled(house)
    await house.hear("2026-02-02T09:00", promise(commitment="2026-000008-1", text=f"承诺{NASTY}"))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://notify") as client:
        web = Web(client, app)
        number = (await web("POST", "/contributions", "leader", json=WORDS)).json()["number"]
        await web("POST", f"/contributions/{number}/approval", "office")
        await web("POST", "/circulars", "office", json={"quarter": "2026-Q1"})
        await web("POST", "/circulars/quarter:2026-Q1/approval", "approver")
        await web("POST", "/circulars/quarter:2026-Q1/issue", "office")
        items = (await web("GET", "/bulletin?kind=commitment", "")).json()["items"]
        first = next(one for one in items if one["about"].endswith("2-1"))
        given = {"text": "七月底前开设自助办税区。", "reason": "日期录入有误", "entry": first["entries"][0]["key"]}
        await web("POST", f"/bulletin/{first['id']}/corrections", "office", json=given)
        gone = (await web("POST", "/bulletin/announcements", "office", json=WORDS)).json()
        await web("POST", f"/bulletin/{gone['id']}/withdrawal", "office", json={"reason": "重复发布"})


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Notify with a bulletin, in a thread with a loop of its own."""
    path = tmp_path_factory.mktemp("bulletin") / "notify.db"
    ready, stop, found = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with a_house(f"sqlite:///{path}") as house:
            app = FastAPI()
            app.state.unit, app.state.token_key = house.unit, KEY.public_key()
            app.state.clock = SimulatedClock(local("2026-07-09T10:00"), local("2026-07-09T10:00"), 1)
            add_problems(app)
            app.include_router(make_router(house.desk))
            for router in pages(house.desk, "", "https://results.example"):
                app.include_router(router)
            guard(app)
            await furnished(house, app)
            server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
            task = asyncio.create_task(server.serve())
            while not server.started:
                await asyncio.sleep(0.05)
            found.append(server.servers[0].sockets[0].getsockname()[1])
            ready.set()
            while not stop.is_set():
                await asyncio.sleep(0.1)
            server.should_exit = True
            await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(120)
    yield f"http://127.0.0.1:{found[0]}"
    stop.set()
    thread.join(30)


def test_n7_a_phone_without_script_finds_reads_and_goes_on(chrome: Browser, url: str) -> None:
    with reader(chrome, javascript=False) as one:
        page = one.page
        page.goto(url)
        expect(page.locator("h1")).to_have_text("公开栏")
        page.locator("select[name=kind]").select_option("commitment")
        page.locator("form.ask button").click()
        expect(page.locator("li.item")).to_have_count(3)
        page.locator(f"li.item a[href='/bulletin/{item_id('commitment 2026-000002-1')}']").click()
        expect(page.locator("del").last).to_have_text("六月底前开设自助办税区。")
        expect(page.locator("ins")).to_have_text("七月底前开设自助办税区。")
        page.get_by_role("link", name="English").click()
        expect(page.locator("section.broken")).to_contain_text("Inspected: the promise was broken.")
        page.goto(f"{url}/bulletin?kind=circular")
        page.locator("li.item a").first.click()
        page.locator("section.named a", has_text="2026-000001").click()
        expect(page.locator("h1")).to_contain_text("2026-000001号：清河税务所")


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_n7_pages_fit_a_phone_are_legible_and_can_be_read_aloud(
    chrome: Browser, url: str, language: str, tmp_path: Path
) -> None:
    items = httpx2.get(f"{url}/api/v1/bulletin?limit=100", trust_env=False).json()["items"]
    kinds = {item["kind"]: item["id"] for item in items}
    assert len(kinds) == 8
    gone = next(item["id"] for item in items if item["withdrawn"])
    with reader(chrome, language=language) as one:
        for path in ("", "?unit=tax", *(f"/{item}" for item in (*kinds.values(), gone))):
            one.page.goto(f"{url}/bulletin{path}")
            assert fits(one.page), path
            assert faint(one.page) == [], path
            assert unlabelled(one.page) == [], path
            assert faults(one.page) == [], path
        one.page.goto(f"{url}/bulletin")
        one.page.pdf(path=tmp_path / "bulletin.pdf", prefer_css_page_size=True)
    assert (tmp_path / "bulletin.pdf").stat().st_size > 10_000
