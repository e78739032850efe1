"""The people's browsers: HTTP calls to the four services that survive a service being away for a while."""

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import httpx2

AWAY_S = 90.0
LIMITS = httpx2.Limits(max_connections=16, max_keepalive_connections=16)


class Answered(Exception):
    """A service refused what the demo asked: the demo's or the service's fault, never to be passed over."""

    def __init__(self, method: str, path: str, status: int, body: str) -> None:
        super().__init__(f"{method} {path} was answered {status}: {body[:600]}")
        self.status = status


class Person:
    """Somebody with a token; every change carries an `Idempotency-Key`, so that a repeat is harmless."""

    def __init__(self, house: "House", token: str | None) -> None:
        self._house = house
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, service: str, path: str, **params: Any) -> Any:
        """Read JSON. Raises Answered."""
        return await self._house.call("GET", service, path, self._headers, params=params or None)

    async def every(self, service: str, path: str, **params: Any) -> list[Any]:
        """All items of a list, page after page: nothing is left out because there is much of it. Raises Answered."""
        found: list[Any] = []
        while True:
            page = await self.get(service, path, **params)
            found += page["items"]
            if page["cursor"] is None:
                return found
            params["cursor"] = page["cursor"]

    async def post(self, service: str, path: str, body: Any = None, *, at: datetime | None = None) -> Any:
        """Do something at a simulated time. Raises Answered."""
        return await self._house.call("POST", service, path, self._dated(at), json=body)

    async def send(self, service: str, path: str, content: bytes, *, at: datetime | None = None) -> Any:
        """Send a file at a simulated time. Raises Answered."""
        return await self._house.call("POST", service, path, self._dated(at), content=content)

    async def put(self, service: str, path: str, body: Any, *, at: datetime | None = None) -> Any:
        """Set something at a simulated time. Raises Answered."""
        return await self._house.call("PUT", service, path, self._dated(at), json=body)

    def _dated(self, at: datetime | None) -> dict[str, str]:
        headers = {**self._headers, "Idempotency-Key": self._house.next_key()}
        return {**headers, "Minping-At": at.isoformat()} if at else headers


class Pulse:
    """Asks one service whether it is quiet, over one kept connection: thousands of polls must cost next to nothing."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self._request = f"GET /api/v1/quiescence HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self) -> dict[str, int] | None:
        """The service's answer; None if there is none within two seconds."""
        try:
            async with asyncio.timeout(2):
                if self._streams is None:
                    self._streams = await asyncio.open_connection(self._host, self._port)
                reader, writer = self._streams
                writer.write(self._request)
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                body = await reader.readexactly(length)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, ValueError):
            self.close()
            return None
        found: dict[str, int] = json.loads(body)
        return found if head.startswith(b"http/1.1 200") else None

    def close(self) -> None:
        """Leave the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class House:
    """The four services' addresses and the tokens to enter with."""

    def __init__(self, urls: dict[str, str], token: Callable[..., str]) -> None:
        self.urls = urls
        self._token = token
        self._client = httpx2.AsyncClient(timeout=30, limits=LIMITS, trust_env=False)
        self._pulses = {service: Pulse(url) for service, url in urls.items()}
        self._keys = itertools.count(1)
        self._people: dict[tuple[str, str | None, str], Person] = {}
        self.calls = 0

    def next_key(self) -> str:
        """A fresh `Idempotency-Key`."""
        return f"demo-{next(self._keys)}"

    def person(self, role: str, *, unit: str | None = None, name: str = "") -> Person:
        """The holder of a role, by default one a role (and unit)."""
        key = (role, unit, name)
        if key not in self._people:
            sub = name or (f"{role}@{unit}" if unit else role)
            self._people[key] = Person(self, self._token(role, unit=unit, name=name or role, sub=sub))
        return self._people[key]

    def anybody(self) -> Person:
        """Somebody who has not signed in."""
        return Person(self, None)

    async def call(self, method: str, service: str, path: str, headers: dict[str, str], **options: Any) -> Any:
        """One call, its JSON read; what is not JSON as bytes. Raises Answered."""
        answer = await self._ask(method, service, path, headers, **options)
        is_json = answer.content and answer.headers.get("content-type", "").startswith("application/json")
        return answer.json() if is_json else answer.content

    async def raw(self, service: str, path: str) -> bytes:
        """A public file, byte for byte. Raises Answered."""
        return bytes((await self._ask("GET", service, path, {})).content)

    async def _ask(
        self, method: str, service: str, path: str, headers: dict[str, str], **options: Any
    ) -> httpx2.Response:
        """One call; while the service is away or says 503 it is tried again. Raises Answered."""
        self.calls += 1
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + AWAY_S, 0.05
        while True:
            try:
                answer = await self._client.request(method, self.urls[service] + path, headers=headers, **options)
                if answer.status_code != 503 or loop.time() > until:
                    break
            except httpx2.TransportError:
                if loop.time() > until:
                    raise
            await asyncio.sleep(pause)
            pause = min(1.0, pause * 2)
        if answer.status_code >= 400:
            raise Answered(method, path, answer.status_code, answer.text)
        return answer

    async def quiescence(self, service: str) -> dict[str, int] | None:
        """What the service has in hand; None if it does not answer."""
        return await self._pulses[service].ask()

    async def close(self) -> None:
        """Close the connections."""
        for pulse in self._pulses.values():
            pulse.close()
        await self._client.aclose()
