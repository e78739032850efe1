"""What becomes of a message: acknowledged after the commit, tried again with a growing delay, or dead-lettered.

FastStream's own policies lose it (the default) or redeliver thousands of times a second (NACK_ON_ERROR).
"""

import base64
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

import structlog
from faststream import BaseMiddleware
from faststream._internal.context import ContextRepo
from nats.aio.msg import Msg
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from shared.contracts import Wire
from shared.errors import NotYet, Refusal
from shared.metrics import DEAD_LETTERS, EVENTS_TAKEN

DELAYS_S = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
NOT_YET_TRIES = 20
FAULT_TRIES = 6
LARGEST_BODY = 256 * 1024  # in base64 with the rest it must stay under the broker's largest message
log = structlog.get_logger()


class DeadLetter(Wire):
    """A message that could not be processed, with its reason and history; kept until a person replays it."""

    service: str
    consumer: str
    stream: str
    sequence: int
    subject: str
    deliveries: int
    error: str
    field: str = ""
    value: str = ""
    reason: str = ""
    remedy: str = ""
    body: str
    """base64 of the message as it came"""
    complete: bool = True
    """False if the message was too large for a letter: `body` is its beginning, the whole is in its stream"""


def problem_of(error: ValidationError) -> tuple[str, str, str]:
    """Field, value and reason of the first thing that is wrong with a message."""
    first = error.errors(include_url=False, include_context=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "(body)"
    value = "" if first["type"] in ("missing", "json_invalid") else repr(first["input"])[:200]
    return field, value, first["msg"]


class Settle:
    """Broker-level middleware: makes one `_Settling` a message."""

    def __init__(self, service: str, dead_letter: Callable[[DeadLetter], Awaitable[None]]) -> None:
        self._service = service
        self._dead_letter = dead_letter

    def __call__(self, msg: Msg | None, /, *, context: ContextRepo) -> "_Settling":
        return _Settling(msg, context=context, service=self._service, dead_letter=self._dead_letter)


class _Settling(BaseMiddleware[Any, Any]):
    def __init__(
        self,
        msg: Msg | None,
        /,
        *,
        context: ContextRepo,
        service: str,
        dead_letter: Callable[[DeadLetter], Awaitable[None]],
    ) -> None:
        super().__init__(msg, context=context)
        self._service = service
        self._dead_letter = dead_letter

    async def after_processed(
        self,
        exc_type: type[BaseException] | None = None,
        exc_val: BaseException | None = None,
        exc_tb: TracebackType | None = None,
    ) -> bool | None:
        msg = self.msg
        if msg is None:
            return None
        if exc_val is None:
            await msg.ack()
            EVENTS_TAKEN.labels(self._service, "taken").inc()
            return None
        if not isinstance(exc_val, Exception):
            return False
        deliveries = msg.metadata.num_delivered
        if _temporary(exc_val, deliveries):
            await self._try_again(msg, exc_val, deliveries)
            return True
        try:
            await self._bury(msg, exc_val, deliveries)
        except (OperationalError, InterfaceError) as store_away:
            await self._try_again(msg, store_away, deliveries)
        return True

    async def _try_again(self, msg: Msg, error: Exception, deliveries: int) -> None:
        delay = DELAYS_S[min(deliveries, len(DELAYS_S)) - 1]
        EVENTS_TAKEN.labels(self._service, "again").inc()
        event = {"consumer": msg.metadata.consumer, "sequence": msg.metadata.sequence.stream}
        log.warning("event_tried_again", **event, deliveries=deliveries, delay_s=delay, error=_said(error))
        await msg.nak(delay=delay)

    async def _bury(self, msg: Msg, error: Exception, deliveries: int) -> None:
        letter = dead_letter(self._service, msg, error, deliveries)
        await self._dead_letter(letter)
        DEAD_LETTERS.labels(self._service).inc()
        EVENTS_TAKEN.labels(self._service, "dead").inc()
        log.error("event_dead", consumer=letter.consumer, sequence=letter.sequence, field=letter.field)
        await msg.term()


def dead_letter(service: str, msg: Msg, error: Exception, deliveries: int) -> DeadLetter:
    """The dead letter of a message and the error that it met."""
    field, value, reason, remedy = (
        "",
        "",
        str(error)[:500],
        "mend the cause, then `minping dead-letters replay`",
    )
    if isinstance(error, ValidationError):
        field, value, reason = problem_of(error)
    elif isinstance(error, Refusal):
        field, value, reason, remedy = error.field, str(error.value)[:200], error.reason, error.remedy
    meta = msg.metadata
    return DeadLetter(
        service=service,
        consumer=meta.consumer,
        stream=meta.stream,
        sequence=meta.sequence.stream,
        subject=msg.subject,
        deliveries=deliveries,
        error=type(error).__name__,
        field=field,
        value=value,
        reason=reason,
        remedy=remedy,
        body=base64.b64encode(msg.data[:LARGEST_BODY]).decode(),
        complete=len(msg.data) <= LARGEST_BODY,
    )


def _temporary(error: Exception, deliveries: int) -> bool:
    if isinstance(error, (Refusal, ValidationError)):
        return False
    if isinstance(error, NotYet):
        return deliveries < NOT_YET_TRIES
    if isinstance(error, (OperationalError, InterfaceError)):
        return True
    return deliveries < FAULT_TRIES


def _said(error: Exception) -> str:
    return type(error).__name__ if isinstance(error, DBAPIError) else f"{type(error).__name__}: {error}"[:300]
