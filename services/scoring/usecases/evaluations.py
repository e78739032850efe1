"""Taking online evaluations (S13), a whole batch in one transaction: each code once, counts beside it."""

import enum
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.evaluation import code_hash
from services.scoring.store import evaluations as store
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_watch import Accepted, count
from shared.errors import Refusal
from shared.store import Tx

MOST_SEEN = 20_000


class Outcome(enum.StrEnum):
    """What becomes of an evaluation. Everything but `accepted` counts nothing."""

    ACCEPTED = "accepted"
    REPEATED = "repeated"
    """the very same again"""
    USED = "used"
    UNKNOWN = "unknown"
    EXPIRED = "expired"
    OTHER_UNIT = "other_unit"
    MARKS = "marks"
    MALFORMED = "malformed"


@dataclass(slots=True)
class Arrival:
    """An evaluation as it came. source: empty for the public; at: when it was given.

    device: what tells the sender's device apart, where he came himself; it is hashed before anything is written.
    """

    code: str
    unit: str
    marks: dict[str, str]
    at: datetime
    source: str = ""
    delivered: int = 1
    device: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer; `why` names field and reason where the marks are at fault."""

    outcome: Outcome
    why: Refusal | None = None


def take(desk: Desk, tx: Tx, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Take evaluations in their order; nothing in one of them keeps the others from being taken."""
    session = tx.session
    hashes = [code_hash(a.code) for a in arrivals]
    known = store.codes(session, [h for h in set(hashes) if h is not None])
    batches = _batches(desk, session, {batch for batch, _ in known.values()})
    given: dict[bytes, str] = {}
    accepted: list[Accepted] = []
    answers = []
    for arrival, key in zip(arrivals, hashes, strict=True):
        found = known.get(key) if key is not None else None
        if found is None or key is None:
            answers.append(_UNKNOWN)
            continue
        batch = batches[found[0]]
        try:
            marks = batch.form.packed(arrival.marks)
        except Refusal as error:
            answers.append(Taken(Outcome.MARKS, error))
            continue
        taken = _judge(arrival, batch, given.get(key, found[1]), marks)
        if taken is _ACCEPTED:
            given[key] = marks
            accepted.append(Accepted(batch, marks, arrival.source, arrival.device))
        answers.append(taken)
    store.use(session, given)
    _count(desk, tx, accepted)
    _note(tx, arrivals, answers)
    return answers


def _judge(arrival: Arrival, batch: store.Batch, earlier: str | None, marks: str) -> Taken:
    if arrival.unit and arrival.unit != batch.unit:
        return _OTHER_UNIT
    if earlier is not None:
        return _REPEATED if earlier == marks else _USED
    return _EXPIRED if arrival.at >= batch.expires_at else _ACCEPTED


def _batches(desk: Desk, session: Session, numbers: set[int]) -> dict[int, store.Batch]:
    """Batches by number; they never change, so that those seen before are not read again."""
    seen = desk.batches_seen
    if missing := numbers - seen.keys():
        if len(seen) > MOST_SEEN:
            seen.clear()
            missing = numbers
        seen.update(store.batches(session, missing))
    return seen


def _count(desk: Desk, tx: Tx, accepted: Sequence[Accepted]) -> None:
    keys = {one.batch.key for one in accepted}
    before: dict[store.Key, store.Tally] = {}
    for cycle in {key[0] for key in keys}:
        before |= store.tallies(tx.session, cycle, {key[1] for key in keys if key[0] == cycle})
    changed = {key: before.get(key) or store.Tally(0, 0) for key in keys}
    count(desk, tx, accepted, changed)
    store.keep_tallies(tx.session, changed)


def _note(tx: Tx, arrivals: Sequence[Arrival], answers: Sequence[Taken]) -> None:
    """Refusals by source and reason; what is delivered again after a fault is not counted again."""
    others = [(a, t.outcome) for a, t in zip(arrivals, answers, strict=True) if t is not _ACCEPTED]
    store.refused(tx.session, Counter((a.source, o.value) for a, o in others if a.delivered == 1))
    outcomes = Counter(o.value for _, o in others)
    outcomes[Outcome.ACCEPTED.value] = len(answers) - len(others)
    metrics.after_commit(tx, partial(metrics.count_evaluations, outcomes))


_ACCEPTED, _REPEATED, _USED = Taken(Outcome.ACCEPTED), Taken(Outcome.REPEATED), Taken(Outcome.USED)
_UNKNOWN, _EXPIRED, _OTHER_UNIT = Taken(Outcome.UNKNOWN), Taken(Outcome.EXPIRED), Taken(Outcome.OTHER_UNIT)
