"""Supervisors' terms and cards (I10)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from shared.errors import Refusal

Kind = Literal["supervisor", "efficiency_supervisor", "special_inspector"]
OFFICE = "office"


def last_day(since: date, years: int) -> date:
    """The last day of a term that begins on a day: the day before it is `years` older; 29 February counts as 28."""
    leap = since.month == 2 and since.day == 29
    return date(since.year + years, since.month, 28 if leap else since.day) - timedelta(days=0 if leap else 1)


@dataclass(frozen=True, slots=True)
class Told:
    """For which end of a term a warning, and the news that it ended, were sent."""

    warned_for: date | None = None
    expired_for: date | None = None


def due(until: date, today: date, warn_days: int, told: Told) -> tuple[bool, bool]:
    """Whether to warn now, and whether to tell now that the term has ended; each once for each end."""
    ended = today > until and told.expired_for != until
    warn = today >= until - timedelta(days=warn_days) and today <= until and told.warned_for != until
    return warn, ended


def may_write(state: str, since: date, until: date, today: date) -> None:
    """Only who serves now writes cards. Raises Refusal (403)."""
    if state != "serving" or not since <= today <= until:
        raise Refusal("supervisor", state, "the term has not begun, or has ended", "ask the office to renew it", 403)


def renewed(until: date, since: date) -> None:
    """A new term follows the old one. Raises Refusal."""
    if since <= until - timedelta(days=366):
        remedy = "begin at most a year before the old term ends"
        raise Refusal("since", since.isoformat(), f"the term runs until {until.isoformat()}", remedy)


@dataclass(frozen=True, slots=True)
class Asked:
    """A card, as far as its answers go: which unit has to answer, and who has."""

    unit: str | None
    office_answered: bool
    unit_answered: bool

    @property
    def complete(self) -> bool:
        """Whether everybody who has to answer has answered."""
        return self.office_answered and (self.unit is None or self.unit_answered)


def answer_by(card: Asked, *, role: str, unit: str | None) -> Literal["unit", "office"]:
    """As whom somebody answers a card. Raises Refusal (403 not his, 409 answered before)."""
    if role == OFFICE:
        if card.office_answered:
            raise Refusal("answer", "office", "the office has answered", "an answer is given once", 409)
        return "office"
    if unit is None or unit != card.unit:
        raise Refusal("card", unit, "the card's matter was not transferred to your unit", "ask the office", 403)
    if card.unit_answered:
        raise Refusal("answer", "unit", "the unit has answered", "an answer is given once", 409)
    return "unit"
