"""An appeal against a late mark: within days of the closing, decided by somebody who had no part in it (S8, R3)."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.rectification.domain.case import Case, Signature
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


class State(StrEnum):
    """Where an appeal stands."""

    PENDING = "pending"
    UPHELD = "upheld"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Appeal:
    """One closing's late mark under appeal. barred: who closed or reported the case, or appealed, and rules not."""

    case: str
    times: int
    unit: str
    closed_at: datetime
    late_days: int
    grounds: str
    by: str
    at: datetime
    due: date
    barred: tuple[str, ...]
    state: State = State.PENDING
    ruled_by: str = ""
    ruled_at: datetime | None = None
    reason: str = ""


def appeal(rules: Rules, case: Case, earlier: Appeal | None, grounds: str, by: Signature, at: datetime) -> Appeal:
    """The unit appeals the late mark of the last closing; once, within the programme's working days from it.

    Raises Refusal: 409 nothing to appeal, appealed already or too late; 422 without grounds.
    """
    closing = case.closing
    if closing is None or not closing.late:
        raise Refusal("case", case.number, "was not closed late", "there is nothing to appeal", 409)
    if earlier is not None:
        remedy = "wait for the ruling" if earlier.state is State.PENDING else "there is one appeal"
        raise Refusal("case", case.number, f"its appeal is {earlier.state}", remedy, 409)
    until = rules.due(closing.at, rules.programme.deadlines.appeal).expires_at
    if not closing.at <= at < until:
        reason = f"could be appealed from {closing.at.isoformat()} until {until.isoformat()}"
        raise Refusal("time", at.isoformat(), reason, "the mark stands", 409)
    if not grounds.strip():
        raise Refusal("grounds", grounds, "empty", "say why the delay was not the unit's")
    barred = {closing.by, by.sub} | ({case.report.by} if case.report else set())
    return Appeal(
        case=case.number,
        times=closing.times,
        unit=case.unit,
        closed_at=closing.at,
        late_days=closing.late_days,
        grounds=grounds.strip(),
        by=by.sub,
        at=at,
        due=rules.due(at, rules.programme.deadlines.appeal_decision).date,
        barred=tuple(sorted(barred)),
    )


def rule(pending: Appeal, case: Case, *, upheld: bool, reason: str, signature: Signature, at: datetime) -> Appeal:
    """Decide an appeal. Raises Refusal: 403 the person, 409 decided already or dated before it, 422 no reason."""
    if pending.state is not State.PENDING:
        raise Refusal("case", case.number, f"its appeal is {pending.state}", "nothing to rule on", 409)
    if at < pending.at:
        raise Refusal("time", at.isoformat(), "lies before the appeal", "date the ruling later", 409)
    if signature.sub in pending.barred:
        reason = "closed the case, reported it solved, or appealed"
        raise Refusal("ruled_by", signature.sub, reason, "let somebody else rule", 403)
    if signature.unit and signature.unit in case.card.units:
        raise Refusal("unit", signature.unit, "is a unit of the case", "let an officer of the office rule", 403)
    if not reason.strip():
        raise Refusal("reason", reason, "empty", "give the ruling's reason")
    state = State.UPHELD if upheld else State.DISMISSED
    return replace(pending, state=state, ruled_by=signature.sub, ruled_at=at, reason=reason.strip())
