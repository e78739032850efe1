"""What changes of a case's terms are about, as far as letters go (R3, I17)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import rectification_terms as r

DATES_OF_A_CASE = ("solve", "explain", "rework")
"""All deadlines of a case stand still together; this one tells of it, once, and those of helping units of theirs."""


def _requested(d: r.RequestMade) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "kind": d.kind, "title": one_line(d.title, 80), "days": d.days,
        "track": d.track, "ground": d.ground, "reasons": one_line(d.reasons), "due": d.due.isoformat(),
    }  # fmt: skip
    return Matter(f"request {d.case} {d.kind} {d.due} made", facts, ((d.unit, {}),), d.case, about=d.unit)


def _decided(d: r.RequestDecided) -> Matter:
    facts = {
        "case": d.case, "unit": d.unit, "kind": d.kind, "granted": d.granted, "reasons": one_line(d.reasons),
        "days": d.days, "track": d.track, "due": d.due.isoformat(),
    }  # fmt: skip
    key = f"request {d.case} {d.kind} {'granted' if d.granted else 'refused'} {d.due}"
    return Matter(key, facts, ((d.unit, {}),), d.case, about=d.unit)


def _suspended(d: r.DeadlineSuspended) -> Matter:
    facts = {"case": d.case, "unit": d.unit, "ground": d.ground, "reasons": one_line(d.reasons)}
    return Matter(f"case {d.case} suspended {d.due} {d.unit}", facts, _told(d.unit, d.kind), d.case, about=d.unit)


def _resumed(d: r.DeadlineResumed) -> Matter:
    facts = {"case": d.case, "unit": d.unit, "due": d.due.isoformat()}
    return Matter(f"case {d.case} resumed {d.due} {d.unit}", facts, _told(d.unit, d.kind), d.case, about=d.unit)


def _told(unit: str, kind: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    return ((unit, {}),) if kind in (*DATES_OF_A_CASE, "contribute") else ()


def _reassigned(d: r.CaseReassigned) -> Matter:
    facts = {
        "case": d.case, "title": one_line(d.title, 80), "previous_unit": d.previous_unit, "unit": d.unit,
        "due": d.due.isoformat(),
    }  # fmt: skip
    units: dict[str, dict[str, Any]] = {d.unit: {"part": "lead"}}
    for unit in d.cooperating_units:
        units.setdefault(unit, {"part": "cooperating"})
    if d.territorial_unit:
        units.setdefault(d.territorial_unit, {"part": "territorial"})
    units.setdefault(d.previous_unit, {"part": None})
    return Matter(
        f"case {d.case} reassigned {d.unit} {d.due}",
        facts,
        tuple(units.items()),
        d.case,
        office_facts={"part": "lead"},
        about=d.unit,
    )


TERM_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    r.RequestMade: _requested,
    r.RequestDecided: _decided,
    r.DeadlineSuspended: _suspended,
    r.DeadlineResumed: _resumed,
    r.CaseReassigned: _reassigned,
}
"""Events of a case's terms that letters can be written about."""
