"""Who sees which inspections: before approval no unit sees what others found at it (I7, I9)."""

from sqlmodel import Session

from services.intake import store
from services.intake.models.inspections import InspectionDetail, InspectionOut, VersionOut
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor


def narrowed(actor: Actor) -> dict[str, str]:
    """What an actor's list is narrowed to: a unit to its own reports, an inspector to what he recorded."""
    if actor.role in OF_A_UNIT:
        return {"by_unit": actor.unit or ""}
    return {} if actor.role in ("office", "auditor") else {"recorded_by": actor.sub}


def inspection(session: Session, key: str, actor: Actor) -> InspectionDetail:
    """An inspection with its versions. Raises Refusal (404; 403 for one that is not the reader's)."""
    row = store.inspections.inspection(session, key)
    if any(getattr(row, name) != value for name, value in narrowed(actor).items()):
        raise Refusal("inspection", key, "somebody else recorded it", "ask the office", 403)
    return shown(session, key)


def shown(session: Session, key: str) -> InspectionDetail:
    """An inspection with everything that was recorded of it."""
    row = store.inspections.inspection(session, key)
    versions = [
        VersionOut.model_validate(version, from_attributes=True) for version in store.inspections.versions(session, key)
    ]
    out = InspectionOut.model_validate(row, from_attributes=True)
    return InspectionDetail(**out.model_dump(), versions=versions)
