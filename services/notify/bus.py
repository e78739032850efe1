"""What comes in: every event that letters can be written about, and the units' names."""

from functools import partial

from services.notify.usecases import MATTERS, Desk, register_unit, tell
from shared.bus.broker import Bus
from shared.contracts.scoring import UnitRegistered


def subscribe(desk: Desk, bus: Bus) -> None:
    """Each event goes to one use case: units are kept, all others are told by the programme's rules."""
    bus.on(UnitRegistered, register_unit)
    for kind in MATTERS:
        bus.on(kind, partial(tell, desk))
