"""Is the bus there, are the service's consumers there, and how far behind are they."""

from dataclasses import dataclass, field

import nats.errors
from nats.aio.client import Client

from shared.bus.provision import request
from shared.bus.topology import consumers
from shared.metrics import CONSUMER_LAG


@dataclass(frozen=True, slots=True)
class BusHealth:
    """`checks`: what → `ok` or what is wrong. `lag`: consumer → events not yet acknowledged."""

    checks: dict[str, str]
    lag: dict[str, int] = field(default_factory=dict)


async def bus_health(service: str, connection: Client) -> BusHealth:
    """Ask the broker for each of the service's consumers; a deleted one would otherwise go unnoticed."""
    if not connection.is_connected:
        return BusHealth({"bus": "not connected"})
    checks = {"bus": "ok"}
    lag: dict[str, int] = {}
    for own in consumers(service):
        try:
            answer = await request(connection, f"CONSUMER.INFO.{own.stream}.{own.name}")
        except nats.errors.Error as error:
            return BusHealth({"bus": f"does not answer ({type(error).__name__})"})
        if "error" in answer:
            checks[own.name] = str(answer["error"].get("description", "missing"))
            continue
        lag[own.name] = int(answer["num_pending"]) + int(answer["num_ack_pending"])
        CONSUMER_LAG.labels(service, own.name).set(lag[own.name])
    return BusHealth(checks, lag)
