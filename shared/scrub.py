"""Phones, ID numbers, e-mail, bank cards and the complainant's own name out of a text before it leaves intake (I3).

Digits are read however they are written: full width, with spaces, dashes, dots or invisible characters
between, or as Chinese numerals. What is no such number stays as it is: dates, amounts, house and ticket numbers.
The work is done on a copy of the same length (one character for one), so that the rest of the text is untouched.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

PHONE = "［电话］"
ID_NUMBER = "［身份证号］"
BANK_CARD = "［银行卡号］"
E_MAIL = "［电子邮箱］"
NAME = "［姓名］"

_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\uff3f_"
_SPACES = "\t\u00a0\u2002\u2003\u2007\u2009\u202f\u3000"
_FOLD = str.maketrans(
    {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_SPACES, " "), **dict.fromkeys(_INVISIBLE, " ")}
    | {"\uff0e": ".", "\u00b7": ".", "\u2022": ".", "\uff20": "@", "\uff08": "(", "\uff09": ")", "\uff0b": "+"}
)
_TO_FOLD = re.compile(f"[{re.escape(''.join(map(chr, _FOLD)))}]")
_ODD = re.compile("[\uff21-\uff5a]|(?![0-9])\\d")  # full-width letters, and digits that are not ASCII
_NUMERALS = str.maketrans("零〇○一幺二三四五六七八九", "0001123456789")

_E_MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
# groups of digits with at most two separators between; a bracketed area code counts as a group
_CLUSTER = re.compile(r"(?:\+ ?|\()?[0-9]+(?:[ .\-()]{1,2}[0-9]+)*[Xx]?")
_GROUP = re.compile(r"[0-9]+[Xx]?")
_CHINESE_RUN = re.compile(r"[零〇○一幺二三四五六七八九]{7,19}")
_BEFORE_LOCAL = re.compile(
    r"(?:电话|座机|固话|热线|手机|联系方式|联系号码|致电|拨打|回电|传真|微信|[Tt][Ee][Ll])"
    r"[号码是为打一下系\s:.,;、：，]{0,5}$"
)
# what makes a run of digits a quantity; 元旦 (New Year) does not
_QUANTITY = re.compile(r" ?(?:万|亿|元(?!旦)|块|平方|平米|㎡|公里|吨|美元|人民币)")

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_LANDLINE = re.compile(r"0(?:10|2[0-9])[2-9][0-9]{7}|0[3-9][0-9]{2}[2-9][0-9]{6,7}")
_AREA = re.compile(r"0(?:10|2[0-9]|[3-9][0-9]{2})")
_SERVICE = re.compile(r"[48]00[0-9]{7}")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_CARD = re.compile(r"3[4-8]|4|5[0-8]|6|955")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"

# how people break the eleven digits of a mobile number; anything else is a list of other numbers
_MOBILE_GROUPS = {
    (11,), (3, 4, 4), (3, 8), (7, 4), (5, 6), (6, 5), (3, 3, 5), (3, 5, 3), (4, 4, 3), (4, 3, 4), (4, 7),
    (3, 2, 2, 2, 2), (3, 2, 3, 3), (1,) * 11,
}  # fmt: skip
_MOST_DIGITS = 40


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the complainant: replaced wherever it occurs. All parts may be empty."""

    name: str = ""
    numbers: tuple[str, ...] = ()


def scrub(text: str, known: Known = Known()) -> str:
    """The text with every phone, ID number, e-mail and bank card, and what is `known`, replaced. Idempotent."""
    if not text:
        return text
    copy = _fold(text)
    spans: list[tuple[int, int, str]] = [(m.start(), m.end(), E_MAIL) for m in _E_MAIL.finditer(copy)]
    numbers = frozenset(digits for n in known.numbers if len(digits := _digits(n)) >= 7)
    for match in _CLUSTER.finditer(copy):
        if match.end() - match.start() >= 7:
            spans += _in_cluster(copy, match.start(), match.end(), numbers)
    for match in _CHINESE_RUN.finditer(text):
        digits = match.group().translate(_NUMERALS)
        kind = _kind(
            digits,
            (len(digits),),
            numbers,
            local=bool(_BEFORE_LOCAL.search(copy, max(0, match.start() - 20), match.start())),
        )
        if kind:
            spans.append((match.start(), match.end(), kind))
    name = "".join(_fold(known.name).split())
    if len(name) >= 2 and all(character in copy for character in set(name)):
        spaced = r"\s*".join(map(re.escape, name))
        spans += [(m.start(), m.end(), NAME) for m in re.finditer(spaced, copy)]
    return _replaced(text, spans) if spans else text


def has_valid_checksum(number: str) -> bool:
    """Whether 18 characters carry the check character of a resident identity number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return _ID_CHECKS[total % 11] == number[17].upper()


def passes_luhn(number: str) -> bool:
    """Whether the digits satisfy the check of bank cards."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + position % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _fold(text: str) -> str:
    """Same length: full-width and other decimal digits to ASCII, dashes to `-`, spaces to a space."""
    copy = text.translate(_FOLD) if _TO_FOLD.search(text) else text
    if not (odd := set(_ODD.findall(copy))):
        return copy
    return copy.translate({ord(c): str(unicodedata.decimal(c)) if c.isdecimal() else chr(ord(c) - 0xFEE0) for c in odd})


def _digits(text: str) -> str:
    return "".join(c for c in _fold(text) if c.isascii() and (c.isdigit() or c in "Xx")).upper()


def _in_cluster(copy: str, start: int, end: int, known: frozenset[str]) -> list[tuple[int, int, str]]:
    groups = [(m.start(), m.end()) for m in _GROUP.finditer(copy, start, end)]
    found: list[tuple[int, int, str]] = []
    first = 0
    while first < len(groups):
        step = 1
        total = 0
        best: tuple[int, int, str] | None = None
        for last in range(first, min(len(groups), first + 20)):
            total += groups[last][1] - groups[last][0]
            if total > _MOST_DIGITS:
                break
            if total < 7:
                continue
            span = _window(copy, groups[first : last + 1], known)
            if span:
                best, step = span, last + 1 - first
        if best:
            found.append(best)
        first += step
    return found


def _window(copy: str, groups: list[tuple[int, int]], known: frozenset[str]) -> tuple[int, int, str] | None:
    """The whole of these groups as one number, if it is one."""
    begin, end = groups[0][0], groups[-1][1]
    number = "".join(copy[a:b] for a, b in groups)
    sizes = tuple(b - a for a, b in groups)
    if number[-1] in "Xx" and len(number) != 18:  # an x after the digits belongs to them in an ID number only
        number, end, sizes = number[:-1], end - 1, (*sizes[:-1], sizes[-1] - 1)
    between = {copy[a:b] for (_, a), (b, _) in pairwise(groups)}
    if "." in between and len(groups) < 3:  # one point is a decimal point
        return None
    kind = _kind(number, sizes, known, local=bool(_BEFORE_LOCAL.search(copy, max(0, begin - 20), begin)))
    if kind is None or (kind in (PHONE, BANK_CARD) and _QUANTITY.match(copy, end) and number not in known):
        return None
    begin -= begin > 0 and copy[begin - 1] == "+"
    begin -= begin > 0 and copy[begin - 1] == "(" and ")" in copy[begin:end]
    return begin, end, kind


def _kind(number: str, sizes: tuple[int, ...], known: frozenset[str], *, local: bool) -> str | None:
    if number.upper() in known:
        return ID_NUMBER if len(number) in (15, 18) else PHONE
    if number[-1] in "Xx":
        return ID_NUMBER if len(number) == 18 and _is_id18(number) else None
    phone, phone_sizes = _without_country(number, sizes)
    if _MOBILE.fullmatch(phone) and phone_sizes in _MOBILE_GROUPS:
        return PHONE
    whole = sizes == (len(number),) or set(sizes) == {1}
    if _LANDLINE.fullmatch(number) and (whole or _AREA.fullmatch(number[: sizes[0]])):
        return PHONE
    if _SERVICE.fullmatch(number) and (whole or sizes[0] == 3):
        return PHONE
    regular = whole or min(sizes) >= 3
    if regular and len(number) == 18 and _is_id18(number):
        return ID_NUMBER
    if regular and len(number) == 15 and _PROVINCE.match(number) and _is_birthday("19" + number[6:12]):
        return ID_NUMBER
    if regular and 16 <= len(number) <= 19 and _CARD.match(number) and passes_luhn(number):
        return BANK_CARD
    if len(number) > 19 and len(sizes) == 1:
        return _glued(number)
    if local and _LOCAL.fullmatch(number) and (whole or sizes in ((3, 4), (4, 4), (4, 3))):
        return PHONE
    return None


def _without_country(number: str, sizes: tuple[int, ...]) -> tuple[str, tuple[int, ...]]:
    for code in ("0086", "86"):
        if number.startswith(code) and len(number) == 11 + len(code):
            rest = (sizes[0] - len(code), *sizes[1:])
            return number[len(code) :], rest[1:] if rest[0] == 0 else rest
    if number.startswith("01") and len(number) == 12:  # a mobile dialled from another place: 0138…
        return number[1:], (sizes[0] - 1, *sizes[1:])
    return number, sizes


def _glued(number: str) -> str | None:
    """Mobile and ID numbers written without anything between; None if the digits are anything else."""
    if not number:
        return ""
    for size, word in ((11, PHONE), (18, ID_NUMBER)):
        head, tail = number[:size], number[size:]
        fits = _MOBILE.fullmatch(head) if size == 11 else len(head) == 18 and _is_id18(head)
        if fits and (rest := _glued(tail)) is not None:
            return word + rest
    return None


def _is_id18(number: str) -> bool:
    if not _PROVINCE.match(number) or not number[:17].isdigit():
        return False
    return _is_birthday(number[6:14]) or has_valid_checksum(number)


def _is_birthday(digits: str) -> bool:
    return (
        digits[:2] in ("18", "19", "20") and "01" <= digits[4:6] <= "12" and "01" <= digits[6:8] <= "31"
    )  # a mistyped day must not let a number through: no check of the month's length


def _replaced(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    at = 0
    for begin, end, word in sorted(spans, key=lambda span: (span[0], -span[1])):
        if begin < at:
            continue
        parts += (text[at:begin], word)
        at = end
    parts.append(text[at:])
    return "".join(parts)
