"""The complainant's page: where it stands, the reply, and what he can do now — answer, add, object (I2, I4, I11, R6).

Its address holds the tracking code, so it is kept nowhere, sends no referrer, and needs no other proof.
"""

from collections.abc import Callable
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.domain import codes
from services.intake.models import AnswerIn
from services.intake.rules import Rules
from services.intake.usecases import calls, informing, view
from services.intake.usecases.tracked import tracked
from shared.errors import Refusal
from shared.pages import Draft, FormPost, Pages, form_key, own_form, read_form
from shared.store import Tx
from shared.web import Command, Query, Replayed, public, public_read
from shared.web_rate import PerMinute

Action = Callable[[Rules, Tx, str, FormPost], object]
DONE = ("answered", "added", "objected")
MOST_WORDS = 2_000
MOST_ADDED = 5_000


def router(house: Pages, rules: Rules, limit: PerMinute) -> APIRouter:
    """The endpoints, bound to the rules."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    async def page(request: Request, ask: Query, code: str, draft: Draft, status: int = 200) -> Response:
        language = house.language(request, draft["lang"])
        found = await ask.run(lambda session: tracked(rules, session, code, ask.now, language))
        done = request.query_params.get("done", "")
        return house.show(
            request, "track.html", language=draft["lang"], status=status, it=found, draft=draft,
            done=done if done in DONE else "", grades=rules.programme.callback.grades, key=form_key(),
        )  # fmt: skip

    @api.get("/track")
    async def ask_for_code(request: Request, ask: Query = public_read) -> Response:
        """Type a tracking code."""
        return house.show(request, "find.html", referrer="same-origin", draft=Draft())

    @api.post("/track")
    async def find(request: Request, ask: Query = public_read) -> Response:
        """Go to the complaint of a code, or say that there is none."""
        own_form(request)
        post = await read_form(request)
        draft = Draft(dict(post.texts))
        try:
            limit.take(request.client.host if request.client else "")
            language = house.language(request, post["lang"])
            found = await ask.run(lambda session: tracked(rules, session, post["code"], ask.now, language))
        except Refusal as refusal:
            draft.wrong("code", "error.429" if refusal.status == 429 else "code.unknown")
            return house.show(
                request, "find.html", language=post["lang"], status=refusal.status, referrer="same-origin", draft=draft
            )
        return RedirectResponse(f"/track/{found.code}{_query(post)}", status_code=303)

    @api.get("/track/{code}")
    async def track(code: str, request: Request, ask: Query = public_read) -> Response:
        """Where it stands."""
        return await page(request, ask, code, Draft())

    async def act(request: Request, do: Command, code: str, name: str, done: str) -> Response:
        """Carry a form of the page out and show the page again; or show it with what is wrong."""
        own_form(request, secret_address=True)
        limit.take(request.client.host if request.client else "")
        post = await read_form(request)
        draft = Draft(dict(post.texts))
        key, problem = post.key(request), _problem(rules, name, post)
        if problem or key is None:
            draft.wrong(*(problem or (name, "form.once_more")))
            return await page(request, do.query(), code, draft, 422)
        try:
            await do.once(key).run(lambda tx: _nothing(_ACTIONS[name](rules, tx, code, post)))
        except Replayed:
            pass  # the button was pressed twice: the same page follows
        except Refusal as refusal:
            if refusal.status == 404:
                raise
            draft.wrong(name, f"{name}.refused")
            return await page(request, do.query(), code, draft, refusal.status)
        return RedirectResponse(f"/track/{codes.read_code(code)}{_query(post, done)}", status_code=303)

    @api.post("/track/{code}/answer")
    async def answer(code: str, request: Request, do: Command = public) -> Response:
        """Answer the callback's question, once."""
        return await act(request, do, code, "answer", "answered")

    @api.post("/track/{code}/information")
    async def add(code: str, request: Request, do: Command = public) -> Response:
        """Add to the complaint."""
        return await act(request, do, code, "information", "added")

    @api.post("/track/{code}/objection")
    async def object_to(code: str, request: Request, do: Command = public) -> Response:
        """It was not solved after all."""
        return await act(request, do, code, "objection", "objected")

    return api


def _query(post: FormPost, done: str = "") -> str:
    given = {"lang": post["lang"], "done": done}
    return f"?{urlencode(kept)}" if (kept := {name: value for name, value in given.items() if value}) else ""


def _problem(rules: Rules, name: str, post: FormPost) -> tuple[str, str] | None:
    """The field of a form that is wrong, and what to say."""
    if name == "information":
        long = len(post["text"]) > MOST_ADDED
        return None if post["text"] and not long else ("text", "added.long" if long else "text.missing")
    may = {grade.key for grade in rules.programme.callback.grades if name == "answer" or grade.bad}
    if post["grade"] not in may:
        return f"{name}-grade", "grade.missing"
    if len(post["words"]) > MOST_WORDS:
        return f"{name}-words", "words.long"
    return (f"{name}-words", "words.missing") if name == "objection" and not post["words"] else None


def _answer(rules: Rules, tx: Tx, code: str, post: FormPost) -> None:
    offer = view.track(rules, tx.session, code).callback
    if offer is None or str(offer.round) != post["round"]:
        raise Refusal("callback", post["round"][:9], "it is not asked any more", "see where the complaint stands", 409)
    calls.answered(tx, offer.code, _given(post))


def _inform(rules: Rules, tx: Tx, code: str, post: FormPost) -> None:
    informing.add(rules, tx, code, post["text"])


def _object(rules: Rules, tx: Tx, code: str, post: FormPost) -> None:
    calls.objected(rules, tx, code, _given(post))


def _given(post: FormPost) -> AnswerIn:
    return AnswerIn.model_validate({"grade": post["grade"], "words": post["words"]})


def _nothing(_: object) -> None:
    """What is kept for a form that is sent twice: only that it was carried out."""


_ACTIONS: dict[str, Action] = {"answer": _answer, "information": _inform, "objection": _object}
