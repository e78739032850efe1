"""The results in a real browser: on a phone, on paper, in two languages, without a script (S14)."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, expect

from services.scoring.store import Base
from shared.migrate import upgrade
from shared.store import writer_engine
from tests.service.scoring.house import House
from tests.service.scoring.people import People
from tests.service.scoring.test_s14_results import published_result
from tests.support import browser as browsers
from tests.support.browser import faint, fits, reader

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browsers.required()
    with browsers.started() as one:
        yield one


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with a published result, in a thread with a loop of its own."""
    import asyncio

    path = tmp_path_factory.mktemp("results") / "scoring.db"
    engine = writer_engine(f"sqlite:///{path}")
    upgrade(engine, "scoring", Base)
    engine.dispose()
    ready, stop, found = threading.Event(), threading.Event(), []

    async def serve() -> None:
        house = House(f"sqlite:///{path}")
        house.unit.start()
        people = People(house)
        await people.prepare()
        await published_result(people)
        server = uvicorn.Server(uvicorn.Config(house.app, port=0, log_level="error", lifespan="off"))
        task = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.05)
        found.append(server.servers[0].sockets[0].getsockname()[1])
        ready.set()
        while not stop.is_set():
            await asyncio.sleep(0.1)
        server.should_exit = True
        await task
        await house.close()

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(120)
    yield f"http://127.0.0.1:{found[0]}"
    stop.set()
    thread.join(30)


@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_s14_a_phone_without_script_reads_ranks_sums_and_doubt(chrome: Browser, url: str, language: str) -> None:
    with reader(chrome, language=language, javascript=False) as one:
        page = one.page
        page.goto(f"{url}/results")
        page.locator(".cycles a").click()
        expect(page.locator("table.ranking tbody tr")).to_have_count(10)
        expect(page.locator("table.ranking svg.span")).to_have_count(10)
        box = page.locator("svg.span").first.bounding_box()
        assert box is not None
        assert box["width"] > 150, "the doubt can be seen"
        assert "rgb(0, 0, 0)" not in page.locator("svg .bar").first.evaluate("e => getComputedStyle(e).fill")
        page.locator("input[name=q]").fill("w0")
        page.locator("form.ask button").click()
        expect(page.locator("table.ranking tbody tr")).to_have_count(4)
        page.goto(f"{url}/results/2026-H1/u01")
        expect(page.locator("ol.sum .daily code")).to_have_text("100 − (1 + 3) = 96")
        expect(page.locator("article.line")).to_have_count(3)


def test_s14_pages_fit_a_phone_are_legible_and_print(chrome: Browser, url: str, tmp_path: Path) -> None:
    with reader(chrome) as one:
        for path in ("/results", "/results/2026-H1", "/results/2026-H1/u01", "/results/none"):
            one.page.goto(url + path)
            assert fits(one.page), path
            assert faint(one.page) == [], path
        one.page.goto(f"{url}/results/2026-H1")
        one.page.pdf(path=tmp_path / "results.pdf", prefer_css_page_size=True)
    assert (tmp_path / "results.pdf").stat().st_size > 10_000
