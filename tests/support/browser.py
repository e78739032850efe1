"""A real browser for tests of pages: Debian's Chromium, driven by Playwright. Skipped where there is none.

With MINPING_REQUIRE=browser a missing browser fails the tests instead.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest
import segno
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking",
             "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-quic"]  # fmt: skip
AXE = Path(__file__).parent / "vendored" / "axe.min.js"
PHONE = {"width": 360, "height": 740}


def chromium() -> str | None:
    """Where the browser is."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def required() -> None:
    """Skip where there is no browser; fail where there must be one."""
    if chromium() is None:
        missing("Chromium", "chromium")


def missing(what: str, package: str) -> NoReturn:
    """Something that the browser's tests need is not here: skip, or fail where it must be."""
    said = f"no {what} here: apt-get install {package}"
    if "browser" in os.environ.get("MINPING_REQUIRE", "").split(","):
        pytest.fail(f"MINPING_REQUIRE=browser, and {said}")
    pytest.skip(said)


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, until the end of the block."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Reader:
    """A person with a phone. What the page complains of in its console is kept in `complaints`."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.page: Page = context.new_page()
        self.page.set_default_timeout(20_000)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.complaints.append(f"dialog {dialog.message}"), dialog.dismiss()))

    def _said(self, message: ConsoleMessage) -> None:
        # a page that answers 4xx is part of the test, and the browser notes each
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)


@contextmanager
def reader(browser: Browser, *, language: str = "zh-CN", javascript: bool = True) -> Iterator[Reader]:
    """A person with a phone of 360 pixels, who reads a language; not a word in the console when he is done."""
    context = browser.new_context(
        viewport=PHONE,  # type: ignore[arg-type]  # a ViewportSize
        locale=language,
        has_touch=True,
        is_mobile=True,
        java_script_enabled=javascript,
    )
    try:
        one = Reader(context)
        yield one
        assert one.complaints == []
    finally:
        context.close()


def fits(page: Page) -> bool:
    """Nothing is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def unlabelled(page: Page) -> list[str]:
    """Fields and buttons that a screen reader would have no name for, and pictures without words."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a, img')]
            .filter(e => !e.closest('[aria-hidden=true]'))
            .filter(e => !(e.labels && e.labels.length) && !e.innerText && !e.getAttribute('alt')
                         && !e.getAttribute('aria-label'))
            .map(e => e.outerHTML)"""
    )
    return found


def faint(page: Page) -> list[str]:
    """Texts whose contrast to their ground is under 4.5 (WCAG AA)."""
    found: list[str] = page.evaluate(
        """() => {
            const rgb = s => s.match(/[\\d.]+/g).map(Number);
            const light = ([r, g, b]) => {
                const f = c => (c /= 255) <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4;
                return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
            const ground = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor);
                if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
            return [...document.querySelectorAll('body *')]
                .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.offsetParent)
                .filter(e => { const a = light(rgb(getComputedStyle(e).color)), b = light(ground(e));
                    return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) < 4.5; })
                .map(e => e.outerHTML.slice(0, 120)); }"""
    )
    return found


def faults(page: Page) -> list[str]:
    """What axe-core finds wrong for people who do not see, or do not see well (WCAG 2.1 A and AA)."""
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
    return [f"{one['id']}: {node['html']}" for one in found["violations"] for node in one["nodes"]]


def film_of_qr(text: str, path: Path) -> Path:
    """A film for a camera that is not there: a QR code held still before it (YUV4MPEG2, grey)."""
    code = segno.make(text, error="m").matrix
    width, height, scale = 640, 480, 10
    left, top = (width - len(code) * scale) // 2, (height - len(code) * scale) // 2

    def dark(x: int, y: int) -> bool:
        row, column = (y - top) // scale, (x - left) // scale
        return 0 <= row < len(code) and 0 <= column < len(code) and bool(code[row][column])

    grey = bytes(16 if dark(x, y) else 235 for y in range(height) for x in range(width))
    frame = b"FRAME\n" + grey + bytes([128]) * (width * height // 2)
    path.write_bytes(f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 2)
    return path


@contextmanager
def camera(browser: Browser, film: Path) -> Iterator[Browser]:
    """Another browser whose camera shows a film."""
    arguments = [*ARGUMENTS, "--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={film}"]
    other = browser.browser_type.launch(executable_path=chromium(), args=arguments)
    try:
        yield other
    finally:
        other.close()
