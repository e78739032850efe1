"""The bulletin's feed at `/bulletin/feed.atom` (RFC 4287): written with the standard library, which escapes all text.

Ids are URNs that come of what an item is about, so that they outlive every move; `updated` is the latest news.
"""

import html
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi import Query as Asked
from sqlmodel import Session

from services.notify.domain.bulletin import Item, urn
from services.notify.pages.caching import kept
from services.notify.pages.telling import Teller
from services.notify.usecases import Desk
from services.notify.usecases import bulletin as usecases
from services.notify.usecases.bulletin_reading import names_for
from shared.language import said
from shared.pages import Pages
from shared.pages.house import HEADERS
from shared.web import Query, public_read

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml; charset=utf-8"
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
NEVER = datetime(2026, 1, 1, tzinfo=UTC)
"""`updated` of a feed without an item: a feed must have one, and it must not change by itself."""
Text = Annotated[str, Asked(max_length=100)]
ET.register_namespace("", ATOM)


def router(house: Pages, desk: Desk, public_url: str, results_url: str) -> APIRouter:
    """The endpoint of the feed, for everybody; `kind` and `unit` choose as on the page."""
    api = APIRouter(include_in_schema=False, route_class=house.routes())

    @api.get("/bulletin/feed.atom")
    async def feed(request: Request, kind: Text = "", unit: Text = "", ask: Query = public_read) -> Response:
        """The latest news of the bulletin."""
        language = house.language(request)

        def read(session: Session) -> tuple[tuple[Item, ...], Teller]:
            items = usecases.newest(desk, session, kind=kind, unit=unit)
            return items, Teller(desk.programme, house.wording, language, names_for(session, items))

        items, teller = await ask.run(read)
        base = public_url or str(request.base_url).rstrip("/")
        asked = {name: value for name, value in (("kind", kind), ("unit", unit)) if value}
        query = urlencode(asked | {"lang": language})
        made = Feed(
            key=desk.programme.key,
            title=f"{said(desk.programme.office, language)} · {teller.say('bulletin.title')}",
            author=said(desk.programme.office, language),
            language="zh-CN" if language == "zh" else language,
            base=base,
            query=query,
            asked=urlencode(asked),
            results_url=results_url,
        )
        body = made.write(items, teller)
        return kept(request, Response(body, headers={**HEADERS, "Content-Language": language}, media_type=MEDIA_TYPE))

    return api


class Feed:
    """A feed being written."""

    def __init__(
        self, *, key: str, title: str, author: str, language: str, base: str, query: str, asked: str, results_url: str
    ) -> None:
        self._key, self._title, self._author, self._language = key, title, author, language
        self._base, self._query, self._asked, self._results = base, query, asked, results_url

    def write(self, items: Sequence[Item], teller: Teller) -> bytes:
        """The feed as XML."""
        root = ET.Element(f"{{{ATOM}}}feed", {LANGUAGE: self._language})
        _text(root, "id", urn(self._key, f"feed?{self._query}"))
        _text(root, "title", self._title)
        _text(root, "updated", _instant(max((item.updated_at for item in items), default=NEVER)))
        author = ET.SubElement(root, f"{{{ATOM}}}author")
        _text(author, "name", self._author)
        _link(root, "self", f"{self._base}/bulletin/feed.atom?{self._query}", "application/atom+xml")
        _link(root, "alternate", f"{self._base}/bulletin{'?' if self._asked else ''}{self._asked}", "text/html")
        _text(root, "generator", "Minping")
        for item in items:
            self._entry(root, item, teller)
        body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        return body

    def _entry(self, root: ET.Element, item: Item, teller: Teller) -> None:
        entry = ET.SubElement(root, f"{{{ATOM}}}entry")
        _text(entry, "id", urn(self._key, item.id))
        _text(entry, "title", teller.title(item))
        _text(entry, "published", _instant(item.published_at))
        _text(entry, "updated", _instant(item.updated_at))
        _link(entry, "alternate", f"{self._base}/bulletin/{item.id}", "text/html")
        if item.kind == "result" and item.last.what == "ranked" and self._results and item.withdrawal is None:
            _link(entry, "related", f"{self._results}/results/{item.last.facts['cycle']}", "text/html")
        ET.SubElement(
            entry, f"{{{ATOM}}}category", {"term": item.kind, "label": teller.say(f"bulletin.kind.{item.kind}")}
        )
        _text(entry, "content", content(item, teller), type="html")


def content(item: Item, teller: Teller) -> str:
    """What an item says, as HTML of our own making: every text of others is escaped, then all of it once more."""
    if item.withdrawal is not None:
        reason = teller.say("bulletin.reason") + " · " + str(item.withdrawal.facts.get("reason", ""))
        return _paragraphs((teller.say("bulletin.withdrawn"), reason))
    pieces: list[str] = []
    for one in teller.entries(item):
        if one.hidden:
            pieces.append(_paragraphs((teller.say("bulletin.was_hidden"),)))
        elif one.before:
            pieces.append(_paragraphs(one.before, "del"))
        pieces.append(_paragraphs(one.lines, "ins" if one.corrected_at else ""))
        if one.corrected_at:
            pieces.append(_paragraphs((f"{teller.say('bulletin.corrected')} · {one.reason}",)))
    return "".join(pieces)


def _paragraphs(lines: Sequence[str], mark: str = "") -> str:
    before, after = (f"<{mark}>", f"</{mark}>") if mark else ("", "")
    return "".join(f"<p>{before}{html.escape(line)}{after}</p>" for line in lines)


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes).text = text


def _link(parent: ET.Element, rel: str, address: str, kind: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": address, "type": kind})


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
