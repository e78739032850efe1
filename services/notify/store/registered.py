"""The register of notices by time, for papers (N8, N9)."""

from collections.abc import Collection, Iterator
from datetime import datetime

from sqlalchemy import RowMapping, select
from sqlmodel import Session

from services.notify.store.tables import tables

_notice = tables["notice"]
_COLUMNS = tuple(
    _notice.c[name]
    for name in ("id", "planned_at", "due", "event", "case", "name", "role", "state", "reason", "unit", "seq")
)


def planned_between(
    session: Session, since: datetime, until: datetime, *, unit: str | None = None, roles: Collection[str] = ()
) -> Iterator[RowMapping]:
    """Notices planned in a span, `until` not included, in the order they arose; of a unit, to certain roles."""
    query = select(*_COLUMNS).where(_notice.c.planned_at >= since, _notice.c.planned_at < until)
    if unit is not None:
        query = query.where(_notice.c.unit == unit)
    if roles:
        query = query.where(_notice.c.role.in_(sorted(roles)))
    yield from session.connection().execute(query.order_by(_notice.c.seq)).mappings()
