"""Where a complaint is on its way, as a picture of six stages (I2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.intake.domain.complaint import State

STAGES = ("registered", "accepted", "approved", "working", "answered", "closed")
_AT = {
    State.REGISTERED: 0,
    State.RETURNED: 0,
    State.LINKED: 0,
    State.ACCEPTED: 1,
    State.OUTSIDE: 1,
    State.UNFOUNDED: 1,
    State.REQUESTED: 2,
    State.REFUSED: 2,
    State.TRANSFERRED: 2,
    State.RECTIFYING: 3,
    State.REWORKING: 3,
    State.EXPLAINED: 4,
    State.SOLVED: 4,
    State.CLOSED: 5,
    State.WITH_BODY: 3,
    State.BODY_DONE: 5,
}
_FINISHED = frozenset({State.CLOSED, State.BODY_DONE})
_STOPPED = frozenset({State.OUTSIDE, State.UNFOUNDED, State.REFUSED})
Mark = Literal["done", "now", "stopped", "ahead"]


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage: behind, present, where it ended early, or ahead; and when it was reached, as far as it is known."""

    key: str
    mark: Mark
    at: datetime | None = None


def stages(state: State, reported_at: datetime, steps: Iterable[tuple[State, datetime]]) -> list[Stage]:
    """The stages of a complaint in a state; steps: the states it has reached, oldest first.

    What lies ahead has no date, also when a matter was there before and went back to the unit. A complaint that ended
    early has no stages ahead.
    """
    here = _AT[state]
    reached = {0: reported_at}
    for passed, at in steps:
        if passed != State.REGISTERED and passed != State.RETURNED:
            reached[_AT[passed]] = at
    found = [
        Stage(key, _mark(state, index, here), reached.get(index) if index <= here else None)
        for index, key in enumerate(STAGES)
    ]
    return found[: here + 1] if state in _STOPPED else found


def _mark(state: State, index: int, here: int) -> Mark:
    if index < here:
        return "done"
    if index > here:
        return "ahead"
    if state in _STOPPED:
        return "stopped"
    return "done" if state in _FINISHED else "now"
