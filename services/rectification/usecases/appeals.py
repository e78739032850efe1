"""Late marks under appeal: the unit appeals, somebody else rules, an upheld appeal excuses (S8)."""

from services.rectification import store
from services.rectification.domain import appeal as appeals
from services.rectification.domain.appeal import Appeal, State
from services.rectification.domain.deadline import begin
from services.rectification.domain.escalation import Kind
from services.rectification.domain.rules import Rules
from services.rectification.usecases.people import acting, signature, to_judge
from services.rectification.usecases.record import actor_of, first_at, unknown, wanted
from shared.contracts.rectification import DeadlineSet
from shared.contracts.rectification_duties import LatenessExcused
from shared.errors import Refusal
from shared.scrub import scrub
from shared.store import Tx


def appeal_lateness(rules: Rules, tx: Tx, number: str, grounds: str) -> Appeal:
    """The leader of the unit that led, or that pays, appeals the late mark. Raises Refusal: 404, 409, 422."""
    case = wanted(tx, number)
    if acting(tx).unit not in (case.unit, case.card.paying_unit):
        raise unknown(number)
    case = to_judge(rules, tx, number)
    times = case.closing.times if case.closing else 0
    earlier = store.appeals.find(tx.session, number, times)
    found = appeals.appeal(rules, case, earlier, grounds, signature(tx), tx.now)
    store.appeals.save(tx.session, found)
    days = rules.programme.deadlines.appeal_decision
    deadline = begin(rules, number, Kind.APPEAL_DECISION, tx.now, days, ref=str(times))
    store.deadlines.insert(tx.session, case.unit, [(deadline, first_at(rules, deadline, assigned=True))])
    said = {"times": times, "grounds": found.grounds, "by": found.by, "due": found.due.isoformat()}
    store.ledger.append(tx.session, number, [("lateness_appealed", tx.now, said)], actor=actor_of(tx, "unit"))
    told = DeadlineSet(
        case=number,
        unit=case.unit,
        kind=deadline.kind.value,
        due=deadline.due,
        expires_at=deadline.expires_at,
        provisional=deadline.provisional,
    )
    tx.publish(told, subject=number)
    return found


def rule_on_lateness(rules: Rules, tx: Tx, number: str, *, upheld: bool, reason: str) -> Appeal:
    """Somebody who neither closed nor reported the case rules on the appeal. Raises Refusal: 403, 404, 409, 422."""
    case = to_judge(rules, tx, number)
    pending = store.appeals.pending(tx.session, number)
    if pending is None:
        raise Refusal("case", number, "no late mark of it is under appeal", "nothing to rule on", 409)
    found = appeals.rule(pending, case, upheld=upheld, reason=reason, signature=signature(tx), at=tx.now)
    store.appeals.save(tx.session, found)
    running = store.deadlines.of_case(tx.session, number, running=True)
    mine = (
        r.deadline for r in running if r.deadline.kind is Kind.APPEAL_DECISION and r.deadline.ref == str(found.times)
    )
    store.deadlines.end_these(tx.session, mine, tx.now)
    said = {"times": found.times, "upheld": upheld, "reason": found.reason, "by": found.ruled_by}
    kind = "lateness_excused" if upheld else "lateness_appeal_dismissed"
    store.ledger.append(tx.session, number, [(kind, tx.now, said)], actor=actor_of(tx, "office"))
    if found.state is State.UPHELD:
        # The statistics judge a case by its first run; a later closing's mark stands in the points only.
        if found.times == 1:
            store.appeals.excuse(tx.session, number, tx.now)
        excused = LatenessExcused(
            case=number, times_closed=found.times, unit=found.unit, reason=scrub(found.reason), ruled_by=found.ruled_by
        )
        tx.publish(excused, subject=number)
    return found
