"""What unit and office do with a plan: it is submitted, returned or filed, amended, and its milestones are done (R2).

Pure decisions. The clock of the plan stands while the office has it; a filed plan's milestones are deadlines of their
own with the whole ladder of warnings.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from services.rectification.domain import promise_facts as facts
from services.rectification.domain.case import WITH_THE_UNIT, Action, Case, Signature
from services.rectification.domain.commitment import Commitment
from services.rectification.domain.deadline import Deadline, begin, begin_on
from services.rectification.domain.escalation import Kind
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import taken_in_hand
from services.rectification.domain.plan import Draft, Milestone, Plan, PlanState
from services.rectification.domain.rules import Rules
from shared.errors import Refusal


def submit(
    rules: Rules,
    case: Case,
    earlier: Sequence[Plan],
    draft: Draft,
    *,
    running: Deadline | None,
    until: date,
    by: str,
    at: datetime,
) -> tuple[Decision, Plan]:
    """The unit submits a version of its plan; from then on the office has it, and the plan's deadline stands.

    earlier: all versions so far. running: the plan's own deadline, if one runs. until: the case's due date, which no
    date of the plan may pass. Raises Refusal: 409 the state or a version that waits for the office, 422 what is
    missing or the date that does not hold.
    """
    case.must_allow(Action.PLAN)
    case.must_not_precede(at)
    if any(plan.state is PlanState.SUBMITTED for plan in earlier):
        reason = "a version of the plan waits for the office"
        raise Refusal("plan.state", "submitted", reason, "wait until it is filed or returned", 409)
    filed = any(plan.state is PlanState.FILED for plan in earlier)
    _must_be_whole(draft, filed=filed)
    _must_be_dated(rules, draft, rules.calendar.local_date(at), until)
    late = running is not None and at >= running.expires_at and running.suspended_at is None
    plan = Plan(case.number, len(earlier) + 1, draft, at, by, late)
    taken = taken_in_hand(case, at, by)
    fact = facts.PlanSubmitted(at, plan)
    return replace(taken, facts=(*taken.facts, fact), ends=taken.ends | {Kind.PLAN}), plan


def send_back(
    rules: Rules, case: Case, plan: Plan, reasons: Sequence[str], signature: Signature, at: datetime, *, first: bool
) -> tuple[Decision, Plan]:
    """The office returns a version with reasons; where none was filed yet (`first`), it is due again after the rework
    period. Raises Refusal (403, 409, 422)."""
    _must_wait(plan, at)
    case.must_be_judged_by(signature, plan.submitted_by)
    given = tuple(reason.strip() for reason in reasons if reason.strip())
    if not given:
        remedy = "say what the plan lacks"
        raise Refusal("reasons", list(reasons), "a plan returned without reasons cannot be reworked", remedy)
    returned = replace(plan, state=PlanState.RETURNED, decided_at=at, decided_by=signature.sub, reasons=given)
    # Of a case that the unit has no more no plan is owed.
    owed = first and case.state in WITH_THE_UNIT
    rework = begin(rules, case.number, Kind.PLAN, at, rules.programme.deadlines.rework) if owed else None
    fact = facts.PlanReturned(at, returned, rework)
    return Decision(case, (fact,), begins=(rework,) if rework else ()), returned


def file(
    rules: Rules,
    case: Case,
    plan: Plan,
    known: Sequence[Milestone],
    promised: int,
    signature: Signature,
    at: datetime,
) -> tuple[Decision, Plan, tuple[Milestone, ...], Commitment | None]:
    """The office files a version: it is published, its milestones run, its commitment is a promise.

    known: milestones of versions before; those still open are withdrawn, those done stay done. promised: how many
    commitments the case has already; none of them is replaced. Raises Refusal (403, 409).
    """
    _must_wait(plan, at)
    case.must_be_judged_by(signature, plan.submitted_by)
    if case.state not in WITH_THE_UNIT:
        reason = f"case {case.number} is {case.state}: there is nothing left to plan"
        raise Refusal("case.state", case.state.value, reason, "return the plan, with reasons", 409)
    today = rules.calendar.local_date(at)
    passed = next((step for step in plan.draft.steps if step.due <= today), None)
    if passed:
        reason = f"the date of “{passed.name}” has come while the plan lay here"
        raise Refusal("milestones", passed.due.isoformat(), reason, "return it for a new date", 409)
    filed = replace(plan, state=PlanState.FILED, decided_at=at, decided_by=signature.sub)
    first = max((m.n for m in known), default=0) + 1
    begun: list[Deadline] = []
    milestones: list[Milestone] = []
    for n, step in enumerate(plan.draft.steps, first):
        named = f"{case.card.title}：{step.name}"
        deadline = replace(begin_on(rules, case.number, Kind.MILESTONE, at, step.due), ref=str(n), label=named)
        begun.append(deadline)
        milestones.append(
            Milestone(case.number, n, plan.version, step.name, deadline.due, step.who, deadline.expires_at)
        )
    withdrawn = tuple(replace(m, withdrawn_at=at) for m in known if m.is_open)
    told: list[facts.PromiseFact] = [facts.PlanFiled(at, filed, tuple(milestones), tuple(m.n for m in withdrawn))]
    commitment = _commitment(rules, case, filed, promised + 1, at)
    if commitment:
        told.append(facts.Committed(at, commitment))
    decision = Decision(case, tuple(told), begins=tuple(begun), ends=frozenset({Kind.PLAN, Kind.MILESTONE}))
    return decision, filed, (*milestones, *withdrawn), commitment


def complete(
    case: Case, milestone: Milestone, evidence: Sequence[str], by: str, at: datetime
) -> tuple[Decision, Milestone]:
    """The unit did a milestone, with what shows it. Raises Refusal: 409 the state, done or withdrawn; 422 evidence."""
    if case.state not in WITH_THE_UNIT:
        reason = f"case {case.number} is {case.state}: its milestones stand"
        raise Refusal("case.state", case.state.value, reason, "wait until the unit has the case again", 409)
    if not milestone.is_open:
        was = "done already" if milestone.done_at else "withdrawn by an amendment"
        raise Refusal("milestone", milestone.n, f"the milestone was {was}", "look into the plan", 409)
    case.must_not_precede(at)
    shown = tuple(piece.strip() for piece in evidence if piece.strip())
    if not shown:
        remedy = "name at least one document, picture or record"
        raise Refusal("evidence", list(evidence), "a milestone without evidence is done on paper only", remedy)
    done = replace(milestone, done_at=at, done_by=by, evidence=shown)
    fact = facts.MilestoneDone(at, done)
    return Decision(case, (fact,)), done


def must_be_done(case: Case, plan: Plan | None, milestones: Sequence[Milestone]) -> None:
    """A planned case is solved when its plan is: filed, and every milestone done. Raises Refusal (409)."""
    if case.card.track != "planned" or case.run > 1:
        return
    if plan is None:
        reason = "the track is planned, and no plan with its commitment is filed"
        raise Refusal("plan", None, reason, "submit the plan, or ask for the track `immediate`", 409)
    open_ones = [m for m in milestones if m.is_open]
    if open_ones:
        named = ", ".join(f"{m.n} {m.name}" for m in open_ones)
        reason = f"{len(open_ones)} milestones of the plan are not done: {named}"
        raise Refusal("milestones", len(open_ones), reason, "complete them with evidence, or amend the plan", 409)


def withdraw(
    case: Case,
    versions: Sequence[Plan],
    milestones: Sequence[Milestone],
    promises: Sequence[Commitment],
    why: str,
    at: datetime,
) -> tuple[Decision, tuple[Plan, ...], tuple[Milestone, ...], tuple[Commitment, ...]]:
    """Another unit leads (`reassigned`), or the case has another track (`track`): no version waits or is in force any
    more, and what is open of it is owed no more. What was done stays. Promises are void with the unit that made them;
    a change of track, which the unit asks for itself, frees nobody from what he promised the public."""
    standing = [plan for plan in versions if plan.state in (PlanState.SUBMITTED, PlanState.FILED)]
    plans = tuple(replace(plan, state=PlanState.WITHDRAWN) for plan in standing)
    open_ones = tuple(replace(m, withdrawn_at=at) for m in milestones if m.is_open)
    void = tuple(
        replace(one, withdrawn_at=at)
        for one in promises
        if why == "reassigned" and one.verdict is None and one.withdrawn_at is None
    )
    fact = facts.PlanWithdrawn(
        at, tuple(p.version for p in plans), tuple(m.n for m in open_ones), tuple(one.id for one in void), why
    )
    told = (fact,) if plans or open_ones or void else ()
    return Decision(case, told), plans, open_ones, void


def _commitment(rules: Rules, case: Case, plan: Plan, number: int, at: datetime) -> Commitment | None:
    promise = plan.draft.commitment
    if promise is None:
        return None
    return Commitment(
        id=f"{case.number}-{number}",
        case=case.number,
        version=plan.version,
        unit=case.unit,
        paying_unit=case.card.paying_unit,
        person=promise.person.strip(),
        text=promise.text.strip(),
        to=promise.to.strip(),
        due=promise.due,
        expires_at=rules.calendar.end_of(promise.due),
        made_at=at,
    )


def _must_wait(plan: Plan, at: datetime) -> None:
    if plan.state is not PlanState.SUBMITTED:
        reason = f"version {plan.version} of the plan is {plan.state}"
        raise Refusal("plan.state", plan.state.value, reason, "only a submitted version can be decided", 409)
    if at < plan.submitted_at:
        reason = f"lies before {plan.submitted_at.isoformat()}, when the plan was submitted"
        raise Refusal("time", at.isoformat(), reason, "date the action later", 409)


def _must_be_whole(draft: Draft, *, filed: bool) -> None:
    for field, value in (("measures", draft.measures), ("responsible", draft.responsible)):
        if not value.strip():
            raise Refusal(field, value, "a plan says what is done and who answers for it", f"write the {field}")
    if not draft.steps:
        raise Refusal("milestones", [], "a plan without milestones cannot be tracked", "name at least one, with a date")
    for position, step in enumerate(draft.steps):
        for field, value in (("name", step.name), ("who", step.who)):
            if not value.strip():
                raise Refusal(f"milestones.{position}.{field}", value, "is empty", "say what is done, and by whom")
    promise = draft.commitment
    if promise is None:
        if not filed:
            reason = "a plan carries a written commitment"
            raise Refusal("commitment", None, reason, "write text, person, date, and to whom it is promised")
        return
    for field, value in (("text", promise.text), ("person", promise.person), ("to", promise.to)):
        if not value.strip():
            raise Refusal(f"commitment.{field}", value, "is empty", "say who promises what to whom")


def _must_be_dated(rules: Rules, draft: Draft, today: date, until: date) -> None:
    """Milestones ascend, on working days, after today and not after the case's date; so does the promise."""
    before = today
    for position, step in enumerate(draft.steps):
        field = f"milestones.{position}.due"
        if step.due <= before:
            reason = "is not later than the day of the plan" if position == 0 else "is not later than the one before"
            raise Refusal(field, step.due.isoformat(), reason, "give the milestones in the order of their dates")
        if not rules.calendar.is_working_day(step.due).works:
            nearest = rules.calendar.roll(step.due).isoformat()
            raise Refusal(field, step.due.isoformat(), "is a day off", f"use a working day, such as {nearest}")
        _must_be_within(field, step.due, until)
        before = step.due
    promise = draft.commitment
    if promise is None:
        return
    if promise.due < before:
        reason = f"lies before the last milestone, {before.isoformat()}"
        raise Refusal("commitment.due", promise.due.isoformat(), reason, "promise it for that day or later")
    _must_be_within("commitment.due", promise.due, until)


def _must_be_within(field: str, day: date, until: date) -> None:
    if day > until:
        reason = f"lies after the case's date, {until.isoformat()}"
        raise Refusal(field, day.isoformat(), reason, "plan within it, or ask for an extension first")
