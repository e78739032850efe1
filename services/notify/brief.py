"""A notice for a small screen: one line, the number, the date, where to look; cut to the channel's length."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.notify.domain.channel import EMAIL, Channel, route_of
from services.notify.wording import Item, Wording

_HARMLESS = str.maketrans({"<": "＜", ">": "＞"})
"""In a chat `<at user_id="all">` calls everybody, and `<…|…>` is a link: what others wrote must do neither (X9)."""


def brief(
    wording: Wording,
    channel: Channel,
    name: str,
    worded: Sequence[Item],
    notices: Sequence[Mapping[Any, Any]],
    language: str,
) -> str:
    """One message for these notices to a person, at most `channel.longest` characters."""
    letter = all(EMAIL in route_of(notice["rule"]).first for notice in notices)
    if len(worded) > 1:
        text = _together([item.short for item in worded], channel.longest, language)
        facts: dict[str, Any] = {"number": "", "due": ""}
    else:
        text, facts = worded[0].short, _particulars(worded[0].short, notices[0]["facts"], wording, language)
    said = wording.short(name, text, facts, language, letter=letter)
    over = len(said) - channel.longest
    if over > 0:
        said = wording.short(name, text[: max(1, len(text) - over - 1)] + "…", facts, language, letter=letter)
    return said[: channel.longest].translate(_HARMLESS)


def _particulars(text: str, facts: Mapping[Any, Any], wording: Wording, language: str) -> dict[str, Any]:
    """The number and the date, where the line does not say them already."""
    number, due = facts.get("case") or facts.get("number") or "", facts.get("due") or ""
    return {
        "number": "" if str(number) in text else number,
        "due": "" if not due or wording.day(due, language) in text else due,
    }


def _together(lines: Sequence[str], longest: int, language: str) -> str:
    """As many lines as fit in some two thirds of the message, and how many there are in all."""
    count = len(lines)
    head = f"{count}项通知：" if language == "zh" else f"{count} notices: "
    mark = "；" if language == "zh" else "; "
    said = head + lines[0]
    for line in lines[1:]:
        if len(said) + len(mark) + len(line) > longest * 2 // 3:
            return f"{said}{mark}…"
        said += mark + line
    return said
