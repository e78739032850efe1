"""Requests of the command line to a running service."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
import uuid
from typing import Any

from shared.errors import Refusal

PATIENCE_S = 300


def ask(url: str, token: str) -> dict[str, Any]:
    """The service's answer. Raises Refusal: what the service refuses, or 503 where nobody answers."""
    found: dict[str, Any] = json.loads(fetch(url, token))
    return found


def fetch(url: str, token: str = "") -> bytes:
    """The answer as bytes; without a token as anybody. Raises Refusal."""
    return _call(urllib.request.Request(url, headers=_who(token)))


def tell(url: str, token: str, body: Any = None) -> dict[str, Any]:
    """Act, once: POST `body` under a key of its own; the service's answer. Raises Refusal as `ask` does."""
    headers = {**_who(token), "Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
    data = json.dumps(body).encode() if body is not None else b""
    found: dict[str, Any] = json.loads(_call(urllib.request.Request(url, data=data, headers=headers, method="POST")))
    return found


def hand_in(url: str, token: str, body: bytes, media_type: str) -> dict[str, Any]:
    """POST a file as it is; the service's answer. Raises Refusal as `ask` does."""
    request = urllib.request.Request(url, data=body, headers={**_who(token), "Content-Type": media_type}, method="POST")
    found: dict[str, Any] = json.loads(_call(request))
    return found


def _who(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _call(request: urllib.request.Request) -> bytes:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: no proxy of the environment
    try:
        with direct.open(request, timeout=PATIENCE_S) as answer:
            data: bytes = answer.read()
            return data
    except urllib.error.HTTPError as error:
        said = _problem(error.read())
        field, value = said.get("field", "service"), said.get("value", error.code)
        reason, remedy = said.get("reason", error.reason), said.get("remedy", "see `minping doctor`")
        raise Refusal(field, value, reason, remedy, error.code) from error
    except OSError as error:
        url = request.full_url.partition("?")[0]
        raise Refusal("service", url, str(error), "start it with `minping up`", 503) from error


def _problem(body: bytes) -> dict[str, Any]:
    """The problem document of an answer; nothing where a proxy answers with a page of its own."""
    try:
        said = json.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
