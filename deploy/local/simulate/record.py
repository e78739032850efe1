"""What happened in a house, read from its stream of events alone.

Only EVENTS is read: it holds every fact, and no identity. INBOX (sealed identities), RECEIPTS (tracking codes),
BALLOTS and EVALUATIONS are not: what only they would show, an actor looks at himself and puts down as `Checked`.
"""

import json
from typing import Any
from zoneinfo import ZoneInfo

from nats.aio.client import Client

from deploy.local.simulate.canon import Record, canonical
from shared.errors import Refusal

USER = "auditor"
STREAM = "EVENTS"
BATCH = 500
WITHIN_S = 10.0


async def record(bus: Client, zone: ZoneInfo) -> Record:
    """All that happened, in the record's own order and names. Raises Refusal for a value that looks random."""
    return canonical(await read(bus), zone)


async def read(bus: Client) -> list[dict[str, Any]]:
    """Every envelope of the stream, in its order, by batches (`bus` is connected as the auditor). Raises Refusal."""
    inbox = bus.new_inbox()
    coming = await bus.subscribe(inbox, pending_msgs_limit=-1, pending_bytes_limit=-1)
    found: list[dict[str, Any]] = []
    following = 1
    try:
        while True:
            asked = {"seq": following, "next_by_subj": ">", "batch": BATCH}
            await bus.publish(f"$JS.API.DIRECT.GET.{STREAM}", json.dumps(asked).encode(), reply=inbox)
            while True:
                message = await coming.next_msg(timeout=WITHIN_S)
                headers = message.headers or {}
                if status := headers.get("Status"):
                    if status == "404":
                        return found
                    if status != "204":
                        raise Refusal("bus", status, f"{STREAM} cannot be read", "see `minping doctor`")
                    break
                found.append(json.loads(message.data))
                following = int(headers["Nats-Sequence"]) + 1
    finally:
        await coming.unsubscribe()
