"""The one-page ledger: a row a case, with who answers for it and how long its history is (R1, N9). Reads only."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session

from services.rectification.domain.case import Case
from services.rectification.domain.plan import PlanState
from services.rectification.store import reports, units
from services.rectification.store.commitments import commitments
from services.rectification.store.plans import plans
from services.rectification.store.tables import entries, petitioners

_LEADERS = ("main_leader", "deputy_in_charge")


@dataclass(frozen=True, slots=True)
class Line:
    """A case as one row.

    complaints: how many petitioners stand behind it, never who. responsible: the handler and who the plan names.
    leaders: main leader and deputies in charge of the unit that leads, in office when it was closed, else now.
    promised: who promised something for it. measures: of the report, before it of the plan in force.
    """

    case: Case
    complaints: int
    responsible: tuple[str, ...]
    leaders: tuple[str, ...]
    promised: tuple[str, ...]
    measures: str
    plan_version: int | None
    history: int
    last_entry_at: datetime


def lines(session: Session, after: str, limit: int, day_of: Callable[[Case], date]) -> list[Line]:
    """Rows by number. `day_of`: the day whose leaders a case's row names."""
    found = reports.page(session, unit=None, state=None, after=after, limit=limit)
    if not found:
        return []
    first, last = found[0].number, found[-1].number
    connection = session.connection()

    def counted(column: ColumnElement[Any], *more: ColumnElement[Any]) -> dict[str, Any]:
        query = select(column, func.count(), *more).where(column.between(first, last)).group_by(column)
        return {row[0]: row[1:] for row in connection.execute(query)}

    behind = counted(petitioners.c.case_number)
    length = counted(entries.c.case_number, func.max(entries.c.at, type_=entries.c.at.type))
    in_force = (plans.c.state == PlanState.FILED.value) & plans.c.case_number.between(first, last)
    planned = {
        row.case_number: (row.version, row.draft)
        for row in connection.execute(select(plans.c.case_number, plans.c.version, plans.c.draft).where(in_force))
    }
    promised: dict[str, list[str]] = defaultdict(list)
    of_these = commitments.c.case_number.between(first, last)
    persons = select(commitments.c.case_number, commitments.c.person).where(of_these).order_by(commitments.c.made_at)
    for number, person in connection.execute(persons):
        promised[number].append(person)
    leaders: dict[str, list[units.Official]] = defaultdict(list)
    for one in units.officials_of(session, {case.unit for case in found}):
        if one.role in _LEADERS:
            leaders[one.unit].append(one)
    result = []
    for case in found:
        version, draft = planned.get(case.number, (None, {}))
        answers = (case.handler, draft.get("responsible"))
        history, last_at = length[case.number]
        day = day_of(case)
        led = (one.name for one in leaders[case.unit] if one.since <= day and (one.until is None or day <= one.until))
        result.append(
            Line(
                case=case,
                complaints=behind.get(case.number, (0,))[0],
                responsible=tuple(dict.fromkeys(person for person in answers if person)),
                leaders=tuple(dict.fromkeys(led)),
                promised=tuple(dict.fromkeys(promised[case.number])),
                measures=case.report.measures if case.report else str(draft.get("measures", "")),
                plan_version=version,
                history=history,
                last_entry_at=last_at,
            )
        )
    return result
