"""A letter: its keys, its header fields, its bytes (N3, N8).

Keys are derived from what the letter is about, never drawn: a replayed event finds the letter that is there.
"""

import re
from base64 import b64encode, encodebytes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256

from services.notify.domain.attachment import Attachment, multipart
from shared.errors import Refusal

CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
# bidirectional overrides turn the text around them on the screen: a title must not rewrite the letter
OVERRIDES = re.compile(r"[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
LONGEST_ADDRESS = 254
LONGEST_SUBJECT = 200
LONGEST_WORD = 42
"""Bytes in one encoded word: with its frame at most 68 characters, the line under 78."""


def notice_key(matter: str, template: str, person: str, channel: str = "email") -> str:
    """The notice that exists at most once (N3): this matter, by this template, to this person, on this channel."""
    key = f"{matter}|{template}|{person}"
    return key if channel == "email" else f"{key}|{channel}"


def notice_id(key: str) -> str:
    """Short public id of a notice."""
    return "n-" + sha256(key.encode()).hexdigest()[:24]


def letter_id(key: str) -> str:
    """Short public id of a letter; its key is a notice's id, or the digest's person and hour."""
    return "l-" + sha256(key.encode()).hexdigest()[:24]


def digest_key(person: str, email: str, due: datetime, part: int) -> str:
    """Key of a person's digest of one hour; `part` counts on when an earlier one has already gone."""
    return f"digest|{person}|{email}|{due.isoformat()}|{part}"


def message_id(letter: str, domain: str) -> str:
    """The same on every try of a letter, so that the receiver's server may notice a second copy."""
    return f"<{letter}@{domain}>"


def checked_address(email: str, field: str = "email") -> str:
    """An address that may stand in an envelope and a header; raises Refusal (X9)."""
    if len(email) > LONGEST_ADDRESS or not ADDRESS.fullmatch(email) or ".." in email:
        raise Refusal(
            field,
            email[:80],
            "not an address that takes letters",
            "write it like wang.fang@tax.example, in ASCII (an internationalised domain as xn--…)",
        )
    return email


def checked_header(value: str, field: str) -> str:
    """A text that may stand in a header; raises Refusal for control characters: no forged header (X9)."""
    if CONTROLS.search(value):
        raise Refusal(field, value[:80], "has a line break or control character", "write it on one line of plain text")
    return value


def one_line(text: str, longest: int = LONGEST_SUBJECT) -> str:
    """Text of others made fit for one line: no breaks, no controls, no overrides, not too long."""
    flat = " ".join(OVERRIDES.sub("", CONTROLS.sub(" ", text)).split())
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes into an envelope. `at`: the moment it is written, in the zone that the reader lives in."""

    id: str
    sender_name: str
    sender: str
    name: str
    email: str
    subject: str
    text: str
    language: str
    at: datetime
    domain: str


def compose(letter: Letter, attachments: Sequence[Attachment] = ()) -> bytes:
    """The letter as RFC 5322 bytes; the same letter gives the same bytes. Raises Refusal on an unsafe header.

    Plain text only: nothing that a reader's program could run, and nothing that needs escaping (X9). Written out
    here because `email.message` takes ten times as long; the tests read it back with the standard library.
    """
    headers = {
        "From": _mailbox(letter.sender_name, letter.sender, "sender"),
        "To": _mailbox(letter.name, letter.email, "recipient"),
        "Subject": _encoded(checked_header(letter.subject, "subject")),
        "Date": format_datetime(letter.at),
        "Message-ID": message_id(letter.id, letter.domain),
        "Content-Language": "zh-CN" if letter.language == "zh" else letter.language,
        "Auto-Submitted": "auto-generated",  # RFC 3834: no holiday replies to the office
        "MIME-Version": "1.0",
    }
    text = _text_part(letter.text)
    if not attachments:
        return _head(headers) + text
    boundary = f"=_{letter.id}"
    headers["Content-Type"] = f'multipart/mixed;\r\n boundary="{boundary}"'
    return _head(headers) + b"\r\n" + multipart(text, attachments, boundary)


def _text_part(text: str) -> bytes:
    body = "\r\n".join(text.splitlines()) + "\r\n"
    headers = {
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "base64",  # lines of any length, and no line that begins with a dot
    }
    return _head(headers) + b"\r\n" + encodebytes(body.encode()).replace(b"\n", b"\r\n")


def _head(headers: dict[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode("ascii")


def _mailbox(name: str, email: str, field: str) -> str:
    return f"{_encoded(checked_header(name, f'{field}.name'))} <{checked_address(email, f'{field}.email')}>"


def _encoded(text: str) -> str:
    """RFC 2047 encoded words, a line each, split between characters. Everything: then nothing needs quoting."""
    words: list[bytes] = []
    for char in text:
        raw = char.encode("utf-8", "replace")  # half a surrogate pair, as a broken export may hold, becomes `?`
        if words and len(words[-1]) + len(raw) <= LONGEST_WORD:
            words[-1] += raw
        else:
            words.append(raw)
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in words)
