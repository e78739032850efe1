"""Numbers for people and codes that open something: register numbers, tracking codes, one-time callback codes."""

import base64
import hashlib
import hmac
import re

from shared.errors import Refusal

_NUMBER = re.compile(r"(\d{4})-(\d{6,})")
_CROCKFORD = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1"})
CODE_LENGTH = 16
"""Characters of a code, 5 bits each: 80 bits. No I, L, O, U, so that it can be read out on the telephone."""


def register_number(year: int, count: int) -> str:
    """`2026-000123`: the year of the local report time and that year's count, from 1 (I2)."""
    return f"{year:04d}-{count:06d}"


def is_register_number(text: str) -> bool:
    """Whether the text has the form of a register number."""
    return bool(_NUMBER.fullmatch(text))


def code_for(key: bytes, purpose: str, *about: str | int) -> str:
    """The 80-bit code of a thing, `7K3Q-…`: the same every time for the holder of the key, a guess for others."""
    message = "\0".join((purpose, *(str(part) for part in about))).encode()
    digest = hmac.new(key, message, hashlib.sha256).digest()[:10]
    plain = base64.b32encode(digest).decode().translate(_CROCKFORD)
    return "-".join(plain[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def read_code(text: str, field: str = "code") -> str:
    """A code as somebody typed it, in its one form. Raises Refusal (404: nothing is told about why)."""
    plain = re.sub(r"[\s\-–—]", "", text).upper().translate(_MISREAD)
    if not re.fullmatch(rf"[0-9A-HJKMNP-TV-Z]{{{CODE_LENGTH}}}", plain):
        raise unknown_code(field)
    return "-".join(plain[i : i + 4] for i in range(0, CODE_LENGTH, 4))


def digest_of(code: str) -> str:
    """What is stored of a code: its SHA-256, in hex."""
    return hashlib.sha256(code.encode()).hexdigest()


def unknown_code(field: str = "code") -> Refusal:
    """The one answer to every code that opens nothing; the code itself is not repeated."""
    return Refusal(field, "…", "no complaint has this code", "check the code on the receipt", 404)


def petitioner_mark(key: bytes, *, phone: str, id_number: str, name: str, address: str) -> str | None:
    """The same for the same person, telling nothing without the key: an ID number, a phone, or name and address.

    None where nothing is known. It serves to count people behind a matter, not complaints (I5).
    """
    digits = re.sub(r"\D", "", phone)[-11:]
    about = (
        ("id", id_number.strip().upper())
        if id_number.strip()
        else ("phone", digits)
        if len(digits) >= 7
        else ("name", name.strip(), address.strip())
    )
    if not any(about[1:]):
        return None
    return hmac.new(key, "\0".join(("petitioner", *about)).encode(), hashlib.sha256).hexdigest()[:20]
