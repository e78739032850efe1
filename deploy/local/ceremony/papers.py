"""What is put before a teller to sign, in words; anything else is not signed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from services.scoring.domain import cards, minutes
from services.scoring.domain.canon import Malformed, digest, items, members, parse_canonical, text
from services.scoring.domain.rules import check_key
from services.scoring.domain.signing import short_code, signing_from_bytes
from shared.errors import Refusal


@dataclass(frozen=True, slots=True)
class Paper:
    """A text to sign, and what it means."""

    text: str
    words: tuple[str, ...]


def read(path: Path) -> Paper:
    """Read what is to be signed. Raises Refusal for what no teller signs, and where root and figures do not fit."""
    try:
        data = path.read_bytes()
        return of(data)
    except OSError as error:
        raise Refusal("paper", str(path), f"cannot be read: {error.strerror}", "name the file to sign") from error
    except ValueError as error:  # Malformed, or bytes that are no text
        raise Refusal("paper", str(path), str(error), "ask for the file again, and sign nothing") from error


def of(data: bytes) -> Paper:
    """What these bytes ask to sign. Raises Malformed, and ValueError for bytes that are no text."""
    if data.startswith(b"{") and b'"minping.minutes.v1"' in data:
        return _minutes(data)
    if data.startswith(b"{"):
        found = signing_from_bytes(data)
        proven = "以上数字已核对：确在根摘要之内 · these figures are in the root, as computed here"
        return Paper(found.checkpoint, (*found.words(), proven))
    said = data.decode("utf-8")
    lines = said.split("\n")
    if lines[0] == minutes.MINUTES_ORIGIN and len(lines) == 4:
        return Paper(said, (f"大会记录 minutes of {lines[1]}", f"SHA-256 {lines[2]}"))
    if lines[0] == cards.CARDS_ORIGIN and len(lines) == 5:
        return Paper(
            said, (f"评议卡清单 list of cards of {lines[1]}", f"{lines[2]} 张 cards", f"根摘要 root {lines[3]}")
        )
    if len(lines) == 4 and not lines[3] and lines[0].count("/") in (3, 4) and lines[1].isdigit():
        *_, programme, cycle, meeting = lines[0].split("/")
        rehearsal = (
            ["★ 演练，不是真实评议 REHEARSAL, not a real vote"] if lines[0].startswith("minping/rehearsal/") else []
        )
        return Paper(said, (
            *rehearsal, f"大会 meeting     {meeting}（{programme} {cycle}）", f"有效票 valid     {int(lines[1]) - 1}",
            f"根摘要 root      {lines[2]}", f"短码 short code  {short_code(said)}",
            "只有校验点，没有对账数字：请与屏幕核对 · the checkpoint alone: compare it with the screen",
        ))  # fmt: skip
    raise Malformed("is nothing that a teller signs")


def _minutes(data: bytes) -> Paper:
    value = parse_canonical(data)
    top = members(value, "minutes", ("kind", "meeting", "title", "entries", "counts", "checkpoint"))
    meeting = check_key(text(top["meeting"], "minutes.meeting"), "minutes.meeting")
    steps = [members(one, "minutes.entries", ("at", "step", "by", "says")) for one in items(top["entries"], "entries")]
    note = f"{minutes.MINUTES_ORIGIN}\n{meeting}\n{digest(data)}\n"
    shown = [f"  {one['at']}  {one['by']}  {one['says']}" for one in steps]
    checkpoint = text(top["checkpoint"], "minutes.checkpoint").split("\n")[:3]
    return Paper(
        note, (f"大会记录 minutes of {meeting}：{top['title']}", *shown, *checkpoint, f"SHA-256 {digest(data)}")
    )
