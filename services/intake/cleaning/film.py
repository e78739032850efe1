"""Films and recordings in MP4 and QuickTime: kept are the samples of picture and sound and what plays them.

A file is a tree of boxes, and places in it are counted from its beginning. So nothing is moved: a box that is not
needed (places, names, devices, applications' own data) becomes a `free` box full of zeros of the same size, a track
that is neither picture nor sound (a phone's track of positions) likewise, and inside the data every byte that no kept
track uses becomes zero. What follows the last box is no box: refused.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from services.intake.cleaning import Unclean

LARGEST_INDEX = 32 * 1024 * 1024
_ZEROS = bytes(65_536)
_MOOV_KEPT = (b"mvhd", b"trak", b"iods")
_TRAK_KEPT = (b"tkhd", b"edts", b"mdia", b"tapt", b"load", b"clip", b"matt")
_MDIA_KEPT = (b"mdhd", b"hdlr", b"minf")
_STBL_KEPT = (b"stsd", b"stts", b"ctts", b"stss", b"stsc", b"stsz", b"stz2", b"stco", b"co64", b"sdtp", b"cslg",
              b"sgpd", b"sbgp", b"stps", b"stsh")  # fmt: skip
_BLANKED = (b"free", b"skip", b"wide", b"uuid", b"udta", b"meta", b"pnot", b"PICT", b"beam")
BROKEN = Unclean("the film is broken, or no ordinary MP4", "export it as MP4 (H.264) and send that")


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its type, where it begins, where its content begins, where it ends."""

    kind: bytes
    start: int
    content: int
    end: int


def clean(source: Path, target: Path) -> str:
    """Write the film without what it carries along; gives its media type. Raises Unclean."""
    shutil.copyfile(source, target)
    with target.open("r+b") as file:
        size = file.seek(0, 2)
        tops = list(_boxes(file, 0, size))
        for box in tops:
            if box.kind in _BLANKED:
                _blank(file, box)
            elif box.kind not in (b"ftyp", b"moov", b"mdat"):
                raise BROKEN  # also fragments (moof): their samples lie elsewhere
        brand = _brand(file, tops[0])
        moovs = [box for box in tops if box.kind == b"moov"]
        if len(moovs) != 1 or moovs[0].end - moovs[0].start > LARGEST_INDEX:
            raise BROKEN
        kinds, used = _tracks(file, moovs[0])
        if not kinds:
            raise Unclean("it has neither picture nor sound", "export it as MP4 and send that")
        for box in tops:
            if box.kind == b"mdat":
                _blank_between(file, box, used)
    if b"vide" not in kinds:
        return "audio/mp4"
    return "video/quicktime" if brand == b"qt  " else "video/mp4"


def _boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    at = start
    while at < end:
        file.seek(at)
        head = file.read(16)
        size, kind, content = int.from_bytes(head[:4], "big"), head[4:8], at + 8
        if size == 1:
            size, content = int.from_bytes(head[8:16], "big"), at + 16
        elif size == 0 and end - at > 8:
            size = end - at
        if len(kind) < 4 or size < content - at or at + size > end:
            raise BROKEN
        yield Box(kind, at, content, at + size)
        at += size


def _brand(file: BinaryIO, first: Box) -> bytes:
    if first.kind != b"ftyp" or first.end - first.start > 4096:
        raise BROKEN
    file.seek(first.content)
    return file.read(4)


def _tracks(file: BinaryIO, moov: Box) -> tuple[set[bytes], list[tuple[int, int]]]:
    """The kinds of the tracks that are kept, and where their samples lie; all others become `free`."""
    kinds: set[bytes] = set()
    used: list[tuple[int, int]] = []
    for box in list(_boxes(file, moov.content, moov.end)):
        if box.kind not in _MOOV_KEPT:
            _blank(file, box)
        elif box.kind == b"trak":
            inside = {child.kind: child for child in _boxes(file, box.content, box.end)}
            if b"mdia" not in inside:
                raise BROKEN
            media = {child.kind: child for child in _boxes(file, inside[b"mdia"].content, inside[b"mdia"].end)}
            handler = _part(file, media.get(b"hdlr"), 8, 4)
            if handler not in (b"vide", b"soun"):
                _blank(file, box)
                continue
            kinds.add(handler)
            _keep_only(file, box, _TRAK_KEPT)
            _keep_only(file, inside[b"mdia"], _MDIA_KEPT)
            used += _samples(file, media.get(b"minf"))
    return kinds, used


def _keep_only(file: BinaryIO, parent: Box, kept: tuple[bytes, ...]) -> None:
    for box in list(_boxes(file, parent.content, parent.end)):
        if box.kind not in kept:
            _blank(file, box)


def _samples(file: BinaryIO, minf: Box | None) -> list[tuple[int, int]]:
    """Where the chunks of a track lie: (start, end) in the file."""
    if minf is None:
        raise BROKEN
    inside = {box.kind: box for box in _boxes(file, minf.content, minf.end)}
    _own_data_only(file, inside.get(b"dinf"))
    if b"stbl" not in inside:
        raise BROKEN
    _keep_only(file, inside[b"stbl"], _STBL_KEPT)
    table = {box.kind: box for box in _boxes(file, inside[b"stbl"].content, inside[b"stbl"].end)}
    wide = 8 if b"co64" in table else 4
    offsets = _numbers(file, table.get(b"co64") or table.get(b"stco"), 4, wide)
    sizes = _sizes(file, table)
    runs = _numbers(file, table.get(b"stsc"), 4, 4, each=3)
    places: list[tuple[int, int]] = []
    sample = run = 0
    for chunk, offset in enumerate(offsets, 1):
        while run + 3 < len(runs) and runs[run + 3] <= chunk:
            run += 3
        count = runs[run + 1] if runs else 0
        length = sum(sizes[sample : sample + count])
        sample += count
        places.append((offset, offset + length))
    return places


def _own_data_only(file: BinaryIO, dinf: Box | None) -> None:
    """A film whose data lie in another file is none."""
    for box in _boxes(file, dinf.content, dinf.end) if dinf else ():
        if box.kind == b"dref":
            for entry in _boxes(file, box.content + 8, box.end):
                if _part(file, entry, 0, 4)[3:] != b"\x01" or entry.end - entry.content > 4:
                    raise BROKEN


def _sizes(file: BinaryIO, table: dict[bytes, Box]) -> list[int]:
    box = table.get(b"stsz")
    if box is None:
        raise BROKEN
    same = int.from_bytes(_part(file, box, 4, 4), "big")
    if same:
        count = int.from_bytes(_part(file, box, 8, 4), "big")
        return [same] * min(count, (1 << 40) // same, 100_000_000)
    return _numbers(file, box, 8, 4)


def _numbers(file: BinaryIO, box: Box | None, skip: int, wide: int, each: int = 1) -> list[int]:
    """A table of big-endian numbers behind its count; `skip` bytes of flags before the count."""
    if box is None:
        raise BROKEN
    count = int.from_bytes(_part(file, box, skip, 4), "big") * each
    raw = _part(file, box, skip + 4, count * wide)
    return [int.from_bytes(raw[i : i + wide], "big") for i in range(0, len(raw), wide)]


def _part(file: BinaryIO, box: Box | None, skip: int, length: int) -> bytes:
    if box is None or box.content + skip + length > box.end:
        raise BROKEN
    file.seek(box.content + skip)
    return file.read(length)


def _blank(file: BinaryIO, box: Box) -> None:
    file.seek(box.start)
    if int.from_bytes(file.read(4), "big") == 0:  # "to the end of the file": give it its size, as its content goes
        file.seek(box.start)
        file.write((box.end - box.start).to_bytes(4, "big"))
    file.seek(box.start + 4)
    file.write(b"free")
    _zero(file, box.content, box.end)


def _blank_between(file: BinaryIO, box: Box, used: list[tuple[int, int]]) -> None:
    """Zero every byte of a data box that no kept track uses."""
    at = box.content
    for start, end in sorted(used):
        if end <= at or start >= box.end:
            continue
        _zero(file, at, max(at, start))
        at = min(end, box.end)
    _zero(file, at, box.end)


def _zero(file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        start += file.write(_ZEROS[: end - start])
