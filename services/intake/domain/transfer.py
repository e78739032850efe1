"""The transfer card and the gate before it (I6, I7): what is asked for, and what a leader makes of it."""

from dataclasses import dataclass, replace
from typing import Literal

from shared.errors import Refusal

Track = Literal["immediate", "planned", "explained"]


CHANGEABLE = frozenset({"lead_unit", "cooperating_units", "territorial_unit", "days"})
"""What an upheld objection may change on a card; the track is rectification's matter."""


@dataclass(frozen=True, slots=True)
class Card:
    """What a transfer card says: who owns the case, who helps, on whose ground, how, in how many working days.

    paying_unit: bears the points, None: the lead unit.
    """

    lead_unit: str
    cooperating_units: tuple[str, ...] = ()
    territorial_unit: str | None = None
    track: Track = "immediate"
    days: int = 15
    paying_unit: str | None = None


def checked(card: Card, known: frozenset[str]) -> Card:
    """The card, if its units are registered and none stands on it twice. Raises Refusal."""
    named = (
        ("lead_unit", card.lead_unit),
        *(("cooperating_units", unit) for unit in card.cooperating_units),
        *((("territorial_unit", card.territorial_unit),) if card.territorial_unit else ()),
        *((("paying_unit", card.paying_unit),) if card.paying_unit else ()),
    )
    for field, unit in named:
        if unit not in known:
            remedy = "use a key of GET /api/v1/units; a new unit is registered in scoring first"
            raise Refusal(field, unit, "no unit of this key is registered", remedy)
    if card.lead_unit in card.cooperating_units or len(set(card.cooperating_units)) < len(card.cooperating_units):
        raise Refusal(
            "cooperating_units", list(card.cooperating_units), "a unit stands on the card twice", "name it once"
        )
    if not 1 <= card.days <= 365:
        raise Refusal("days", card.days, "a period has 1 to 365 working days", "leave it out for the default")
    return card


def amended(card: Card, changes: dict[str, object]) -> tuple[Card, bool]:
    """The card as the approver changed it, and whether anything is different."""
    new = replace(card, **changes)  # type: ignore[arg-type]  # the API's model holds exactly these fields
    return new, new != card


def gate(requested_by: str, decided_by: str, stands_in_for: str | None = None) -> None:
    """Who asked for a transfer does not approve it, nor does his deputy (I7). Raises Refusal (403)."""
    if requested_by == decided_by:
        raise Refusal("approver", decided_by, "you asked for this transfer", "another approver has to decide", 403)
    if requested_by == stands_in_for:
        reason = f"you stand in for {stands_in_for}, who asked for this transfer"
        raise Refusal("approver", decided_by, reason, "another approver has to decide", 403)


def card_number(number: str, assignment: int = 1) -> str:
    """The number printed on the card of a complaint; a later assignment has its own."""
    return f"ZB-{number}" if assignment == 1 else f"ZB-{number}-{assignment}"


def parts(card: Card) -> dict[str, str]:
    """Each unit's part on a card; a unit with two parts has the weightier one."""
    found = {card.territorial_unit: "territorial"} if card.territorial_unit else {}
    return found | dict.fromkeys(card.cooperating_units, "cooperating") | {card.lead_unit: "lead"}
