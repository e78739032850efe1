"""What becomes of an event that notify hears: it is kept, the bulletin shows it, people are told (N2, N7)."""

from typing import Any

from services.notify.usecases import bulletin, circulars, quarter_ends, recording
from services.notify.usecases.bulletin_posts import POSTS
from services.notify.usecases.desk import Desk
from services.notify.usecases.matters import MATTERS
from services.notify.usecases.planning import tell
from shared.contracts import Event, EventData
from shared.contracts.circulars import BriefingIssued, CircularIssued
from shared.contracts.scoring import CycleClosed
from shared.store import Tx

HEARD: tuple[type[EventData], ...] = tuple(dict.fromkeys((*MATTERS, *POSTS, *recording.KEPT)))
"""Every kind of event that is heard."""


def hear(desk: Desk, tx: Tx, event: Event[Any]) -> None:
    """Take an event, in one transaction. Heard again it changes nothing."""
    recording.keep(tx, event)
    bulletin.post(desk, tx, event)
    match event.data:
        case CycleClosed():
            circulars.draft_cycle(desk, tx, event)
        case CircularIssued():
            circulars.keep_issued(tx, event)
        case BriefingIssued():
            quarter_ends.keep_issued(tx, event)
        case _:
            pass
    tell(desk, tx, event)
