"""What comes in: every event that is kept, shown or told, and the units' names."""

from functools import partial

from services.notify.usecases import HEARD, Desk, hear, register_unit
from shared.bus.broker import Bus
from shared.contracts.scoring import UnitRegistered


def subscribe(desk: Desk, bus: Bus) -> None:
    """Each event goes to one use case: units are kept, all others are heard."""
    bus.on(UnitRegistered, register_unit)
    for kind in HEARD:
        bus.on(kind, partial(hear, desk))
