"""A questionnaire on a phone (S9): open the link, answer, send. No script, no cookie, no name.

As on the page of online evaluation the address holds the code, looking changes nothing, and a code is told to be
used, over or unknown, and nothing else of it.
"""

from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.scoring.domain.evaluation import code_printed
from services.scoring.usecases import questionnaire_answers as answers
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.questionnaire_answers import SurveyForm
from shared.errors import Refusal
from shared.pages import Draft, FormPost, Pages, own_form, read_form
from shared.web import Command, Query, public, public_read
from shared.web_rate import PerMinute

A_MINUTE = 60
FIELD = "a."
"""what the field of a question begins with; behind a second dot stands the option of a box to tick"""
STATUS = {"used": 409, "expired": 410, "done": 200}
WRONG = {404: "questionnaire.unknown", 422: "questionnaire.mistyped", 429: "error.429", 410: "questionnaire.annulled"}
REASONS = {
    "has to be answered": "questionnaire.required",
    "nothing is answered": "questionnaire.nothing",
    "one option is to be chosen": "questionnaire.one",
}


def router(house: Pages, desk: Desk, limit: PerMinute) -> APIRouter:
    """The endpoints of these pages. limit: what one address may ask without signing in."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    def find(request: Request, draft: Draft, status: int = 200) -> Response:
        return house.show(
            request, "questionnaire_find.html", language=draft["lang"], status=status, referrer="same-origin",
            draft=draft,
        )  # fmt: skip

    async def form_of(request: Request, ask: Query, code: str) -> SurveyForm:
        limit.take(request.client.host if request.client else "")
        return await ask.run(lambda session: answers.form_of(desk, session, code))

    def unknown(request: Request, draft: Draft, code: str, refusal: Refusal) -> Response:
        """The field for the code again, saying what is wrong with it."""
        draft.typed["code"] = code
        draft.wrong("code", WRONG.get(refusal.status, "error.500"))
        return find(request, draft, refusal.status)

    def said(request: Request, draft: Draft, state: str) -> Response:
        return house.show(request, "questionnaire_said.html", language=draft["lang"], status=STATUS[state], state=state)

    def form(request: Request, code: str, found: SurveyForm, draft: Draft, status: int = 200) -> Response:
        return house.show(
            request, "questionnaire.html", language=draft["lang"], status=status, it=found, code=code_printed(code),
            draft=draft, field=FIELD,
        )  # fmt: skip

    @api.get("/questionnaire")
    async def blank(request: Request, _ask: Query = public_read) -> Response:
        """Type a code."""
        return find(request, Draft())

    @api.post("/questionnaire")
    async def look(request: Request, ask: Query = public_read) -> Response:
        """Go on to the questions of a code, or say what is wrong with it."""
        own_form(request)
        draft = Draft(dict((await read_form(request)).texts))
        try:
            await form_of(request, ask, draft["code"])
        except Refusal as refusal:
            return unknown(request, draft, draft["code"], refusal)
        return RedirectResponse(_address(draft["code"], draft["lang"]), status_code=303)

    @api.get("/questionnaire/{code}")
    async def show(code: str, request: Request, ask: Query = public_read) -> Response:
        """The questions; or that the code was used, or is over."""
        try:
            found = await form_of(request, ask, code)
        except Refusal as refusal:
            return unknown(request, Draft(), code, refusal)
        if found.used:
            return said(request, Draft(), "done" if request.query_params.get("done") == "1" else "used")
        if ask.now >= found.expires_at:
            return said(request, Draft(), "expired")
        return form(request, code, found, Draft())

    @api.post("/questionnaire/{code}")
    async def send(code: str, request: Request, do: Command = public) -> Response:
        """Answer, and go on to the thanks; pressed twice it is the same answer."""
        own_form(request, secret_address=True)
        post = await read_form(request)
        draft = Draft(dict(post.texts))
        if post["switch"]:
            draft.typed["lang"] = post["switch"]
        try:
            found = await form_of(request, do.query(), code)
        except Refusal as refusal:
            return unknown(request, draft, code, refusal)
        if post["switch"] and not found.used:
            return form(request, code, found, draft)
        try:
            await do.run(lambda tx: answers.take(tx, code, answers_of(post)), remember=False)
        except Refusal as refusal:
            if refusal.status in (409, 410):
                return said(request, draft, "used" if refusal.status == 409 else "expired")
            name = refusal.field.removeprefix("answers").removeprefix(".") or "all"
            draft.wrong(name, REASONS.get(refusal.reason, "questionnaire.wrong"))
            return form(request, code, found, draft, 422)
        return RedirectResponse(_address(code, draft["lang"], done="1"), status_code=303)

    return api


def answers_of(post: FormPost) -> dict[str, str | list[str]]:
    """What was answered: question → option or text, or the options ticked."""
    found: dict[str, str | list[str]] = {}
    for name, value in post.texts.items():
        question, _, option = name.removeprefix(FIELD).partition(".")
        if not name.startswith(FIELD) or not value:
            continue
        if not option:
            found[question] = value
        elif isinstance(ticked := found.setdefault(question, []), list):
            ticked.append(option)
    return found


def _address(code: str, lang: str, **more: str) -> str:
    """Where the questions of a code stand: nothing that is no code goes into an address."""
    query = urlencode({name: value for name, value in {"lang": lang, **more}.items() if value})
    return f"/questionnaire/{code_printed(code)}{f'?{query}' if query else ''}"
