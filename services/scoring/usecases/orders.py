"""What is ordered to be put right: a case through intake, and what is seen of it (S12, S14)."""

import datetime as dt

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.store import orders as store
from services.scoring.store import points as seen
from services.scoring.store.orders import OrderRow
from services.scoring.store.tables import CaseRow, ConsequenceRow
from services.scoring.usecases import poor
from services.scoring.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.assignment import OrderRegistered
from shared.contracts.consequences import RectificationOrdered
from shared.contracts.rectification import CaseReturned, DeadlinePassed
from shared.scrub import scrub
from shared.store import Tx

CHANNEL = "appraisal"
OF_A_CASE = ("solve", "rework", "plan", "milestone", "explain")
"""Deadlines whose passing means that a case itself is overdue."""


class OrderView(BaseModel):
    """What was ordered and how far its case is: waiting (no number yet), open, closed; `outcome` of the closing."""

    order: str
    text: str
    due: dt.date
    case: str | None
    state: str
    overdue: bool
    returned: int
    outcome: str | None


def order_rectification(desk: Desk, tx: Tx, row: ConsequenceRow) -> None:
    """A confirmed consequence is rectification by a deadline: it goes to intake as a case. Raises Refusal."""
    desk.programme.channel(CHANNEL)
    assert row.due is not None  # a confirmed consequence has a deadline
    text = scrub(f"按评议结果限期整改：{row.reason}")
    keep(tx, OrderRow(order=row.id, kind="consequence", cycle=row.cycle, unit=row.unit, text=text, due=row.due))
    data = RectificationOrdered(
        consequence=row.id, cycle_name=row.cycle, unit=row.unit, text=text, ordered_by=row.decided_by or "",
        due=row.due, reason=row.answer or row.reason,
    )  # fmt: skip
    tx.publish(data, subject=row.id, cycle=row.cycle)


def keep(tx: Tx, row: OrderRow) -> None:
    """Put an order on record; the same again changes nothing."""
    if store.order(tx.session, row.order) is None:
        tx.session.add(row)
        tx.session.flush()


def registered(desk: Desk, tx: Tx, event: Event[OrderRegistered]) -> None:
    """The order has its number in the register; what was told of its case before counts now."""
    row = store.order(tx.session, event.data.order)
    if row is not None and row.case is None:
        row.case = event.data.number
        tx.session.flush()
        poor.judge(desk, tx, row.case)


def case_returned(desk: Desk, tx: Tx, event: Event[CaseReturned]) -> None:
    """A case was sent back to its unit."""
    seen.see_case(tx.session, event.data.case, event.data.unit, returned=1)
    poor.judge(desk, tx, event.data.case)


def deadline_passed(desk: Desk, tx: Tx, event: Event[DeadlinePassed]) -> None:
    """A deadline of a case expired."""
    if event.data.kind in OF_A_CASE:
        seen.see_case(tx.session, event.data.case, event.data.unit, overdue=True)
        poor.judge(desk, tx, event.data.case)


def views(session: Session, keys: list[str]) -> list[OrderView]:
    """Orders for people."""
    rows = store.named(session, keys)
    cases = store.cases(session, (row.case for row in rows if row.case))
    return [_view(row, cases.get(row.case or "")) for row in rows]


def _view(row: OrderRow, case: CaseRow | None) -> OrderView:
    closed = case is not None and case.closed > case.reopened
    return OrderView(
        order=row.order, text=row.text, due=row.due, case=row.case,
        state="waiting" if row.case is None else "closed" if closed else "open",
        overdue=case is not None and case.overdue, returned=case.returned if case else 0,
        outcome=case.outcome if case is not None and closed else None,
    )  # fmt: skip
