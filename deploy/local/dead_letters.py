"""The events that no service could process: read them, and send them on their way again.

Nothing is ever deleted from their stream. A replay is a note of its own in it, so who looks sees both.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from nats.aio.client import Client
from nats.js.errors import NotFoundError
from pydantic import Field

from shared.bus.settle import DeadLetter
from shared.errors import Refusal

STREAM = "DEAD_LETTERS"
REPLAYED = "minping.dead.replayed"


class Letter(DeadLetter):
    """A dead letter with its number, its time, and when it was replayed."""

    id: int
    time: datetime
    replayed: list[datetime] = Field(default_factory=list)

    def text(self) -> str:
        """The message as it came."""
        return base64.b64decode(self.body).decode(errors="replace")


async def read(bus: Client, *, newest: int) -> list[Letter]:
    """The newest dead letters, oldest first."""
    state = (await bus.jetstream().stream_info(STREAM)).state
    letters: dict[int, Letter] = {}
    for number in range(max(state.first_seq, state.last_seq - newest + 1), state.last_seq + 1):
        try:
            message = await bus.jetstream().get_msg(STREAM, seq=number, direct=True)
        except NotFoundError:
            continue  # purged
        said: dict[str, Any] = json.loads(message.data or b"{}")
        if message.subject == REPLAYED:
            if said["id"] in letters:
                letters[said["id"]].replayed.append(datetime.fromisoformat(said["at"]))
            continue
        time = message.time or datetime.now(UTC)
        letters[number] = Letter.model_validate({**said, "id": number, "time": time})
    return list(letters.values())


async def find(bus: Client, number: int) -> Letter:
    """One dead letter. Raises Refusal (404)."""
    for letter in await read(bus, newest=1_000_000):
        if letter.id == number:
            return letter
    raise Refusal("id", number, "there is no such dead letter", "see `minping dead-letters list`", 404)


async def replay(bus: Client, numbers: Iterable[int]) -> list[Letter]:
    """Publish the messages again on their own subjects; services that had taken them know them and pass.

    All numbers are looked up before anything is published. Raises Refusal (404) for one that is not there.
    """
    there = {letter.id: letter for letter in await read(bus, newest=1_000_000)}
    chosen: list[Letter] = []
    for number in numbers:
        if number not in there:
            raise Refusal("id", number, "there is no such dead letter", "see `minping dead-letters list`", 404)
        chosen.append(there[number])
    for letter in chosen:
        if not letter.complete:
            remedy = f"publish message {letter.sequence} of stream {letter.stream} again from its source"
            raise Refusal("id", letter.id, "the message was too large to be kept whole", remedy, 409)
    for letter in chosen:
        again = {"Nats-Msg-Id": f"replay-{letter.id}-{len(letter.replayed) + 1}"}
        await bus.jetstream().publish(
            letter.subject, base64.b64decode(letter.body), headers=again, stream=letter.stream, timeout=5
        )
        letter.replayed.append(datetime.now(UTC))
        note = {"id": letter.id, "at": letter.replayed[-1].isoformat()}
        await bus.jetstream().publish(REPLAYED, json.dumps(note).encode(), stream=STREAM, timeout=5)
    return chosen
