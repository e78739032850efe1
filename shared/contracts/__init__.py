"""Every published event by its type: the whole wire in one place."""

from shared.contracts import (
    assignment,
    bonus,
    canvassing,
    circulars,
    consequences,
    filings,
    inbox,
    inspection,
    intake,
    notify,
    opinions,
    petitioner,
    publicity,
    rectification,
    rectification_duties,
    rectification_promises,
    rectification_terms,
    scoring,
    scoring_programme,
)
from shared.contracts.envelope import Event, EventData, Wire

EVENTS: dict[str, type[EventData]] = {
    cls.TYPE: cls
    for module in (
        inbox,
        filings,
        intake,
        petitioner,
        inspection,
        assignment,
        publicity,
        rectification,
        rectification_duties,
        rectification_promises,
        rectification_terms,
        scoring,
        bonus,
        scoring_programme,
        canvassing,
        consequences,
        opinions,
        notify,
        circulars,
    )
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, EventData) and "TYPE" in vars(cls)
}

__all__ = ["EVENTS", "Event", "EventData", "Wire"]
