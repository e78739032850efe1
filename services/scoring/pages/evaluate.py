"""Online evaluation on a phone (S13): open the link of the receipt, grade, send. No script, no cookie, no name.

The address holds the code, so it is kept nowhere and sends no referrer. Looking changes nothing: what previews links
does not use a code up. A code is told to be used, over or unknown, and nothing else of it.
"""

from collections.abc import Sequence
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.scoring.domain.evaluation import code_printed
from services.scoring.domain.evaluation_patterns import device_text
from services.scoring.usecases import evaluation_codes as codes
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_codes import CodeForm
from services.scoring.usecases.evaluations import Arrival, Outcome, Taken, take
from shared.errors import Refusal
from shared.gather import Gather
from shared.pages import Draft, FormPost, Pages, own_form, read_form
from shared.web import Command, Query, public, public_read
from shared.web_rate import PerMinute

A_MINUTE = 60
MARK = "mark."
"""what the field of a dimension begins with"""
STATUS = {"used": 409, "expired": 410, "done": 200}
WRONG = {404: "evaluate.unknown", 422: "evaluate.mistyped", 429: "error.429"}


def router(house: Pages, desk: Desk, limit: PerMinute) -> APIRouter:
    """The endpoints of these pages. limit: what one address may ask without signing in."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())
    gather: Gather[Arrival, Taken] = Gather()

    def find(request: Request, draft: Draft, status: int = 200) -> Response:
        return house.show(
            request, "evaluate_find.html", language=draft["lang"], status=status, referrer="same-origin", draft=draft
        )

    async def form_of(request: Request, ask: Query, code: str) -> CodeForm:
        limit.take(request.client.host if request.client else "")
        return await ask.run(lambda session: codes.form_of(desk, session, code))

    def unknown(request: Request, draft: Draft, code: str, refusal: Refusal) -> Response:
        """The field for the code again, saying what is wrong with it."""
        draft.typed["code"] = code
        draft.wrong("code", WRONG.get(refusal.status, "error.500"))
        return find(request, draft, refusal.status)

    def said(request: Request, draft: Draft, state: str) -> Response:
        return house.show(
            request, "evaluate_said.html", language=draft["lang"], status=STATUS[state], state=state,
            days=desk.programme.online.code_days,
        )  # fmt: skip

    def form(request: Request, code: str, found: CodeForm, draft: Draft, status: int = 200) -> Response:
        return house.show(
            request, "evaluate.html", language=draft["lang"], status=status, it=found, code=code_printed(code),
            choices=[*found.grades, found.abstain], draft=draft, mark=MARK,
        )  # fmt: skip

    @api.get("/evaluate")
    async def blank(request: Request, _ask: Query = public_read) -> Response:
        """Type a code."""
        return find(request, Draft())

    @api.post("/evaluate")
    async def look(request: Request, ask: Query = public_read) -> Response:
        """Go on to the form of a code, or say what is wrong with it."""
        own_form(request)
        draft = Draft(dict((await read_form(request)).texts))
        try:
            await form_of(request, ask, draft["code"])
        except Refusal as refusal:
            return unknown(request, draft, draft["code"], refusal)
        return RedirectResponse(_address(draft["code"], draft["lang"]), status_code=303)

    @api.get("/evaluate/{code}")
    async def show(code: str, request: Request, ask: Query = public_read) -> Response:
        """What the code is for, to be graded; or that it was used, or is over."""
        try:
            found = await form_of(request, ask, code)
        except Refusal as refusal:
            return unknown(request, Draft(), code, refusal)
        if found.used:
            return said(request, Draft(), "done" if request.query_params.get("done") == "1" else "used")
        if ask.now >= found.expires_at:
            return said(request, Draft(), "expired")
        return form(request, code, found, Draft())

    @api.post("/evaluate/{code}")
    async def send(code: str, request: Request, do: Command = public) -> Response:
        """Evaluate, and go on to the thanks; pressed twice it is the same evaluation."""
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

        async def together(arrivals: Sequence[Arrival]) -> list[Taken]:
            return await do.run(lambda tx: take(desk, tx, arrivals), remember=False)

        device = device_text(request.client.host if request.client else "", request.headers.get("user-agent", ""))
        taken = await gather.submit(Arrival(code, found.unit, marks_of(post), do.at, device=device), together)
        match taken.outcome:
            case Outcome.ACCEPTED | Outcome.REPEATED:
                return RedirectResponse(_address(code, draft["lang"], done="1"), status_code=303)
            case Outcome.USED:
                return said(request, draft, "used")
            case Outcome.EXPIRED:
                return said(request, draft, "expired")
        draft.wrong("marks", "evaluate.nothing" if taken.why and taken.why.field == "marks" else "evaluate.wrong")
        return form(request, code, found, draft, 422)

    return api


def marks_of(post: FormPost) -> dict[str, str]:
    """What was graded: dimension → choice."""
    return {name.removeprefix(MARK): value for name, value in post.texts.items() if name.startswith(MARK) and value}


def _address(code: str, lang: str, **more: str) -> str:
    """Where the form of a code stands: nothing that is no code goes into an address."""
    query = urlencode({name: value for name, value in {"lang": lang, **more}.items() if value})
    return f"/evaluate/{code_printed(code)}{f'?{query}' if query else ''}"
