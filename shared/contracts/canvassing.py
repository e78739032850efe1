"""Canvassing as scoring tells it (S11): established, appealed, ruled on. The evidence stays with scoring."""

from typing import ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.envelope import EventData


class _Canvassing(EventData):
    canvassing: int = Field(description="number of the case of canvassing")
    cycle_name: str
    unit: str


class CanvassingEstablished(_Canvassing):
    """The office established canvassing: the unit stands behind all others, graded dissatisfied, unless it appeals."""

    TYPE: ClassVar[str] = "minping.scoring.canvassing.established.v1"

    persons: tuple[str, ...] = Field(default=(), description="posts whose accountability will be proposed")
    appeal_until: AwareDatetime


class CanvassingAppealed(_Canvassing):
    """The unit appeals; publication waits for the ruling."""

    TYPE: ClassVar[str] = "minping.scoring.canvassing.appealed.v1"

    grounds: str


class CanvassingRuled(_Canvassing):
    """Somebody else ruled. Upheld: the finding is overturned, and the unit ranks by its merit again."""

    TYPE: ClassVar[str] = "minping.scoring.canvassing.ruled.v1"

    upheld: bool
    reason: str
