"""Word and Excel files: the archive is written anew; macros and embedded files are refused, properties blanked."""

import re
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from services.intake.cleaning import Unclean, image

MOST_ENTRIES = 2_000
MOST_BYTES = 200 * 1024 * 1024
"""Of all entries unpacked; what an entry says of its size is not believed."""

_WORD, _SHEET = "word/document.xml", "xl/workbook.xml"
_TYPE = "application/vnd.openxmlformats-officedocument."
_ENTRY = re.compile(r"[A-Za-z0-9_\[\]. -]+(?:/[A-Za-z0-9_\[\]. -]+)*")
_REFUSED = re.compile(r"vbaproject|activex|/embeddings/|externallinks|oleobject|customui|\.bin$", re.IGNORECASE)
_OUTSIDE = re.compile(rb"attachedTemplate|oleObject|/frame\"|externalLink|subDocument", re.IGNORECASE)
_PICTURES = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png"}
_XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BLANK = {
    "docProps/core.xml": _XML
    + b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": _XML
    + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>',
    "docProps/custom.xml": _XML
    + b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>',
}
_WHEN = (1980, 1, 1, 0, 0, 0)


def clean(source: Path, target: Path) -> str:
    """Write the document anew; gives its media type. Raises Unclean. Comments in it keep their authors' names."""
    try:
        with zipfile.ZipFile(source) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as fresh:
            names = [entry.filename for entry in given.infolist() if not entry.is_dir()]
            media_type = _kind(names)
            left = MOST_BYTES
            for name in names:
                data = _BLANK.get(name) or _read(given, name, left)
                left -= len(data)
                fresh.writestr(zipfile.ZipInfo(name, _WHEN), _looked_at(name, data), zipfile.ZIP_DEFLATED)
    # all that `zipfile` raises for what is cut off, encrypted (RuntimeError) or packed in a way it does not know
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        raise Unclean("the document is broken or encrypted", "save it anew, without a password") from None
    return media_type


def _kind(names: list[str]) -> str:
    if len(names) > MOST_ENTRIES or len(set(names)) < len(names):
        raise Unclean("it is no ordinary document inside", "save it anew as .docx or .xlsx, or as PDF")
    for name in names:
        if not _ENTRY.fullmatch(name) or ".." in name:
            raise Unclean("it has an entry with a strange name", "save it anew as .docx or .xlsx, or as PDF")
        if _REFUSED.search(name):
            raise Unclean("it contains a macro, or another file", "send it as PDF, and the other file by itself")
    if "[Content_Types].xml" in names and (_WORD in names) != (_SHEET in names):
        return _TYPE + ("wordprocessingml.document" if _WORD in names else "spreadsheetml.sheet")
    raise Unclean("it is an archive and no document", "send the files in it one by one")


def _read(given: zipfile.ZipFile, name: str, most: int) -> bytes:
    with given.open(name) as entry:
        data = entry.read(most + 1)
    if len(data) > most:
        raise Unclean(f"unpacked it is over {MOST_BYTES // 2**20} MiB", "send it as PDF, or in parts")
    return data


def _looked_at(name: str, data: bytes) -> bytes:
    lower = name.lower()
    if lower.endswith((".xml", ".rels")) and b"<!DOCTYPE" in data[:4096].upper():
        raise Unclean("its XML declares entities", "save it anew as .docx or .xlsx, or as PDF")
    if lower.endswith(".rels") and _OUTSIDE.search(data):
        raise Unclean("it loads something from outside", "send it as PDF")
    ending = Path(lower).suffix
    if ending in _PICTURES:
        return _picture(_PICTURES[ending], data)
    return data


def _picture(family: str, data: bytes) -> bytes:
    """A picture in a document carries EXIF too."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "in"), Path(folder, "out")
        source.write_bytes(data)
        image.clean(family, source, target)
        return target.read_bytes()
