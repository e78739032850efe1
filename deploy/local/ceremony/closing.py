"""The tellers' table at the closing: count by hand, bring the shares, go back a step while nothing is counted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from deploy.local.ceremony.house import House, text_file
from services.scoring.domain.key_file import KeyFile, key_file_from_bytes
from services.scoring.domain.shamir import Share, parse_share
from shared.errors import Refusal

NEEDED = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What was given as options; what was not is asked."""

    left_in_box: int | None
    unused: int | None
    shares: tuple[Path, ...]
    yes: bool

    @property
    def asks(self) -> bool:
        """Whether somebody is asked."""
        return self.left_in_box is None or self.unused is None or not self.shares


class Table:
    """One closing. Everything typed is checked at once, and can be typed again until the last question is answered."""

    def __init__(self, house: House, meeting: str, console: Console) -> None:
        self._house, self._meeting, self._console = house, meeting, console

    def count(self, given: Given) -> dict[str, Any]:
        """Reconcile, take the shares, count. Raises Refusal; what to count again is on the console by then."""
        while True:
            figures = self._by_hand(given)
            keys = self._keys()
            shares = [self._checked(text_file(path), keys) for path in given.shares] or self._asked(keys)
            self._review(figures, shares, keys)
            if given.yes or typer.confirm("开始计票？否则从头再来 Count now? Else start again", err=True):
                body = {**figures, "shares": [share.text for share in shares]}
                return self._house.act(f"/meetings/{self._meeting}/count", "teller", body)
            if not given.asks:
                raise typer.Exit(1)

    def _by_hand(self, given: Given) -> dict[str, int]:
        """The two figures that people count; asked until they agree with roll, cards and ballots."""
        path = f"/meetings/{self._meeting}/reconciliation"
        while True:
            box, unused = given.left_in_box, given.unused
            figures = {
                "left_in_box": _number("箱中余卡 cards left in the box") if box is None else box,
                "unused": _number("交回的未用卡 unused cards handed in") if unused is None else unused,
            }
            found = self._house.act(path, "teller", figures)
            for line in found["lines"]:
                self._console.print(f"{'✓' if line['holds'] else '✗'} {line['says']}", soft_wrap=True)
                for text in line["again"].values():
                    self._console.print(f"    → {text}", soft_wrap=True)
            if found["agrees"]:
                return figures
            if box is not None and unused is not None:
                failing = "; ".join(line["says"] for line in found["lines"] if not line["holds"])
                raise Refusal("reconciliation", failing, "the figures do not agree", "count again by hand", 409)

    def _keys(self) -> KeyFile | None:
        try:
            return key_file_from_bytes(self._house.fetch(f"/api/v1/meetings/{self._meeting}/ballot-key"))
        except Refusal as error:
            if error.status != 404:
                raise
            return None  # the key came without its holders: only the check digits can be checked here

    def _asked(self, keys: KeyFile | None) -> list[Share]:
        """Shares typed or scanned, each checked at once; `-` takes the last one back."""
        needed = NEEDED if keys is None else keys.ballot.needed
        shares: list[Share] = []
        while True:
            enough = len(shares) >= needed
            more = "，回车结束 or enter to end" if enough else ""
            typed = typer.prompt(
                f"第 {len(shares) + 1} 份份额（扫码或输入，- 撤回上一份{more}） share", default="" if enough else None,
                show_default=False, hide_input=True, err=True,
            ).strip()  # fmt: skip
            if typed == "-":
                shares = shares[:-1]
                continue
            if not typed and enough:
                return shares
            try:
                share = self._checked(typed, keys)
            except Refusal as error:
                self._console.print(f"✗ {error.value}: {error.reason}; {error.remedy}", soft_wrap=True)
                continue
            if share.number in {s.number for s in shares}:
                self._console.print(f"✗ {_whose(share, keys)} 已经给过 was given already", soft_wrap=True)
                continue
            shares.append(share)
            self._console.print(f"✓ {_whose(share, keys)}", soft_wrap=True)

    @staticmethod
    def _checked(typed: str, keys: KeyFile | None) -> Share:
        return parse_share(typed) if keys is None else keys.ballot.check(typed)

    def _review(self, figures: dict[str, int], shares: list[Share], keys: KeyFile | None) -> None:
        self._console.print(f"大会 meeting {self._meeting}", soft_wrap=True)
        self._console.print(
            f"箱中余 left in the box {figures['left_in_box']}，未用 unused {figures['unused']}", soft_wrap=True
        )
        self._console.print(f"份额 shares: {', '.join(_whose(s, keys) for s in shares)}", soft_wrap=True)


def _number(label: str) -> int:
    while True:
        found: int = typer.prompt(label, type=int, err=True)
        if found >= 0:
            return found


def _whose(share: Share, keys: KeyFile | None) -> str:
    holders = {} if keys is None else {h.number: h.name for h in keys.ballot.holders}
    return f"{share.number} {holders.get(share.number, '')}".strip()
