"""What may be evidence (I1, X8): told by its content alone, never by its name or by what the sender says of it."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from services.intake.domain.scrub import scrub
from shared.errors import Refusal

TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "image/jpeg": ("jpg", ("photo", "letter")),
    "image/png": ("png", ("photo", "letter", "document")),
    "image/webp": ("webp", ("photo", "letter")),
    "application/pdf": ("pdf", ("document", "letter")),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ("docx", ("document",)),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ("xlsx", ("document",)),
    "video/mp4": ("mp4", ("video",)),
    "video/quicktime": ("mov", ("video",)),
    "audio/mp4": ("m4a", ("recording",)),
    "audio/mpeg": ("mp3", ("recording",)),
    "audio/wav": ("wav", ("recording",)),
}
"""Media type → its ending, and the kinds of evidence that it can be."""

HEAD = 16
"""Bytes from which the family of a file is told; the rest is told by reading it through."""

_HEIC = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc")
_AVIF = (b"avif", b"avis")
_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a piece of evidence belongs to: a complaint, an inspection, a supervisor's card."""

    about: str
    key: str


def family(head: bytes) -> str:
    """Which of our readers a file is for, by its first bytes. Raises Refusal (415) for what is no evidence."""
    if head.startswith(b"\xff\xd8\xff"):
        return "jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "webp"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "wav"
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "office"
    if head[4:8] == b"ftyp":
        if head[8:12] in _HEIC:
            return "heic"
        if head[8:12] in _AVIF:
            raise Refusal("file", "AVIF", "pictures in AVIF are not taken", "save it as JPEG and send that", 415)
        return "mp4"
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "mp3"
    raise unknown()


def unknown() -> Refusal:
    """The one answer to a file of no type that we take."""
    taken = ", ".join(ending for ending, _ in TYPES.values())
    return Refusal("file", "…", "it is of no type that is taken as evidence", f"send one of: {taken}", 415)


def checked(media_type: str, kind: str, taken: tuple[str, ...]) -> None:
    """Whether a file can be the kind of evidence that it is sent as. Raises Refusal (415, 422)."""
    if media_type not in taken:
        raise Refusal("file", media_type, "this deployment does not take the type", f"send {', '.join(taken)}", 415)
    if kind not in TYPES[media_type][1]:
        may = ", ".join(TYPES[media_type][1])
        raise Refusal("kind", kind, f"a file of {media_type} is no {kind}", f"say one of: {may}")


def kind_of(media_type: str) -> str:
    """The kind a file is if nobody says."""
    return TYPES[media_type][1][0]


def shown_name(given: str) -> str:
    """A sender's name of a file as it may be shown: without folders, control characters and phone numbers."""
    last = PurePosixPath(given.replace("\\", "/")).name
    plain = "".join(c for c in last if c.isprintable()).strip(". ")
    return scrub(plain)[:_LONGEST_NAME]


def file_name(sha: str, media_type: str) -> str:
    """The name under which a file is handed out: nothing of it comes from outside."""
    return f"{sha[:16]}.{TYPES[media_type][0]}"
