"""Make the streams and consumers of the topology, and tell where the server differs from it."""

import json
from collections.abc import Sequence
from typing import Any

from nats.aio.client import Client

from shared.bus.topology import SERVICES, STREAMS, Consumer, Stream, consumers


class Drift(Exception):
    """The server's streams or consumers are not what the topology declares; each line names one difference."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__("the bus differs from its declaration:\n" + "\n".join(lines))
        self.lines = tuple(lines)


async def request(nc: Client, subject: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """One JetStream API call; the answer with its `error` part, if any, left in."""
    answer = await nc.request(f"$JS.API.{subject}", json.dumps(body).encode() if body else b"", timeout=5)
    return json.loads(answer.data)  # type: ignore[no-any-return]  # the broker answers an object


async def provision(nc: Client, *, replicas: int = 1, extra: Sequence[Consumer] = ()) -> list[str]:
    """Create what is missing, update what may be updated; returns what was done. Raises Drift for the rest."""
    done: list[str] = []
    for stream in STREAMS:
        if await stream_drift(nc, stream, replicas) == []:
            continue
        verb = "UPDATE" if "error" not in await request(nc, f"STREAM.INFO.{stream.name}") else "CREATE"
        answer = await request(nc, f"STREAM.{verb}.{stream.name}", stream.config(replicas))
        _raise_on(answer, f"stream {stream.name}")
        done.append(f"stream {stream.name}: {verb.lower()}d")
    for one in (*(c for service in SERVICES for c in consumers(service)), *extra):
        if await consumer_drift(nc, one) == []:
            continue
        body = {"stream_name": one.stream, "config": one.config()}
        answer = await request(nc, f"CONSUMER.DURABLE.CREATE.{one.stream}.{one.name}", body)
        _raise_on(answer, f"consumer {one.name}")
        done.append(f"consumer {one.stream}/{one.name}: created")
    return done


async def drift(nc: Client, service: str) -> list[str]:
    """How the bus differs from what this service needs: one line a difference, empty if it fits."""
    lines: list[str] = []
    needed = {one.stream for one in consumers(service)} | {"EVENTS", "DEAD_LETTERS"}
    for stream in STREAMS:
        if stream.name in needed:
            lines += await stream_drift(nc, stream, None)
    for one in consumers(service):
        lines += await consumer_drift(nc, one)
    return lines


async def stream_drift(nc: Client, stream: Stream, replicas: int | None) -> list[str]:
    """Differences of one stream; `replicas` None leaves their number out."""
    answer = await request(nc, f"STREAM.INFO.{stream.name}")
    if "error" in answer:
        return [f"stream {stream.name}: {answer['error'].get('description', 'missing')}"]
    wanted = stream.config(replicas or 1)
    if replicas is None:
        del wanted["num_replicas"]
    return _differences(f"stream {stream.name}", wanted, answer["config"])


async def consumer_drift(nc: Client, one: Consumer) -> list[str]:
    """Differences of one consumer."""
    answer = await request(nc, f"CONSUMER.INFO.{one.stream}.{one.name}")
    if "error" in answer:
        return [f"consumer {one.stream}/{one.name}: {answer['error'].get('description', 'missing')}"]
    return _differences(f"consumer {one.stream}/{one.name}", one.config(), answer["config"])


def _differences(what: str, wanted: dict[str, Any], found: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    for key, value in wanted.items():
        there = found.get(key, False if value is False else None)
        if isinstance(value, list):
            value, there = sorted(value), sorted(there or [])
        if there != value:
            lines.append(f"{what}: {key} is {there!r}, declared {value!r}")
    return lines


def _raise_on(answer: dict[str, Any], what: str) -> None:
    if "error" in answer:
        raise Drift([f"{what}: {answer['error'].get('description')}"])
