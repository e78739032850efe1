"""Canonical JSON (RFC 8785) and SHA-256: the form in which everything that is hashed or signed is written.

Our files hold objects, lists, strings, whole numbers, true, false and null only. Decimal figures are strings
("87.25"): a float is refused, so that no reader can round what was signed.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, NoReturn, TypeAlias, cast

import rfc8785

Json: TypeAlias = Mapping[str, "Json"] | Sequence["Json"] | str | int | bool | None
Entropy: TypeAlias = Callable[[int], bytes]
"""Gives n unpredictable bytes (`secrets.token_bytes`); domain code never makes its own."""


class Malformed(ValueError):
    """Bytes that are not what they should be; the message says what and where."""


def canonical(value: Json) -> bytes:
    """The RFC 8785 form of a value. Raises Malformed for floats, other types, and numbers beyond 2**53 - 1.

    For what our files hold, json writes the same bytes many times faster than the library, but for the order of
    members with characters beyond U+DFFF (RFC 8785 sorts UTF-16): where there is one, the library writes.
    """
    try:
        _check(value)
        written = _write(value)
        return rfc8785.dumps(cast(Any, value)) if _BEYOND.search(written) else written.encode()
    except (ValueError, TypeError, RecursionError) as error:
        if isinstance(error, Malformed):
            raise
        raise Malformed(f"cannot be written as canonical JSON: {error}") from error


_write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")).encode
_BEYOND = re.compile("[\ue000-\U0010ffff]")
_LARGEST = 2**53 - 1


def _check(value: object) -> None:
    """Only what has one canonical form: json would write other keys and types too."""
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str):
                raise Malformed(f"key {key!r} is no string")
            if type(item) is not str:
                _check(item)
    elif isinstance(value, list | tuple):
        for item in value:
            if type(item) is not str:
                _check(item)
    elif isinstance(value, int):
        if not -_LARGEST <= value <= _LARGEST:
            raise Malformed(f"number {value} is too large")
    elif isinstance(value, float):
        raise Malformed(f"{value!r} is a float; write figures as strings")
    elif value is not None and not isinstance(value, str):
        raise Malformed(f"a {type(value).__name__} is nothing that our files hold")


def digest(data: bytes) -> str:
    """SHA-256 as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def _refuse_float(text: str) -> NoReturn:
    raise Malformed(f"number {text} is no whole number")


def _whole(text: str) -> int:
    if len(text) > 17:
        raise Malformed(f"number {text[:20]}… is too large")
    return int(text)


def _unique(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise Malformed(f"key {key!r} stands twice")
            seen.add(key)
    return found


_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique, parse_float=_refuse_float, parse_constant=_refuse_float, parse_int=_whole
)


def parse(data: bytes) -> Json:
    """Read JSON strictly: UTF-8, no key twice, whole numbers only. Raises Malformed."""
    try:
        return cast(Json, _DECODER.decode(data.decode("utf-8")))
    except Malformed:
        raise
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError and JSONDecodeError are ValueErrors
        raise Malformed(f"is no JSON: {error}") from error


def parse_canonical(data: bytes) -> Json:
    """Read JSON that must be in its canonical form, byte for byte. Raises Malformed naming the first offset."""
    value = parse(data)
    again = canonical(value)
    if again != data:
        at = next(
            (i for i, (a, b) in enumerate(zip(again, data, strict=False)) if a != b),
            min(len(again), len(data)),
        )
        raise Malformed(f"is not in canonical form (RFC 8785) at byte {at}")
    return value


# -- reading fields of what was parsed, with errors that name the field -------------------------------------------


def members(value: Json, where: str, required: Iterable[str], optional: Iterable[str] = ()) -> Mapping[str, Json]:
    """`value` as an object with exactly these members. Raises Malformed naming the member."""
    if not isinstance(value, Mapping):
        raise Malformed(f"{where} is no object")
    must, may = set(required), set(optional)
    for key in sorted(must - value.keys()):
        raise Malformed(f"{where}.{key} is missing")
    for key in sorted(value.keys() - must - may):
        raise Malformed(f"{where}.{key} is unknown")
    return value


def text(value: Json, where: str) -> str:
    """`value` as a string."""
    if not isinstance(value, str):
        raise Malformed(f"{where} is no string")
    return value


def whole(value: Json, where: str, least: int = 0) -> int:
    """`value` as a whole number of at least `least`."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Malformed(f"{where} is no whole number of at least {least}")
    return value


def items(value: Json, where: str) -> Sequence[Json]:
    """`value` as a list."""
    if not isinstance(value, list | tuple):
        raise Malformed(f"{where} is no list")
    return value


def kind(value: Json, expected: str) -> None:
    """Check the member `kind` that all our files carry."""
    if not isinstance(value, Mapping) or value.get("kind") != expected:
        raise Malformed(f"kind is not {expected}")


_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,12})?")
_FRACTION = re.compile(r"[0-9]{1,9}/[1-9][0-9]{0,8}")


def decimal(value: Json, where: str) -> Decimal:
    """`value` as an exact decimal, from a string such as "87.25"."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise Malformed(f"{where} is no decimal written as a string")
    return Decimal(value)


def fraction(value: Json, where: str) -> Fraction:
    """`value` as an exact fraction, from a string such as "2/3"."""
    if not isinstance(value, str) or not _FRACTION.fullmatch(value):
        raise Malformed(f"{where} is no fraction written as a string")
    return Fraction(value)


def plain(value: Decimal) -> str:
    """A decimal as our files write it: no exponent."""
    return format(value, "f")


def moment(at: datetime) -> str:
    """RFC 3339 text of an aware time, seconds kept, in its own zone. Raises Malformed for a naive time."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise Malformed("a time without its zone")
    return at.isoformat(timespec="seconds")
