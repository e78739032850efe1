"""A result filed upward: what the higher office looks for in it, and which cycle and day it belongs to (S9, S14).

Form, signature and arithmetic are checked by what `minping verify` is made of; here is what only the office above
knows.
"""

import binascii
import gzip
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.scoring.domain.canon import Json, Malformed, digest, parse_canonical
from services.scoring.domain.years import year_of
from shared.calendar import WorkingCalendar
from shared.programme.rollup import Takes

LARGEST = 16_000_000
"""Bytes of a document as it is unpacked: more is no result of ours."""
_NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?!\d)")


def is_number(filing: str) -> bool:
    """Whether a filing's number may stand in subjects, addresses and file names."""
    return _NUMBER.fullmatch(filing) is not None


def pack(document: bytes) -> str:
    """A document as it travels: the same bytes each time, however often it is sent."""
    return b64encode(gzip.compress(document, mtime=0)).decode()


def unpack(text: str, compression: str, sha256: str) -> bytes:
    """The document of a message. Raises Malformed."""
    try:
        data = b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"document: 不是 base64 · is no base64: {error}") from error
    if compression == "gzip":
        reader = zlib.decompressobj(wbits=31)
        try:
            data = reader.decompress(data, LARGEST + 1)
        except zlib.error as error:
            raise Malformed(f"document: 压缩包损坏 · is no gzip: {error}") from error
        if not reader.eof and len(data) <= LARGEST:
            raise Malformed("document: 压缩包不完整 · the gzip is cut off")
    if len(data) > LARGEST:
        raise Malformed(f"document: 文件过大 · is larger than {LARGEST} bytes")
    if digest(data) != sha256:
        raise Malformed(f"sha256: 与文件不符 · is {sha256}, the document's is {digest(data)}")
    return data


def cycle_for(asked: str, of_cycle: str, opened: Sequence[str], patterns: Iterable[str]) -> str:
    """The higher office's cycle that a filing is for: the one asked for, of the same name, or the year's only one.

    opened: cycles that there are. patterns: how the programme names cycles. Raises Malformed.
    """
    if asked:
        if asked not in opened:
            listed = ", ".join(opened) or "none"
            raise Malformed(f"for_cycle: 没有这个周期 · there is no cycle {asked}; there are: {listed}")
        return asked
    if of_cycle in opened:
        return of_cycle
    shapes = list(patterns)
    years = {int(year) for year in _YEAR.findall(of_cycle)}
    found = [name for name in opened if years & {year_of(shape, name) for shape in shapes}]
    if len(found) != 1:
        listed = ", ".join(found or opened) or "none"
        reason = f"which cycle {of_cycle} is for is not plain; name one of: {listed}"
        raise Malformed(f"for_cycle: 不清楚报的是哪个周期 · {reason}")
    return found[0]


def last_day(rule: Takes, cycle: str, patterns: Iterable[str], calendar: WorkingCalendar) -> date | None:
    """The last day on which a cycle's result is filed in time; on a day off the next working day (R9)."""
    year = next((found for shape in patterns if (found := year_of(shape, cycle)) is not None), None)
    return None if year is None else calendar.roll(rule.by.on(year))


def problems_of(
    content: Mapping[str, Json], *, cycle: str, version_before: int | None, programme_before: str | None
) -> list[str]:
    """What the office above holds against a result whose signature and figures are right.

    version_before: of the result that was taken last from this office on this cycle; programme_before: its programme.
    """
    found = []
    if content.get("cycle") != cycle:
        found.append(f"cycle: 与结果的周期不符 · the result is of {content.get('cycle')}, it was filed as {cycle}")
    version = content.get("version")
    if isinstance(version, int) and version_before is not None and version < version_before:
        found.append(f"version: 报的是旧版 · is {version}, version {version_before} was filed before")
    if programme_before is not None and content.get("programme") != programme_before:
        found.append(f"programme: 评议方案与前次不同 · is {content.get('programme')}, it was {programme_before} before")
    return found


def content_of(document: bytes) -> Mapping[str, Json]:
    """A result's content. Raises Malformed."""
    value = parse_canonical(document)
    if not isinstance(value, Mapping):
        raise Malformed("result.json: is no object")
    return value
