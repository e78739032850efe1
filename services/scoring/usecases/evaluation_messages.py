"""What sources send about online evaluations (S13): evaluations, and the hashes of codes they made themselves.

Nothing that a source sends keeps the rest of a batch from being taken: what cannot be read is counted and left.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from services.scoring import metrics
from services.scoring.store import evaluations as store
from services.scoring.usecases import evaluation_codes
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluations import Arrival, Outcome, Taken, take
from shared.contracts import Event
from shared.contracts.inbox import EvaluationCodesIssued, EvaluationSubmitted
from shared.errors import Refusal
from shared.store import Tx

_EVALUATION = Event[EvaluationSubmitted]
_CODES = Event[EvaluationCodesIssued]
MALFORMED, REFUSED_CODES = Outcome.MALFORMED.value, "codes"


@dataclass(frozen=True, slots=True)
class Raw:
    """A message as it came."""

    source: str
    body: bytes
    delivered: int


def take_all(desk: Desk, tx: Tx, messages: Sequence[Raw]) -> list[Taken]:
    """Take a batch: codes first, then evaluations. Gives what became of each evaluation that could be read."""
    arrivals: list[Arrival] = []
    refused: Counter[tuple[str, str]] = Counter()
    for raw in messages:
        try:
            event = _EVALUATION.model_validate_json(raw.body)
        except ValidationError:
            if (reason := _codes(desk, tx, raw)) and raw.delivered == 1:
                refused[raw.source, reason] += 1
            continue
        data = event.data
        arrivals.append(Arrival(data.code, data.unit, data.marks, event.time, raw.source, raw.delivered))
    store.refused(tx.session, refused)
    if refused:
        metrics.after_commit(tx, lambda: metrics.count_evaluations({MALFORMED: refused.total()}))
    return take(desk, tx, arrivals) if arrivals else []


def _codes(desk: Desk, tx: Tx, raw: Raw) -> str | None:
    """Register a source's codes; the reason why not, if so."""
    try:
        event = _CODES.model_validate_json(raw.body)
        if event.type != EvaluationCodesIssued.TYPE:
            return MALFORMED
        d = event.data
        evaluation_codes.register(desk, tx, d.unit, d.section, d.served_on, d.code_hashes, raw.source)
    except ValidationError:
        return MALFORMED
    except Refusal:
        return REFUSED_CODES
    return None
