"""What a unit asks of the office while its period runs, and what the office answers (R3). Pure decisions.

One request waits at a time. An extension is asked for once, before expiry, for at most the original period; a change
of track counts as the extension. The date counts from the old one, whenever the office decides.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from services.rectification.domain import term_facts as facts
from services.rectification.domain.case import WITH_THE_UNIT, Case, Signature, Span, State
from services.rectification.domain.deadline import Deadline, begin, due_of
from services.rectification.domain.escalation import DECIDING, Kind, deciding
from services.rectification.domain.facts import Decision
from services.rectification.domain.handling import of_track
from services.rectification.domain.request import Request, Wish
from services.rectification.domain.rules import Rules
from shared.errors import Refusal

FIRST_PERIOD = (State.OPENED, State.ACCEPTED)
"""States in which the period from the approval runs: only that one is extended."""


def ask(rules: Rules, case: Case, request: Request) -> Decision:
    """The unit asks; the office has its own deadline to decide. Raises Refusal: 409 state, time; 422 what is asked."""
    at = request.at
    case.must_not_precede(at)
    if case.request:
        reason = f"a request for {case.request.kind} waits for the office"
        raise Refusal("request", case.request.kind.value, reason, "wait for its decision", 409)
    if case.suspension:
        reason = "the period stands still"
        raise Refusal("case.suspension", case.suspension.ground.value, reason, "ask when it runs again", 409)
    if not request.reasons.strip():
        raise Refusal("reasons", request.reasons, "the office decides by reasons", "write the reasons")
    if request.kind is Wish.SUSPENSION:
        _must_be_with_the_unit(case)
    else:
        _must_be_extendable(case, at)
        _must_be_asked_rightly(rules, case, request)
    period = rules.programme.deadlines.extension_decision
    deadline = begin(rules, case.number, Kind.EXTENSION_DECISION, at, period)
    asked = case.extension_asked or request.kind is not Wish.SUSPENSION
    waiting = replace(case, request=request, extension_asked=asked)
    return Decision(waiting, (facts.Requested(at, request, deadline),), begins=(deadline,))


def grant_extension(
    rules: Rules,
    case: Case,
    dates: Iterable[Deadline],
    days: int | None,
    reasons: str,
    signature: Signature,
    at: datetime,
) -> Decision:
    """The office grants the extension, perhaps for fewer days than asked (None: as asked). dates: the deadlines that
    it moves. Raises Refusal (403, 409, 422)."""
    request = _waiting(case, Wish.EXTENSION, at)
    case.must_be_judged_by(signature, request.by)
    asked = request.days or 0
    days = asked if days is None else days
    if not 1 <= days <= asked:
        raise Refusal("days", days, f"{asked} working days were asked for", f"give 1 to {asked}")
    pairs = tuple((before, _extended(rules, before, days, at)) for before in dates)
    dated = _dated(case, pairs)
    answer = facts.Decided(at, request, True, reasons, dated.original.due, days=days)
    told = tuple(facts.Extended(at, before, after) for before, after in pairs)
    return Decision(
        replace(dated, request=None), (answer, *told), changes=tuple(after for _, after in pairs), ends=_ASKED
    )


def change_track(
    rules: Rules, case: Case, dates: Iterable[Deadline], reasons: str, signature: Signature, at: datetime
) -> Decision:
    """The office approves another track (R3): its period counts from the original approval, that of an explanation
    from now. Raises Refusal: 403, or 409 where that period is over already."""
    request = _waiting(case, Wish.TRACK, at)
    case.must_be_judged_by(signature, request.by)
    track = request.track or case.card.track
    days = getattr(rules.programme.deadlines, track)
    start = at if track == "explained" else case.lead_since or case.opened_at
    pairs = []
    for before in dates:
        found = due_of(rules, start, days, 0, before.pauses)
        if found.expires_at <= at:
            reason = f"the period of the track {track} ended on {found.date.isoformat()}"
            raise Refusal("track", track, reason, "refuse the request", 409)
        kind = deciding(track) if before.kind in DECIDING else before.kind
        dated = replace(before, kind=kind, started_at=start, days=days, extension_days=0)
        counted = replace(dated, due=found.date, provisional=found.provisional)
        pairs.append((before, _moved(rules, counted, at)))
    changed = replace(_dated(case, pairs), card=replace(case.card, track=track, days=days), request=None)
    answer = facts.Decided(at, request, True, reasons, changed.original.due, track=track)
    moved = tuple(facts.Extended(at, before, after) for before, after in pairs)
    return Decision(
        changed,
        (answer, facts.TrackChanged(at, case.card.track, track, days), *moved),
        begins=of_track(rules, case.number, track, at),
        changes=tuple(after for _, after in pairs),
        ends=_ASKED | {Kind.PLAN, Kind.MILESTONE},
    )


def refuse(case: Case, reasons: str, signature: Signature, at: datetime) -> Decision:
    """The office refuses what was asked for, with reasons. Raises Refusal (403, 409, 422)."""
    request = _waiting(case, None, at)
    case.must_be_judged_by(signature, request.by)
    if not reasons.strip():
        raise Refusal("reasons", reasons, "a request is refused with reasons only", "write the reasons")
    answer = facts.Decided(at, request, False, reasons, case.span.due)
    return Decision(replace(case, request=None), (answer,), ends=_ASKED)


def must_be_decided(case: Case) -> None:
    """A case is judged by its date only when what was asked for in time is answered. Raises Refusal (409)."""
    if case.request:
        reason = f"a request for {case.request.kind} waits for the office"
        raise Refusal("request", case.request.kind.value, reason, "decide it first", 409)


def lapse(case: Case, why: str, at: datetime) -> Decision:
    """What waits for the office needs no answer any more."""
    if case.request is None:
        return Decision(case)
    fact = facts.RequestLapsed(at, case.request, why)
    return Decision(replace(case, request=None), (fact,), ends=_ASKED)


def _must_be_with_the_unit(case: Case) -> None:
    if case.state not in WITH_THE_UNIT:
        reason = f"case {case.number} is {case.state}: no period of the unit runs"
        raise Refusal("case.state", case.state.value, reason, "nothing: there is nothing to suspend", 409)


def _must_be_extendable(case: Case, at: datetime) -> None:
    if case.state not in FIRST_PERIOD:
        reason = f"case {case.number} is {case.state}: only the period from the approval is extended"
        raise Refusal("case.state", case.state.value, reason, "keep the date that runs", 409)
    if case.extension_asked:
        reason = "an extension is asked for once, and a change of track counts as one"
        raise Refusal("extension", case.span.due.isoformat(), reason, "keep the date that runs", 409)
    if case.span.is_late(at):
        reason = f"the period expired at the end of {case.span.due.isoformat()}"
        raise Refusal("time", at.isoformat(), reason, "ask before it expires", 409)


def _must_be_asked_rightly(rules: Rules, case: Case, request: Request) -> None:
    if request.kind is Wish.EXTENSION:
        if request.days is None or not 1 <= request.days <= case.card.days:
            reason = f"an extension has at most the original period, {case.card.days} working days"
            raise Refusal("days", request.days, reason, f"give 1 to {case.card.days}")
    elif request.track == case.card.track or not hasattr(rules.programme.deadlines, request.track or ""):
        raise Refusal("track", request.track, "is not another track", "use immediate, planned or explained")
    elif not rules.programme.may_take(request.track or "", case.card.channel):
        reason = f"is not for matters that came by {case.card.channel} in this programme"
        raise Refusal("track", request.track, reason, "ask for a track that the programme allows", 409)


def _waiting(case: Case, kind: Wish | None, at: datetime) -> Request:
    request = case.request
    if request is None or (kind and request.kind is not kind):
        wanted = f"no request for {kind}" if kind else "no request"
        raise Refusal("request", None, f"{wanted} waits for the office", "see the case", 409)
    case.must_not_precede(at, request.at)
    return request


def _extended(rules: Rules, deadline: Deadline, days: int, at: datetime) -> Deadline:
    found = due_of(rules, deadline.started_at, deadline.days, days, deadline.pauses)
    # A date that was told is kept when a calendar would put it earlier; the extension follows that date.
    due = max(found.date, rules.calendar.add_working_days(deadline.due, days))
    return _moved(rules, replace(deadline, extension_days=days, due=due, provisional=found.provisional), at)


def _moved(rules: Rules, deadline: Deadline, at: datetime) -> Deadline:
    expires_at = rules.calendar.end_of(deadline.due)
    return replace(deadline, expires_at=expires_at, fired=(), runs_from=at)


def _dated(case: Case, pairs: Iterable[tuple[Deadline, Deadline]]) -> Case:
    """The case judged by the new date: of its first period, and now where that runs."""
    for _, after in pairs:
        if after.kind in DECIDING:
            span = Span.of(after)
            return replace(case, original=span, span=span if case.run == 1 else case.span)
    return case


_ASKED = frozenset({Kind.EXTENSION_DECISION})
