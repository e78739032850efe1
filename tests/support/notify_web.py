"""Notify's HTTP interface over a house, with requests in any role."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI

from services.notify.api import make_router
from services.notify.pages import pages
from shared.clock import SimulatedClock
from shared.identity import OF_A_UNIT, issue_token
from shared.web import add_problems, guard
from tests.support.notify_house import House, local

KEY = Ed25519PrivateKey.generate()
PUBLIC, RESULTS = "https://notice.example", "https://results.example"


class Web:
    """Requests in a role."""

    def __init__(self, client: httpx2.AsyncClient, app: FastAPI) -> None:
        self._client, self._app = client, app

    def moves_to(self, at: str) -> None:
        """The service's clock stands at this time from now on."""
        self._app.state.clock = SimulatedClock(local(at), local(at), 1)

    async def __call__(self, method: str, path: str, role: str = "operator", **more: Any) -> httpx2.Response:
        headers = more.pop("headers", {})
        if role:
            unit = "tax" if role in OF_A_UNIT else None
            token = issue_token(KEY, role=role, sub=f"{role}-1", now=datetime.now(UTC), days=1, unit=unit)
            headers |= {"Authorization": f"Bearer {token}"}
        return await self._client.request(method, f"/api/v1{path}", headers=headers, **more)

    async def page(self, path: str, language: str = "zh", **headers: str) -> httpx2.Response:
        """A page, as anybody asks for it."""
        return await self._client.get(path, headers={"Accept-Language": language, **headers})


@pytest.fixture
async def web(house: House) -> AsyncIterator[Web]:
    app = FastAPI()
    app.state.unit, app.state.token_key = house.unit, KEY.public_key()
    app.state.clock = SimulatedClock(local("2026-03-09T10:00"), local("2026-06-30T10:00"), 1)
    add_problems(app)
    app.include_router(make_router(house.desk))
    for router in pages(house.desk, PUBLIC, RESULTS):
        app.include_router(router)
    guard(app)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://notify") as client:
        yield Web(client, app)
