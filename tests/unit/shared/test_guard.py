"""Nothing is open by default: a service with an endpoint that does not say who may call it does not start."""

import pytest
from fastapi import APIRouter, FastAPI

from shared.web import allow_read, guard, public_read, roles_of, routes_of


def app_with(router: APIRouter) -> FastAPI:
    """As a service includes its routers: one inside the other."""
    outer = APIRouter(prefix="/api/v1")
    outer.include_router(router)
    made = FastAPI()
    made.include_router(outer)
    return made


def test_an_endpoint_of_a_router_that_says_nothing_is_found() -> None:
    router = APIRouter(prefix="/cases")

    @router.get("/open")
    async def forgotten() -> None:
        """Nobody said who may."""

    with pytest.raises(RuntimeError, match="/api/v1/cases/open"):
        guard(app_with(router))


def test_an_endpoint_of_the_application_itself_is_found() -> None:
    made = FastAPI()

    @made.get("/open")
    async def forgotten() -> None:
        """Nobody said who may."""

    with pytest.raises(RuntimeError, match="/open"):
        guard(made)


def test_endpoints_that_say_who_may_call_them_pass() -> None:
    router = APIRouter()

    @router.get("/figures")
    async def figures(ask: object = allow_read("office", "auditor")) -> None:
        """Of the office."""

    @router.get("/state", dependencies=[public_read])
    async def state() -> None:
        """Of everybody."""

    made = app_with(router)
    guard(made)
    said = {route.path: roles_of(route) for route in routes_of(made)}
    assert said == {"/api/v1/figures": ("office", "auditor"), "/api/v1/state": ("public",)}
