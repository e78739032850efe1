"""Recordings in WAV and MP3: the sound alone is written anew; titles, places, pictures, appended bytes are left out."""

from pathlib import Path
from typing import BinaryIO

from services.intake.cleaning import Unclean

BROKEN = Unclean("the recording is broken", "export it as WAV, MP3 or M4A and send that")
_RATES = (
    (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),  # MPEG 1, layer III
    (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),  # MPEG 2 and 2.5, layer III
)
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}
_TAGS = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
_LEAST_FRAMES = 3


def clean_wav(source: Path, target: Path) -> str:
    """A RIFF file with its two chunks `fmt ` and `data`. Raises Unclean."""
    size = source.stat().st_size
    with source.open("rb") as given, target.open("wb") as fresh:
        head = given.read(12)
        end = 8 + int.from_bytes(head[4:8], "little")
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE" or not 12 <= end <= size + 1:
            raise BROKEN
        fresh.write(head)
        found: list[bytes] = []
        while given.tell() + 8 <= min(end, size):
            kind, length = given.read(4), int.from_bytes(given.read(4), "little")
            if kind in (b"fmt ", b"data") and kind not in found and given.tell() + length <= size:
                found.append(kind)
                fresh.write(kind + length.to_bytes(4, "little"))
                _copy(given, fresh, length)
                fresh.write(bytes(length % 2))
                given.seek(length % 2, 1)
            else:
                given.seek(length + length % 2, 1)
        if found != [b"fmt ", b"data"]:
            raise BROKEN
        whole = fresh.tell()
        fresh.seek(4)
        fresh.write((whole - 8).to_bytes(4, "little"))
    return "audio/wav"


def clean_mp3(source: Path, target: Path) -> str:
    """The frames of an MP3, one after the other, tags before and behind left out. Raises Unclean."""
    with source.open("rb") as given, target.open("wb") as fresh:
        head = given.read(10)
        if head[:3] == b"ID3":
            length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
            given.seek(10 + length + (10 if head[5] & 0x10 else 0))
        else:
            given.seek(0)
        frames = 0
        while mark := given.read(4):
            length = _frame(mark)
            if not length:
                rest = mark + given.read(8)
                if not any(rest.startswith(tag) for tag in _TAGS):
                    raise BROKEN
                break
            body = given.read(length - 4)
            if frames or not any(tag in body[:64] for tag in (b"Xing", b"Info", b"VBRI")):
                fresh.write(mark + body)
            frames += 1
        if frames < _LEAST_FRAMES:
            raise BROKEN
    return "audio/mpeg"


def _frame(mark: bytes) -> int:
    """Bytes of the layer III frame that begins with these four, 0 if none does."""
    if len(mark) < 4 or mark[0] != 0xFF or mark[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = mark[1] >> 3 & 3, mark[2] >> 4, mark[2] >> 2 & 3
    if version == 1 or not 1 <= rate <= 14 or sampling == 3:
        return 0
    kbit = _RATES[0 if version == 3 else 1][rate - 1]
    return (144_000 if version == 3 else 72_000) * kbit // _SAMPLES[version][sampling] + (mark[2] >> 1 & 1)


def _copy(given: BinaryIO, fresh: BinaryIO, length: int) -> None:
    while length and (part := given.read(min(length, 1 << 20))):
        fresh.write(part)
        length -= len(part)
