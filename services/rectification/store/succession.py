"""What changes its unit when units are merged, renamed or split (S1). Never commits."""

import datetime as dt

from sqlmodel import Session

from services.rectification.store.commitments import commitments
from services.rectification.store.tables import deadlines, units


def retire(session: Session, unit: str, at: dt.datetime) -> None:
    """A unit is no more: nothing new is owed by it."""
    session.connection().execute(units.update().where(units.c.unit == unit).values(retired_at=at))


def pass_on(session: Session, number: str, unit: str, heir: str) -> None:
    """The case's deadlines, and promises that nobody has inspected yet, are the heir's."""
    of_case = deadlines.c.case_number == number
    session.connection().execute(deadlines.update().where(of_case, deadlines.c.unit == unit).values(unit=heir))
    for column in (commitments.c.unit, commitments.c.paying_unit):
        mine = (commitments.c.case_number == number) & (column == unit) & commitments.c.verdict.is_(None)
        session.connection().execute(commitments.update().where(mine).values({column.name: heir}))
