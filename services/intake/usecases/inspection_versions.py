"""The versions of an inspection's record, each told once; and what a finding that is dismissed changes in it (I9)."""

from typing import Any

from services.intake import store
from services.intake.domain.inspection import SOURCE
from services.intake.store.inspections import Inspection, InspectionVersion
from shared.contracts.inspection import InspectionRecorded
from shared.store import Tx


def keep(tx: Tx, row: Inspection, content: dict[str, Any], reason: str, by: str) -> None:
    """The record as it stands now is a version, and scoring hears which findings stand (S8)."""
    version = InspectionVersion(
        inspection=row.id, version=row.version, reason=reason, content=content, by=by, at=tx.now
    )  # fmt: skip
    tx.session.add(version)
    data = {
        "inspection": row.id,
        "unit": row.unit,
        "quarter": row.quarter,
        "kind": row.kind,
        "by": row.by,
        "findings": tuple(row.findings),
        "good_practice": bool(row.good_practice),
        "version": row.version,
    }
    tx.publish(InspectionRecorded.model_validate(data), subject=row.id)


def finding_dismissed(tx: Tx, line: store.Complaint, reason: str, by: str) -> None:
    """A finding was found not to hold, or its transfer was refused: its record names it no longer, so it costs nothing.

    What it said stays in the versions before.
    """
    if line.source != SOURCE:
        return
    row = store.inspections.inspection(tx.session, line.particulars["inspection"])
    if line.number not in row.findings:
        return
    row.findings = [number for number in row.findings if number != line.number]
    row.version += 1
    keep(tx, row, {"findings": [], "withdrawn": [line.number]}, reason, by)
