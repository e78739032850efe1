"""Files as people send them, and files as somebody sends them who means harm."""

import base64
import io
import struct
import zipfile
import zlib

import pikepdf
from PIL import Image

GPS = b"\x00\x00\x00\x27"


def picture(kind: str = "JPEG", *, size: tuple[int, int] = (40, 30), secret: str = "") -> bytes:
    """A picture with EXIF that says where and by whom it was taken."""
    image = Image.new("RGB", size, (200, 40, 40))
    exif = Image.Exif()
    exif[0x010F] = "PhoneMaker"
    exif[0x9286] = secret or "taken by Wang"
    exif.get_ifd(0x8825)[2] = (39.0, 54.0, 20.0)
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    more = {"comment": b"a comment of 13800001111"} if kind == "JPEG" else {}
    image.save(out, kind, exif=exif.tobytes(), **more)
    return out.getvalue()


HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAchtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAADRpbG9jAA"
    "AAAERAAAIAAQAAAAAB7AABAAAAAAAAADQAAgAAAAACIAABAAAAAAAAAH4AAAA4aWluZgAAAAAAAgAAABVpbmZlAgAAAAABAABodmMxAAAAABVp"
    "bmZlAgAAAQACAABFeGlmAAAAAA5waXRtAAAAAAABAAABB2lwcnAAAADmaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGE"
    "ABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkA"
    "AAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAAAAAoY2xhcAAAAEAAAAABAAAAMAAAAAEAAAAAAAAAAv////AAAAACAAAAEH"
    "BpeGkAAAAAAwgICAAAAAlpcm90AwAAABlpcG1hAAAAAAAAAAEAAQaBAgMFhIYAAAAaaXJlZgAAAAAAAAAOY2RzYwACAAEAAQAAALptZGF0AAAA"
    "MCgBr1j5Et3/5eLkdVB/g9LxzDULPNP5aNdrOtqZTsfWrcNy/89Kd+c/2hEx4pVE+gAAAAZFeGlmAABNTQAqAAAACAADAQ4AAgAAAAwAAAAyAR"
    "IAAwAAAAEABgAAiCUABAAAAAEAAAA+AAAAAFNFQ1JFVC1FWElGAAACAAEAAgAAAAJOAAAAAAIABQAAAAMAAABcAAAAAAAAACcAAAABAAAANgAA"
    "AAEAAAAUAAAAAQ=="
)
"""As an iPhone takes it: 64 × 48 pixels lying on their side, with EXIF that says SECRET-EXIF, and where."""


def archive(**entries: bytes) -> bytes:
    """A zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in entries.items():
            made.writestr(name, data)
    return out.getvalue()


def bomb(width: int = 30_000, height: int = 30_000) -> bytes:
    """A PNG of a few kilobytes that says it has 900 million pixels."""
    small = picture("PNG", size=(1, 1))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    made = struct.pack(">I", len(header)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return small[:8] + made + small[33:]


def letter(*, script: bool = False, attached: bool = False) -> bytes:
    """A PDF of one page, with its author's name in it."""
    document = pikepdf.new()
    document.add_blank_page()
    document.docinfo["/Author"] = "Wang Xiaoming"
    if script:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    if attached:
        document.attachments["a.exe"] = b"MZ"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def document(**more: bytes) -> bytes:
    """A Word file, as far as it has to be one."""
    return archive(**{
        "[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w:document/>",
        "docProps/core.xml": "<x>王小明</x>".encode(), "word/media/image1.jpg": picture(), **more,
    })  # fmt: skip


def box(kind: bytes, *inside: bytes) -> bytes:
    """A box of an MP4."""
    content = b"".join(inside)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full(kind: bytes, *inside: bytes) -> bytes:
    """A box with version and flags."""
    return box(kind, bytes(4), *inside)


def track(handler: bytes, offset: int, size: int) -> bytes:
    """A track of one sample."""
    stbl = box(
        b"stbl", full(b"stsd", struct.pack(">I", 0)), full(b"stts", struct.pack(">I", 0)),
        full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1)), full(b"stsz", struct.pack(">III", 0, 1, size)),
        full(b"stco", struct.pack(">II", 1, offset)),
    )  # fmt: skip
    dinf = box(b"dinf", full(b"dref", struct.pack(">I", 1), struct.pack(">I", 12) + b"url " + b"\0\0\0\1"))
    hdlr = full(b"hdlr", bytes(4), handler, bytes(13))
    return box(
        b"trak", full(b"tkhd", bytes(80)), box(b"mdia", full(b"mdhd", bytes(20)), hdlr, box(b"minf", dinf, stbl))
    )


PICTURE, SOUND, POSITIONS, HIDDEN = b"picture data", b"sound data", b"+39.9042+116.4074/", b"PK\x03\x04 hidden"


def film(*tail: bytes, brand: bytes = b"isom", seen: bool = True) -> bytes:
    """A film with a place in its user data, a track of positions, and something hidden in its data."""
    ftyp = box(b"ftyp", brand, bytes(4), brand)
    data = PICTURE + SOUND + POSITIONS + HIDDEN
    mdat = box(b"mdat", data)
    at = len(ftyp) + 8
    tracks = [track(b"soun", at + len(PICTURE), len(SOUND))]
    if seen:
        tracks.insert(0, track(b"vide", at, len(PICTURE)))
    tracks.append(track(b"meta", at + len(PICTURE) + len(SOUND), len(POSITIONS)))
    place = box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+39.9042+116.4074/"))
    return b"".join((ftyp, mdat, box(b"moov", full(b"mvhd", bytes(96)), *tracks, place), *tail))


def wave(*tail: bytes) -> bytes:
    """A WAV with a title, and something behind its end."""
    fmt = b"fmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    title = b"LIST" + struct.pack("<I", 12) + b"INFOIARTWang"
    data = b"data" + struct.pack("<I", 4) + b"\x80\x81\x82\x83"
    body = b"WAVE" + fmt + title + data
    return b"RIFF" + struct.pack("<I", len(body)) + body + b"".join(tail)


FRAME = b"\xff\xfb\x90\x00" + b"\x55" * 413
"""A frame of MPEG 1 layer III, 128 kbit/s, 44.1 kHz: 417 bytes."""


def song(*tail: bytes) -> bytes:
    """An MP3 with an ID3 tag before and one behind."""
    tag = b"ID3\x03\x00\x00\x00\x00\x00\x14" + b"TPE1 Wang Xiaoming  "
    return tag + FRAME * 5 + b"TAGWang Xiaoming".ljust(128, b"\0") + b"".join(tail)
