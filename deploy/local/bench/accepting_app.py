"""Scoring's endpoint for online evaluations in a process of its own, for the bench: whole, or validating only."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
import uvloop
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI, Request

from deploy.local.bench.evaluating import NOW, World
from services.scoring.api import evaluations
from services.scoring.api.evaluations import EvaluationView, NewEvaluation
from services.scoring.domain.evaluation import Form, code_hash
from shared.clock import SimulatedClock
from shared.errors import Refusal
from shared.service import collect_seldom
from shared.web import Command, add_problems, public
from shared.web_limits import add_limits
from shared.web_rate import PerMinute

MANY = 1_000_000_000


def whole(world: World) -> FastAPI:
    """The application as it is; it answers when the evaluation is on the disk."""
    app = _app(world)
    app.include_router(evaluations.router(world.desk, PerMinute(MANY)))
    return app


def validating(world: World) -> FastAPI:
    """The same, but what is valid is forgotten."""
    app, limit, p = _app(world), PerMinute(MANY), world.desk.programme
    form = Form(tuple(d.key for d in p.dimensions), tuple(g.key for g in p.grades), p.abstain.key)

    @app.post("/api/v1/evaluations", status_code=201)
    async def evaluate(given: NewEvaluation, request: Request, do: Command = public) -> EvaluationView:
        limit.take(request.client.host if request.client else "")
        form.packed(given.marks)
        if code_hash(given.code) is None or do.at is None:
            raise Refusal("code", "…", "is no code", "see the receipt again")
        return EvaluationView(state="accepted")

    return app


def _app(world: World) -> FastAPI:
    app = FastAPI()
    app.state.unit, app.state.token_key = world.unit, Ed25519PrivateKey.generate().public_key()
    app.state.clock = SimulatedClock(NOW, datetime(2030, 1, 1, tzinfo=UTC), 1)
    add_problems(app)
    add_limits(app, "bench", {})
    return app


def main() -> None:
    """`accepting_app STORE PORT whole|validating`: serve until stopped."""
    store, port, mode = sys.argv[1:]
    world = World(Path(store), 0)
    app = {"whole": whole, "validating": validating}[mode](world)

    async def serve() -> None:
        world.unit.start()
        collect_seldom()
        await uvicorn.Server(
            uvicorn.Config(app, port=int(port), log_level="error", access_log=False, backlog=4096)
        ).serve()

    uvloop.run(serve())


if __name__ == "__main__":
    main()
