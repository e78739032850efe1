"""Requests of the command line to a running service."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from shared.errors import Refusal

PATIENCE_S = 300


def ask(url: str, token: str) -> dict[str, Any]:
    """The service's answer. Raises Refusal: what the service refuses, or 503 where nobody answers."""
    return _answer(urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"}))


def tell(url: str, token: str, body: Any = None) -> dict[str, Any]:
    """Act: POST `body`; the service's answer. Raises Refusal as `ask` does."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body is not None else b""
    return _answer(urllib.request.Request(url, data=data, headers=headers, method="POST"))


def _answer(request: urllib.request.Request) -> dict[str, Any]:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # loopback: no proxy of the environment
    try:
        with direct.open(request, timeout=PATIENCE_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        said = json.loads(error.read() or b"{}")
        field, value = said.get("field", "service"), said.get("value", error.code)
        reason, remedy = said.get("reason", error.reason), said.get("remedy", "see `minping doctor`")
        raise Refusal(field, value, reason, remedy, error.code) from error
    except OSError as error:
        url = request.full_url.partition("?")[0]
        raise Refusal("service", url, str(error), "start it with `minping up`", 503) from error
