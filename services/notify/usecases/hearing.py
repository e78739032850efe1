"""What becomes of an event that notify hears: it is kept, the bulletin shows it, people are told (N2, N7)."""

from typing import Any

from services.notify.usecases import bulletin, recording
from services.notify.usecases.bulletin_posts import POSTS
from services.notify.usecases.desk import Desk
from services.notify.usecases.matters import MATTERS
from services.notify.usecases.planning import tell
from shared.contracts import Event, EventData
from shared.store import Tx

HEARD: tuple[type[EventData], ...] = tuple(dict.fromkeys((*MATTERS, *POSTS, *recording.KEPT)))
"""Every kind of event that is heard."""


def hear(desk: Desk, tx: Tx, event: Event[Any]) -> None:
    """Take an event, in one transaction. Heard again it changes nothing."""
    recording.keep(tx, event)
    bulletin.post(desk, tx, event)
    tell(desk, tx, event)
