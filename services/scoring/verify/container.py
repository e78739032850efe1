"""Reading bundle.zip, also a damaged one: as many members as can be saved, and what is wrong with the container."""

import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass

from services.scoring.domain.bundle import COMMENT, write_bundle
from services.scoring.domain.canon import Malformed

_NAMES = (b"checkpoint.txt", b"slices.jsonl", b"draw_proof.json", b"ballots.txt", b"reconciliation.json")
_LOCAL, _CENTRAL, _END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
_LEAST_ROOM, _TIMES = 64 * 2**20, 20  # unpacked bytes allowed: 64 MiB, or 20 times the packed ones


def is_bundle(data: bytes) -> bool:
    """Whether the bytes are a bundle of ours, maybe a damaged or cut one, whatever the file is called."""
    zipped = data.startswith(_LOCAL) or _END in data[-1024:] or _CENTRAL in data
    return zipped and (COMMENT in data[-1024:] or sum(name in data for name in _NAMES) >= 2)


@dataclass(frozen=True, slots=True)
class Container:
    """Members that could be read, and where the container differs from the one these members make."""

    files: Mapping[str, bytes]
    differs: str | None


def read_container(data: bytes) -> Container:
    """Read all members that can be. Bounded in memory; never raises for any bytes."""
    best: dict[str, bytes] = {}
    for read in (_by_directory, _by_headers, _by_library):
        found = read(data)
        try:
            same = write_bundle(found) == data
        except (Malformed, UnicodeEncodeError):
            same = False
        if same:
            return Container(found, None)
        if _score(found) > _score(best):
            best = found
    return Container(best, _difference(best, data))


def _score(files: Mapping[str, bytes]) -> tuple[int, int]:
    known = {name.decode() for name in _NAMES} | {
        "manifest.json",
        "keys.json",
        "rules.json",
        "units.json",
        "tally.json",
    }
    return len(known & files.keys()), len(files)


def _by_directory(data: bytes) -> dict[str, bytes]:
    """Stored members by the central directory at the end."""
    files: dict[str, bytes] = {}
    at = data.rfind(_END)
    try:
        size, offset = struct.unpack_from("<2L", data, at + 12) if at >= 0 else (0, 0)
        place = at - size if offset + size != at else offset
        while 0 <= place < at and data[place : place + 4] == _CENTRAL:
            method = struct.unpack_from("<H", data, place + 10)[0]
            length, name_length, extra, comment = struct.unpack_from("<L3H", data, place + 24)
            start = struct.unpack_from("<L", data, place + 42)[0]
            name = data[place + 46 : place + 46 + name_length].decode("utf-8")
            body = start + 30 + name_length
            if method == 0 and body + length <= len(data):
                files[name] = data[body : body + length]
            place += 46 + name_length + extra + comment
    except (struct.error, UnicodeDecodeError):
        return files
    return files


def _by_headers(data: bytes) -> dict[str, bytes]:
    """Stored members by the header before each."""
    files: dict[str, bytes] = {}
    place = 0
    try:
        while data[place : place + 4] == _LOCAL:
            method = struct.unpack_from("<H", data, place + 8)[0]
            length = struct.unpack_from("<L", data, place + 18)[0]
            name_length, extra = struct.unpack_from("<2H", data, place + 26)
            name = data[place + 30 : place + 30 + name_length].decode("utf-8")
            place += 30 + name_length + extra
            if method != 0 or place + length > len(data):
                break
            files[name] = data[place : place + length]
            place += length
    except (struct.error, UnicodeDecodeError):
        return files
    return files


def _by_library(data: bytes) -> dict[str, bytes]:
    """Members of a bundle that somebody packed again (compressed, other order)."""
    files: dict[str, bytes] = {}
    room = max(_LEAST_ROOM, _TIMES * len(data))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for info in archive.infolist()[:1000]:
                body = _member(archive, info, room)
                if body is not None and len(body) > room:
                    break
                if body is not None:
                    room -= len(body)
                    files[info.filename] = body
    except Exception:  # noqa: BLE001 - the same: any bytes may come here, and unreadable is an answer
        return files
    return files


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, room: int) -> bytes | None:
    """A member, at most one byte more than there is room for; None for a damaged one."""
    try:
        with archive.open(info) as member:
            return member.read(room + 1)
    except Exception:  # noqa: BLE001 - zipfile and zlib raise half a dozen kinds for damaged members
        return None


def _difference(files: Mapping[str, bytes], data: bytes) -> str:
    """The first byte at which the container is not what its members make."""
    if not files:
        return "no member can be read"
    try:
        again = write_bundle(files)
    except (Malformed, UnicodeEncodeError) as error:
        return str(error)
    at = next((i for i in range(min(len(again), len(data))) if again[i] != data[i]), min(len(again), len(data)))
    end = 0
    for name in sorted(files):
        end += 30 + len(name.encode()) + len(files[name])
        if at < end:
            return f"byte {at}, in the header or data of {name}"
    return f"byte {at}, in the directory after the last member"
