"""The bus as an AsyncAPI 3 document: every channel, who sends and who receives, every message's schema.

Made from the contracts and the topology, which are what the services run on: it cannot say anything else.
`python -m shared.asyncapi > docs/asyncapi.json` renews the copy that is kept; a test compares it.
"""

import json
from typing import Any

from pydantic import BaseModel

from shared.bus.settle import DeadLetter
from shared.bus.topology import CLOCK_SUBJECT, CONSUMES, SERVICES, consumer, stream_of, subject_of
from shared.clock import ClockEntry
from shared.contracts import EVENTS, Event, EventData, Wire
from shared.contracts.filings import FilingReceipt
from shared.contracts.inbox import BallotCast, BallotReceipt, ReceiptIssued

OUTSIDE = "outside"
DRIVER = "driver"
PLAIN: tuple[type[Wire], ...] = (BallotCast, BallotReceipt)
"""messages without an envelope: nothing in them tells when or by whom"""


def document() -> dict[str, Any]:
    """The whole document, as JSON values."""
    made = _Document()
    for kind in (*EVENTS.values(), *PLAIN):
        made.message(kind, subject_of(kind))
        for sender in _senders(kind):
            made.operation(sender, "send", kind)
        for service, kinds in CONSUMES.items():
            if kind in kinds:
                own = consumer(service, kind)
                made.operation(service, "receive", kind, {"x-consumer": own.name})
    made.message(DeadLetter, "minping.dead.*")
    for service in SERVICES:
        made.operation(service, "send", DeadLetter)
    made.message(ClockEntry, CLOCK_SUBJECT)
    made.operation(DRIVER, "send", ClockEntry)
    for service in SERVICES:
        made.operation(service, "receive", ClockEntry)
    return made.whole()


def _senders(kind: type[Wire]) -> tuple[str, ...]:
    if kind is ReceiptIssued:
        return ("intake",)
    if kind in (BallotReceipt, FilingReceipt):
        return ("scoring",)
    owner = subject_of(kind).split(".")[1]
    return (owner,) if owner in SERVICES else (OUTSIDE,)


class _Document:
    def __init__(self) -> None:
        self._channels: dict[str, Any] = {}
        self._operations: dict[str, Any] = {}
        self._messages: dict[str, Any] = {}
        self._schemas: dict[str, Any] = {}
        self._channel_of: dict[str, str] = {}

    def message(self, kind: type[BaseModel], subject: str) -> None:
        """Add a message and the channel it travels on."""
        name = kind.__name__
        self._channel_of[name] = subject.replace(".*", "").removeprefix("$")
        channel = {"address": subject, "messages": {}, "x-stream": stream_of(subject)}
        if subject.endswith("*"):
            channel["address"] = subject[:-1] + "{name}"
            channel["parameters"] = {"name": {"description": "of the source, the meeting or the service"}}
        channel = self._channels.setdefault(self._channel_of[name], channel)
        channel["messages"][name] = {"$ref": f"#/components/messages/{name}"}
        event = kind.TYPE if issubclass(kind, EventData) else None
        self._messages[name] = {
            "name": event or name,
            "title": _summary(kind),
            "contentType": "application/cloudevents+json" if event else "application/json",
            "payload": {"$ref": f"#/components/schemas/{self._schema(kind)}"},
        }

    def operation(self, who: str, action: str, kind: type[BaseModel], more: dict[str, Any] | None = None) -> None:
        """Add what one side does with a message."""
        name, channel = kind.__name__, f"#/channels/{self._channel_of[kind.__name__]}"
        self._operations[f"{who}.{action}.{name}"] = {
            "action": action,
            "channel": {"$ref": channel},
            "messages": [{"$ref": f"{channel}/messages/{name}"}],
            "tags": [{"name": who}],
            **(more or {}),
        }

    def whole(self) -> dict[str, Any]:
        """The document."""
        return {
            "asyncapi": "3.0.0",
            "info": {
                "title": "民评 Minping",
                "version": "1",
                "description": "CloudEvents 1.0 on NATS JetStream. Type and subject are one and carry the version.",
            },
            "defaultContentType": "application/json",
            "channels": self._channels,
            "operations": self._operations,
            "components": {"messages": self._messages, "schemas": dict(sorted(self._schemas.items()))},
        }

    def _schema(self, kind: type[BaseModel]) -> str:
        model: type[BaseModel] = Event[kind] if issubclass(kind, EventData) else kind  # type: ignore[valid-type]  # known at run time only
        schema = model.model_json_schema(mode="serialization", ref_template="#/components/schemas/{model}")
        self._schemas.update(schema.pop("$defs", {}))
        name = kind.__name__ + "Event" if issubclass(kind, EventData) else kind.__name__
        self._schemas[name] = {**schema, "title": name}
        if issubclass(kind, EventData):
            self._schemas[name]["description"] = _summary(kind)
            self._schemas[name]["properties"]["type"] = {"const": kind.TYPE, "type": "string"}
        return name


def _summary(kind: type[BaseModel]) -> str:
    return (kind.__doc__ or "").strip().splitlines()[0]


if __name__ == "__main__":
    print(json.dumps(document(), ensure_ascii=False, indent=1))
