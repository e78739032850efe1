"""Whose word is taken for a caller's address: a trusted proxy's, nobody else's (X7: the bound is per address)."""

from pathlib import Path

import pytest
from fastapi import FastAPI, Request

from shared.errors import Refusal
from shared.serving import configured
from shared.settings import ServiceSettings

NOWHERE = Path("nowhere")


def settings(proxies: str | None) -> ServiceSettings:
    given = {} if proxies is None else {"trusted_proxies": proxies}
    return ServiceSettings(
        database_url="sqlite://", nats_user="x", nats_password_file=NOWHERE, token_public_key_file=NOWHERE, **given
    )


async def seen_from(peer: str, proxies: str | None) -> str:
    """The address that an endpoint sees when `peer` connects and says that 203.0.113.7 asked it."""
    app, seen = FastAPI(), []

    @app.get("/")
    async def endpoint(request: Request) -> None:
        seen.append(request.client.host if request.client else "")

    config = configured(app, settings(proxies))
    config.load()

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(_: object) -> None:
        """The answer does not matter."""

    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "path": "/",
        "raw_path": b"/", "query_string": b"", "root_path": "", "scheme": "http", "client": (peer, 4711),
        "server": ("127.0.0.1", 80), "headers": [(b"host", b"x"), (b"x-forwarded-for", b"203.0.113.7")],
    }  # fmt: skip
    await config.loaded_app(scope, receive, send)  # type: ignore[arg-type]  # a dictionary is a scope
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "proxies", "seen"),
    [
        ("10.0.0.5", "10.0.0.5", "203.0.113.7"),
        ("10.1.2.3", "10.1.0.0/16, 10.0.0.5", "203.0.113.7"),
        ("10.0.0.6", "10.0.0.5", "10.0.0.6"),
        ("127.0.0.1", None, "203.0.113.7"),
        ("10.0.0.5", None, "10.0.0.5"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
async def test_x7_only_a_trusted_proxy_says_who_called(peer: str, proxies: str | None, seen: str) -> None:
    assert await seen_from(peer, proxies) == seen


@pytest.mark.parametrize("proxies", ["*", "proxy", "10.0.0.0/99", "10.0.0.5; 10.0.0.6"])
def test_a_proxy_that_is_no_address_is_refused_at_the_start(proxies: str) -> None:
    with pytest.raises(Refusal) as refused:
        configured(FastAPI(), settings(proxies))
    assert refused.value.field == "trusted_proxies"
