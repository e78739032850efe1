"""How the terms of a case change: what the unit asks and the office decides, standstill, another unit (R3, I17)."""

from dataclasses import dataclass
from datetime import datetime

from services.rectification import store
from services.rectification.domain import asking, reassigning, standstill
from services.rectification.domain.case import Case
from services.rectification.domain.deadline import Deadline
from services.rectification.domain.escalation import DECIDING, Kind
from services.rectification.domain.reassigning import Ruling
from services.rectification.domain.request import Ground, Request, Suspension, Wish
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_case
from services.rectification.usecases.lapsing import settle_held
from services.rectification.usecases.people import acting, of_own_unit, signature, to_judge
from services.rectification.usecases.record import take
from services.rectification.usecases.withdrawing import withdraw_plan
from shared.contracts import Event
from shared.contracts.assignment import ObjectionRuled
from shared.errors import NotYet, Refusal
from shared.identity import OF_A_UNIT
from shared.scrub import scrub
from shared.store import Tx

INTAKE = "intake"


@dataclass(frozen=True, slots=True)
class Answer:
    """The office's decision on a request. days: fewer than asked for, None: as asked."""

    granted: bool
    reasons: str
    days: int | None = None


def ask_extension(rules: Rules, tx: Tx, number: str, days: int, reasons: str) -> Case:
    """The handler asks for more working days (R3). Raises Refusal: 404, 409 state, time or asked before, 422."""
    return _ask(rules, tx, number, Wish.EXTENSION, reasons, days=days)


def ask_track(rules: Rules, tx: Tx, number: str, track: str, reasons: str) -> Case:
    """The handler asks for another track (R3). Raises Refusal: 404, 409 state, time or asked before, 422."""
    return _ask(rules, tx, number, Wish.TRACK, reasons, track=track)


def suspend(rules: Rules, tx: Tx, number: str, ground: Ground, reasons: str) -> Case:
    """The handler asks that the case stand still; the office lets it stand still (R3). Raises Refusal."""
    if acting(tx).role in OF_A_UNIT:
        return _ask(rules, tx, number, Wish.SUSPENSION, reasons, ground=ground)
    case = to_judge(rules, tx, number)
    return _stand_still(rules, tx, case, ground, reasons)


def resume(rules: Rules, tx: Tx, number: str) -> Case:
    """The office lets the periods run again (R3). Raises Refusal: 404, 409."""
    case = to_judge(rules, tx, number)
    case.must_be_judged_by(signature(tx))
    return _run_again(rules, tx, case, "office")


def decide(rules: Rules, tx: Tx, number: str, answer: Answer) -> Case:
    """The office grants or refuses what waits for it (R3). Raises Refusal: 404, 403, 409, 422."""
    case = to_judge(rules, tx, number)
    request, signed, reasons = case.request, signature(tx), scrub(answer.reasons)
    if request is None or not answer.granted:
        return _settled(tx, take(rules, tx, asking.refuse(case, reasons, signed, tx.now), by="office"))
    if answer.days is not None and request.kind is not Wish.EXTENSION:
        raise Refusal("days", answer.days, f"a {request.kind} has no days", "leave them out")
    if request.kind is Wish.EXTENSION:
        dates = _dates(tx, case)
        granted = asking.grant_extension(rules, case, dates, answer.days, reasons, signed, tx.now)
        return _settled(tx, take(rules, tx, granted, by="office"))
    if request.kind is Wish.TRACK:
        changed = asking.change_track(rules, case, _dates(tx, case), reasons, signed, tx.now)
        return _settled(tx, withdraw_plan(rules, tx, take(rules, tx, changed, by="office"), "track", by="office"))
    return _stand_still(rules, tx, case, request.ground or Ground.COMPLAINANT, reasons or request.reasons)


def run_for_the_report(rules: Rules, tx: Tx, case: Case) -> Case:
    """A unit that reports the case solved or explained resumes it: the report is judged by the date as it then is."""
    return _run_again(rules, tx, case, "solved") if case.suspension else case


def end_standstill(rules: Rules, tx: Tx, case: Case, at: datetime | None = None) -> Case:
    """A case that is about to be closed stands still no more, and what was asked for it needs no answer.

    at: of the closing, by default now; news that is older than the standstill ends it where it began.
    """
    case = _run_again(rules, tx, case, "closed", at) if case.suspension else case
    return _settled(tx, take(rules, tx, asking.lapse(case, "closed", tx.now), by="office"))


def settle_requests(rules: Rules, tx: Tx, case: Case) -> Case:
    """What was asked for needs no answer after the report, but for an extension of a date that passed meanwhile."""
    request = case.request
    if request is None or (request.kind is Wish.EXTENSION and case.span.is_late(tx.now)):
        return case
    return _settled(tx, take(rules, tx, asking.lapse(case, "solved", tx.now), by="unit"))


def rule_on_objection(rules: Rules, tx: Tx, event: Event[ObjectionRuled]) -> None:
    """Another unit leads from the ruling on, or the first stays; the ledger keeps all (I17). Raises NotYet."""
    said = event.data
    case = store.cases.find(tx.session, said.number)
    if case is None:
        raise NotYet(f"case {said.number}")
    fire_case(rules, tx, case)
    ruling = Ruling(
        at=tx.now,
        unit=said.unit,
        upheld=said.upheld,
        reason=said.reason,
        by_role=said.ruled_by_role,
        lead_unit=said.lead_unit,
        cooperating_units=said.cooperating_units,
        territorial_unit=said.territorial_unit,
        days=said.days,
    )
    decision = reassigning.rule(rules, case, running_of(tx, case), ruling)
    if decision.case.unit != case.unit:
        # What stood still or waited was the first receiver's; the new unit begins with a clean sheet.
        case = _run_again(rules, tx, case, "reassigned") if case.suspension else case
        case = _settled(tx, take(rules, tx, asking.lapse(case, "reassigned", tx.now), by=INTAKE))
        case = withdraw_plan(rules, tx, case, "reassigned", by=INTAKE)
        decision = reassigning.rule(rules, case, running_of(tx, case), ruling)
    take(rules, tx, decision, by=INTAKE)
    store.units.set_helpers(tx.session, decision.case)


def _settled(tx: Tx, case: Case) -> Case:
    settle_held(tx, case.number)
    return case


def running_of(tx: Tx, case: Case) -> tuple[Deadline, ...]:
    """The deadlines of the case that run."""
    return tuple(r.deadline for r in store.deadlines.of_case(tx.session, case.number, running=True))


def _ask(
    rules: Rules,
    tx: Tx,
    number: str,
    kind: Wish,
    reasons: str,
    *,
    days: int | None = None,
    track: str | None = None,
    ground: Ground | None = None,
) -> Case:
    case = of_own_unit(rules, tx, number)
    request = Request(kind, tx.now, acting(tx).sub, scrub(reasons), days, track, ground)
    return take(rules, tx, asking.ask(rules, case, request), by="unit")


def _stand_still(rules: Rules, tx: Tx, case: Case, ground: Ground, reasons: str) -> Case:
    suspension = Suspension(tx.now, ground, scrub(reasons))
    decision = standstill.suspend(case, running_of(tx, case), suspension, signature(tx))
    return take(rules, tx, decision, by="office")


def _run_again(rules: Rules, tx: Tx, case: Case, why: str, at: datetime | None = None) -> Case:
    return take(rules, tx, standstill.resume(rules, case, running_of(tx, case), why, at or tx.now), by=why)


def _dates(tx: Tx, case: Case) -> tuple[Deadline, ...]:
    """What an extension moves: the date that decides, even if the case was reported solved meanwhile, and the dates
    of the units that help."""
    every = store.deadlines.of_case(tx.session, case.number)
    decides = [r.deadline for r in every if r.deadline.kind in DECIDING and r.unit == case.unit][-1:]
    helping = [r.deadline for r in every if r.deadline.kind is Kind.CONTRIBUTE and not r.ended]
    return (*decides, *helping)
