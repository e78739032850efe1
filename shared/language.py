"""Chinese or English: what a reader asks for, and what is said in both."""

import re
from typing import Literal, Protocol

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_RANGE = re.compile(r"\s*([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


class Both(Protocol):
    """Something said in both languages."""

    @property
    def zh(self) -> str: ...

    @property
    def en(self) -> str: ...


def said(words: Both, language: Language) -> str:
    """The words in a language; Chinese where there are no English ones."""
    return words.zh if language == "zh" else words.en or words.zh


def preferred(accept: str) -> Language:
    """The language of an `Accept-Language` header; Chinese unless English is clearly wanted more."""
    weights: dict[str, float] = {}
    for part in accept[:1_000].split(","):
        if match := _RANGE.fullmatch(part):
            name, weight = match.group(1).lower(), float(match.group(2) or 1)
            weights[name] = max(weights.get(name, 0), weight)
    return "en" if weights.get("en", 0) > weights.get("zh", 0) else "zh"
