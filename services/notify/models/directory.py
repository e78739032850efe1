"""Forms of the directory."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from services.notify.domain.recipient import Holder
from services.notify.models.form import Form, Key


class SeatIn(Form):
    """A term of office (N1): the first and, if known, the last day."""

    person: str = Field(
        min_length=1, max_length=64, pattern=r"^[^\x00-\x1f|]+$", description="stable key of the person"
    )
    name: str = Field(min_length=1, max_length=80)
    email: str = Field(min_length=3, max_length=254)
    since: date
    until: date | None = None
    substitute: bool = Field(default=False, description="stands in for the holder (AB角)")
    language: Literal["zh", "en"] | None = Field(default=None, description="of his letters; by default the service's")

    def seat(self, unit: str, role: str, language: str) -> Holder:
        """As the domain knows it."""
        return Holder(
            unit, role, self.person, self.name, self.email, self.since, self.until, self.substitute,
            self.language or language,
        )  # fmt: skip


class RowIn(SeatIn):
    """A row of an imported directory."""

    unit: str = Key
    role: str = Key


class ImportIn(Form):
    """Rows of a directory, all or none."""

    rows: list[RowIn] = Field(min_length=1, max_length=2000)


class EnteredOut(BaseModel):
    """What a change of the directory did."""

    holders: int
    notices_moved: int = Field(description="notices that had not gone yet and now go to somebody else")


class HolderOut(BaseModel):
    """A row of the directory."""

    unit: str
    role: str
    person: str
    name: str
    email: str
    since: date
    until: date | None
    substitute: bool
    language: str
    address_fault: str | None = Field(description="why this address takes no letters")


class DirectoryOut(BaseModel):
    """The directory."""

    holders: list[HolderOut]
