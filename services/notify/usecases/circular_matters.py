"""What circulars, briefings and approved findings are about, as far as letters go (N6, I9, I10).

A finding is told verbatim, to the main leader alone, and only from its approval on: before it no unit sees a matter
(I7), whatever the inspection recorded. The leading group gets the same in summary.
"""

from collections.abc import Callable
from typing import Any

from services.notify.domain.bulletin import plain
from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import circulars as c
from shared.contracts import intake as i

LONGEST_LINE = 2_000


def _issued(d: c.CircularIssued) -> Matter:
    facts: dict[str, Any] = {
        "circular": d.circular, "kind": d.kind, "period": d.period, "number": d.number, "title": one_line(d.title),
        "title_en": one_line(d.title_en), "text": _lines(d.text), "text_en": _lines(d.text_en),
        "issued_on": d.issued_on.isoformat(), "first": d.first.isoformat(), "last": d.last.isoformat(),
    }  # fmt: skip
    units = tuple((row.unit, {"row": _row(row) if row.named else None}) for row in d.units)
    named = [_row(row) for row in d.units if row.named]
    office = {"row": None, "rows": named}
    return Matter(f"circular {d.circular} {d.number}", facts, units, office_facts=office)


def _row(row: c.UnitFigures) -> dict[str, Any]:
    return row.model_dump(mode="json")


def _briefing(d: c.BriefingIssued) -> Matter:
    totals = {
        name: sum(getattr(row, name) for row in d.units)
        for name, field in c.UnitFigures.model_fields.items()
        if field.annotation is int
    }
    facts = {
        "quarter": d.quarter, "first": d.first.isoformat(), "last": d.last.isoformat(), "totals": totals,
        "topics": d.topics, "rows": [_row(row) for row in d.units if row.opened or row.closed or row.open],
    }  # fmt: skip
    return Matter(f"briefing {d.quarter}", facts)


def _approved(d: i.TransferApproved) -> Matter:
    if d.origin != "inspection":
        return Matter(f"transfer {d.number} approved", {}, quiet=True)
    facts = {
        "number": d.number, "unit": d.lead_unit, "title": one_line(d.title, 80), "topic": d.topic, "track": d.track,
        "days": d.days,
    }  # fmt: skip
    units = ((d.lead_unit, {"finding": _lines(d.text)}),)
    return Matter(f"finding {d.number} approved", facts, units, d.number, about=d.lead_unit)


def _lines(text: str) -> list[str]:
    return [one_line(line, LONGEST_LINE) for line in plain(text).split("\n") if line.strip()]


CIRCULAR_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    c.CircularIssued: _issued,
    c.BriefingIssued: _briefing,
    i.TransferApproved: _approved,
}
"""Events of circulars, briefings and findings that letters can be written about."""
