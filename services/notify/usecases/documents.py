"""Documents that go with notices (N5): made once when the matter is planned, numbered in that transaction, attached.

A document that exists is never made again: every letter about the matter carries the same bytes. A correction is
another version under the same number, with its reason; a withdrawn document keeps its number (作废).
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

import structlog
from sqlalchemy import RowMapping
from sqlmodel import Session

from services.notify.documents import BY_HAND, KINDS, MEDIA_TYPE, number
from services.notify.domain.attachment import Attachment, file_name
from services.notify.domain.channel import EMAIL
from services.notify.domain.recipient import OFFICE
from services.notify.metrics import DOCUMENTS, DOCUMENTS_FAILED
from services.notify.store import directory as people
from services.notify.store import documents
from services.notify.usecases.desk import Desk
from services.notify.usecases.document_facts import DRAFTS, Source, Words, facts_of, unit_keys
from services.notify.usecases.envelopes import Planned
from shared.errors import Refusal
from shared.language import Language, said
from shared.store import Tx

OF_EACH_UNIT = frozenset({"result_notice"})
"""Kinds of which each unit that a matter is told to gets one of its own; of all others a matter has one."""

MOST_FILES = 20
"""Files that a letter carries; those after them are named by number."""

NUMBERED = re.compile(r"〔(\d{4})〕(\d+)号")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Enclosed:
    """What goes with a letter: the files, and what the letter says about them and about those that do not go."""

    files: tuple[Attachment, ...] = ()
    note: str = ""


def prepare(desk: Desk, tx: Tx, planned: Iterable[Planned], event: str) -> None:
    """Make the documents of new notices, each once."""
    for notice in planned:
        kinds = (notice.rule or {}).get("documents") or ()
        if kinds and notice.channel == EMAIL:
            language = _language(notice.rule, notice.holder.language if notice.holder else desk.language)
            source = Source(event, notice.matter, notice.case, notice.unit, notice.facts, tx.now)
            for kind in kinds:
                _tried(desk, tx, kind, source, language)


def attachments_of(desk: Desk, tx: Tx, row: Mapping[str, Any], items: Sequence[RowMapping]) -> Enclosed:
    """The documents of a letter's notices: each attached once, as many as fit; the others named in the letter."""
    if row["channel"] != EMAIL:
        return Enclosed()
    carried: dict[str, Mapping[str, Any]] = {}
    missing: dict[str, str] = {}
    for item in items:
        language = _language(item["rule"], row["language"])
        source = Source(item["event"], item["matter"], item["case"], item["unit"], item["facts"], item["planned_at"])
        for kind in (item["rule"] or {}).get("documents") or ():
            document, failed = _tried(desk, tx, kind, source, language)
            if failed:
                missing[f"{kind}|{item['matter']}"] = KINDS[kind].name(row["language"])
            elif document is not None and document["state"] != "withdrawn":
                carried[document["id"]] = document
    return _enclosed(desk, tx.session, list(carried.values()), list(missing.values()), row["language"])


def _tried(desk: Desk, tx: Tx, kind: str, source: Source, language: Language) -> tuple[Mapping[str, Any] | None, bool]:
    """The document, or that it could not be made: then the letter goes without it and says so."""
    try:
        return _ensure(desk, tx, kind, source, language), False
    except (Refusal, LookupError, TypeError, ValueError) as error:
        DOCUMENTS_FAILED.labels(kind).inc()
        log.error("document_failed", kind=kind, matter=source.matter, error=str(error))
        return None, True


def _enclosed(
    desk: Desk, session: Session, rows: list[Mapping[str, Any]], missing: list[str], language: Language
) -> Enclosed:
    kept: list[Mapping[str, Any]] = []
    size = 0
    for row in rows:
        if len(kept) < MOST_FILES and size + row["size"] <= desk.enclosures_bytes:
            kept.append(row)
            size += row["size"]
    bodies = documents.bodies(session, [row["id"] for row in kept])
    files = tuple(Attachment(file_name_of(row, "docx"), MEDIA_TYPE, bodies[row["id"]]) for row in kept)
    left = [row for row in rows if row not in kept]
    zh = language == "zh"
    lines: list[str] = []
    for title, names in (
        ("附件：" if zh else "Enclosed:", [_called(row) for row in kept]),
        ("以下文件未随信发送，请按编号在系统中下载：" if zh else "Not enclosed, to be fetched by number:",
         [f"{_called(row)} /api/v1/documents/{row['id']}.docx" for row in left]),
        ("以下文件未能生成，请与评议办联系：" if zh else "Could not be made, please ask the office for:", missing),
    ):  # fmt: skip
        if names:
            lines += ["", title, *(f"{place}. {name}" for place, name in enumerate(names, 1))]
    return Enclosed(files, "\n".join(lines) + "\n" if lines else "")


def _called(row: Mapping[str, Any]) -> str:
    return f"{row['title']} {row['number']}".strip()


def file_name_of(row: Mapping[str, Any], suffix: str) -> str:
    """How a document's file is called."""
    version = f" v{row['version']}" if row["version"] > 1 else ""
    mark = row["number"] or row["case"] or row["id"]
    return file_name(f"{row['title']} {mark}{version}.{suffix}")


def _language(rule: Mapping[str, Any] | None, reader: str) -> Language:
    return "en" if ((rule or {}).get("language") or reader) == "en" else "zh"


def about_of(kind: str, matter: str, unit: str | None) -> str:
    """What names a document, whatever its language and version."""
    return f"{kind}|{matter}|{unit or ''}" if kind in OF_EACH_UNIT else f"{kind}|{matter}"


def _ensure(desk: Desk, tx: Tx, kind: str, source: Source, language: Language) -> Mapping[str, Any] | None:
    """The document of a matter: the one there is, or made now. None: the matter has no such document."""
    about = about_of(kind, source.matter, source.unit)
    known = documents.newest(tx.session, [about], language).get(about)
    if known is not None:
        return known
    drafted = None
    if source.case and source.event not in DRAFTS:
        drafted = documents.facts_of(tx.session, source.case, kind)
    facts = facts_of(kind, Words(desk, _names(tx.session, source), language), source, drafted)
    if facts is None:
        return None
    return make(desk, tx, kind, facts, language, about=about, source=source)


def make(
    desk: Desk, tx: Tx, kind: str, facts: dict[str, Any], language: Language, *, about: str, source: Source
) -> dict[str, Any]:
    """Print a document, number it and keep it. Raises Refusal; then nothing is kept and no number is gone."""
    marked = documents.number_of(tx.session, about) or _numbered(desk, tx, kind, facts, source)
    state = "draft" if facts.get("draft") else "valid"
    row = _row(desk, tx, kind, {**facts, "number": marked["number"]}, language, about=about, version=1, state=state)
    row |= marked | {"matter": source.matter, "case": source.case, "unit": _unit_of(kind, source)}
    documents.add(tx.session, row)
    DOCUMENTS.labels(kind).inc()
    return row


def _numbered(desk: Desk, tx: Tx, kind: str, facts: Mapping[str, Any], source: Source) -> dict[str, Any]:
    """The next number of the series; that which the facts bring, as a circular's; or none for a draft."""
    series = KINDS[kind].series if source.event else BY_HAND
    given, year = str(facts.get("number") or ""), source.at.astimezone(desk.calendar.zone).year
    if found := NUMBERED.search(given):
        return {"number": given, "series": series, "year": int(found[1]), "seq": int(found[2])}
    if facts.get("draft"):
        return {"number": "", "series": series, "year": year, "seq": None}
    seq = documents.next_seq(tx.session, series, year)
    return {"number": number(desk.documents_mark, series, year, seq), "series": series, "year": year, "seq": seq}


def _row(
    desk: Desk, tx: Tx, kind: str, facts: dict[str, Any], language: Language, *, about: str, version: int, state: str
) -> dict[str, Any]:
    kept = json.loads(json.dumps(facts, ensure_ascii=False, sort_keys=True, default=_plain))
    body = desk.press.render(kind, kept, language)
    return {
        "id": "d-" + sha256(f"{about}|{language}|{version}".encode()).hexdigest()[:24],
        "about": about,
        "kind": kind,
        "title": KINDS[kind].name(language),
        "language": language,
        "version": version,
        "state": state,
        "facts": kept,
        "facts_sha256": sha256(json.dumps(kept, ensure_ascii=False, sort_keys=True).encode()).hexdigest(),
        "sha256": sha256(body).hexdigest(),
        "size": len(body),
        "body": body,
        "made_at": tx.now,
        "reason": "",
        "by": tx.actor.sub if tx.actor else "",
    }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _unit_of(kind: str, source: Source) -> str | None:
    if kind in OF_EACH_UNIT:
        return source.unit
    return source.facts.get("lead_unit") or source.facts.get("unit")


def _names(session: Session, source: Source) -> dict[str, dict[str, str]]:
    names = people.names(session, unit_keys(source.facts) | ({source.unit} if source.unit else set()))
    person = source.facts.get("supervisor")
    if person:
        seats = people.holders(session, OFFICE, "supervisor", None)
        names |= {f"person:{person}": {"zh": seat.name, "en": seat.name} for seat in seats if seat.person == person}
    return names


def correct(desk: Desk, tx: Tx, document: str, changes: Mapping[str, Any], reason: str) -> dict[str, Any]:
    """Another version, with changed facts and the reason on it; the old one stays as it was. Raises Refusal."""
    row = standing(tx.session, document)
    zh = row["language"] == "zh"
    words = f"本文件经更正，更正原因：{reason}" if zh else f"Corrected: {reason}"
    facts = {**row["facts"], **changes, "number": row["number"], "correction": words}
    made = _row(
        desk, tx, row["kind"], facts, row["language"], about=row["about"], version=row["version"] + 1,
        state=row["state"],
    )  # fmt: skip
    made |= {name: row[name] for name in ("number", "series", "year", "seq", "matter", "case", "unit")}
    by = tx.actor.sub if tx.actor else ""
    documents.change(tx.session, document, "superseded", reason, by)
    documents.add(tx.session, made | {"reason": reason})
    return found(tx.session, made["id"])


def by_hand(
    desk: Desk, tx: Tx, kind: str, facts: Mapping[str, Any], language: Language, signed_on: date | None
) -> dict[str, Any]:
    """A document that the office words itself, numbered like all others. Raises Refusal."""
    if kind == "circular":
        raise Refusal("kind", kind, "circulars are drafted, approved and numbered on their own", "see POST /circulars")
    office, day = said(desk.programme.office, language), signed_on or desk.calendar.local_date(tx.now)
    given = {"office": office, "issuer": office, "signed_on": day, "printed_on": day, **facts}
    for name in ("number", "draft", "correction"):
        if name in facts:
            raise Refusal(f"facts.{name}", name, "is given by the system", "leave it out")
    count = documents.next_seq(tx.session, BY_HAND, desk.calendar.local_date(tx.now).year)
    matter = f"{kind} by {tx.actor.sub if tx.actor else 'office'} {tx.now.isoformat()} {count}"
    source = Source("", matter, given.get("case"), None, {}, tx.now)
    made = make(desk, tx, kind, given, language, about=about_of(kind, matter, None), source=source)
    return found(tx.session, made["id"])


def withdraw(tx: Tx, document: str, reason: str) -> dict[str, Any]:
    """The document is void; its number stays and is not given again. Raises Refusal (404, 409)."""
    row = standing(tx.session, document)
    documents.withdraw(tx.session, row["about"], reason, tx.actor.sub if tx.actor else "")
    return found(tx.session, document)


def standing(session: Session, document: str) -> dict[str, Any]:
    """A document that is neither superseded nor withdrawn. Raises Refusal (404, 409)."""
    row = found(session, document)
    if row["state"] not in ("valid", "draft"):
        raise Refusal("document", document, f"it is {row['state']}", "take the version that stands", 409)
    return row


def found(session: Session, document: str) -> dict[str, Any]:
    """One document with everything. Raises Refusal (404)."""
    row = documents.find(session, document)
    if row is None:
        raise Refusal("document", document, "no such document", "look it up under /api/v1/documents", 404)
    return row
