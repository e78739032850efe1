"""PDFs: read by qpdf and written anew. What acts by itself or carries files is refused, metadata is left out."""

from pathlib import Path
from typing import Any

import pikepdf

from services.intake.cleaning import Unclean

MOST_OBJECTS = 100_000
_ACTIVE = {
    "/JavaScript": "a script",
    "/JS": "a script",
    "/Launch": "an order to start a program",
    "/EmbeddedFile": "an embedded file",
    "/EmbeddedFiles": "an embedded file",
    "/EF": "an embedded file",
    "/RichMedia": "a film or a program",
    "/XFA": "an active form",
    "/SubmitForm": "a form that sends itself",
    "/ImportData": "an order to read a file",
    "/GoToE": "a way into an embedded file",
    "/GoToR": "a way into another file",
    "/Rendition": "a film or a program",
}
_LEFT_OUT = ("/Metadata", "/PieceInfo", "/Thumb", "/LastModified")


def clean(source: Path, target: Path) -> str:
    """Write the PDF anew with what its pages need; gives its media type. Raises Unclean."""
    try:
        with pikepdf.open(source) as document:
            if document.is_encrypted:
                raise Unclean("it is encrypted", "save it without a password and send that")
            if len(document.objects) > MOST_OBJECTS or not document.pages:
                raise Unclean(f"it has no page, or more than {MOST_OBJECTS} objects", "print it to a new PDF")
            for thing in document.objects:
                _looked_at(thing)
            if "/Info" in document.trailer:
                del document.trailer["/Info"]
            document.save(target, deterministic_id=True, fix_metadata_version=False)
    except pikepdf.PasswordError:
        raise Unclean("it is encrypted", "save it without a password and send that") from None
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, RecursionError):
        raise Unclean("the PDF is broken", "print it to a new PDF and send that") from None
    return "application/pdf"


def _looked_at(thing: Any, depth: int = 0) -> None:
    """Refuse what acts, take metadata out; into what stands directly inside, since that is no object of its own."""
    if depth > 50:
        raise Unclean("it is nested too deeply", "print it to a new PDF and send that")
    if isinstance(thing, pikepdf.Array):
        for item in thing:
            if not getattr(item, "is_indirect", False):
                _looked_at(item, depth + 1)
        return
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    for key in list(thing.keys()):
        value = thing[key]
        named = str(value) if isinstance(value, pikepdf.Name) else ""
        if what := _ACTIVE.get(key) or (_ACTIVE.get(named) if key in ("/S", "/Type", "/Subtype") else None):
            raise Unclean(f"it contains {what}", "print it to a new PDF and send that")
        if key in _LEFT_OUT:
            del thing[key]
        elif not getattr(value, "is_indirect", False):
            _looked_at(value, depth + 1)
    if isinstance(thing, pikepdf.Stream) and _is_plain_jpeg(thing):
        thing.write(without_metadata(thing.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)


def _is_plain_jpeg(stream: pikepdf.Stream) -> bool:
    """A scanned page: its camera's EXIF stands inside the page's picture."""
    found = stream.get("/Filter")
    if isinstance(found, pikepdf.Array):
        return len(found) == 1 and found[0] == pikepdf.Name.DCTDecode
    return found is not None and found == pikepdf.Name.DCTDecode


def without_metadata(jpeg: bytes) -> bytes:
    """A JPEG without comments and application segments, but for those that decoding needs (JFIF, Adobe)."""
    out, at = [jpeg[:2]], 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == 0xDA:
            break
        carries = 0xE1 <= marker <= 0xED or marker in (0xEF, 0xFE)
        if not carries:
            out.append(jpeg[at : at + 2 + length])
        at += 2 + length
    return b"".join((*out, jpeg[at:]))
