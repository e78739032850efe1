"""What an event is about, as far as letters go: one small function a kind of event (N2).

Facts are what templates may say: numbers, dates, keys of units, texts of officials made one line. Never who
complained: no event that comes here carries it.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases import (
    canvassing_matters,
    circular_matters,
    consequence_matters,
    duty_matters,
    filing_matters,
    gate_matters,
    opinion_matters,
    oversight_matters,
    points_matters,
    promise_matters,
    term_matters,
)
from services.notify.usecases.matter import Matter
from shared.contracts import Event, EventData
from shared.contracts import intake as i
from shared.contracts import rectification as r
from shared.contracts import scoring as s
from shared.contracts.scoring_programme import ProgrammeAmended


def _requested(d: i.TransferRequested) -> Matter:
    facts = {
        "number": d.number, "card": d.card, "lead_unit": d.lead_unit, "cooperating": list(d.cooperating_units),
        "territorial": d.territorial_unit, "track": d.track, "days": d.days, "due": d.due.isoformat(),
        "title": one_line(d.title, 80), "text": d.text, "channel": d.channel, "topic": d.topic, "advice": d.advice,
        "basis": d.basis,
    }  # fmt: skip
    return Matter(f"transfer {d.number} {d.card} requested", facts, case=d.number, about=d.lead_unit)


def _refused(d: i.TransferRefused) -> Matter:
    facts = {"number": d.number, "card": d.card, "reason": one_line(d.reason)}
    return Matter(f"transfer {d.number} {d.card} refused", facts, case=d.number)


def _disclosure(d: i.IdentityDisclosed | i.DisclosureRefused) -> Matter:
    what = "disclosed" if isinstance(d, i.IdentityDisclosed) else "refused"
    return Matter(
        f"disclosure {d.request} {what}", {"number": d.number, "request": d.request, "role": d.role}, case=d.number
    )


def _opened(d: r.CaseOpened) -> Matter:
    facts = {
        "case": d.case, "title": one_line(d.title, 80), "track": d.track, "due": d.due.isoformat(),
        "provisional": d.provisional, "lead_unit": d.lead_unit, "cooperating": list(d.cooperating_units),
        "territorial": d.territorial_unit, "card": d.card, "channel": d.channel, "topic": d.topic, "days": d.days,
        "text": d.text,
    }  # fmt: skip
    parts = [(d.lead_unit, "lead"), *((unit, "cooperating") for unit in d.cooperating_units)]
    if d.territorial_unit:
        parts.append((d.territorial_unit, "territorial"))
    first = dict(reversed(parts))  # a unit with two parts is told the weightier one
    units = tuple((unit, {"part": first[unit]}) for unit in dict.fromkeys(unit for unit, _ in parts))
    return Matter(f"case {d.case} opened", facts, units, d.case, office_facts={"part": "lead"}, about=d.lead_unit)


def _deadline(d: r.DeadlineApproaching | r.DeadlinePassed | r.DeadlineEscalated) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "kind": d.kind, "step": d.step, "title": one_line(d.title, 80),
        "due": d.due.isoformat(),
    }  # fmt: skip
    # Units that help each have a deadline of this kind; all others are one a case.
    whose = f" {d.unit}" if d.kind == "contribute" else ""
    key = f"deadline {d.case} {d.kind} {d.due} {d.step}{whose}"
    return Matter(key, facts, ((d.unit, {}),), d.case, roles=d.roles, about=d.unit)


def _returned(d: r.CaseReturned) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "round": d.round, "reasons": [one_line(reason) for reason in d.reasons],
        "rework_due": d.rework_due.isoformat(),
    }  # fmt: skip
    return Matter(f"case {d.case} returned {d.round}", facts, ((d.unit, {}),), d.case, about=d.unit)


def _closed(d: r.CaseClosed) -> Matter:
    facts = {"case": d.case, "unit": d.unit, "outcome": d.outcome, "late": d.late, "late_days": d.late_days}
    return Matter(f"case {d.case} closed {d.times_closed}", facts, ((d.unit, {}),), d.case, about=d.unit)


def _reopened(d: r.CaseReopened) -> Matter:
    facts = {"case": d.case, "unit": d.unit, "reason": d.reason, "due": d.due.isoformat()}
    return Matter(f"case {d.case} reopened {d.round}", facts, ((d.unit, {}),), d.case, about=d.unit)


def _lapsed(d: r.CaseLapsed) -> Matter:
    facts = {"case": d.case, "unit": d.unit, "cycle": d.cycle_name, "due": d.due.isoformat()}
    units = (d.unit,) if d.paying_unit == d.unit else (d.unit, d.paying_unit)
    return Matter(
        f"case {d.case} lapsed {d.cycle_name}", facts, tuple((unit, {}) for unit in units), d.case, about=d.unit
    )


def _announced(d: s.MeetingAnnounced) -> Matter:
    facts = {
        "meeting": d.meeting, "cycle": d.cycle_name, "units": d.units, "date": d.date.isoformat(),
        "place": one_line(d.place), "starts_at": d.starts_at.isoformat() if d.starts_at else None, "speaks": None,
        "unit_keys": list(d.unit_keys), "speak": list(d.speak),
    }  # fmt: skip
    units = tuple((unit, {"speaks": unit in d.speak}) for unit in d.unit_keys)
    return Matter(f"meeting {d.meeting} announced {d.date}", facts, units, everyone=not units)


def _amended(d: ProgrammeAmended) -> Matter:
    facts = {
        "cycle": d.cycle_name,
        "reason": one_line(d.reason),
        "document": one_line(d.document),
        "paths": list(d.paths),
    }
    return Matter(f"programme {d.key} {d.cycle_name} amended {d.after}", facts, everyone=True)


def _sealed(d: s.MeetingSealed) -> Matter:
    facts = {
        "meeting": d.meeting, "cycle": d.cycle_name, "checkpoint": d.checkpoint, "valid": d.valid, "void": d.void
    }  # fmt: skip
    return Matter(f"meeting {d.meeting} sealed {d.checkpoint}", facts, everyone=True)


def _ranking(d: s.RankingPublished) -> Matter:
    # a corrected ranking is another matter, the same one again is not (S15)
    digest = sha256(d.model_dump_json().encode()).hexdigest()[:16]
    scopes: dict[str, int] = {}
    for row in d.rows:
        scopes[row.scope] = scopes.get(row.scope, 0) + (row.rank is not None)
    rows = [{**row.model_dump(mode="json"), "of": scopes[row.scope]} for row in d.rows]
    units = tuple((row["unit"], {"row": row}) for row in rows)
    return Matter(
        f"ranking {d.cycle_name} {digest}", {"cycle": d.cycle_name}, units, office_facts={"row": None, "rows": rows}
    )


def _consequence(d: s.ConsequenceProposed | s.ConsequenceConfirmed | s.ConsequenceWithdrawn) -> Matter:
    facts: dict[str, Any] = {
        "consequence": d.consequence, "cycle": d.cycle_name, "unit": d.unit, "kind": d.kind,
        "reason": one_line(d.reason),
    }  # fmt: skip
    if isinstance(d, s.ConsequenceProposed):
        what = "proposed"
        facts |= {"review": d.review, "rank": d.rank, "composite": None if d.composite is None else str(d.composite)}
    elif isinstance(d, s.ConsequenceConfirmed):
        what = "confirmed"
        facts |= {
            "due": d.due.isoformat() if d.due else None, "answer": one_line(d.answer),
            "persons": [one_line(post, 80) for post in d.persons],
        }  # fmt: skip
    else:
        what = "withdrawn"
    return Matter(f"consequence {d.consequence} {what}", facts, ((d.unit, {}),), about=d.unit)


MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    i.TransferRequested: _requested,
    i.TransferRefused: _refused,
    i.IdentityDisclosed: _disclosure,
    i.DisclosureRefused: _disclosure,
    r.CaseOpened: _opened,
    r.DeadlineApproaching: _deadline,
    r.DeadlinePassed: _deadline,
    r.DeadlineEscalated: _deadline,
    r.CaseReturned: _returned,
    r.CaseClosed: _closed,
    r.CaseReopened: _reopened,
    r.CaseLapsed: _lapsed,
    s.MeetingAnnounced: _announced,
    s.MeetingSealed: _sealed,
    ProgrammeAmended: _amended,
    s.RankingPublished: _ranking,
    s.ConsequenceProposed: _consequence,
    s.ConsequenceConfirmed: _consequence,
    s.ConsequenceWithdrawn: _consequence,
    **canvassing_matters.CANVASSING_MATTERS,
    **circular_matters.CIRCULAR_MATTERS,
    **consequence_matters.CONSEQUENCE_MATTERS,
    **gate_matters.GATE_MATTERS,
    **duty_matters.DUTY_MATTERS,
    **filing_matters.FILING_MATTERS,
    **opinion_matters.OPINION_MATTERS,
    **oversight_matters.OVERSIGHT_MATTERS,
    **points_matters.POINTS_MATTERS,
    **promise_matters.PROMISE_MATTERS,
    **term_matters.TERM_MATTERS,
}
"""Every event that letters can be written about."""

BEFORE_APPROVAL = gate_matters.BEFORE_APPROVAL | {i.TransferRequested.TYPE, i.TransferRefused.TYPE}
"""No unit sees a matter before its approval (I7): these are told to the office only."""

BEFORE_PUBLICATION = frozenset({s.ConsequenceProposed.TYPE, s.ConsequenceWithdrawn.TYPE})
"""What names a rank or leads to one, and may be told before the result is public: to the office only (S14)."""

CONFIDENTIAL = frozenset({i.IdentityDisclosed.TYPE, i.DisclosureRefused.TYPE})
"""Told to the auditor only (I3)."""


def matter_of(event: Event[Any]) -> Matter:
    """What an event is about."""
    return MATTERS[type(event.data)](event.data)
