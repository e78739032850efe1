"""Spreadsheets that are bombs: refused before they are opened, in bounded memory (X7, I13)."""

import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from services.intake import unpacking
from services.intake.importing import open_table
from shared.errors import Refusal


def book(path: Path, *cells: tuple[int, int, str]) -> Path:
    with xlsxwriter.Workbook(path) as made:
        sheet = made.add_worksheet()
        sheet.write_row(0, 0, ["ticket", "time", "text"])
        for row, column, value in cells:
            sheet.write(row, column, value)
    return path


def with_member(path: Path, name: str, piece: bytes, times: int) -> Path:
    """A workbook with a member that is `piece` over and over, packed to almost nothing."""
    book(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as packed, packed.open(name, "w") as member:
        for _ in range(times):
            member.write(piece)
    return path


def test_an_ordinary_book_is_read(tmp_path: Path) -> None:
    path = book(tmp_path / "a.xlsx", (1, 0, "T-1"), (1, 2, "窗口没人"))
    unpacking.must_unpack(path)
    assert open_table(path).header == ["ticket", "time", "text"]


def zeros(path: Path) -> Path:
    return with_member(path, "xl/media/image1.png", bytes(2**20), 300)


def strings(path: Path) -> Path:
    return with_member(path, "xl/sharedStrings2.xml", b"<si><t>x</t></si>" * 60_000, 40)


def corner(path: Path) -> Path:
    return book(path, (1_048_575, 16_383, "x"))


def members(path: Path) -> Path:
    book(path)
    with zipfile.ZipFile(path, "a") as packed:
        for n in range(unpacking.MOST_MEMBERS):
            packed.writestr(f"xl/{n}", b"")
    return path


@pytest.mark.parametrize("bomb", [zeros, strings, corner, members])
def test_a_bomb_is_refused_and_named(tmp_path: Path, bomb: Callable[[Path], Path]) -> None:
    path = bomb(tmp_path / "bomb.xlsx")
    assert path.stat().st_size < 2**20
    with pytest.raises(Refusal) as refused:
        open_table(path)
    assert (refused.value.field, refused.value.status) == ("file", 413)


def test_a_member_that_lies_about_its_size_is_measured(tmp_path: Path) -> None:
    path = zeros(tmp_path / "liar.xlsx")
    raw = bytearray(path.read_bytes())
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size unpacked, in the central directory
    path.write_bytes(raw)
    with pytest.raises(Refusal):
        open_table(path)


def test_a_bomb_takes_little_memory_before_it_is_refused(tmp_path: Path) -> None:
    path = corner(tmp_path / "bomb.xlsx")
    code = (
        "import resource, sys; from pathlib import Path; from shared.errors import Refusal\n"
        "from services.intake.importing import open_table\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try: open_table(Path(sys.argv[1]))\n"
        "except Refusal: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 50_000, "KiB"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 broken", b"no archive"])
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(Refusal, match=r"no \.xlsx"):
        open_table(path)
