"""What canvassing gives to write about: the unit hears in time to appeal, the office that it did, both the ruling."""

from collections.abc import Callable
from typing import Any

from services.notify.domain.letter import one_line
from services.notify.usecases.matter import Matter
from shared.contracts import EventData
from shared.contracts import canvassing as c


def _established(d: c.CanvassingEstablished) -> Matter:
    facts = {
        "unit": d.unit, "cycle": d.cycle_name, "number": d.canvassing, "persons": [one_line(p, 100) for p in d.persons],
        "until": d.appeal_until.isoformat(),
    }  # fmt: skip
    return Matter(f"canvassing {d.canvassing} established", facts, ((d.unit, {}),), about=d.unit)


def _appealed(d: c.CanvassingAppealed) -> Matter:
    facts = {"unit": d.unit, "cycle": d.cycle_name, "number": d.canvassing, "grounds": one_line(d.grounds)}
    return Matter(f"canvassing {d.canvassing} appealed", facts, about=d.unit)


def _ruled(d: c.CanvassingRuled) -> Matter:
    facts = {
        "unit": d.unit, "cycle": d.cycle_name, "number": d.canvassing, "upheld": d.upheld, "reason": one_line(d.reason),
    }  # fmt: skip
    return Matter(f"canvassing {d.canvassing} ruled", facts, ((d.unit, {}),), about=d.unit)


CANVASSING_MATTERS: dict[type[EventData], Callable[[Any], Matter]] = {
    c.CanvassingEstablished: _established,
    c.CanvassingAppealed: _appealed,
    c.CanvassingRuled: _ruled,
}
"""Events of canvassing that letters can be written about."""
