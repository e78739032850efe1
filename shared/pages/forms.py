"""Forms without cookies: sent by our own page, sent once however often the button is pressed, nothing typed is lost."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.errors import Refusal
from shared.unit import IdempotencyKey

_KEY = re.compile(r"[A-Za-z0-9_-]{22}")
MOST_FIELDS = 50
MOST_FILES = 10
LARGEST_FIELD = 256 * 1024


def form_key() -> str:
    """A key for one sending of a form: it goes into a hidden field, and a second sending is the same request."""
    return secrets.token_urlsafe(16)


def own_form(request: Request, *, secret_address: bool = False) -> None:
    """Only forms of our own pages are carried out. Raises Refusal (403).

    Browsers say where a form comes from. secret_address: the page's address holds a code that nobody guesses, and it
    sends no referrer, so that browsers name no origin either; who knows the code is no stranger.
    """
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise _foreign(site)
    if origin is None or (origin == "null" and (secret_address or site == "same-origin")):
        return
    if urlsplit(origin).netloc != request.headers.get("host"):
        raise _foreign(origin)


def _foreign(value: str) -> Refusal:
    return Refusal("Origin", value[:200], "the form is not from our own page", "open the page here and send it", 403)


@dataclass(frozen=True, slots=True)
class FormPost:
    """A posted form: texts stripped, files that were really chosen."""

    texts: dict[str, str]
    files: tuple[UploadFile, ...] = ()

    def __getitem__(self, name: str) -> str:
        return self.texts.get(name, "")

    async def close(self) -> None:
        """Let go of the files."""
        for file in self.files:
            await file.close()

    def key(self, request: Request) -> IdempotencyKey | None:
        """The one-time key, bound to what was typed (not to how the browser packed it); None if it has none."""
        given = self["key"]
        if not _KEY.fullmatch(given):
            return None
        typed = {name: text for name, text in self.texts.items() if name not in ("key", "lang")}
        body = json.dumps(typed, sort_keys=True, ensure_ascii=False).encode()
        name = hashlib.sha256(given.encode()).hexdigest()
        return IdempotencyKey.of(f"form-{name}", None, request.method, request.url.path, body)


async def read_form(request: Request, *, files: bool = False) -> FormPost:
    """The form of a request; close it if it may have files. Raises Refusal or HTTPException for too much in it."""
    most = MOST_FILES if files else 0
    form = await request.form(max_files=most, max_fields=MOST_FIELDS, max_part_size=LARGEST_FIELD)
    texts: dict[str, str] = {}
    found: list[UploadFile] = []
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            found.append(value)
        elif len(value) > LARGEST_FIELD:
            raise Refusal(name, "…", "it is too long", "shorten it", 413)
        else:
            texts[name] = value.replace("\r\n", "\n").replace("\x00", "").strip()
    return FormPost(texts, tuple(found))


@dataclass(slots=True)
class Draft:
    """A form to show: what was typed, and what is wrong beside each field (keys of the wording)."""

    typed: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def wrong(self, name: str, message: str) -> None:
        """Note what is wrong with a field, the first thing only."""
        self.errors.setdefault(name, message)
