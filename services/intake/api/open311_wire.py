"""Open311 on the wire: XML and JSON of the same shape, errors in the specification's form, and the form it posts."""

import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from services.intake.models.open311 import Fault
from shared.errors import Refusal
from shared.web import Replayed

FORMATS = ("xml", "json")
FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 200
_ITEM = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}
_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_W3 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)")


def answer(kind: str, root: str, item: str, content: Sequence[BaseModel] | BaseModel, status: int = 200) -> Response:
    """A list (`root` of `item`) or one thing (`root`) in a format. Raises Refusal (400) for another format."""
    if kind not in FORMATS:
        raise Refusal("format", kind, "it is not offered", f"use {' or '.join(FORMATS)}", 400)
    headers = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
    if kind == "json":
        body = _json(content)
        return Response(body, status, headers, media_type="application/json; charset=utf-8")
    element = ElementTree.Element(root)
    if isinstance(content, BaseModel):
        _fill(element, content.model_dump())
    else:
        _fill_list(element, item, [part.model_dump() for part in content])
    body = ElementTree.tostring(element, encoding="unicode")
    text = f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'
    return Response(text.encode(), status, headers, media_type="text/xml; charset=utf-8")


def _json(content: Sequence[BaseModel] | BaseModel) -> str:
    if isinstance(content, BaseModel):
        return content.model_dump_json()
    return f"[{','.join(part.model_dump_json() for part in content)}]"


def _fill(element: ElementTree.Element, content: dict[str, Any]) -> None:
    for name, value in content.items():
        child = ElementTree.SubElement(element, name)
        if isinstance(value, list):
            _fill_list(child, _ITEM[name], value)
        elif value is not None:
            child.text = _text(value)


def _fill_list(element: ElementTree.Element, item: str, content: Sequence[Any]) -> None:
    for part in content:
        child = ElementTree.SubElement(element, item)
        if isinstance(part, dict):
            _fill(child, part)
        else:
            child.text = _text(part)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else _NOT_XML.sub("", str(value))


class Open311Route(APIRoute):
    """Errors as the specification wants them: 403 for keys, 404 for what is not there, 400 for the rest."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # FastAPI says Coroutine
        """The endpoint with its errors in the format asked for."""
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handler(request)
            except Refusal as refusal:
                status, said = refusal.status, f"{refusal.field}: {refusal.reason}; {refusal.remedy}"
            except RequestValidationError as error:
                first = error.errors()[0]
                status, said = 400, f"{'.'.join(str(part) for part in first['loc'][1:])}: {first['msg']}"
            except Replayed:
                raise
            except HTTPException as error:
                status, said = error.status_code, str(error.detail)
            return fault(request, status, said)

        return handled


def fault(request: Request, status: int, said: str) -> Response:
    """An error in the format of the path; XML, the format that every client has to know, where that is none."""
    status = {401: 403}.get(status, status if status in (403, 404, 413, 429) else 400)
    kind = request.url.path.rpartition(".")[2]
    return answer(kind if kind in FORMATS else "xml", "errors", "error", [Fault(code=status, description=said)], status)


Form = dict[str, str]


async def form_of(request: Request) -> Form:
    """The fields of a posted form, empty ones left out (they count as not given). Raises Refusal (400)."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise Refusal("Content-Type", kind[:80], "a request is posted as a form", f"send {FORM}", 400)
    body = await request.body()
    try:
        pairs = parse_qsl(body.decode("ascii"), errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refusal("(body)", "…", f"it is no form in UTF-8 ({error})", "encode it as a form", 400) from None
    form: Form = {}
    for name, value in pairs:
        if name in form:
            raise Refusal(name, value, "it was sent twice", "send it once", 400)
        if value.strip():
            form[name] = value.strip()
    return form


async def api_key(request: Request) -> str:
    """The key that a post carries: in its form or its address, as Open311 has it, or as a bearer token."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token
    return request.query_params.get("api_key") or (await form_of(request)).get("api_key", "")


def listed(request: Request, name: str) -> list[str]:
    """A parameter that may come several times or with commas; empty means not given."""
    values = (part.strip() for value in request.query_params.getlist(name) for part in value.split(","))
    return [value for value in values if value]


def moment(request: Request, name: str) -> datetime | None:
    """A time parameter in w3 form, with a zone. Raises Refusal (400)."""
    given = request.query_params.get(name, "").strip()
    if not given:
        return None
    # a plus that was not encoded arrives as a space
    text = re.sub(r" (?=\d\d:\d\d$)", "+", given)
    remedy = "write it like 2026-01-01T00:00:00Z"
    if not _W3.fullmatch(text):
        raise Refusal(name, given, "it is no time with a zone", remedy, 400)
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refusal(name, given, "there is no such time", remedy, 400) from None


def whole(request: Request, name: str, default: int, most: int) -> int:
    """A number parameter from 1. Raises Refusal (400)."""
    given = request.query_params.get(name, "").strip()
    if not given:
        return default
    if not (given.isascii() and given.isdigit() and len(given) < 10 and 1 <= int(given) <= most):
        raise Refusal(name, given[:20], "it is out of bounds", f"give a number from 1 to {most}", 400)
    return int(given)
