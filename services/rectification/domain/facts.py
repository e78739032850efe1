"""What happened to a case: each is an entry of the ledger, and most are published. `at` is when it occurred."""

from dataclasses import dataclass
from datetime import date, datetime

from services.rectification.domain.case import Case, Closing, Guard, Petitioner, Report
from services.rectification.domain.deadline import Deadline, Step
from services.rectification.domain.escalation import Kind
from services.rectification.domain.promise_facts import PromiseFact
from services.rectification.domain.term_facts import TermFact


@dataclass(frozen=True, slots=True)
class Opened:
    """The case stands in the ledger."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DeadlineBegan:
    """A deadline was set; `anew`: counted again after the calendar of its year was published."""

    at: datetime
    deadline: Deadline
    anew: bool = False


@dataclass(frozen=True, slots=True)
class StepFired:
    """A step of a deadline fired, at its own instant."""

    at: datetime
    deadline: Deadline
    step: Step


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The unit says that it got the case; `implied`: by accepting it or reporting it solved."""

    at: datetime
    by: str
    implied: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """The unit took the case in hand; `implied`: by reporting it solved."""

    at: datetime
    handler: str
    implied: bool


@dataclass(frozen=True, slots=True)
class Solved:
    """The unit reports the case solved."""

    at: datetime
    round: int
    late: bool
    report: Report


@dataclass(frozen=True, slots=True)
class CallbackWanted:
    """These petitioners are to be asked."""

    at: datetime
    round: int
    complaints: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A petitioner answered or was not reached. `counts`: whether it is the answer the case waits for.

    excluded: he is left out of the rates, so that nothing follows from it (I5).
    """

    at: datetime
    number: str
    round: int
    result: str
    grade: str | None
    words: str
    counts: bool
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """Back to the unit, by the office or by a bad answer."""

    at: datetime
    round: int
    reasons: tuple[str, ...]
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Closed:
    """Written off; `again`: an earlier closing stands again because the link that reopened the case was undone."""

    at: datetime
    closing: Closing
    guards: dict[str, Guard] | None = None
    standards: dict[str, bool] | None = None
    reasons: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Reopened:
    """A bad answer or the same matter again."""

    at: datetime
    reason: str
    number: str
    round: int
    deadline: Deadline


@dataclass(frozen=True, slots=True)
class Linked:
    """Another complaint of the same matter. `effect`: `joined`, `reopened`, or `too_late` to reopen."""

    at: datetime
    number: str
    how: str
    effect: str


@dataclass(frozen=True, slots=True)
class Unlinked:
    """A link was undone."""

    at: datetime
    number: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Open and past due at the end of a cycle: no result."""

    at: datetime
    cycle: str
    due: date


CaseFact = (
    Opened
    | DeadlineBegan
    | StepFired
    | Acknowledged
    | Accepted
    | Solved
    | CallbackWanted
    | Answered
    | Returned
    | Closed
    | Reopened
    | Linked
    | Unlinked
    | Lapsed
)
Fact = CaseFact | PromiseFact | TermFact


@dataclass(frozen=True, slots=True)
class Decision:
    """What comes of a step: the case afterwards, the facts in their order, the deadlines that begin, end (by kind, or
    single ones: `met`) or have another date, and the petitioners that are new or changed or no longer linked."""

    case: Case
    facts: tuple[Fact, ...] = ()
    begins: tuple[Deadline, ...] = ()
    ends: frozenset[Kind] = frozenset()
    petitioners: tuple[Petitioner, ...] = ()
    removed: tuple[str, ...] = ()
    changes: tuple[Deadline, ...] = ()
    met: tuple[Deadline, ...] = ()
