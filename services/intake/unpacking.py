"""What an .xlsx would become in memory, found out before it is opened (X7): bombs are refused, in bounded memory.

What the archive says of itself is not believed: each member is unpacked and thrown away, a piece at a time. A sheet
with one cell in its last corner would be made a table of 17 billion cells: so the corners are read as well.
"""

import re
import zipfile
import zlib
from pathlib import Path

from shared.errors import Refusal

MIB = 2**20
LARGEST_UNPACKED = 256 * MIB
MOST_MEMBERS = 2_000
MOST_CELLS = 20_000_000
DENSEST = 300
"""Times that a member may grow when unpacked, beyond 16 MiB: spreadsheets grow ten- to thirtyfold."""
HARMLESS = 16 * MIB
PIECE = 256 * 1024

_PLACE = re.compile(rb"""\sr\s{0,9}=\s{0,9}["']([A-Z]{1,4})([0-9]{1,9})["']""")
_OVERLAP = 200


def must_unpack(path: Path) -> None:
    """Raises Refusal for an archive that is too large, too dense or too wide to be opened, or that is none."""
    try:
        with zipfile.ZipFile(path) as packed:
            members = packed.infolist()
            if len(members) > MOST_MEMBERS:
                raise _too(path, f"it holds more than {MOST_MEMBERS} files")
            total = 0
            for member in members:
                total += _unpacked(path, packed, member, LARGEST_UNPACKED - total)
    # all that `zipfile` raises for what is cut off, encrypted (RuntimeError) or packed in a way it does not know
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        reason = f"it is no .xlsx file that can be read ({error})"
        raise Refusal("file", path.name, reason, "save it again as .xlsx, or as .csv") from error


def _unpacked(path: Path, packed: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> int:
    """The true size of a member. Raises Refusal as soon as it is over a bound."""
    size = cells = right = down = 0
    is_sheet = member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")
    end = b""
    with packed.open(member) as unpacking:
        while piece := unpacking.read(PIECE):
            size += len(piece)
            if size > most:
                raise _too(path, f"unpacked it is larger than {LARGEST_UNPACKED // MIB} MiB")
            if size > HARMLESS and size > DENSEST * max(1, member.compress_size):
                raise _too(path, f"a file in it grows more than {DENSEST} times when it is unpacked")
            if not is_sheet:
                continue
            whole = end + piece
            places = _PLACE.findall(whole)
            if places:
                right = max(right, _number(max(places, key=_width)[0]))
                down = max(down, max(int(row) for _, row in places))
            cells += len(places)
            end = whole[-_OVERLAP:]
            if cells > MOST_CELLS:
                raise _too(path, f"a sheet in it holds more than {MOST_CELLS} cells")
    if right * down > MOST_CELLS:
        raise _too(path, f"a sheet in it spans {down} rows and {right} columns")
    return size


def _width(place: tuple[bytes, bytes]) -> tuple[int, bytes]:
    return len(place[0]), place[0]


def _number(letters: bytes) -> int:
    """The number of a column: A is 1, XFD 16384."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _too(path: Path, reason: str) -> Refusal:
    return Refusal("file", path.name, reason, "split it, or save the rows that are meant as .csv", 413)
