"""What an appraisal opinion is about, as far as letters go: to the unit's leadership (S14)."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import opinions as o

LONGEST = 1_000


def _issued(d: o.OpinionIssued) -> Matter:
    facts = {
        "opinion": d.opinion, "cycle": d.cycle_name, "unit": d.unit, "author": d.author,
        "strengths": [one_line(text, LONGEST) for text in d.strengths],
        "problems": [one_line(problem.text, LONGEST) for problem in d.problems],
        "recommendations": [one_line(text, LONGEST) for text in d.recommendations],
        "signed_by": one_line(d.signed_by, 80), "issued_on": d.issued_on.isoformat(),
    }  # fmt: skip
    return Matter(f"opinion {d.opinion} issued", facts, ((d.unit, {}),), about=d.unit)


def _fed_back(d: o.OpinionFedBack) -> Matter:
    facts = {
        "opinion": d.opinion, "cycle": d.cycle_name, "unit": d.unit, "held_on": d.held_on.isoformat(),
        "place": one_line(d.place, 200), "minutes": one_line(d.minutes, LONGEST),
    }  # fmt: skip
    return Matter(f"opinion {d.opinion} fed back", facts, ((d.unit, {}),), about=d.unit)


OPINION_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    o.OpinionIssued: _issued,
    o.OpinionFedBack: _fed_back,
}
"""Events of opinions that letters can be written about."""
