"""HTTP at the edge: who may call, when, how large, how often, and how errors read."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import APIRouter, FastAPI, WebSocket
from sqlmodel import Session, func, select

from shared.clock import Clock, ClockEntry, SimulatedClock, SystemClock
from shared.identity import ISSUER, cookie_name, issue_token
from shared.store import Tables, reader_engine, writer_engine
from shared.unit import Unit
from shared.web import add_problems, allow, allow_read, guard, public_read, roles_of
from shared.web_limits import LARGEST_BODY, add_limits
from shared.web_signin import signin_router
from tests.support import toy
from tests.support.house import KEY, NOON, token

PROBLEM = "application/problem+json"


class Edge:
    """The toy's HTTP side with a store, without a bus."""

    def __init__(self, app: FastAPI, http: httpx2.AsyncClient, unit: Unit) -> None:
        self.app, self.http, self.unit = app, http, unit

    async def post(self, number: str = "1", *, bearer: str = "", **headers: str) -> httpx2.Response:
        """Make a case."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named["Authorization"] = f"Bearer {bearer or token()}"
        return await self.http.post("/api/v1/cases", json={"number": number}, headers=named)

    async def cases(self) -> int:
        """How many cases there are."""
        return await self.unit.read(lambda session: _count(session))

    def set_clock(self, clock: Clock) -> None:
        """Follow this clock."""
        self.app.state.clock = clock


def _count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(toy.Case)).one()


@pytest.fixture
async def edge(tmp_path: Path) -> AsyncIterator[Edge]:
    """The toy's HTTP side."""
    url = f"sqlite:///{tmp_path}/store.db"
    writer, reader = writer_engine(url), reader_engine(url)
    toy.Base.metadata.create_all(writer)
    unit = Unit("toy", writer, reader, Tables.of(toy.Base), programme="window-units", committed=lambda _: None)
    app = FastAPI()
    app.state.unit, app.state.clock, app.state.token_key = unit, SystemClock(), KEY.public_key()
    add_problems(app)
    add_limits(app, "toy")
    app.include_router(toy.router)
    app.include_router(signin_router)
    unit.start()
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://toy.example") as http:
        yield Edge(app, http, unit)
    await unit.stop()
    writer.dispose()
    reader.dispose()


# Who may call


def test_an_application_with_an_endpoint_that_says_not_who_may_call_does_not_start() -> None:
    app = FastAPI()

    @app.get("/open")
    async def open_to_all() -> None: ...

    with pytest.raises(RuntimeError, match="/open"):
        guard(app)


def test_nor_with_an_open_websocket_or_one_inside_an_included_router() -> None:
    app, router = FastAPI(), APIRouter(prefix="/inner")

    @router.get("/hidden")
    async def hidden() -> None: ...

    @app.websocket("/live")
    async def live(socket: WebSocket) -> None: ...

    app.include_router(router, prefix="/api")
    with pytest.raises(RuntimeError) as caught:
        guard(app)
    assert "/api/inner/hidden" in str(caught.value) and "/live" in str(caught.value)


def test_an_application_whose_endpoints_all_say_it_starts_and_its_roles_can_be_read() -> None:
    app = FastAPI()
    app.include_router(toy.router)
    guard(app)
    roles = {(route.path, *route.methods): roles_of(route) for route in toy.router.routes}  # type: ignore[attr-defined,arg-type]
    assert roles["/api/v1/cases", "POST"] == ("clerk",)
    assert roles["/api/v1/cases", "GET"] == ("clerk", "auditor")
    assert roles["/api/v1/whoami", "GET"] == ("public",)


@pytest.mark.parametrize("roles", [(), ("clark",), ("clerk", "public")])
def test_a_role_that_does_not_exist_is_an_error_of_the_programmer(roles: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="no such roles"):
        allow(*roles)
    with pytest.raises(ValueError, match="no such roles"):
        allow_read(*roles)


async def test_the_right_role_may_call_and_any_other_may_not(edge: Edge) -> None:
    assert (await edge.post()).status_code == 201
    answer = await edge.post(bearer=token("auditor"))
    assert answer.status_code == 403
    said = answer.json()
    assert (said["field"], said["value"]) == ("role", "auditor") and "clerk" in said["reason"]
    read = await edge.http.get("/api/v1/cases", headers={"Authorization": f"Bearer {token('auditor')}"})
    assert read.status_code == 200
    assert await edge.cases() == 1


async def test_without_a_token_nothing_is_told_and_nothing_done(edge: Edge) -> None:
    answer = await edge.http.post("/api/v1/cases", json={"number": "1"})
    assert answer.status_code == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert (await edge.http.get("/api/v1/whoami")).status_code == 401, "public, but it asks who it is"
    assert await edge.cases() == 0


def _claims(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    return {"iss": ISSUER, "sub": "c", "role": "clerk", "exp": int(now.timestamp()) + 60, **changed}


STRANGER = Ed25519PrivateKey.generate()
COOKIE = cookie_name(KEY.public_key())
BAD_TOKENS = {
    "signed by another": issue_token(STRANGER, role="clerk", sub="c", now=datetime.now(UTC), days=1),
    "expired": issue_token(KEY, role="clerk", sub="c", now=datetime.now(UTC) - timedelta(days=9), days=1),
    "not signed": jwt.encode(_claims(), None, algorithm="none"),
    "signed with the public key as a password": jwt.encode(_claims(), KEY.public_key().public_bytes_raw(), "HS256"),
    "of another house": jwt.encode(_claims(iss="other"), KEY, "EdDSA"),
    "without an end": jwt.encode({k: v for k, v in _claims().items() if k != "exp"}, KEY, "EdDSA"),
    "without a person": jwt.encode({k: v for k, v in _claims().items() if k != "sub"}, KEY, "EdDSA"),
    "of no role of ours": jwt.encode(_claims(role="king"), KEY, "EdDSA"),
    "altered": token()[:-4] + "AAAA",
    "no token at all": "x",
}


@pytest.mark.parametrize("bad", BAD_TOKENS)
async def test_a_token_that_is_not_ours_is_refused(edge: Edge, bad: str) -> None:
    answer = await edge.post(bearer=BAD_TOKENS[bad])
    assert answer.status_code == 401, bad
    assert BAD_TOKENS[bad] not in answer.text, "a token is never shown again"
    assert await edge.cases() == 0


# The cookie of people's browsers


async def test_a_sign_in_link_gives_a_cookie_that_no_script_and_no_other_site_gets(edge: Edge) -> None:
    answer = await edge.http.get("/signin", params={"token": token()})
    cookie = answer.headers["set-cookie"].lower()
    assert answer.status_code == 303 and COOKIE in cookie
    assert "httponly" in cookie and "samesite=strict" in cookie
    assert token() not in answer.headers["location"]
    assert (await edge.http.get("/signin", params={"token": "forged"})).status_code == 401


async def test_who_is_signed_in_at_two_houses_of_one_host_stays_so_at_both(edge: Edge) -> None:
    other = f"{cookie_name(STRANGER.public_key())}={BAD_TOKENS['signed by another']}"
    for cookies in (f"{other}; {COOKIE}={token()}", f"{COOKIE}={token()}; {other}"):
        assert (await edge.http.get("/api/v1/cases", headers={"Cookie": cookies})).status_code == 200
    assert (await edge.http.get("/api/v1/cases", headers={"Cookie": other})).status_code == 401


@pytest.mark.parametrize("origin", ["https://evil.example", "http://toy.example.evil.example", "null", None])
async def test_a_form_from_another_site_is_refused(edge: Edge, origin: str | None) -> None:
    headers = {"Cookie": f"{COOKIE}={token()}", **({"Origin": origin} if origin else {})}
    answer = await edge.http.post("/api/v1/cases", json={"number": "1"}, headers=headers)
    assert answer.status_code == 403 and answer.json()["field"] == "Origin"
    assert await edge.cases() == 0


async def test_a_form_of_our_own_page_is_taken_and_reading_needs_no_origin(edge: Edge) -> None:
    cookie = {"Cookie": f"{COOKIE}={token()}"}
    answer = await edge.http.post(
        "/api/v1/cases", json={"number": "1"}, headers={**cookie, "Origin": "http://toy.example"}
    )
    assert answer.status_code == 201
    assert (await edge.http.get("/api/v1/cases", headers=cookie)).json() == ["1"]


# When


async def test_on_a_real_clock_nobody_dates_an_action(edge: Edge) -> None:
    answer = await edge.post(Minping_At=NOON.isoformat())
    assert answer.status_code == 400 and answer.json()["field"] == "Minping-At"
    assert await edge.cases() == 0


@pytest.mark.parametrize(
    ("offset", "status"), [(-1, 409), (0, 200), (3_600, 200), (7 * 86_400, 200), (7 * 86_400 + 1, 409)]
)
async def test_on_a_simulated_clock_an_action_lies_between_now_and_the_horizon(
    edge: Edge, offset: int, status: int
) -> None:
    clock = SimulatedClock()
    clock.move(ClockEntry(now=NOON, horizon=NOON + timedelta(days=7), revision=1))
    edge.set_clock(clock)
    at = NOON + timedelta(seconds=offset)
    headers = {"Minping-At": at.isoformat().replace("+00:00", "Z")}
    answer = await edge.http.post("/api/v1/notes", json={"number": "1"}, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert datetime.fromisoformat(answer.json()["at"]) == at


async def test_on_a_simulated_clock_an_action_without_a_time_is_dated_now(edge: Edge) -> None:
    clock = SimulatedClock()
    clock.move(ClockEntry(now=NOON, horizon=NOON + timedelta(days=7), revision=1))
    edge.set_clock(clock)
    answer = await edge.http.post("/api/v1/notes", json={"number": "1"})
    assert datetime.fromisoformat(answer.json()["at"]) == NOON


@pytest.mark.parametrize("given", ["2026-03-02T12:00:00", "yesterday"])
async def test_a_time_without_a_zone_is_refused(edge: Edge, given: str) -> None:
    assert (await edge.post(Minping_At=given)).status_code == 422


# How large


async def test_a_body_that_says_it_is_too_large_is_not_read(edge: Edge) -> None:
    headers = {"Authorization": f"Bearer {token()}", "Content-Length": str(LARGEST_BODY + 1)}
    answer = await edge.http.post("/api/v1/cases", content=b"{}", headers=headers)
    assert answer.status_code == 413 and answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "k"}])
async def test_a_body_in_pieces_that_grows_too_large_is_refused(edge: Edge, key: dict[str, str]) -> None:
    sent = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal sent
        yield b'{"number": "'
        while sent < 10 * LARGEST_BODY:
            sent += 65_536
            yield b"x" * 65_536

    headers = {"Authorization": f"Bearer {token()}", "Content-Type": "application/json", **key}
    answer = await edge.http.post("/api/v1/cases", content=pieces(), headers=headers)
    assert answer.status_code == 413 and answer.json()["status"] == 413
    assert await edge.cases() == 0


# How often


async def test_a_repeated_post_has_one_effect_and_the_same_answer_and_status(edge: Edge) -> None:
    first, again = await edge.post(Idempotency_Key="k"), await edge.post(Idempotency_Key="k")
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, {"number": "1", "seq": 1})
    assert again.headers["idempotent-replay"] == "true" and "idempotent-replay" not in first.headers
    assert await edge.cases() == 1


async def test_another_body_under_the_same_key_is_refused_and_has_no_effect(edge: Edge) -> None:
    await edge.post(Idempotency_Key="k")
    answer = await edge.post("2", Idempotency_Key="k")
    assert answer.status_code == 422 and answer.json()["field"] == "Idempotency-Key"
    assert await edge.cases() == 1


async def test_without_a_key_each_request_counts(edge: Edge) -> None:
    await edge.post()
    await edge.post()
    assert await edge.cases() == 2


# How errors read


async def test_every_error_is_a_problem_document_that_says_what_to_do(edge: Edge) -> None:
    refused = await edge.post("refused")
    assert refused.headers["content-type"] == PROBLEM
    assert refused.json() == {
        "type": "about:blank",
        "title": "当前状态不允许 the state forbids it",
        "status": 409,
        "detail": "number: this number is refused; choose another one",
        "field": "number",
        "value": "refused",
        "reason": "this number is refused",
        "remedy": "choose another one",
    }
    too_long = (await edge.post("x" * 61)).json()
    assert (too_long["status"], too_long["field"]) == (422, "number") and "60 characters" in too_long["reason"]
    for answer in (
        await edge.http.get("/nowhere"),
        await edge.http.delete("/api/v1/cases"),
        await edge.http.post("/api/v1/cases", content=b"{", headers={"Authorization": f"Bearer {token()}"}),
    ):
        assert answer.headers["content-type"] == PROBLEM
        assert {"type", "title", "status", "detail"} <= answer.json().keys()
        assert answer.json()["status"] == answer.status_code in (404, 405, 422)


async def test_a_fault_of_ours_says_so_and_nothing_of_the_inside(edge: Edge) -> None:
    answer = await edge.post("broken")
    assert answer.status_code == 500 and answer.headers["content-type"] == PROBLEM
    assert "secret inner words" not in answer.text and "ZeroDivision" not in answer.text
    assert await edge.cases() == 0


async def test_a_long_value_is_not_thrown_back_whole(edge: Edge) -> None:
    assert len((await edge.post("x" * 100_000)).json()["value"]) < 300


def test_public_endpoints_are_marked_as_such() -> None:
    assert public_read.dependency.minping_roles == ("public",)
