"""The bulletin in the store (N7): items and their entries. Entries are added, never changed or removed."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import Column, Index, bindparam, case, func, insert, select, tuple_, update
from sqlmodel import Field, Session

from services.notify.domain.bulletin import Entry, Item, Post, by_time, entry_key
from services.notify.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class BulletinItemRow(Base, table=True):
    """What stands under a permanent id. published_at, updated_at: of its first entry and its latest news."""

    __tablename__ = "bulletin_item"
    __table_args__ = (
        Index("ix_bulletin_order", "published_at", "id"),
        Index("ix_bulletin_updated", "updated_at", "id"),
        Index("ix_bulletin_kind", "kind", "published_at", "id"),
    )

    id: str = Field(primary_key=True)
    about: str = Field(unique=True)
    kind: str
    published_at: dt.datetime = Field(sa_type=UtcDateTime)
    updated_at: dt.datetime = Field(sa_type=UtcDateTime)


class BulletinEntryRow(Base, table=True):
    """One entry of an item; `at` is when the fact occurred. news: worth telling in the feed. by: token's sub of who
    entered it, none: an event."""

    __tablename__ = "bulletin_entry"

    key: str = Field(primary_key=True)
    item: str = Field(index=True)
    what: str
    at: dt.datetime = Field(sa_type=UtcDateTime)
    facts: dict[str, object] = Field(sa_column=Column("facts", JSONType, nullable=False))
    units: list[str] = Field(sa_column=Column("units", JSONType, nullable=False))
    news: bool = True
    by: str = ""


class BulletinUnitRow(Base, table=True):
    """The units that an item is about, for whoever looks for one."""

    __tablename__ = "bulletin_unit"

    unit: str = Field(primary_key=True)
    item: str = Field(primary_key=True)


_item, _entry, _unit = (Base.metadata.tables[name] for name in ("bulletin_item", "bulletin_entry", "bulletin_unit"))


def add(session: Session, post: Post, at: dt.datetime, by: str = "") -> str | None:
    """Enter what an event says under its item; its key, or None if it stands there already."""
    run = session.connection().execute
    facts = dict(post.facts)
    key = entry_key(post.about, post.what, at, facts)
    if run(select(_entry.c.key).where(_entry.c.key == key)).first():
        return None
    row = {"key": key, "item": post.item, "what": post.what, "at": at, "facts": facts, "units": list(post.units)}
    run(insert(_entry).values(**row, news=post.news, by=by))
    _extend(session, post)
    known = set(run(select(_unit.c.unit).where(_unit.c.item == post.item)).scalars()) if post.units else set()
    fresh = [{"unit": unit, "item": post.item} for unit in dict.fromkeys(post.units) if unit not in known]
    if fresh:
        run(insert(_unit), fresh)
    return key


def _extend(session: Session, post: Post) -> None:
    """The item's dates: of its first entry and of its latest news, in whatever order they were heard."""
    run = session.connection().execute
    news = func.max(case((_entry.c.news, _entry.c.at), else_=None), type_=UtcDateTime)
    query = select(func.min(_entry.c.at, type_=UtcDateTime), news).where(_entry.c.item == post.item)
    published, updated = run(query).one()
    dates = {"published_at": published, "updated_at": updated or published}
    if not run(update(_item).where(_item.c.id == post.item).values(**dates)).rowcount:
        run(insert(_item).values(id=post.item, about=post.about, kind=post.kind, **dates))


def one(session: Session, item: str) -> Item | None:
    """An item with its entries."""
    row = session.connection().execute(select(_item).where(_item.c.id == item)).mappings().one_or_none()
    return _with_entries(session, [row])[0] if row else None


def there(session: Session, items: Collection[str]) -> set[str]:
    """Those of the ids under which something stands."""
    query = select(_item.c.id).where(_item.c.id.in_(list(items)))
    return set(session.connection().execute(query).scalars()) if items else set()


def page(
    session: Session,
    *,
    kinds: Collection[str],
    unit: str | None,
    after: tuple[dt.datetime, str] | None,
    limit: int,
) -> list[Item]:
    """Items of these kinds, the latest first; after: the last one of the page before."""
    query = select(_item).where(_item.c.kind.in_(list(kinds)))
    if unit is not None:
        query = query.where(_item.c.id.in_(select(_unit.c.item).where(_unit.c.unit == unit)))
    if after is not None:
        last = tuple_(bindparam("last_at", after[0], type_=UtcDateTime), bindparam("last_id", after[1]))
        query = query.where(tuple_(_item.c.published_at, _item.c.id) < last)
    query = query.order_by(_item.c.published_at.desc(), _item.c.id.desc()).limit(limit)
    return _with_entries(session, list(session.connection().execute(query).mappings()))


def latest(session: Session, *, kinds: Collection[str], unit: str | None, limit: int) -> list[Item]:
    """Items with the latest news first, for the feed."""
    query = select(_item).where(_item.c.kind.in_(list(kinds)))
    if unit is not None:
        query = query.where(_item.c.id.in_(select(_unit.c.item).where(_unit.c.unit == unit)))
    query = query.order_by(_item.c.updated_at.desc(), _item.c.id.desc()).limit(limit)
    return _with_entries(session, list(session.connection().execute(query).mappings()))


def units(session: Session) -> list[str]:
    """Units that some item is about."""
    return list(session.connection().execute(select(_unit.c.unit).distinct().order_by(_unit.c.unit)).scalars())


def counts(session: Session) -> dict[str, int]:
    """How many items of each kind there are."""
    query = select(_item.c.kind, func.count()).group_by(_item.c.kind)
    return {row[0]: row[1] for row in session.connection().execute(query)}


def every(session: Session) -> list[Item]:
    """All items by their first day, for the archive."""
    query = select(_item).order_by(_item.c.published_at, _item.c.id)
    return _with_entries(session, list(session.connection().execute(query).mappings()))


def _with_entries(session: Session, rows: list[Any]) -> list[Item]:
    entries: dict[str, list[Entry]] = {row["id"]: [] for row in rows}
    keys = list(entries)
    for start in range(0, len(keys), 500):
        query = select(_entry).where(_entry.c.item.in_(keys[start : start + 500]))
        for row in session.connection().execute(query).mappings():
            made = Entry(row["key"], row["what"], row["at"], row["facts"], tuple(row["units"]))
            entries[row["item"]].append(made)
    return [
        Item(row["id"], row["about"], row["kind"], row["published_at"], row["updated_at"], by_time(entries[row["id"]]))
        for row in rows
    ]
