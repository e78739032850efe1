"""Flags of the count (protocol D): kept beside the seal, under the result's lock where there is one, for the office."""

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.ballot import Ballot
from services.scoring.domain.canon import canonical, parse_canonical
from services.scoring.domain.custody import lock_beside
from services.scoring.domain.meeting import State
from services.scoring.domain.patterns import Patterns, patterns, patterns_from_json
from services.scoring.store import meetings as store
from services.scoring.usecases.shares import key_file
from shared.errors import Refusal
from shared.store import Tx

PATTERNS, LOCKED_PATTERNS = "patterns.json", "locked-patterns.bin"


class PatternsView(BaseModel):
    """Flags with figures only, never verdicts. Figures from 1 to 4 are told as 0, null: too few ballots or answers."""

    meeting: str
    ballots: int
    alike: int | None = Field(description="ballots that agree with another in 95% of their answers")
    long_string: int | None = Field(description="ballots with one answer over three quarters of their length on end")
    flagged: bool


def keep(tx: Tx, name: str, ballots: tuple[Ballot, ...]) -> None:
    """Compute the figures while ballots are whole, and keep nothing else of them."""
    data = canonical(patterns([ballot.rows for ballot in ballots]).to_json())
    known = key_file(tx.session, name)
    if known is not None and known.result is not None:
        store.keep_file(tx.session, name, LOCKED_PATTERNS, lock_beside(known.result.key, name, data))
    else:
        store.keep_file(tx.session, name, PATTERNS, data)


def shown(session: Session, name: str) -> PatternsView:
    """The flags of a sealed meeting. Raises Refusal (409) before the seal and while the result is under lock."""
    row = store.meeting(session, name)
    if row.state not in (State.SEALED, State.PUBLISHED):
        raise Refusal("meeting", name, f"is {row.state}, not sealed", "wait for the seal", 409)
    if store.has_file(session, name, LOCKED_PATTERNS) and not store.has_file(session, name, PATTERNS):
        raise Refusal("result", name, "is under lock", "tellers open it: POST …/result-opening", 409)
    found: Patterns = patterns_from_json(parse_canonical(store.file(session, name, PATTERNS)))
    return PatternsView(
        meeting=name, ballots=found.ballots, alike=found.alike, long_string=found.long_string, flagged=found.flagged
    )
