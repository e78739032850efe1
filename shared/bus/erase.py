"""Removes the messages of one subject from a stream so that their bytes are gone from the disk, too."""

import nats.errors
from nats.aio.client import Client

from shared.bus.provision import request


async def erase(nc: Client, stream: str, subject: str) -> str | None:
    """Purge a subject; returns why not, None if it is done.

    A purge only marks messages that share a file with others of the stream. Where nothing else is left, all files up
    to the last of them go.
    """
    try:
        answer = await request(nc, f"STREAM.PURGE.{stream}", {"filter": subject})
        if "error" not in answer:
            answer = await request(nc, f"STREAM.INFO.{stream}")
        if "error" not in answer and not answer["state"]["messages"]:
            # By number, so that what arrives meanwhile stays.
            answer = await request(nc, f"STREAM.PURGE.{stream}", {"seq": answer["state"]["last_seq"] + 1})
    except (nats.errors.Error, OSError) as error:
        return repr(error)
    return str(answer["error"].get("description")) if "error" in answer else None
