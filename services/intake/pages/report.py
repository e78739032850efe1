"""The report form, and the receipt with number, tracking code and QR code.

The form is sent once however often the button is pressed: its hidden key makes a second sending the same request,
and the browser is sent on to the receipt, so that loading it anew sends nothing. What is wrong is said beside its
field, with everything typed and every picture taken in still there.
"""

import io
import json
import re
from typing import Literal

import segno
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import Session

from services.intake import store
from services.intake.domain import codes
from services.intake.models import IdentityIn, ReportIn
from services.intake.pages.photos import keep
from services.intake.receiving import registered, submission
from services.intake.rules import Rules
from services.intake.usecases import report
from services.intake.usecases.channels import WEB
from shared.errors import Refusal
from shared.language import Language
from shared.pages import Draft, FormPost, Pages, form_key, own_form, read_form
from shared.web import Command, Query, public, public_read
from shared.web_rate import PerMinute

MOST_TEXT = 20_000
MOST_FILES = 5
MOST = {"text": MOST_TEXT, "unit": 64, "place": 200, "name": 200, "phone": 200}
"""Characters of a field."""
_SHA = re.compile(r"[0-9a-f]{64}")
_FIELD_OF = {"person": "name", "sealed_identity": "name", "identity": "identity", "channel": "text", "time": "text"}
Kept = list[tuple[str, str]]


def router(house: Pages, rules: Rules, limit: PerMinute, public_url: str) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    async def form(request: Request, ask: Query, draft: Draft, kept: Kept, status: int = 200) -> Response:
        """The form as it stands, with a new key."""
        return shown(request, draft, kept, await ask.run(store.units), status)

    def shown(request: Request, draft: Draft, kept: Kept, units: list[store.Unit], status: int) -> Response:
        return house.show(
            request, "report.html", language=draft["lang"], status=status, referrer="same-origin",
            draft=draft, kept=kept, kept_json=json.dumps(kept, ensure_ascii=False), key=form_key(), units=units,
            most_text=MOST_TEXT, most_files=MOST_FILES,
        )  # fmt: skip

    @api.get("/")
    async def blank(request: Request, ask: Query = public_read) -> Response:
        """Report."""
        return await form(request, ask, Draft(), [])

    @api.post("/")
    async def send(request: Request, do: Command = public) -> Response:
        """Register what the form says, and go on to the receipt; or the form again, saying what is wrong."""
        own_form(request)
        post = await read_form(request, files=True)
        try:
            return await sent(request, do, post)
        finally:
            await post.close()

    async def sent(request: Request, do: Command, post: FormPost) -> Response:
        draft, kept = Draft(dict(post.texts)), kept_before(post)
        if post["switch"]:
            draft.typed["lang"] = post["switch"]
            return await form(request, do.query(), draft, kept)
        language = house.language(request, draft["lang"])
        try:
            limit.take(request.client.host if request.client else "")
            kept = await keep(rules, do, post.files, kept, draft, MOST_FILES)
            units = await do.query().run(store.units)
            given = checked(rules, draft, units, kept)
            if draft.errors or given is None:
                return await form(request, do.query(), draft, kept, 422)
            key = post.key(request)
            if key is None:
                draft.wrong("form", "form.once_more")
                return await form(request, do.query(), draft, kept, 422)
            made = submission(WEB, given, do.at)
            receipt = await registered(rules, do.once(key), lambda tx: report.register(rules, tx, made))
        except Refusal as refusal:
            draft.wrong(*wrong(refusal))
            return await form(request, do.query(), draft, kept, refusal.status)
        except (OperationalError, InterfaceError):
            draft.wrong("form", "error.503")
            return shown(request, draft, kept, [], 503)
        return RedirectResponse(f"/receipt/{receipt.tracking_code}{_lang(draft, language)}", status_code=303)

    @api.get("/receipt/{code}")
    async def receipt(code: str, request: Request, ask: Query = public_read) -> Response:
        """Number and tracking code, to write down or to keep as a picture."""
        number = await ask.run(lambda session: _number(session, code))
        return house.show(request, "receipt.html", number=number, code=codes.read_code(code))

    @api.get("/receipt/{code}/qr.png")
    async def qr(code: str, request: Request, ask: Query = public_read) -> Response:
        """The QR code that opens the complaint."""
        await ask.run(lambda session: _number(session, code))
        base = public_url.rstrip("/") or str(request.base_url).rstrip("/")
        picture = io.BytesIO()
        segno.make(f"{base}/track/{codes.read_code(code)}", error="m").save(picture, kind="png", scale=8, border=3)
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
        return Response(picture.getvalue(), headers=headers, media_type="image/png")

    return api


def _number(session: Session, typed: str) -> str:
    line = store.by_code(session, codes.digest_of(codes.read_code(typed)))
    if line is None:
        raise codes.unknown_code()
    return line.number


def _lang(draft: Draft, language: Language) -> str:
    return f"?lang={language}" if draft["lang"] else ""


def kept_before(post: FormPost) -> Kept:
    """The files that were taken in with an earlier sending of the form."""
    try:
        given = json.loads(post["kept"] or "[]")
        found = [(str(sha), str(name)[:120]) for sha, name in given]
    except (ValueError, TypeError):
        return []
    return [(sha, name) for sha, name in found if _SHA.fullmatch(sha)][:MOST_FILES]


def wrong(refusal: Refusal) -> tuple[str, str]:
    """The field of the form that a refusal is about, and what to say."""
    if refusal.field == "Idempotency-Key":
        return "form", "form.sent_before"
    if refusal.field.startswith("evidence"):
        return "photos", "photos.gone"
    if refusal.status == 429:
        return "form", "error.429"
    return _FIELD_OF.get(refusal.field, refusal.field), "form.field"


def checked(rules: Rules, draft: Draft, units: list[store.Unit], kept: Kept) -> ReportIn | None:
    """The report, or None with what is wrong noted beside its field."""
    for name, most in MOST.items():
        if len(draft[name]) > most:
            draft.wrong(name, f"{name}.long" if name in ("text", "unit") else "form.long")
    if not draft["text"]:
        draft.wrong("text", "text.missing")
    if draft["topic"] and draft["topic"] not in {topic.key for topic in rules.programme.topics}:
        draft.wrong("topic", "form.field")
    kind = _kind(draft["identity"])
    if kind is None:
        draft.wrong("identity", "identity.missing")
    elif kind != "anonymous" and not (draft["name"] or draft["phone"]):
        draft.wrong("name", "name.missing")
    elif kind != "anonymous" and draft["phone"] and sum(map(str.isdigit, draft["phone"])) < 7:
        draft.wrong("phone", "phone.short")
    if draft.errors or kind is None:
        return None
    person = None if kind == "anonymous" else IdentityIn(name=draft["name"], phone=draft["phone"])
    return ReportIn(
        channel=rules.web_channel,
        text=draft["text"],
        unit=unit_of(draft["unit"], units) or None,
        topic=draft["topic"] or None,
        place=draft["place"] or None,
        identity=kind,
        person=person,
        publish_consent=draft["publish"] == "yes",
        evidence=[sha for sha, _ in kept],
    )


def _kind(given: str) -> Literal["anonymous", "confidential", "named"] | None:
    match given:
        case "anonymous" | "confidential" | "named":
            return given
        case _:
            return None


def unit_of(typed: str, units: list[store.Unit]) -> str:
    """The key of the unit that a name stands for; a name that nobody knows stays as it was typed (a clerk decides)."""
    wanted = typed.casefold()
    for unit in units:
        if wanted in (unit.key.casefold(), unit.name.casefold(), unit.name_en.casefold() or None):
            return unit.key
    return typed
