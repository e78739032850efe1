"""*Resolution* (S9) from the events of cases: what was solved on time, and how satisfied people are with it.

A case counts in the cycle of its closing, and where it lapsed at a cycle's end, unsolved. What was found unfounded,
outside the jurisdiction, or explained as a matter of policy was not there to be solved in time.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from services.scoring.domain.parts import Matter
from services.scoring.domain.points import Line
from services.scoring.store import parts as store
from services.scoring.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.rectification import CaseClosed
from shared.contracts.rectification_promises import CaseCommitted
from shared.store import Tx

SOLVED = ("solved", "solved_unconfirmed")
COUNTED = (*SOLVED, "disputed")


def closed(tx: Tx, event: Event[CaseClosed], cycle: str) -> None:
    """Note a closing; told again, the earliest telling counts."""
    data = event.data
    row = tx.session.get(store.MatterRow, (data.case, data.times_closed))
    if row is not None and row.occurred <= event.time:
        return
    fresh = row is None
    row = row or store.MatterRow(
        case=data.case, times=data.times_closed, unit="", cycle="", outcome="", occurred=event.time
    )
    row.unit, row.cycle, row.outcome, row.occurred = data.unit, cycle, data.outcome, event.time
    row.grades = sorted(data.grades)
    if fresh:
        tx.session.add(row)
        tx.session.flush()


def promised(tx: Tx, event: Event[CaseCommitted]) -> None:
    """A matter was promised in writing: it counts double."""
    if tx.session.get(store.PromisedRow, event.data.case) is None:
        tx.session.add(store.PromisedRow(case=event.data.case))
        tx.session.flush()


@dataclass(frozen=True, slots=True)
class Trouble:
    """Cases of a cycle that were late, and by unit those that had no result at its end; of lines that stand."""

    late: frozenset[str]
    lapsed: Mapping[str, frozenset[str]]


def trouble(cycle: str, lines: Iterable[Line]) -> Trouble:
    """What the lines of all units say: an excused or successfully appealed lateness is none."""
    late: set[str] = set()
    lapsed: dict[str, set[str]] = {}
    for line in lines:
        if line.cycle == cycle and line.stands:
            if line.rule == "late":
                late.add(line.case)
            elif line.rule == "no_result":
                lapsed.setdefault(line.unit, set()).add(line.case)
    return Trouble(frozenset(late), {unit: frozenset(cases) for unit, cases in lapsed.items()})


def matters_of(desk: Desk, session: Session, cycle: str, units: Sequence[str], known: Trouble) -> tuple[Matter, ...]:
    """What counts in a unit's resolution. units: itself and those whose heir it is."""
    lapsed = frozenset(case for unit in units for case in known.lapsed.get(unit, ()))
    marks = {grade.key: grade.mark for grade in desk.programme.callback.grades}
    closings = [row for row in store.matters(session, cycle, units) if row.outcome in COUNTED]
    double = store.promised(session, {*lapsed, *(row.case for row in closings)})
    found = {case: Matter(case, False, case in double) for case in lapsed}
    for row in closings:
        in_time = row.outcome in SOLVED and row.case not in known.late and row.case not in lapsed
        given = tuple(marks[grade] for grade in row.grades if grade in marks)
        found[row.case] = Matter(row.case, in_time, row.case in double, given)
    return tuple(found[case] for case in sorted(found))
