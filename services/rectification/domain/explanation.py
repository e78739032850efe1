"""A reasoned explanation of the track *explained*: on which policy a matter rests, and what the person is told (R2)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExplanationState(StrEnum):
    """Where an explanation stands."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Basis:
    """A document of policy: its name and number, and the passage that applies."""

    name: str
    number: str
    passage: str = ""

    @property
    def title(self) -> str:
        """As one names it in a letter: 《关于……的通知》（国发〔2026〕3号）."""
        name = self.name.strip()
        return f"{name if name.startswith('《') else f'《{name}》'}（{self.number.strip()}）"


@dataclass(frozen=True, slots=True)
class Explanation:
    """One submission, by the case's round. reasoning is for the office, text for the person."""

    case: str
    round: int
    basis: tuple[Basis, ...]
    reasoning: str
    text: str
    misconduct_found: bool
    misconduct_dealt_with: str
    submitted_at: datetime
    submitted_by: str
    state: ExplanationState = ExplanationState.SUBMITTED
    decided_at: datetime | None = None
    decided_by: str = ""
