"""Documents as LibreOffice opens and prints them (N5): no repair, all of the data on the page, the standard's form."""

import asyncio
import os
import shutil
import stat
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from services.notify.documents import KINDS, LANGUAGES, SPECIMENS, render
from services.notify.pdf import Converter
from shared.errors import Refusal
from tests.support.libreoffice import pages_of, required, text_of
from tests.support.notify_house import House, bare_house, database_url, house, opened
from tests.support.notify_web import Web, web

__all__ = ["bare_house", "database_url", "house", "web"]

pytestmark = pytest.mark.e2e
PT_A_MM = 72 / 25.4
LONG = "评议" * 14 + "办事公开"
"""Text without a break that a line cannot keep."""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every kind in both languages, and a circular of several full pages, in one run of LibreOffice."""
    required()
    files = {
        f"{language}-{kind}": render(kind, SPECIMENS[language][kind], language)
        for language in LANGUAGES
        for kind in KINDS
    }
    long = {**SPECIMENS["zh"]["circular"], "sections": [], "paragraphs": [LONG * 40]}
    files["long"] = render("circular", long, "zh")
    made = asyncio.run(Converter().convert(files))
    folder = tmp_path_factory.mktemp("pdf")
    for name, body in made.items():
        (folder / f"{name}.pdf").write_bytes(body)
    return {name: folder / f"{name}.pdf" for name in made}


def said(value: Any, language: str) -> list[str]:
    if isinstance(value, date):
        return [f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B %Y}"]
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for entry in value.values() for text in said(entry, language)]
    return [text for entry in value for text in said(entry, language)]


NOT_PRINTED = {"office", "addressee", "copies", "due", "card", "topic", "lead_unit", "territorial_unit", "period"}
"""Fields that not every kind shows; that each shows its own is seen in the .docx."""


@pytest.mark.parametrize(("language", "kind"), [(language, kind) for language in LANGUAGES for kind in KINDS])
def test_n5_libreoffice_opens_each_kind_and_prints_its_data(printed: dict[str, Path], language: str, kind: str) -> None:
    """Converted with exit code 0; the text of the pages is that of the data."""
    found = text_of(printed[f"{language}-{kind}"])
    for name, value in SPECIMENS[language][kind].items():
        for text in said(value, language) if name not in NOT_PRINTED else []:
            assert "".join(text.split()) in found, (name, text)


def test_n5_a_full_page_has_22_lines_of_28_characters(printed: dict[str, Path]) -> None:
    """On the second page of a long circular, inside 156 × 225 mm from 37 mm above and 28 mm to the left."""
    pages = pages_of(printed["long"])
    body = [word for word in pages[1] if "—" not in word["text"] and not word["text"].isdigit()]
    lines: dict[int, list[dict[str, Any]]] = {}
    for word in body:
        lines.setdefault(round(word["bottom"]), []).append(word)
    assert len(lines) == 22
    lengths = [sum(len(word["text"]) for word in line) for line in lines.values()]
    assert set(lengths) == {28}
    assert abs(min(word["left"] for word in body) - 28 * PT_A_MM) < 2
    assert max(word["right"] for word in body) < (28 + 156) * PT_A_MM + 2
    tops = sorted(min(word["top"] for word in line) for line in lines.values())
    pitch = [after - before for before, after in pairwise(tops)]
    assert all(28.8 < step < 29.1 for step in pitch)
    assert tops[0] > 36 * PT_A_MM and max(word["bottom"] for word in body) < (37 + 225 + 1) * PT_A_MM


def test_n5_page_numbers_stand_outside_under_the_text(printed: dict[str, Path]) -> None:
    """— 1 — to the right on odd pages, — 2 — to the left on even ones, 7 mm under the text."""
    for place, page in enumerate(pages_of(printed["long"]), 1):
        number = next(word for word in page if word["text"] == str(place) and word["top"] > (37 + 225) * PT_A_MM)
        middle = (number["top"] + number["bottom"]) / 2 / PT_A_MM
        assert abs(middle - (37 + 225 + 7)) < 2
        assert (number["left"] > 300) is (place % 2 == 1)


@pytest.mark.parametrize("kind", ["recommendation_letter", "circular", "circulated_criticism", "result_notice"])
def test_n5_the_imprint_stands_at_the_foot_of_the_last_page(printed: dict[str, Path], kind: str) -> None:
    """版记: printed by and when, on the last lines of the text's area, and the signature on the same page above it."""
    *_, last = pages_of(printed[f"zh-{kind}"])
    imprint = [word for word in last if "印发" in word["text"]]
    signature = [word for word in last if "工作办公室" in word["text"]]
    assert imprint and abs(imprint[0]["bottom"] / PT_A_MM - (37 + 225)) < 3
    assert min(word["top"] for word in signature) < imprint[0]["top"] - 60


def test_n5_a_form_fits_on_one_page(printed: dict[str, Path]) -> None:
    """The transfer card, the commitment and the letter of appointment in both languages."""
    for language in LANGUAGES:
        for kind in ("transfer_card", "commitment", "letter_of_appointment"):
            assert len(pages_of(printed[f"{language}-{kind}"])) == 1, (language, kind)


def test_n5_a_libreoffice_that_fails_or_hangs_is_ended_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """502 with what happened; nothing that it started stays."""
    for words, waits in (("exit 3", 5.0), ("sleep 60 & sleep 60", 0.3)):
        program = tmp_path / "soffice"
        program.write_text(f"#!/bin/sh\n{words}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setattr("services.notify.pdf.LONGEST_S", waits)
        with pytest.raises(Refusal) as refused:
            asyncio.run(Converter(str(program)).convert({"d-1": b""}))
        assert refused.value.status == 502


def test_n5_a_converter_without_libreoffice_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """501; a setting that names another program is believed."""
    monkeypatch.setenv("PATH", os.devnull)
    assert shutil.which("soffice") is None and Converter().found() is None
    with pytest.raises(Refusal) as refused:
        asyncio.run(Converter().convert({"d-1": b""}))
    assert refused.value.status == 501


async def test_n5_a_clerk_fetches_the_card_as_pdf(house: House, web: Web, tmp_path: Path) -> None:
    """Over HTTP, with what the event told."""
    required()
    card: dict[str, Any] = {"card": "ZB-2026-000001", "channel": "hotline_air", "days": 15, "text": "三号窗口没有人。"}
    await house.hear("2026-03-09T10:00", opened(**card))
    [row] = (await web("GET", "/documents?kind=transfer_card", "clerk")).json()["documents"]
    answer = await web("GET", f"/documents/{row['id']}.pdf", "clerk")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    printed = tmp_path / "card.pdf"
    printed.write_bytes(answer.content)
    assert "三号窗口没有人。" in text_of(printed) and "民评转〔2026〕1号" in text_of(printed)
