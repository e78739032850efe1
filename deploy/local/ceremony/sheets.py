"""Cards and shares on paper: HTML that prints on A4 and needs nothing from elsewhere."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from services.scoring.domain.cards import Card
from services.scoring.domain.key_file import SplitKey
from services.scoring.domain.shamir import parse_share

A_SHEET = 8
"""Cards on a page of A4: two beside each other, four below."""
_PAPER = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined,
    trim_blocks=True, lstrip_blocks=True,
)  # fmt: skip


def qr(text: str, error: str = "m") -> Markup:
    """A code as SVG inside the page; upper-case text without dashes makes the smallest one."""
    made = io.BytesIO()
    segno.make(text, error=error, micro=False).save(
        made, kind="svg", xmldecl=False, svgns=False, border=3, omitsize=True, svgclass=None, lineclass=None
    )
    return Markup(made.getvalue().decode())


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on every card of a meeting. `labels`: what stands on the cards of each class (none: one class)."""

    meeting: str
    title: str
    date: date
    rehearsal: bool
    labels: Mapping[str, str]

    def cards(self, cards: Sequence[Card]) -> str:
        """The sheets of cards, in the order given: shuffle them first. One class after the other, on its own pages."""
        pages: list[list[dict[str, Any]]] = []
        for card_class in dict.fromkeys(c.card_class for c in cards):
            label = self.labels.get(card_class, "")
            found = [self._card(c, label) for c in cards if c.card_class == card_class]
            pages += [found[i : i + A_SHEET] for i in range(0, len(found), A_SHEET)]
        day = f"{self.date.year}年{self.date.month}月{self.date.day}日"
        return _PAPER.get_template("cards.html").render(
            meeting=self.meeting, title=self.title, date=day, rehearsal=self.rehearsal, sheets=pages
        )

    @staticmethod
    def _card(card: Card, label: str) -> dict[str, Any]:
        return {"groups": card.text.split("-"), "qr": qr(card.text.replace("-", "")), "label": label}


@dataclass(frozen=True, slots=True)
class KeptShare:
    """A share as a teller keeps it: what it opens, and the file that holds it besides the paper."""

    purpose: str
    key: SplitKey
    share: str
    file: str


_PURPOSES = {
    "ballot": {
        "title": "选票密钥份额", "until": "封存以后销毁。", "until_en": "Destroyed once the meeting is sealed.",
    },
    "dispute": {
        "title": "争议密钥份额", "until": "争议期满以后销毁。", "until_en": "Destroyed once no dispute can be raised.",
    },
    "result": {
        "title": "结果密钥份额", "until": "结果打开以后销毁。", "until_en": "Destroyed once the result is opened.",
    },
}  # fmt: skip


def share_sheet(meeting: str, name: str, shares: Sequence[KeptShare], *, rehearsal: bool = False) -> str:
    """A teller's sheets, a page a share."""
    found = []
    for kept in shares:
        found.append({
            **_PURPOSES[kept.purpose], "number": parse_share(kept.share).number, "given": len(kept.key.holders),
            "needed": kept.key.needed, "key": kept.key.id, "groups": kept.share.split("-"), "file": kept.file,
            "qr": qr(kept.share.replace("-", "")),
        })  # fmt: skip
    return _PAPER.get_template("share.html").render(meeting=meeting, name=name, shares=found, rehearsal=rehearsal)
