"""One function an intention; each runs in a transaction that it is given."""

from services.notify.usecases.desk import Desk, make_desk
from services.notify.usecases.hearing import HEARD, hear
from services.notify.usecases.matters import MATTERS
from services.notify.usecases.office import Entered, correct, put_holders, undo
from services.notify.usecases.planning import register_unit, tell
from services.notify.usecases.sending import (
    Envelope,
    Result,
    Turn,
    preview,
    recover,
    resolve,
    settle_all,
    take_turn,
)
from services.notify.usecases.tracing import Traced, trace

__all__ = [
    "HEARD",
    "MATTERS",
    "Desk",
    "Entered",
    "Envelope",
    "Result",
    "Traced",
    "Turn",
    "correct",
    "hear",
    "make_desk",
    "preview",
    "put_holders",
    "recover",
    "register_unit",
    "resolve",
    "settle_all",
    "take_turn",
    "tell",
    "trace",
    "undo",
]
