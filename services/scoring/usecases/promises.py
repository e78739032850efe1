"""What units promised in writing and whether it was kept, for their fact sheets (R2, R8); in whatever order told."""

from services.scoring.store.sheets import PromiseRow
from services.scoring.usecases import matters
from shared.contracts import Event
from shared.contracts.rectification_promises import CaseCommitted, CommitmentBroken, CommitmentKept
from shared.store import Tx


def promised(tx: Tx, event: Event[CaseCommitted]) -> None:
    """A written commitment was filed."""
    data = event.data
    row = _row(tx, data.commitment, data.unit)
    row.text, row.due, row.promised_at = data.text, data.due, event.time
    matters.promised(tx, event)


def judged(tx: Tx, event: Event[CommitmentKept] | Event[CommitmentBroken]) -> None:
    """An inspection found that a promise was kept, kept late, or broken; the newest finding counts."""
    data = event.data
    row = _row(tx, data.commitment or data.case, data.unit)
    if row.judged_at is not None and event.time < row.judged_at:
        return
    row.judged_at, row.due = event.time, row.due or data.due
    row.state = "broken" if isinstance(data, CommitmentBroken) else "late" if data.late else "kept"


def _row(tx: Tx, key: str, unit: str) -> PromiseRow:
    row = tx.session.get(PromiseRow, key)
    if row is None:
        row = PromiseRow(key=key, unit=unit)
        tx.session.add(row)
        tx.session.flush()
    return row
