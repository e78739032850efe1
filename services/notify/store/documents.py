"""Documents in the store (N5): made once, numbered without gaps, corrected by another version, never overwritten."""

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Column, Index, LargeBinary, RowMapping, UniqueConstraint, func, insert, or_, select, update
from sqlmodel import Field, Session

from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class Document(Base, table=True):
    """A document in one language and version. `about`: what it is made of; its versions have that in common.

    state: draft (of what waits for approval, without a number), valid, superseded by a version, or withdrawn (作废).
    """

    __table_args__ = (
        UniqueConstraint("about", "language", "version"),
        UniqueConstraint("series", "year", "seq", "language", "version"),
        Index("ix_document_matter", "matter"),
        Index("ix_document_case", "case"),
    )

    n: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    about: str
    kind: str
    number: str = ""
    series: str = ""
    year: int
    seq: int | None = None
    title: str
    matter: str
    case: str | None = None
    unit: str | None = None
    language: str
    version: int = 1
    state: str
    facts: dict[str, object] = Field(sa_column=Column("facts", JSONType, nullable=False))
    facts_sha256: str
    sha256: str
    size: int
    body: bytes = Field(sa_column=Column("body", LargeBinary, nullable=False))
    made_at: dt.datetime = Field(sa_type=UtcDateTime)
    reason: str = ""
    by: str = ""


_document = Base.metadata.tables["document"]
_LISTED = [column for column in _document.c if column.name not in ("body", "facts")]


def add(session: Session, row: Mapping[str, Any]) -> None:
    """Enter a document."""
    session.connection().execute(insert(_document).values(**row))


def newest(session: Session, abouts: Collection[str], language: str) -> dict[str, dict[str, Any]]:
    """The newest version of each of these documents in a language, without its bytes, by what it is about."""
    query = (
        select(*_LISTED)
        .where(_document.c.about.in_(abouts), _document.c.language == language)
        .order_by(_document.c.version)
    )
    return {row["about"]: dict(row) for row in session.connection().execute(query).mappings()}


def number_of(session: Session, about: str) -> dict[str, Any] | None:
    """`number`, `series`, `year` and `seq` that this document has in any language."""
    columns = (_document.c.number, _document.c.series, _document.c.year, _document.c.seq)
    found = session.connection().execute(select(*columns).where(_document.c.about == about).limit(1)).mappings().first()
    return None if found is None else dict(found)


def next_seq(session: Session, series: str, year: int) -> int:
    """The next number of a series: 1 at the beginning of a year. Rows stay, so none is ever given twice."""
    query = select(func.max(_document.c.seq)).where(_document.c.series == series, _document.c.year == year)
    return (session.connection().execute(query).scalar() or 0) + 1


def find(session: Session, document: str) -> dict[str, Any] | None:
    """One document with everything."""
    row = session.connection().execute(select(_document).where(_document.c.id == document)).mappings().first()
    return None if row is None else dict(row)


def bodies(session: Session, documents: Collection[str]) -> dict[str, bytes]:
    """The files of documents, by id."""
    query = select(_document.c.id, _document.c.body).where(_document.c.id.in_(documents))
    return {row[0]: row[1] for row in session.connection().execute(query)}


def facts_of(session: Session, case: str, kind: str) -> dict[str, Any] | None:
    """What the newest document of a kind on a case was filled with; None if there is none."""
    query = (
        select(_document.c.facts)
        .where(_document.c.case == case, _document.c.kind == kind)
        .order_by(_document.c.n.desc())
        .limit(1)
    )
    return session.connection().execute(query).scalar()


def change(session: Session, document: str, state: str, reason: str, by: str) -> None:
    """Give a document another state."""
    session.connection().execute(
        update(_document).where(_document.c.id == document).values(state=state, reason=reason, by=by)
    )


def withdraw(session: Session, about: str, reason: str, by: str) -> None:
    """Whatever stands of a document, in every language, is void."""
    session.connection().execute(
        update(_document)
        .where(_document.c.about == about, _document.c.state.in_(("valid", "draft")))
        .values(state="withdrawn", reason=reason, by=by)
    )


def page(
    session: Session,
    before: int | None,
    limit: int,
    states: Collection[str],
    *,
    own: tuple[str, Collection[str]] | None = None,
    **wanted: str | None,
) -> list[RowMapping]:
    """Documents without their bytes, the newest first, before a cursor; by kind, case, unit, number, matter.

    own: a unit, and the kinds that it sees whatever unit they are about.
    """
    query = select(*_LISTED).where(_document.c.state.in_(states)).order_by(_document.c.n.desc()).limit(limit)
    if own is not None:
        query = query.where(or_(_document.c.unit == own[0], _document.c.kind.in_(own[1])))
    if before is not None:
        query = query.where(_document.c.n < before)
    for column, value in wanted.items():
        if value is not None:
            query = query.where(_document.c[column] == value)
    return list(session.connection().execute(query).mappings())


def of_matters(session: Session, matters: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """Each matter's documents, the newest version of each last."""
    found: dict[str, list[dict[str, Any]]] = {}
    query = select(*_LISTED).where(_document.c.matter.in_(matters)).order_by(_document.c.n)
    for row in session.connection().execute(query).mappings():
        found.setdefault(row["matter"], []).append(dict(row))
    return found
