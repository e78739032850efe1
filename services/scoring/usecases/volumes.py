"""Service volumes of units, by which a programme may normalise deductions (S8): entered, confirmed, corrected."""

from decimal import Decimal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.store import units
from services.scoring.store.parts import PartValueRow
from services.scoring.usecases import versions
from services.scoring.usecases.daily import VOLUME
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.versions import Decision, EnteredView
from shared.errors import Refusal
from shared.store import Tx


class NewVolume(BaseModel):
    """How many services a unit rendered in the cycle, with the document that says so. reason: of a correction."""

    unit: str
    services: int = Field(ge=0, le=1_000_000_000)
    document: str = Field(min_length=1, max_length=500, description="what proves it: title, number, date")
    document_sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    reason: str = Field(default="", max_length=2000)


class NewVolumes(BaseModel):
    """Volumes of several units at once: all are taken, or none."""

    volumes: list[NewVolume] = Field(min_length=1, max_length=1000)


class VolumeView(EnteredView):
    """A version of a unit's volume."""

    services: int


class VolumePage(BaseModel):
    """Volumes in the order in which they were entered; `next` is the cursor of the following page, null at the end."""

    items: list[VolumeView]
    next: str | None = None


def enter(desk: Desk, tx: Tx, cycle: str, given: NewVolumes) -> list[VolumeView]:
    """The office enters volumes, each with its document. Raises Refusal naming the entry."""
    _asked(desk, tx.session, cycle)
    rows = [
        versions.add(tx, f"volumes.{number}", cycle, VOLUME, one, {"": str(one.services)})
        for number, one in enumerate(given.volumes)
    ]
    return [_view(row) for row in rows]


def decide(desk: Desk, tx: Tx, cycle: str, given: Decision) -> list[VolumeView]:
    """Somebody else than who entered them confirms or refuses volumes; all or none. Raises Refusal."""
    _asked(desk, tx.session, cycle)
    return [_view(row) for row in versions.decide(tx, cycle, VOLUME, given)]


def listed(desk: Desk, session: Session, cycle: str, *, unit: str | None, after: int, limit: int) -> VolumePage:
    """Every version of the volumes after a cursor. Raises Refusal (404)."""
    _asked(desk, session, cycle)
    rows, following = versions.page(session, cycle, VOLUME, unit=unit, after=after, limit=limit)
    return VolumePage(items=[_view(row) for row in rows], next=following)


def _asked(desk: Desk, session: Session, cycle: str) -> None:
    units.cycle(session, cycle)
    if desk.numbers.ledger.volume is None:
        raise Refusal("volumes", cycle, "the programme counts no service volume", "see points.volume in it", 404)


def _view(row: PartValueRow) -> VolumeView:
    return VolumeView(**row.model_dump(exclude={"part", "marks", "sample"}), services=int(Decimal(row.marks[""])))
