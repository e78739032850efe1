"""A file that goes with a letter (N5): its name, its kind, its bytes."""

import re
from base64 import encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from shared.errors import Refusal

MEDIA_TYPE = re.compile(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}")
# what a file system, a header or the eye could take for something else: controls, path signs, bidirectional overrides
UNSAFE_IN_NAME = re.compile(
    r'[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff/\\:*?"<>|]'
)
LONGEST_NAME = 120
SEGMENT = 54
"""Characters of a name in one parameter; with its frame the line stays under 78."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file. `name` as the reader sees it, with its suffix; `media_type` as `application/pdf`."""

    name: str
    media_type: str
    body: bytes


def file_name(text: str) -> str:
    """A text made fit to be a file's name: no path, no control or override character, not too long."""
    flat = " ".join(UNSAFE_IN_NAME.sub("", text).split()).strip(". ")
    return flat[:LONGEST_NAME]


def multipart(first: bytes, attachments: Sequence[Attachment], boundary: str) -> bytes:
    """The body of a multipart/mixed: `first` is a whole part (header fields, empty line, body).

    All bodies are in base64, where no line begins with `--`: the boundary needs no search. Raises Refusal.
    """
    mark = f"--{boundary}".encode("ascii")
    parts = [first, *(_part(attachment) for attachment in attachments)]
    return b"".join(mark + b"\r\n" + part for part in parts) + mark + b"--\r\n"


def _part(attachment: Attachment) -> bytes:
    if not MEDIA_TYPE.fullmatch(attachment.media_type):
        raise Refusal("attachment.media_type", attachment.media_type[:80], "not a media type", "write application/pdf")
    name = file_name(attachment.name)
    if not name or name != attachment.name:
        raise Refusal(
            "attachment.name", attachment.name[:80], "not a plain name of a file", "leave out paths and controls"
        )
    head = (
        f"Content-Type:\r\n {attachment.media_type}\r\n"
        f"Content-Disposition: attachment;\r\n {_parameter(name)}\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return head.encode("ascii") + encodebytes(attachment.body).replace(b"\n", b"\r\n")


def _parameter(name: str) -> str:
    """RFC 2231: the name in percent signs, cut into lines between characters."""
    if name.isascii() and len(name) <= SEGMENT:
        return f'filename="{name}"'
    lines = ["UTF-8''"]
    for char in name:
        coded = quote(char.encode("utf-8", "replace"), safe="")
        if len(lines[-1]) + len(coded) > SEGMENT:
            lines.append("")
        lines[-1] += coded
    if len(lines) == 1:
        return f"filename*={lines[0]}"
    return ";\r\n ".join(f"filename*{number}*={line}" for number, line in enumerate(lines))
