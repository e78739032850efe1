"""The reconciliation in words and figures (S6): what agrees, what does not, and what to count again."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """An equation of the reconciliation. `again`: what to count again where it does not hold, in both languages."""

    says: str
    holds: bool
    again: Mapping[str, str]


_NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Hand:
    """What is known before the ballots are opened: printed cards, people on the roll, ballots returned, and by hand

    the cards left in the box and the cards that were taken and not used.
    """

    printed: int
    roll: int
    returned: int
    left_in_box: int
    unused: int

    @property
    def issued(self) -> int:
        """Cards that were taken."""
        return self.printed - self.left_in_box


def before_the_count(hand: Hand) -> tuple[Line, ...]:
    """The equations that must hold before the shares are brought; valid and void are known after it."""
    h = hand
    issued = f"发出 issued {h.issued} = 印制 printed {h.printed} − 箱中余 left in the box {h.left_in_box}"
    lines = [
        Line(issued, h.issued >= 0, _NOTHING if h.issued >= 0 else _BOX),
        Line(
            f"签到 on the roll {h.roll} {_sign(h.roll, h.issued)} 发出 issued {h.issued}", h.roll == h.issued,
            _NOTHING if h.roll == h.issued else _ROLL,
        ),
        Line(
            f"发出 issued {h.issued} {_sign(h.issued, h.returned + h.unused)} "
            f"收回 returned {h.returned} + 未用 unused {h.unused}",
            h.issued == h.returned + h.unused,
            _again(h),
        ),
    ]  # fmt: skip
    if h.returned > h.issued:
        lines.append(Line(f"收回 returned {h.returned} > 发出 issued {h.issued}", False, _STUFFED))
    return tuple(lines)


def _sign(left: int, right: int) -> str:
    return "=" if left == right else "≠"


def _again(hand: Hand) -> Mapping[str, str]:
    if hand.issued == hand.returned + hand.unused:
        return _NOTHING
    return _STUFFED if hand.returned > hand.issued else _UNUSED


_BOX = {
    "zh": "箱中余卡比印制的还多：重数箱中余卡，并查有没有混入别的大会的卡。",
    "en": "More cards in the box than were printed: count the box again, and look for cards of another meeting.",
}
_ROLL = {
    "zh": "签到人数与发出的卡数不同：重数箱中余卡；再查有没有人签到没领卡，或领卡没签到。",
    "en": "Roll and cards taken differ: count the box again; then look for somebody on the roll who took no card, "
    "or who took one without being on the roll.",
}
_UNUSED = {
    "zh": "重数交回的未用卡；再查终端上有没有还没送到的票（显示“已存在本机，将发送”的）。",
    "en": "Count the unused cards again; then look for a terminal that still holds a ballot (“saved here”).",
}
_STUFFED = {
    "zh": "收回的票多于发出的卡：先重数箱中余卡。重数后仍多，本次投票作废，重新召开。",
    "en": "More ballots than cards taken: count the box again. If it stays so, the vote is void and held again.",
}
