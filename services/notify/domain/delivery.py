"""What became of a letter and what follows from it (N3). Certain is told apart from unknown.

planned → claimed → sent | retry | failed | uncertain;  retry → claimed;  an operator: uncertain → sent | retry.
`claimed` is committed before the mail server hears of the letter: whoever finds a claimed letter after a
crash knows that it may have gone, and calls it uncertain. Nothing claimed or uncertain is resent by itself.
A letter whose notices all moved to somebody else before it went is void.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from shared.errors import Refusal

State = Literal["planned", "claimed", "sent", "retry", "failed", "uncertain", "void"]
NoticeState = Literal["unaddressed", "planned", "sent", "failed", "uncertain", "void"]
"""A notice's state follows its letter's; `unaddressed`: nobody could be told yet; `void`: not needed any more."""

Kind = Literal["sent", "unreachable", "temporary", "bad_address", "refused", "too_large", "uncertain"]

STEPS: dict[State, frozenset[State]] = {
    "planned": frozenset({"claimed", "void"}),
    "retry": frozenset({"claimed", "void"}),
    "claimed": frozenset({"sent", "retry", "failed", "uncertain"}),
    "uncertain": frozenset({"sent", "retry", "failed"}),
    "sent": frozenset({"failed"}),  # it came back
    "failed": frozenset(),
    "void": frozenset(),
}
OPEN: tuple[State, ...] = ("planned", "retry")

WAITS = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240))
"""Between tries after a temporary refusal; the last one repeats."""

IN_FLIGHT_LOST = "it was due before the store was made anew, and no event tells whether it went"

GIVE_UP_AFTER = timedelta(days=3)
"""From the first due moment: then the next person in line is told instead."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the mail server's behaviour says about one letter.

    sent: taken (2xx after the final dot). unreachable: the server itself is away or refuses *us*; nothing was
    taken, and it says nothing about the letter. temporary: 4xx for this letter. bad_address: 5xx for the
    recipient. refused: 5xx for the letter. too_large: the server takes no letter of that size, whoever it is for.
    uncertain: the final dot was written and no answer came.
    """

    kind: Kind
    phase: str
    reply: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """The letter's next state; `next_try` only with `retry`."""

    state: State
    reason: str
    next_try: datetime | None = None


def settle(outcome: Outcome, *, tries: int, due: datetime, now: datetime) -> Settled:
    """What follows from an outcome. `tries` counts this one; `due` is when the letter was first to go."""
    reason = f"{outcome.phase}: {outcome.reply}".strip(": ")
    match outcome.kind:
        case "sent":
            return Settled("sent", reason)
        case "uncertain":
            return Settled("uncertain", reason)
        case "bad_address" | "refused" | "too_large":
            return Settled("failed", reason)
        case "unreachable":
            # no verdict on the letter: it stays due, and the sender as a whole waits for the server
            return Settled("retry", reason, now)
        case "temporary":
            if now - due >= GIVE_UP_AFTER:
                return Settled("failed", f"given up after {GIVE_UP_AFTER.days} days: {reason}")
            return Settled("retry", reason, now + WAITS[min(tries, len(WAITS)) - 1])


def step(state: State, to: State) -> State:
    """The new state; raises Refusal (409) where the table has no such step."""
    if to not in STEPS[state]:
        raise Refusal("state", state, f"a letter that is {state} cannot become {to}", "look at the letter", 409)
    return to


def resolved(state: State, decision: Literal["sent", "resend"]) -> State:
    """An operator's decision on an uncertain letter (N3); raises Refusal (409) on any other."""
    if state != "uncertain":
        raise Refusal("state", state, "only an uncertain letter waits for a decision", "nothing needs to be done", 409)
    return step(state, "sent" if decision == "sent" else "retry")
