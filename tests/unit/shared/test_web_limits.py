"""One endpoint may take larger bodies than the others, and is bounded itself (X7, X8)."""

import httpx2
import pytest
from fastapi import FastAPI, Request

from shared.web import add_problems
from shared.web_limits import LARGEST_BODY, add_limits


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/files", LARGEST_BODY + 1, 200),
        ("/files", 2 * LARGEST_BODY + 1, 413),
        ("/files/x", LARGEST_BODY + 1, 413),
        ("/other", LARGEST_BODY + 1, 413),
    ],
)
@pytest.mark.parametrize("announced", [True, False])
async def test_a_path_has_its_own_bound(path: str, size: int, status: int, announced: bool) -> None:
    app = FastAPI()
    add_problems(app)
    add_limits(app, "toy", {"/files": 2 * LARGEST_BODY})

    @app.post("/{rest:path}")
    async def take(request: Request) -> int:
        return sum([len(part) async for part in request.stream()])

    async def chunks():  # type: ignore[no-untyped-def]  # an async generator of bytes
        for _ in range(0, size, 65_536):
            yield bytes(65_536)

    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy") as web:
        answer = await web.post(path, content=bytes(size) if announced else chunks())
    assert answer.status_code == status
