"""Open311 GeoReport v2, JSON and XML: for apps and city platforms that know the standard already (I1).

Everything here but posting is public, and shows consented, redacted complaints only.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from fastapi import APIRouter, Request, Response
from sqlmodel import Session

from services.intake import store
from services.intake.api.open311_post import report_of
from services.intake.api.open311_wire import Open311Route, answer, api_key, fault, form_of, listed, moment, whole
from services.intake.domain import codes, publication
from services.intake.models.open311 import Created, Discovery, Endpoint, Found
from services.intake.receiving import registered, submission
from services.intake.rules import Rules
from services.intake.store.publication import Wanted
from services.intake.usecases import publish, report
from services.intake.usecases.publish import Publisher
from shared.errors import Refusal
from shared.language import Language, preferred
from shared.web import Command, Query, allow_by, public_read
from shared.web_rate import PerMinute

T = TypeVar("T")
LONGEST = timedelta(days=90)
MOST = 1_000
CHANGED = "2026-11-22T00:00:00Z"
"""When this interface last changed, for the discovery document."""


def router(rules: Rules, limit: PerMinute, public_url: str) -> APIRouter:
    """The endpoints, bound to the rules. public_url: where the outside reaches this service."""
    api = APIRouter(prefix="/open311", tags=["Open311"], route_class=Open311Route, default_response_class=Response)

    @api.get("/discovery.{kind}")
    async def discovery(kind: str, request: Request, ask: Query = public_read) -> Response:
        """Where and in which formats the interface is offered."""
        base = public_url or str(request.base_url).rstrip("/")
        found = Discovery(
            changeset=CHANGED,
            contact=str(rules.programme.office),
            key_service="an api_key is issued by the office's operator: minping token issue --role source",
            endpoints=[Endpoint(url=f"{base}/open311/v2", changeset=CHANGED)],
        )
        return answer(kind, "discovery", "", found)

    @api.get("/v2/services.{kind}")
    async def services(kind: str, request: Request, ask: Query = public_read) -> Response:
        """What can be reported: the programme's topics."""
        return answer(kind, "services", "service", publish.services(rules.programme, _language(request)))

    @api.get("/v2/services/{code}.{kind}")
    async def definition(code: str, kind: str, request: Request, ask: Query = public_read) -> Response:
        """The further fields of a service: unit, identity, consent to publication."""
        shown = await ask.run(lambda session: publish.definition(rules, session, code, _language(request)))
        return answer(kind, "service_definition", "", shown)

    @api.post("/v2/requests.{kind}", status_code=201)
    async def post_request(kind: str, request: Request, do: Command = allow_by(api_key, "source")) -> Response:
        """Report. The answer's notice holds the person's tracking code; the source is who the key was issued to."""
        answer(kind, "errors", "error", [])  # a format that is not offered registers nothing
        given = submission(do.actor.sub, report_of(rules, await form_of(request)), do.at)
        receipt = await registered(rules, do, lambda tx: report.register(rules, tx, given))
        code = receipt.tracking_code or ""
        notice = {"zh": f"请交给反映人保存，查询码：{code}", "en": f"For the person who reports, tracking code: {code}"}
        created = Created(service_request_id=receipt.number or "", service_notice=notice[_language(request)])
        return answer(kind, "service_requests", "request", [created], 201)

    @api.get("/v2/tokens/{token}.{kind}")
    async def token(token: str, kind: str, request: Request, ask: Query = public_read) -> Response:
        """The request behind a token: here, a tracking code."""
        limit.take(request.client.host if request.client else "")

        def number(session: Session) -> str:
            line = store.by_code(session, codes.digest_of(codes.read_code(token, "token")))
            if line is None:
                raise codes.unknown_code("token")
            return line.number

        found = Found(service_request_id=await ask.run(number), token=codes.read_code(token))
        return answer(kind, "service_requests", "request", [found])

    @api.get("/v2/requests.{kind}")
    async def requests(kind: str, request: Request, ask: Query = public_read) -> Response:
        """Consented requests, the newest first: 90 days or 1,000 of them, whichever is less."""
        wanted = _wanted(rules, request, ask.now)
        size = whole(request, "page_size", MOST, MOST)
        skip = (whole(request, "page", 1, 1_000_000) - 1) * size
        shown = await _shown(rules, request, ask, lambda them: them.requests(wanted, limit=size, skip=skip))
        return answer(kind, "service_requests", "request", shown)

    @api.get("/v2/requests/{number}.{kind}")
    async def one_request(number: str, kind: str, request: Request, ask: Query = public_read) -> Response:
        """One request."""
        wanted = Wanted(states=publication.LISTED, numbers=[number])
        shown = await _shown(rules, request, ask, lambda them: them.requests(wanted, limit=1))
        if not shown:
            remedy = "requests are shown where their person agreed to publication"
            raise Refusal("service_request_id", number, "it was not found", remedy, 404)
        return answer(kind, "service_requests", "request", shown)

    @api.get("/v2/servicerequestupdates.{kind}")
    async def updates(kind: str, request: Request, ask: Query = public_read) -> Response:
        """Steps of consented requests, the newest first; filtered like requests, the dates are those of the steps."""
        wanted = _wanted(rules, request, ask.now)
        shown = await _shown(rules, request, ask, lambda them: them.updates(wanted, limit=MOST))
        return answer(kind, "service_requests_updates", "request_update", shown)

    @api.get("/{path:path}", include_in_schema=False, dependencies=[public_read])
    async def nothing(request: Request) -> Response:
        """What the specification does not know is answered in its form too."""
        return fault(request, 404, "there is no such resource; formats are .xml and .json")

    return api


async def _shown(rules: Rules, request: Request, ask: Query, show: Callable[[Publisher], T]) -> T:
    language = _language(request)
    return await ask.run(lambda session: show(Publisher(rules, session, language)))


def _language(request: Request) -> Language:
    return preferred(request.headers.get("accept-language", ""))


def _wanted(rules: Rules, request: Request, now: datetime) -> Wanted:
    """The filters of a list. Raises Refusal (400, 404)."""
    if numbers := listed(request, "service_request_id"):  # overrides all others
        return Wanted(states=publication.LISTED, numbers=numbers[:MOST])
    states = {"open": publication.OPEN, "closed": publication.CLOSED}
    kept = listed(request, "status")
    for status in kept:
        if status not in states:
            raise Refusal("status", status[:20], "there is no such status", "use open or closed", 400)
    topics = [publish.topic_of(rules.programme, code) for code in listed(request, "service_code")]
    since, until = moment(request, "start_date"), moment(request, "end_date")
    if since and until and not timedelta() <= until - since <= LONGEST:
        raise Refusal("start_date", since.isoformat(), "the range is over 90 days or ends before it begins",
                      "ask for at most 90 days at once", 400)  # fmt: skip
    until = until or (min(now, since + LONGEST) if since else now)
    return Wanted(
        states=frozenset().union(*(states[status] for status in kept)) if kept else publication.LISTED,
        topics=topics or None,
        since=since or until - LONGEST,
        until=until,
    )
