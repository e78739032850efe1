"""A reading request of the command line to a running service."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from shared.errors import Refusal

PATIENCE_S = 300


def ask(url: str, token: str) -> dict[str, Any]:
    """The service's answer. Raises Refusal: what the service refuses, or 503 where nobody answers."""
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
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
        raise Refusal("service", url.partition("?")[0], str(error), "start it with `minping up`", 503) from error
