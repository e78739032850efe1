"""Bounds on every request: its size and how long it took are watched; a body over the bound is refused (413)."""

import time

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.metrics import REQUEST_SECONDS
from shared.web import problem

LARGEST_BODY = 2 * 1024 * 1024


class _TooLarge(Exception):
    pass


class Limits:
    """ASGI middleware: refuses large bodies (also chunked ones) and measures requests by route."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, bounded and measured."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()
        status, read, started = 500, 0, False

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise _TooLarge
            return message

        async def watched(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
            await send(message)

        try:
            await self._app(scope, bounded, watched)
        except _TooLarge:
            if not started:
                status = 413
                limit = f"{LARGEST_BODY // 1024} KiB"
                answer = problem(413, f"the body is over {limit}", field="(body)", remedy="send it in parts")
                await answer(scope, receive, send)
        finally:
            route = getattr(scope.get("route"), "path", "(none)")
            seconds = time.perf_counter() - began
            REQUEST_SECONDS.labels(self._service, scope["method"], route, str(status)).observe(seconds)


def add_limits(app: FastAPI, service: str) -> None:
    """Bound and measure every request of an application."""
    app.add_middleware(Limits, service=service)
