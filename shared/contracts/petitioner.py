"""Events of intake about those who complain: many of them, or one who does not let go (I5). Numbers only, never who."""

from typing import ClassVar

from pydantic import Field

from shared.contracts.envelope import EventData


class ComplaintHot(EventData):
    """So many petitioners stand behind a matter that it is hot: told once a matter (I5)."""

    TYPE: ClassVar[str] = "minping.intake.complaint.hot.v1"

    number: str = Field(description="the matter's first complaint, which is also the case's number")
    petitioners: int
    unit: str | None = Field(default=None, description="the lead unit; none before the transfer is approved")
    title: str = ""


class PetitionerExcluded(EventData):
    """Two persons determined a serial or unreasonable petitioner: his grades are recorded, but outside the rates."""

    TYPE: ClassVar[str] = "minping.intake.petitioner.excluded.v1"

    numbers: tuple[str, ...] = Field(description="numbers of his complaints; who he is stays in intake")
    reason: str
    decided_by: tuple[str, ...] = Field(description="the roles of the two persons who determined it")


class PetitionerRestored(EventData):
    """The determination was taken back: grades of these complaints count again."""

    TYPE: ClassVar[str] = "minping.intake.petitioner.restored.v1"

    numbers: tuple[str, ...]
    reason: str
    decided_by: tuple[str, ...]
