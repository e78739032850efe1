"""What an HTTP exchange with a gateway or robot says about one message (N3).

A library that answers yes or no cannot be asked whether a no is for ever, for now, or unknown; and the robots of
企业微信, 钉钉 and 飞书 say no with status 200. So each exchange is looked at itself:

- nothing was written (no connection, no TLS): certain, the channel is away;
- written, and no whole answer: nobody knows, *uncertain*;
- 500, 502, 504: the gateway may have passed the message on before it broke, *uncertain*;
- 408, 425, 429, 503: not taken, later again; 401, 403, 404, 405, 407, 410, 3xx: it refuses *us* or is not there,
  which says nothing about the message; other 4xx and 5xx: this message is refused;
- 2xx: taken, unless the answer's own code says otherwise (robots; a gateway of which the channel names the field).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from services.notify.domain.delivery import Kind, Outcome

Fault = Literal["", "connect", "silence"]

_LATER = frozenset({408, 425, 429, 503})
_US = frozenset({401, 403, 404, 405, 407, 410})
_UNKNOWN = frozenset({500, 502, 504})

# Codes that say: too fast, or busy. 45009, 45033, -1: 企业微信; 130101, 410100, 660026: 钉钉; 11232, 11233: 飞书.
_CODES_LATER = frozenset({"-1", "45009", "45033", "130101", "410100", "660026", "11232", "11233"})
# Codes that say: this robot, its token, its signature, its key word or our network is not accepted.
_CODES_US = frozenset({
    "93000", "93004", "93008", "40001", "40014", "60020",  # 企业微信
    "300001", "300005", "310000", "400013", "400101", "400102",  # 钉钉
    "19001", "19021", "19022", "19024",  # 飞书
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back. fault: how far it came if nothing did; `name` of the error."""

    status: int = 0
    body: bytes = b""
    fault: Fault = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Where an answer with status 200 carries a code of its own, and which codes are a yes; no field: none does."""

    fields: tuple[str, ...] = ()
    yes: tuple[str, ...] = ("0",)


ROBOT = Answer(("errcode", "StatusCode", "code"))
LONGEST_CODE = 20


def verdict(said: bool, exchanges: Sequence[Exchange], answer: Answer = ROBOT, *, recognises: bool = False) -> Outcome:
    """What a whole call means. said: the library's own yes or no. recognises: a second copy would do no harm.

    No word of what the other side wrote is kept but its code: an answer may repeat the secret that was sent to it.
    """
    outcome = _verdict(said, exchanges, answer)
    if outcome.kind == "uncertain" and recognises:
        return Outcome("temporary", outcome.phase, outcome.reply)
    return outcome


def _verdict(said: bool, exchanges: Sequence[Exchange], answer: Answer) -> Outcome:
    if not exchanges:
        # not over HTTP, or nothing was written at all: a no may hide anything
        return Outcome("sent", "", "accepted") if said else Outcome("uncertain", "call", "the library says no")
    found = [_one(exchange, answer) for exchange in exchanges]
    kinds = {outcome.kind for outcome in found}
    if kinds == {"sent"}:
        return found[-1] if said else Outcome("refused", "answer", f"{found[-1].reply}, and the library reads a no")
    if len(kinds) == 1:
        return found[-1]
    if "sent" in kinds or "uncertain" in kinds:
        return Outcome("uncertain", "several requests", ", ".join(outcome.reply for outcome in found)[:300])
    return found[-1]


def _one(exchange: Exchange, answer: Answer) -> Outcome:
    if exchange.fault == "connect":
        return Outcome("unreachable", "connect", exchange.name)
    if exchange.fault == "silence":
        return Outcome("uncertain", "answer", exchange.name)
    status = exchange.status
    kind: Kind
    if 200 <= status < 300:
        code = _code(exchange.body, answer)
        if code is None or code in answer.yes:
            return Outcome("sent", "", f"HTTP {status}")
        return Outcome(_of_code(code), "answer", f"HTTP {status}, code {code}")
    if status in _LATER:
        kind = "temporary"
    elif status in _UNKNOWN:
        kind = "uncertain"
    elif status < 400 or status in _US:
        kind = "unreachable"
    else:
        kind = "refused"
    return Outcome(kind, "answer", f"HTTP {status}")


def _of_code(code: str) -> Kind:
    if code in _CODES_LATER:
        return "temporary"
    return "unreachable" if code in _CODES_US else "refused"


def _code(body: bytes, answer: Answer) -> str | None:
    """The code that an answer carries, made short and plain; None if it carries none."""
    if not answer.fields:
        return None
    try:
        said: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for name in answer.fields if isinstance(said, dict) else ():
        if isinstance(said.get(name), (int, str)):
            return "".join(c for c in str(said[name]) if c.isalnum() or c in "-_.")[:LONGEST_CODE]
    return None
