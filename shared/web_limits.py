"""Bounds on every request: its size and how long it took are watched; a body over the bound is refused (413)."""

import time
from collections.abc import Mapping

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import REQUEST_SECONDS
from shared.web import problem

LARGEST_BODY = 2 * 1024 * 1024
TOO_LARGE = "the body is over {} KiB: send it in parts"


class Limits:
    """ASGI middleware: refuses large bodies (also chunked ones) and measures requests by route.

    larger: path → bytes, where an endpoint reads a body as a stream and takes more than others.
    """

    def __init__(self, app: ASGIApp, service: str, larger: Mapping[str, int] | None = None) -> None:
        self._app = app
        self._service = service
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, bounded and measured."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, read = 500, 0
        most = self._larger.get(scope["path"], LARGEST_BODY)
        too_large = TOO_LARGE.format(most // 1024)

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                # FastAPI passes on what is an HTTPException already, and makes a 400 of anything else.
                raise HTTPException(413, too_large)
            return message

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if _announced(scope) > most:
                await problem(413, too_large)(scope, receive, watched)
            else:
                await self._app(scope, bounded, watched)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            seconds = time.perf_counter() - began
            REQUEST_SECONDS.labels(self._service, scope["method"], route, str(status)).observe(seconds)


def _announced(scope: Scope) -> int:
    length = dict(scope["headers"]).get(b"content-length", b"0")
    return int(length) if length.isdigit() else 0


def add_limits(app: FastAPI, service: str, larger: Mapping[str, int] | None = None) -> None:
    """Bound and measure every request of an application."""
    app.add_middleware(Limits, service=service, larger=larger)
