"""Is it alive, is it ready, is it quiet, what does it count: the four public endpoints of every service."""

import asyncio
import time
from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request

from shared.bus.health import bus_health
from shared.clock import SimulatedClock
from shared.metrics import OUTBOX_AGE, OUTBOX_UNSENT, SET_ASIDE
from shared.web import public_read

status_router = APIRouter(tags=["status"], dependencies=[public_read])
OUTBOX_TOO_OLD_S = 30.0
PROBE_EVERY_S = 2.0


@status_router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process lives and its event loop turns."""
    return {"status": "alive"}


@status_router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Can it do its work: store, bus, consumers, lag, oldest outbox row. 503 if not, with what is wrong."""
    parts = request.app.state.parts
    store, bus = await asyncio.gather(_store(request), bus_health(parts.name, parts.connection))
    checks: dict[str, str] = {**store, **bus.checks}
    if parts.relay.oldest_s > OUTBOX_TOO_OLD_S:
        checks["outbox"] = f"the oldest event has been waiting {parts.relay.oldest_s:.0f} s"
    wrong = {name: said for name, said in checks.items() if said != "ok"}
    body = {
        "ready": not wrong,
        "checks": checks,
        "degraded": request.app.state.service.degraded(),
        "set_aside": request.app.state.service.aside.shown,
        "outbox": {"unsent": parts.relay.unsent, "oldest_s": round(parts.relay.oldest_s, 3)},
        "lag": bus.lag,
        "clock": {"now": parts.clock.now().isoformat()},
    }
    return JSONResponse(body, status_code=503 if wrong else 200)


@status_router.get("/api/v1/quiescence")
async def quiescence(request: Request) -> dict[str, Any]:
    """Has the service finished what it has: clock revision done, unsent events, work in hand."""
    parts = request.app.state.parts
    service = request.app.state.service
    revision = parts.clock.done if isinstance(parts.clock, SimulatedClock) else 0
    in_hand = parts.unit.in_hand + parts.bus.in_hand + service.in_hand()
    return {"revision": revision, "unsent": parts.relay.unsent, "in_hand": in_hand}


@status_router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus text format."""
    parts = request.app.state.parts
    OUTBOX_UNSENT.labels(parts.name).set(parts.relay.unsent)
    OUTBOX_AGE.labels(parts.name).set(parts.relay.oldest_s)
    SET_ASIDE.labels(parts.name).set(len(request.app.state.service.aside.shown))
    await bus_health(parts.name, parts.connection)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _store(request: Request) -> dict[str, str]:
    """Does the store answer, and does it take what is written (a full disk still answers)."""
    state = request.app.state
    asked, said = getattr(state, "store_said", (0.0, {}))
    if time.monotonic() - asked < PROBE_EVERY_S:
        return dict(said)
    try:
        async with asyncio.timeout(3):
            await state.unit.read(lambda session: session.connection().execute(text("SELECT 1")))
            await state.unit.probe(at=state.clock.now())
        said = {"store": "ok"}
    except (DBAPIError, TimeoutError) as error:
        said = {"store": f"does not take what is written ({type(error).__name__})"}
    state.store_said = (time.monotonic(), said)
    return dict(said)
