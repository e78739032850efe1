"""Sign-in by link: the token goes into a cookie that no script reads, and out of the address bar."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.requests import Request

from shared.identity import ROLES, cookie_name, read_token
from shared.web import Query, allow_read, public_read

signin_router = APIRouter(include_in_schema=False)


@signin_router.get("/signin", dependencies=[public_read])
async def signin(request: Request, token: str) -> RedirectResponse:
    """Take a token from a link and remember it for this browser."""
    actor = read_token(request.app.state.token_key, token)
    homes: dict[str, str] = getattr(request.app.state, "homes", {})
    answer = RedirectResponse(homes.get(actor.role, "/desk"), status_code=303)
    secure = request.url.scheme == "https"
    name = cookie_name(request.app.state.token_key)
    answer.set_cookie(name, token, httponly=True, samesite="strict", secure=secure, max_age=12 * 3600)
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@signin_router.get("/signout", dependencies=[public_read])
async def signout(request: Request) -> RedirectResponse:
    """Forget the token."""
    answer = RedirectResponse("/docs", status_code=303)
    answer.delete_cookie(cookie_name(request.app.state.token_key))
    return answer


@signin_router.get("/desk")
async def desk(request: Request, ask: Query = allow_read(*ROLES)) -> HTMLResponse:
    """Who is signed in, and what this service offers."""
    actor = ask.actor
    name = request.app.state.service.name
    rows = "".join(f'<li><a href="{path}">{path}</a></li>' for path in ("/docs", "/readyz", "/metrics", "/signout"))
    unit = f" · {_escape(actor.unit)}" if actor.unit else ""
    return HTMLResponse(
        f'<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>民评 · {name}</title>'
        '<meta name="viewport" content="width=device-width">'
        f"<h1>民评 Minping · {name}</h1><p>已登录 signed in: <b>{_escape(actor.name or actor.sub)}</b>"
        f" ({actor.role}{unit})</p><ul>{rows}</ul></html>"
    )


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
