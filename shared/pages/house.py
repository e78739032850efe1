"""Templates to answers: language, headers, assets, and errors as pages."""

import hashlib
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.exceptions import HTTPException

from shared.errors import NotYet, Refusal
from shared.language import LANGUAGES, Language, preferred
from shared.pages.wording import Wording
from shared.web import public_read

HERE = Path(__file__).parent
_TYPES = {
    ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".js": "text/javascript; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
}  # fmt: skip
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
WITH_SCRIPT = POLICY + "; script-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'"
"""Policy of a page that runs a script of ours: files of this server only, nothing inline."""
NOTHING = "camera=(), geolocation=(), microphone=()"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": NOTHING,
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}


class Pages:
    """A service's pages. folder: its templates and `wording*.yaml`; values are what every template may use.

    assets: a folder with files of the service's own, which may name each other: they share one version.
    """

    def __init__(self, folder: Path, *, assets: Path | None = None, **values: object) -> None:
        self.wording = Wording(*sorted(folder.glob("wording*.yaml")))
        shared, own = _files(HERE / "assets"), _files(assets) if assets else {}
        self._assets = {**shared, **own}
        self._versions = {name: _version(content) for name, content in shared.items()}
        self._versions |= dict.fromkeys(own, _version(*own.values()))
        self._environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(HERE / "templates")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=self.asset, **values)

    def asset(self, name: str) -> str:
        """The address of an asset; it changes with its content, so that it may be kept for ever."""
        return f"/assets/{self._versions[name]}/{name}"

    def names(self) -> list[str]:
        """The assets that there are."""
        return sorted(self._assets)

    def content(self, name: str) -> bytes:
        """What an asset holds."""
        return self._assets[name]

    def router(self) -> APIRouter:
        """The endpoint that gives the assets."""
        api = APIRouter(include_in_schema=False)

        @api.get("/assets/{version}/{name}", dependencies=[public_read])
        async def asset(version: str, name: str) -> Response:
            """A style sheet, a picture."""
            if name not in self._assets or self.asset(name) != f"/assets/{version}/{name}":
                raise HTTPException(404, "there is no such asset")
            headers = {**HEADERS, "Cache-Control": "public, max-age=31536000, immutable"}
            return Response(self._assets[name], headers=headers, media_type=_TYPES[Path(name).suffix])

        return api

    def routes(self) -> type[APIRoute]:
        """The class of routes whose errors are pages."""
        pages = self

        class Route(PageRoute):
            house = pages

        return Route

    def language(self, request: Request, chosen: str = "") -> Language:
        """What the form or the address says, else what the browser prefers."""
        for given in (chosen, request.query_params.get("lang", "")):
            for language in LANGUAGES:
                if given == language:
                    return language
        return preferred(request.headers.get("accept-language", ""))

    def show(
        self, request: Request, template: str, *, language: str = "", status: int = 200, referrer: str = "no-referrer",
        policy: str = POLICY, permissions: str = NOTHING, **values: object,
    ) -> HTMLResponse:  # fmt: skip
        """A page. policy, permissions: what it may load and use.

        referrer: `same-origin` for a form at a public address, so that the browser says where it is from;
        pages whose address holds a code send none at all.
        """
        spoken = self.language(request, language)
        chosen = language or request.query_params.get("lang", "")
        text = self._environment.get_template(template).render(
            language=spoken,
            say=lambda key, **given: self.wording.say(spoken, key, **given),
            lang=f"?lang={spoken}" if chosen in LANGUAGES else "",
            switch=_switch(request.url.path, request.query_params, spoken),
            **values,
        )
        headers = {
            **HEADERS, "Content-Security-Policy": policy, "Permissions-Policy": permissions,
            "Referrer-Policy": referrer, "Content-Language": spoken,
        }  # fmt: skip
        return HTMLResponse(text, status, headers)

    def error(self, request: Request, status: int, detail: str = "") -> HTMLResponse:
        """An error as a page that says what to do, in the reader's language. detail: for who reads English only."""
        key = f"error.{status}"
        message = key if key in self.wording.keys() else "error.500"  # noqa: SIM118 - a Wording is no mapping
        return self.show(request, "error.html", status=status, message=message, detail=detail)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.suffix in _TYPES}


def _version(*contents: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(content).digest() for content in contents)).hexdigest()[:12]


def _switch(path: str, query: Mapping[str, str], spoken: Language) -> str:
    """The same page in the other language."""
    other = {"zh": "en", "en": "zh"}[spoken]
    return f"{path}?{urlencode({**query, 'lang': other})}"


class PageRoute(APIRoute):
    """Errors of a page are pages. Made by `Pages.routes`, which says whose."""

    house: Pages

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint with its errors as pages."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except Refusal as refusal:
                return self.house.error(request, refusal.status, f"{refusal.reason}; {refusal.remedy}")
            except RequestValidationError:
                return self.house.error(request, 422)
            except NotYet:
                return self.house.error(request, 409)
            except (OperationalError, InterfaceError):
                return self.house.error(request, 503)
            except HTTPException as error:
                return self.house.error(request, error.status_code)

        return handled
