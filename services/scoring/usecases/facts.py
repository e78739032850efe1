"""Facts that are no closing of a case: missed duties, broken promises, findings, and late marks that were excused."""

from datetime import date, timedelta

from services.scoring.domain.points import Evidence, Fact, Rule
from services.scoring.store import points as lines
from services.scoring.store import sources
from services.scoring.usecases import promises
from services.scoring.usecases.charging import charge, charge_once, cycle_of, cycle_of_day, withdraw
from services.scoring.usecases.desk import Desk
from shared.contracts import Event
from shared.contracts.inspection import CoverageMissed, InspectionRecorded
from shared.contracts.rectification_duties import LatenessExcused, ObligationMissed
from shared.contracts.rectification_promises import CommitmentBroken, CommitmentKept
from shared.errors import NotYet
from shared.programme.obligations import OFFICE
from shared.store import Tx


def obligation_missed(desk: Desk, tx: Tx, event: Event[ObligationMissed]) -> None:
    """A dated duty was missed (R9): it counts in the cycle of its due day."""
    data = event.data
    if data.costs and data.unit != OFFICE:
        _missed(desk, tx, data.unit, data.duty, data.due, Evidence(event.time, event.id))


def coverage_missed(desk: Desk, tx: Tx, event: Event[CoverageMissed]) -> None:
    """A unit was not inspected in a quarter as the programme asks (I9): a missed duty, and the same one where the
    programme has the quarterly self-inspection among its duties."""
    data = event.data
    duty = next((o for o in desk.programme.obligations if o.inspection and o.when.quarterly is not None), None)
    if duty is not None and not duty.costs:
        return
    key = f"duty:{duty.key if duty else 'coverage'}:{data.quarter}:{data.unit}"
    # Told when the time to report it has ended: that day's cycle, as for the duty.
    last = desk.calendar.local_date(event.time - timedelta(microseconds=1))
    _missed(desk, tx, data.unit, key, last, Evidence(event.time, event.id))


def commitment_broken(desk: Desk, tx: Tx, event: Event[CommitmentBroken]) -> None:
    """A promise was not kept (R8): it counts in the cycle of the promised day."""
    data = event.data
    promises.judged(tx, event)
    seen = _newer(tx, event)
    if seen is None or seen.lines:
        return
    cycle = cycle_of_day(desk, tx, data.due) if data.due else cycle_of(desk, tx, event.time)
    fact = Fact(data.paying_unit, cycle, data.case, "commitment_broken", Evidence(event.time, event.id))
    seen.event, seen.lines = event.id, [fact.line]
    charge(desk, tx, fact, author="")


def commitment_kept(tx: Tx, event: Event[CommitmentKept]) -> None:
    """A promise was kept; where an earlier record had found it broken, the points are restored (R8)."""
    promises.judged(tx, event)
    seen = _newer(tx, event)
    if seen is None:
        return
    for line in seen.lines:
        withdraw(tx, line, seen.event, "the record was corrected: the promise was kept")
    seen.lines = []


def inspection_recorded(desk: Desk, tx: Tx, event: Event[InspectionRecorded]) -> None:
    """Each finding costs once, good practice is a bonus where the programme has that rule (I9). What a unit finds in
    its own house is self-inspection: no cost (R10), no bonus; a correction takes back what it no longer names."""
    data = event.data
    seen = sources.inspection(tx.session, data.inspection)
    if seen is None:
        seen = sources.add_inspection(tx.session, data.inspection, 0, data.unit)
    if data.version <= seen.version:
        return
    stands = _proved(desk, data)
    charged = dict(seen.charged)
    for number in sorted(charged):
        if number not in stands or seen.unit != data.unit:
            line, evidence = charged.pop(number)
            withdraw(tx, line, evidence, "the inspection's record was corrected")
    cycle = cycle_of(desk, tx, event.time)
    for number in sorted(stands.keys() - charged.keys()):
        fact = Fact(data.unit, cycle, number, stands[number], Evidence(event.time, event.id))
        charged[number] = [fact.line, event.id]
        charge(desk, tx, fact, author="")
    seen.version, seen.unit, seen.charged = data.version, data.unit, charged


def _proved(desk: Desk, data: InspectionRecorded) -> dict[str, Rule]:
    """What an inspection proves, by what it is about: findings by their complaints, good practice by the inspection."""
    if data.by == "unit":
        return {}
    found: dict[str, Rule] = dict.fromkeys(data.findings, "inspection_finding")
    if data.good_practice and desk.programme.points.has("good_practice"):
        found[f"inspection:{data.inspection}"] = "good_practice"
    return found


def lateness_excused(tx: Tx, event: Event[LatenessExcused]) -> None:
    """A late mark was excused: its point is restored, the trace stays. Raises NotYet if the closing has not come."""
    data = event.data
    seen = sources.source(tx.session, closing_key(data.case, data.times_closed))
    if seen is None:
        raise NotYet(f"closing {data.times_closed} of case {data.case}")
    seen.excused = True
    for key in seen.lines:
        if lines.line(tx.session, key).rule == "late":
            withdraw(tx, key, seen.event, data.reason)


def closing_key(case: str, times: int) -> str:
    """What a closing is charged by: told again after an undone link, also in another cycle, it is the same one."""
    return f"closing:{case}:{times}"


def _missed(desk: Desk, tx: Tx, unit: str, duty: str, day: date, evidence: Evidence) -> None:
    fact = Fact(unit, cycle_of_day(desk, tx, day), duty, "obligation_missed", evidence)
    charge_once(desk, tx, duty, [fact])


def _newer(tx: Tx, event: Event[CommitmentBroken] | Event[CommitmentKept]) -> sources.SourceRow | None:
    """What is known of a promise, dated by this record; None if a later record is known already."""
    data = event.data
    key = f"promise:{data.commitment or data.case}"
    seen = sources.source(tx.session, key)
    if seen is None:
        return sources.add_source(tx.session, key, event.id, event.time, [])
    if event.time < seen.occurred:
        return None
    seen.occurred = event.time
    return seen
