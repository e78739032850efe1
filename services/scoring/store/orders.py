"""What was ordered to be put right, and the case that came of it (S12, S14)."""

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlmodel import Field, Session, col, select

from services.scoring.store.tables import Base, CaseRow
from shared.errors import Refusal


class OrderRow(Base, table=True):
    """An order: a consequence, or a problem of an opinion. `case`: its number in the register, once it has one."""

    __tablename__ = "rectification_order"

    order: str = Field(primary_key=True)
    kind: str
    cycle: str
    unit: str
    text: str
    due: dt.date
    case: str | None = Field(default=None, index=True)


def order(session: Session, key: str) -> OrderRow | None:
    """An order, None where nothing was ordered."""
    return session.get(OrderRow, key)


def of_case(session: Session, case: str) -> OrderRow | None:
    """The order of which a case came, None where it came of a complaint."""
    return session.exec(select(OrderRow).where(OrderRow.case == case)).first()


def named(session: Session, keys: Iterable[str]) -> Sequence[OrderRow]:
    """Orders by key."""
    return session.exec(select(OrderRow).where(col(OrderRow.order).in_(list(keys))).order_by(col(OrderRow.order))).all()


def cases(session: Session, keys: Iterable[str]) -> dict[str, CaseRow]:
    """What was seen of cases, by number."""
    return {row.case: row for row in session.exec(select(CaseRow).where(col(CaseRow.case).in_(list(keys))))}


def closed_case(session: Session, key: str) -> None:
    """The case of an order is closed. Raises Refusal (409) naming it where it is not."""
    found = order(session, key)
    case = None if found is None or found.case is None else session.get(CaseRow, found.case)
    if case is None or case.closed <= case.reopened:
        named_as = found.case if found is not None and found.case else "…"
        raise Refusal("case", named_as, "what was ordered is not closed", "it is closed with its case", 409)
