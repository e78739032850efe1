"""The terminal in the hall: a page that works by finger, by keyboard and while the server is away (S5).

The page is the same for everybody and holds no meeting: what it needs it asks of the API, so that a copy of it may be
kept on the tablet. The scripts in `assets/` do the work.
"""

import hashlib
import json
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.scoring.pages.addresses import Addresses
from services.scoring.usecases.desk import Desk
from shared.language import LANGUAGES, Both
from shared.pages import Pages
from shared.pages.house import HEADERS, WITH_SCRIPT
from shared.web import public_read

CAMERA = "camera=(self), geolocation=(), microphone=()"
IDLE = {"warn": 150, "clear": 30, "thanks": 20}
"""Seconds: without a touch until the warning, from there until all is cleared, and a thank-you stays."""
WORDS = "terminal."
SHOWN = ("style.css", "icon.svg")
"""What the page loads besides the files that are named for it."""


def router(house: Pages, desk: Desk, addresses: Addresses) -> APIRouter:
    """The endpoints of this page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    labels, texts = _labels(desk), _texts(house)
    files = [house.asset(name) for name in house.names() if name in SHOWN or name.startswith(("terminal", "vendor"))]
    files = sorted(set(files) - {house.asset("terminal-worker.js")})

    @api.get("/terminal", dependencies=[public_read])
    async def terminal(request: Request) -> Response:
        """Vote."""
        data = {
            "language": house.language(request), "texts": texts, "labels": labels, "idle": IDLE,
            "address": addresses.public, "secure_address": addresses.secure_page(request, "/terminal"),
        }  # fmt: skip
        return house.show(request, "terminal.html", policy=WITH_SCRIPT, permissions=CAMERA, data=data)

    @api.get("/", dependencies=[public_read])
    async def home() -> Response:
        """The first page of this service."""
        return RedirectResponse("/terminal", status_code=303)

    @api.get("/terminal-worker.js", dependencies=[public_read])
    async def worker() -> Response:
        """The script that lets the page load while the server is away. It changes when one of the files does."""
        page = json.dumps([texts, labels, IDLE, addresses.public], ensure_ascii=False)
        version = hashlib.sha256("\0".join([*files, page]).encode()).hexdigest()[:12]
        begin = f"const VERSION = {json.dumps(version)}, FILES = {json.dumps(files)};\n".encode()
        headers = {**HEADERS, "Content-Security-Policy": WITH_SCRIPT, "Cache-Control": "no-cache"}
        content = begin + house.content("terminal-worker.js")
        return Response(content, headers=headers, media_type="text/javascript; charset=utf-8")

    @api.get("/terminal.webmanifest", dependencies=[public_read])
    async def manifest() -> Response:
        """Lets a tablet show the page on its whole screen."""
        said = {
            "name": "民评 会场投票", "short_name": "民评", "lang": "zh-CN",
            "start_url": "/terminal", "scope": "/terminal",
            "display": "fullscreen", "background_color": "#ffffff", "theme_color": "#9a1b1e",
            "icons": [{"src": house.asset("icon.svg"), "sizes": "any", "type": "image/svg+xml"}],
        }  # fmt: skip
        return Response(
            json.dumps(said, ensure_ascii=False), headers=dict(HEADERS), media_type="application/manifest+json"
        )

    return api


def _texts(house: Pages) -> dict[str, dict[str, str]]:
    """What the page says, in both languages: it changes between them by itself."""
    return {
        language: {
            key.removeprefix(WORDS): text
            for key, text in house.wording.of(language).items()
            if key.startswith(WORDS)
        }
        for language in LANGUAGES
    }  # fmt: skip


def _labels(desk: Desk) -> dict[str, dict[str, Any]]:
    """Names of the programme in both languages; the form has the Chinese ones, which are sealed."""
    programme = desk.programme
    choices = {grade.key: _both(grade.label) for grade in programme.grades}
    choices[programme.abstain.key] = _both(programme.abstain.label)
    return {"choices": choices, "dimensions": {d.key: _both(d.label) for d in programme.dimensions}}


def _both(words: Both) -> dict[str, str]:
    return {"zh": words.zh, "en": words.en or words.zh}
