"""Cards and shares as they come out of a printer: pages, cutting lines, nothing cut off, codes that a scanner reads."""

import datetime as dt
import io
import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from playwright.sync_api import Browser, Page

from deploy.local.ceremony.sheets import A_SHEET, KeptShare, Sheet, share_sheet
from services.scoring.domain.cards import make_cards
from services.scoring.domain.key_file import split_public
from services.scoring.domain.shamir import new_key, split_key
from services.scoring.pages import ASSETS
from tests.support import browser

pytestmark = pytest.mark.e2e
A4 = (595, 842)
LONG = "清河镇基层站所和服务窗口二〇二六年上半年群众满意度集中评议大会（第一会场）"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    browser.required()
    with browser.started() as one:
        yield one


@pytest.fixture
def paper(chrome: Browser) -> Iterator[Page]:
    """A page as it is printed; nothing may be loaded from elsewhere."""
    context = chrome.new_context(offline=True)
    page = context.new_page()
    page.emulate_media(media="print")
    yield page
    context.close()


def scanner() -> str:
    """The scanner of our terminals, as a function of the page."""
    code = (ASSETS / "vendor-jsqr.js").read_text(encoding="utf-8")
    return re.sub(r"export\s*\{(\w+) as default\};?", r"window.scan = \1;", code)


def scanned(page: Page) -> list[str]:
    """What a scanner reads from every code on the page."""
    page.add_script_tag(content=f"(() => {{ {scanner()} }})()")
    found: list[str] = page.evaluate(
        """async () => Promise.all([...document.querySelectorAll('svg')].map(async svg => {
            const copy = svg.cloneNode(true), size = 400;
            copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
            copy.setAttribute('width', size); copy.setAttribute('height', size);
            const image = new Image();
            image.src = 'data:image/svg+xml,' + encodeURIComponent(copy.outerHTML);
            await image.decode();
            const canvas = document.createElement('canvas');
            canvas.width = canvas.height = size;
            const pen = canvas.getContext('2d');
            pen.fillStyle = '#fff'; pen.fillRect(0, 0, size, size); pen.drawImage(image, 0, 0, size, size);
            return scan(pen.getImageData(0, 0, size, size).data, size, size)?.data ?? ''; }))"""
    )
    return found


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return [(int(page.mediabox[2]), int(page.mediabox[3])) for page in opened.pages]


def test_s5_cards_print_on_a4_whole_and_every_code_reads_as_its_text(paper: Page, tmp_path: Path) -> None:
    cards = make_cards(19, secrets.token_bytes)
    file = tmp_path / "cards.html"
    sheet = Sheet("meeting-2026-H1", LONG, dt.date(2026, 7, 10), True, {})
    file.write_text(sheet.cards(cards), encoding="utf-8")
    paper.goto(file.as_uri())
    pages = pages_of(paper.pdf(prefer_css_page_size=True))
    assert len(pages) == 3
    assert all(abs(w - A4[0]) < 2 and abs(h - A4[1]) < 2 for w, h in pages)
    assert -(-19 // A_SHEET) == 3
    cut: list[str] = paper.evaluate(
        """() => [...document.querySelectorAll('.card, .card > div, .say *, .text')]
            .filter(e => e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).display !== 'inline'
                         && !e.classList.contains('meeting') || e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
            .map(e => e.className + ' ' + e.textContent.slice(0, 40))"""
    )
    assert cut == []
    boxes: list[Any] = paper.evaluate(
        "() => [...document.querySelectorAll('.card')].map(e => { const b = e.getBoundingClientRect();"
        " const s = e.closest('.sheet').getBoundingClientRect();"
        " return [b.width, b.height, b.bottom <= s.bottom + 1] })"
    )
    assert len({(round(w), round(h)) for w, h, _ in boxes}) == 1
    assert all(inside for *_, inside in boxes)
    read = scanned(paper)
    assert read == [card.text.replace("-", "") for card in cards]
    assert "演练 REHEARSAL" in paper.locator(".card").first.inner_text()


def test_s5_two_classes_of_card_never_share_a_page(paper: Page, tmp_path: Path) -> None:
    cards = [*make_cards(5, secrets.token_bytes, "ordinary"), *make_cards(9, secrets.token_bytes, "other")]
    file = tmp_path / "cards.html"
    labels = {"ordinary": "普通群众", "other": "其他代表"}
    file.write_text(Sheet("m1", "", dt.date(2026, 7, 10), False, labels).cards(cards), encoding="utf-8")
    paper.goto(file.as_uri())
    sheets = [sheet.inner_text() for sheet in paper.locator(".sheet").all()]
    assert [("普通群众" in text, "其他代表" in text) for text in sheets] == [
        (True, False),
        (False, True),
        (False, True),
    ]


def test_s6_each_share_has_a_page_of_its_own_and_its_code_is_what_would_be_typed(paper: Page, tmp_path: Path) -> None:
    private = new_key(secrets.token_bytes)
    shares = split_key(private, needed=3, given=5)
    key = split_public(private.public_key(), 3, [f"teller-{i}" for i in range(1, 6)], shares)
    kept = [
        KeptShare(purpose, key, shares[1], f"teller-2.{purpose}.share") for purpose in ("ballot", "dispute", "result")
    ]
    file = tmp_path / "share.html"
    file.write_text(share_sheet("m1", "teller-2", kept), encoding="utf-8")
    paper.goto(file.as_uri())
    assert len(pages_of(paper.pdf(prefer_css_page_size=True))) == 3
    assert scanned(paper) == [shares[1].replace("-", "")] * 3
