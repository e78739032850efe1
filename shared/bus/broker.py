"""A service's side of the bus: typed subscribers whose work is committed before it is acknowledged."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import structlog
from faststream import AckPolicy
from faststream.nats import JStream, NatsBroker, NatsMessage, PullSub
from nats.aio.msg import Msg
from pydantic import ValidationError

from shared.bus.pulling import Pull
from shared.bus.settle import DeadLetter, Settle, problem_of
from shared.bus.topology import consumer, stream_of, subject_of
from shared.clock import Clock
from shared.contracts import Event, EventData, Wire
from shared.store import Tx
from shared.unit import Unit

D = TypeVar("D", bound=EventData)
W = TypeVar("W", bound=Wire)
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that does not parse: the body as it came, and what is wrong with it."""

    subject: str
    sequence: int
    body: bytes
    field: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Arrived:
    """What the decoder gives the handler: the parsed message, and the message as it came."""

    body: Any
    raw: Msg


class Bus:
    """What a service's `bus.py` is given: `on` for each kind of event it takes."""

    def __init__(self, service: str, broker: NatsBroker, unit: Unit, clock: Clock) -> None:
        self.service = service
        self._broker = broker
        self._unit = unit
        self._clock = clock
        self.in_hand = 0
        broker.add_middleware(Settle(service, self.bury))

    def now(self) -> datetime:
        """The present by the service's clock: what an outside party says of the time is its own word."""
        return self._clock.now()

    async def start(self) -> None:
        """Connect and begin to take events."""
        await self._broker.start()
        for subscriber in self._broker.subscribers:
            if (pull := getattr(subscriber, "subscription", None)) is not None:
                pull.fetch = Pull(pull).fetch

    async def stop(self) -> None:
        """Stop taking events; what is in work is finished first."""
        await self._broker.stop()

    def on(
        self,
        kind: type[D],
        use_case: Callable[[Tx, Event[D]], None],
        *,
        malformed: Callable[[Tx, Malformed], None] | None = None,
    ) -> None:
        """Take events of this kind: `use_case` runs in a transaction dated by the event's own time."""
        model = Event[kind]  # type: ignore[valid-type]  # the class is known at run time only

        def work(tx: Tx, event: Any, _message: Msg) -> None:
            use_case(tx, event)

        self._subscribe(kind, model, work, malformed)

    def on_from(
        self,
        kind: type[D],
        use_case: Callable[[Tx, Event[D], str], None],
        *,
        malformed: Callable[[Tx, Malformed], None] | None = None,
    ) -> None:
        """Like `on`, for events from outside: `use_case` also gets the subject, which alone names the source."""
        model = Event[kind]  # type: ignore[valid-type]  # the class is known at run time only

        def work(tx: Tx, event: Any, message: Msg) -> None:
            use_case(tx, event, message.subject)

        self._subscribe(kind, model, work, malformed)

    def on_plain(
        self,
        kind: type[W],
        use_case: Callable[[Tx, W, str], None],
        *,
        malformed: Callable[[Tx, Malformed], None] | None = None,
    ) -> None:
        """Take messages without an envelope (ballots): `use_case` also gets the subject they came on."""

        def work(tx: Tx, body: Any, message: Msg) -> None:
            use_case(tx, body, message.subject)

        self._subscribe(kind, kind, work, malformed)

    def _subscribe(
        self,
        kind: type[Wire],
        model: type[Wire],
        work: Callable[[Tx, Any, Msg], None],
        malformed: Callable[[Tx, Malformed], None] | None,
    ) -> None:
        own = consumer(self.service, kind)

        async def decode(message: NatsMessage) -> Any:
            raw = message.raw_message
            try:
                return _Arrived(model.model_validate_json(message.body), raw)
            except ValidationError as error:
                if malformed is None:
                    raise
                field, value, reason = problem_of(error)
                broken = Malformed(raw.subject, raw.metadata.sequence.stream, message.body, field, value, reason)
                return _Arrived(broken, raw)

        # One argument, given by the decoder: for an injected `message: NatsMessage` FastStream would go through
        # a thread at every message, after which they arrive here in any order.
        async def handle(arrived: Any) -> None:
            self.in_hand += 1
            try:
                await self._take(arrived.body, arrived.raw, work, malformed)
            finally:
                self.in_hand -= 1

        handle.__name__ = own.name
        subscriber = self._broker.subscriber(
            subject_of(kind),
            stream=JStream(own.stream, declare=False),
            durable=own.name,
            pull_sub=PullSub(batch_size=500),
            ack_policy=AckPolicy.MANUAL,
            inbox_prefix=f"_INBOX_{self.service}.".encode(),
            decoder=decode,
            title=own.name,
        )
        subscriber(handle)

    async def _take(
        self,
        body: Any,
        raw: Msg,
        work: Callable[[Tx, Any, Msg], None],
        malformed: Callable[[Tx, Malformed], None] | None,
    ) -> None:
        order = raw.metadata.sequence.stream
        if isinstance(body, Malformed):
            if malformed is None:
                raise TypeError(f"{raw.subject} gave Malformed, but nobody takes it")
            repair, broken = malformed, body
            key = f"{stream_of(raw.subject)}#{order}"
            await self._unit.run(lambda tx: repair(tx, broken), at=self._clock.now(), inbox_key=key, order=order)
            return
        if isinstance(body, Event):
            at, key, event_id = body.time, f"{raw.subject}|{body.id}", body.id
        else:
            at, key, event_id = self._clock.now(), f"{stream_of(raw.subject)}#{order}", ""
        await self._unit.run(lambda tx: work(tx, body, raw), at=at, inbox_key=key, order=order, event_id=event_id)

    async def bury(self, letter: DeadLetter) -> None:
        """Put a message that cannot be processed into the dead letters; once."""
        await self._unit.run(
            lambda tx: tx.answer(letter, to=f"minping.dead.{self.service}"),
            at=self._clock.now(),
            inbox_key=f"dead|{letter.stream}#{letter.sequence}",
        )
