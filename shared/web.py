"""HTTP at the edge: who may call, the time of an action, repeated requests, errors as problem details (RFC 9457)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Depends, FastAPI, Header, Request, Response
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic import AwareDatetime
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session
from starlette.exceptions import HTTPException

from shared.clock import Clock
from shared.errors import NotYet, Refusal
from shared.identity import ROLES, Actor, cookie_name, read_token
from shared.store import Tx
from shared.unit import IdempotencyKey, Replay, Unit

T = TypeVar("T")
MOST_ERRORS = 20
"""How many faults of a body are told: the answer to a monster is not another."""
TITLES = {
    400: "请求有误 bad request",
    401: "请先登录 sign in first",
    403: "无权办理 not allowed",
    404: "查无此项 not found",
    405: "不支持此方法 method not allowed",
    409: "当前状态不允许 the state forbids it",
    410: "已删除 gone",
    413: "内容过大 too large",
    415: "不支持的格式 unsupported format",
    422: "填写有误 cannot be taken",
    429: "请求过多 too many requests",
    500: "系统故障 internal fault",
    503: "暂不可用，请重试 unavailable, try again",
}


class Query:
    """A reading request: `actor` (None on public endpoints) and `run(fn(session))`."""

    def __init__(self, unit: Unit, clock: Clock, actor: Actor | None) -> None:
        self._unit = unit
        self.clock = clock
        self._actor = actor

    @property
    def actor(self) -> Actor:
        """Who asks. Raises Refusal (401) on a public endpoint, where nobody has signed in."""
        if self._actor is None:
            raise Refusal("Authorization", "", "nobody is signed in", "send a bearer token", 401)
        return self._actor

    @property
    def now(self) -> datetime:
        """The present by the service's clock."""
        return self.clock.now()

    async def run(self, fn: Callable[[Session], T]) -> T:
        """Read what is committed."""
        return await self._unit.read(fn)


class Command(Query):
    """A changing request: also `at`, when what is done happened, and `run(fn(tx))` in a transaction."""

    def __init__(
        self, unit: Unit, clock: Clock, actor: Actor | None, at: datetime, idempotency: IdempotencyKey | None
    ) -> None:
        super().__init__(unit, clock, actor)
        self.at = at
        self._idempotency = idempotency

    def query(self) -> Query:
        """To read what is committed, beside what this changes."""
        return Query(self._unit, self.clock, self._actor)

    def once(self, key: IdempotencyKey) -> "Command":
        """The same command under a key of the endpoint's own (a form's, which no header carries)."""
        return Command(self._unit, self.clock, self._actor, self.at, key)

    async def run(self, fn: Callable[[Tx], T], *, remember: bool = True) -> T:  # type: ignore[override]  # a Tx where a Query has a Session
        """Commit `fn`. What it returns should be the answer itself, and there should be one `run` a request:

        a request repeated with its `Idempotency-Key` gets that again, whatever the endpoint would do after it.
        remember: False where who sent what when must stay nowhere (a ballot) and a repeat is harmless by itself.
        """
        idempotency = self._idempotency if remember else None
        result = await self._unit.run(fn, at=self.at, actor=self._actor, idempotency=idempotency)
        if isinstance(result, Replay):
            raise Replayed(result.answer)
        return result


class Replayed(Exception):
    """Leaves the endpoint with the first answer to a repeated request (an endpoint may catch it, to complete it)."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer = answer


Denied = Callable[[Tx, Actor, Request], None]
"""What is written down of somebody who asked for what his role may not, before he is refused."""


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        token = _cookie(request)
    return token


async def _who(request: Request, roles: tuple[str, ...], token: str, denied: Denied | None = None) -> Actor:
    if not token:
        raise Refusal("Authorization", "", "no token was sent", "send `Authorization: Bearer …`", 401)
    state = request.app.state
    actor = read_token(state.token_key, token)
    if actor.role not in roles:
        if denied is not None:
            await state.unit.run(lambda tx: denied(tx, actor, request), at=state.clock.now(), actor=actor)
        may = ", ".join(roles)
        raise Refusal("role", actor.role, f"this is for {may}", "ask somebody who may", 403)
    return actor


def _cookie(request: Request) -> str:
    token = request.cookies.get(cookie_name(request.app.state.token_key), "")
    if token and request.method not in ("GET", "HEAD"):
        origin = request.headers.get("origin", "")
        if origin.partition("://")[2] != request.headers.get("host"):
            remedy = "send the form from our own page, or a bearer token"
            raise Refusal("Origin", origin, "not from our own page", remedy, 403)
    return token


async def _command(request: Request, actor: Actor | None, at: datetime | None, idempotency_key: str | None) -> Command:
    state = request.app.state
    bound = None
    if idempotency_key:
        body = await request.body()
        bound = IdempotencyKey.of(idempotency_key, actor, request.method, request.url.path, body)
    return Command(state.unit, state.clock, actor, state.clock.at(at), bound)


At = Annotated[AwareDatetime | None, Header(alias="Minping-At", include_in_schema=False)]
Key = Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=200)]


def allow(*roles: str, denied: Denied | None = None) -> Any:
    """Only these roles may call; gives a Command. denied: notes another role's attempt, in a transaction of its own."""
    _known(roles)

    async def command(request: Request, at: At = None, idempotency_key: Key = None) -> Command:
        actor = await _who(request, roles, _token(request), denied)
        return await _command(request, actor, at, idempotency_key)

    return _marked(command, roles)


def allow_stream(*roles: str) -> Any:
    """Like `allow`, for a body that the endpoint reads as a stream: not before the caller is known, never whole.

    There is no `Idempotency-Key`: what is kept under the hash of its content may come again.
    """
    _known(roles)

    async def command(request: Request, at: At = None) -> Command:
        return await _command(request, await _who(request, roles, _token(request)), at, None)

    return _marked(command, roles)


def allow_by(token_of: Callable[[Request], Awaitable[str]], *roles: str) -> Any:
    """Like `allow`, for an interface of others that carries the token in a place of its own (`token_of`)."""
    _known(roles)

    async def command(request: Request, at: At = None, idempotency_key: Key = None) -> Command:
        actor = await _who(request, roles, await token_of(request))
        return await _command(request, actor, at, idempotency_key)

    return _marked(command, roles)


def allow_read(*roles: str, denied: Denied | None = None) -> Any:
    """Only these roles may read; gives a Query. denied: as for `allow`."""
    _known(roles)

    async def query(request: Request) -> Query:
        actor = await _who(request, roles, _token(request), denied)
        return Query(request.app.state.unit, request.app.state.clock, actor)

    return _marked(query, roles)


async def _public(request: Request, at: At = None, idempotency_key: Key = None) -> Command:
    return await _command(request, None, at, idempotency_key)


async def _public_read(request: Request) -> Query:
    return Query(request.app.state.unit, request.app.state.clock, None)


def _marked(dependency: Callable[..., Any], roles: tuple[str, ...]) -> Any:
    dependency.minping_roles = roles  # type: ignore[attr-defined]  # read by `guard` below
    return Depends(dependency)


def _known(roles: tuple[str, ...]) -> None:
    unknown = set(roles) - set(ROLES)
    if unknown or not roles:
        raise ValueError(f"no such roles: {sorted(unknown)}")


public = _marked(_public, ("public",))
public_read = _marked(_public_read, ("public",))


def roles_of(route: RouteContext) -> tuple[str, ...] | None:
    """The roles that may call a route (`public` = anybody), or None if nobody said so."""

    def search(dependant: Dependant) -> tuple[str, ...] | None:
        roles: tuple[str, ...] | None = getattr(dependant.call, "minping_roles", None)
        if roles:
            return roles
        return next((found for part in dependant.dependencies if (found := search(part))), None)

    return search(route.dependant)


def routes_of(app: FastAPI) -> list[RouteContext]:
    """Every endpoint of an application, those of its routers too: `app.routes` holds routers, not what is in them."""
    return [route for route in iter_route_contexts(app.routes) if hasattr(route, "dependant")]


def guard(app: FastAPI) -> None:
    """Refuse to start if an endpoint does not say who may call it. Raises RuntimeError."""
    open_ones = [str(route.path) for route in routes_of(app) if roles_of(route) is None]
    if open_ones:
        raise RuntimeError(f"nobody said who may call {', '.join(open_ones)}: use allow, allow_read, public")


def problem(status: int, detail: str, **fields: Any) -> JSONResponse:
    """An RFC 9457 problem document."""
    body = {"type": "about:blank", "title": TITLES.get(status, "error"), "status": status, "detail": detail}
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {"Retry-After": "2"} if status == 503 else None
    return JSONResponse({**body, **fields}, status_code=status, headers=headers, media_type="application/problem+json")


def add_problems(app: FastAPI) -> None:
    """Every error becomes a problem document that names field, value, reason and remedy."""

    @app.exception_handler(Refusal)
    async def refused(_: Request, error: Refusal) -> JSONResponse:
        said = {
            "field": _short(error.field),
            "value": _short(error.value),
            "reason": error.reason,
            "remedy": error.remedy,
        }
        return problem(error.status, f"{error.field}: {error.reason}; {error.remedy}", **said)

    @app.exception_handler(NotYet)
    async def not_yet(_: Request, error: NotYet) -> JSONResponse:
        return problem(409, str(error), remedy="try again in a moment")

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        errors = [
            {
                "field": _short(".".join(str(part) for part in one["loc"] if part != "body") or "(body)"),
                "value": None if one["type"] in ("missing", "json_invalid") else _short(one.get("input")),
                "reason": _short(one["msg"]),
                "remedy": "see /docs for what is expected",
            }
            for one in error.errors()[:MOST_ERRORS]
        ]
        first = errors[0]
        return problem(422, f"{first['field']}: {first['reason']}", errors=errors, **first)

    @app.exception_handler(OperationalError)
    @app.exception_handler(InterfaceError)
    async def store_away(_: Request, error: OperationalError | InterfaceError) -> JSONResponse:
        return problem(503, f"the store does not answer ({type(error.orig).__name__})")

    @app.exception_handler(Replayed)
    async def replayed(request: Request, error: Replayed) -> Response:
        status = getattr(request.scope.get("route"), "status_code", None) or 200
        headers = {"Idempotent-Replay": "true"}
        return Response(error.answer, status_code=status, media_type="application/json", headers=headers)

    @app.exception_handler(Exception)
    async def broken(_request: Request, _error: Exception) -> JSONResponse:
        return problem(500, "something is wrong on our side; it is in the log")

    @app.exception_handler(HTTPException)
    async def http(_: Request, error: HTTPException) -> JSONResponse:
        return problem(error.status_code, str(error.detail))


def _short(value: object) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    text = str(value).encode("utf-8", "replace").decode()  # half a character cannot be told
    return text if len(text) <= 200 else text[:200] + "…"
