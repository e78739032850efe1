"""The archive package of a year (N9): every paper with its SHA-256 and for how long it is kept.

Periods are those of the national rule on what offices file and how long (机关文件材料归档范围和文书档案保管期限规定):
permanent, 30 years, 10 years; which paper has which is the programme's.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlmodel import Session

from services.notify.domain.quarter import Span, month, year
from services.notify.store import bulletin, circulars, record, registered
from services.notify.store import directory as people
from services.notify.usecases import circular_papers, paper_dossier, paper_ledger, paper_monthly
from services.notify.usecases.circulars import whole
from services.notify.usecases.counting import instants
from services.notify.usecases.desk import Desk
from services.notify.usecases.paper_book import Book, Column
from shared.errors import Refusal
from shared.language import Language
from shared.programme.bulletin import Paper

WORDED = {"permanent": "永久", "years_30": "30年", "years_10": "10年"}
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Filed:
    """A paper of the package."""

    name: str
    paper: Paper
    title: str
    body: bytes


def package(desk: Desk, session: Session, of: int, now: datetime, language: Language) -> bytes:
    """The package as .zip. Raises Refusal for a year that has not begun."""
    span = year(of)
    if desk.calendar.local_date(now) < span.first:
        raise Refusal("year", of, "has not begun", "give an earlier year")
    files = list(_papers(desk, session, span, now, language))
    entries = []
    for file in files:
        period = desk.programme.archive.period(file.paper)
        digest = sha256(file.body).hexdigest()
        entries.append(
            {"file": file.name, "title": file.title, "kind": file.paper, "period": period, "period_zh": WORDED[period],
             "sha256": digest, "bytes": len(file.body)}
        )  # fmt: skip
    manifest = {
        "programme": desk.programme.key, "office": desk.programme.office.zh, "year": of,
        "made_at": now.astimezone(desk.programme.zone).isoformat(), "whole": desk.calendar.local_date(now) > span.last,
        "files": entries,
    }  # fmt: skip
    listed = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
    sums = "".join(f"{entry['sha256']}  {entry['file']}\n" for entry in entries)
    sums += f"{sha256(listed).hexdigest()}  {MANIFEST}\n"
    return _zip([*((file.name, file.body) for file in files), (MANIFEST, listed), (SUMS, sums.encode())])


def _papers(desk: Desk, session: Session, span: Span, now: datetime, language: Language) -> Iterator[Filed]:
    since, until = instants(desk, span)
    at = min(now, until - timedelta(seconds=1))
    of = span.first.year
    yield Filed("ledger.xlsx", "ledger", f"{of}年末在办问题总账", paper_ledger.workbook(desk, session, at, language))
    for number in range(1, 13):
        part = month(f"{of}-{number:02d}")
        if part.first <= desk.calendar.local_date(now):
            body = paper_monthly.workbook(desk, session, part, now, language)
            yield Filed(f"monthly/{part.name}.xlsx", "monthly", f"{part.name}办理情况表", body)
    for unit in people.unit_keys(session):
        body = paper_dossier.workbook(desk, session, unit, of, now, language)
        yield Filed(f"dossiers/{_safe(unit)}.xlsx", "dossier", f"{unit} {of}年度档案", body)
    for row in circulars.page(session, state="issued"):
        if row.issued_at is not None and since <= row.issued_at < until:
            body = circular_papers.document(desk, whole(desk, session, row.key, now), language, now)
            yield Filed(f"circulars/{_safe(row.key)}.docx", "circular", f"{row.number} {row.title}", body)
    yield from _results(desk, session, (since, until), now)
    yield Filed("bulletin.json", "bulletin", f"{of}年公开栏", _bulletin(session, since, until))
    yield Filed("notices.xlsx", "notices", f"{of}年通知登记", _notices(desk, session, (since, until), now, language))


def _results(desk: Desk, session: Session, span: tuple[datetime, datetime], now: datetime) -> Iterator[Filed]:
    """The published ranks of each cycle, as they were told; the signed result itself stands with scoring."""
    cycles: dict[str, list[Any]] = {}
    for row in record.between(session, *span, kinds=("scoring.ranking.published",)):
        cycles.setdefault(str(row["facts"]["cycle"]), []).append(row)
    headings = ("公布时间", "范围", "名次", "单位", "代码", "综合得分", "日常", "集中")
    columns = [Column(heading, width) for heading, width in zip(headings, (17, 24, 8, 28, 16, 10, 10, 10), strict=True)]
    for cycle, rows in cycles.items():
        table = [
            [
                row["at"], facts.get("scope"), facts.get("rank"), facts.get("name"), row["unit"],
                *(facts.get(part) for part in ("composite", "daily", "concentrated")),
            ]
            for row in rows
            for facts in (row["facts"],)
        ]  # fmt: skip
        book = Book(f"{cycle}评议结果", desk.programme.zone, now)
        book.sheet(_safe(cycle), f"{cycle}评议结果", columns, table)
        yield Filed(f"results/{_safe(cycle)}.xlsx", "result", f"{cycle}评议结果", book.close())


def _bulletin(session: Session, since: datetime, until: datetime) -> bytes:
    """The year's items with all their entries, withdrawn and corrected ones too: this is the file, not the page."""
    items = [item for item in bulletin.every(session) if since <= item.published_at < until]
    made = [
        {
            "id": item.id, "kind": item.kind, "about": item.about, "published_at": item.published_at.isoformat(),
            "entries": [
                {"key": entry.key, "what": entry.what, "at": entry.at.isoformat(), "units": list(entry.units),
                 "facts": dict(entry.facts)}
                for entry in item.entries
            ],
        }
        for item in items
    ]  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1).encode()


def _notices(desk: Desk, session: Session, span: tuple[datetime, datetime], now: datetime, language: Language) -> bytes:
    book = Book("通知登记", desk.programme.zone, now)
    rows = (paper_dossier.letter(row) for row in registered.planned_between(session, *span))
    book.sheet("通知" if language == "zh" else "letters", "通知登记", paper_dossier.letter_columns(language), rows)
    return book.close()


def _safe(key: str) -> str:
    """A key as part of a file's name."""
    return "".join(char if char.isalnum() or char in "-_." else "-" for char in key).lstrip(".")[:80] or "-"


def _zip(files: list[tuple[str, bytes]]) -> bytes:
    """A zip that is the same whenever it is made of the same files."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for name, body in files:
            made.writestr(zipfile.ZipInfo(name, EPOCH), body, zipfile.ZIP_DEFLATED)
    return target.getvalue()
