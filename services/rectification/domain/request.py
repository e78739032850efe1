"""What a unit may ask of the office while its period runs (R3), and what holds of a case that stands still."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Wish(StrEnum):
    """What is asked for."""

    EXTENSION = "extension"
    TRACK = "track"
    SUSPENSION = "suspension"


class Ground(StrEnum):
    """Why a period may be suspended; nothing else suspends one."""

    COMPLAINANT = "waiting_for_complainant"
    LAW_SUIT = "law_suit"


@dataclass(frozen=True, slots=True)
class Request:
    """A request that waits for the office. days: of an extension; track: the one wished; ground: of a suspension."""

    kind: Wish
    at: datetime
    by: str
    reasons: str
    days: int | None = None
    track: str | None = None
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class Suspension:
    """The unit's periods stand still since `at`."""

    at: datetime
    ground: Ground
    reasons: str
