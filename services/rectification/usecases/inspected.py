"""A unit's own inspection meets its quarterly duty: what intake registered is not reported twice (I9, R9)."""

from dataclasses import replace

from services.rectification import metrics, store
from services.rectification.domain.obligation import (
    WITH_THE_UNIT,
    Duty,
    Handing,
    State,
    announced,
    duty_id,
)
from services.rectification.domain.rules import Rules
from services.rectification.usecases.firing import fire_matter
from services.rectification.usecases.obligations import begin, known
from services.rectification.usecases.wire_duties import handed_in, met_event
from shared.contracts import Event
from shared.contracts.inspection import InspectionRecorded
from shared.programme.obligations import Obligation
from shared.store import Tx

INTAKE = "intake"


def inspection_recorded(rules: Rules, tx: Tx, event: Event[InspectionRecorded]) -> None:
    """A unit recorded its own inspection: the quarter's duty is met by it, late if its time had ended."""
    said = event.data
    kinds = rules.programme.inspections.coverage.kinds
    if said.by != "unit" or (kinds and said.kind not in kinds):
        return
    for obligation in rules.programme.obligations:
        if obligation.inspection:
            _meet(rules, tx, obligation, said)


def _meet(rules: Rules, tx: Tx, obligation: Obligation, said: InspectionRecorded) -> None:
    key = duty_id(obligation.key, said.quarter, said.unit)
    if store.obligations.find(tx.session, key) is None:
        # The inspection may be dated before the clock came by to announce the quarter.
        begin(rules, tx, _announced_early(rules, tx, obligation, said), by="clock")
        if store.obligations.find(tx.session, key) is None:
            return
    fire_matter(rules, tx, key)
    duty = known(tx, key)
    if duty.state not in WITH_THE_UNIT:
        return
    handing = Handing(tx.now, INTAKE, {}, (said.inspection,))
    duty = replace(duty, state=State.ACCEPTED, handing=handing, judged_by=INTAKE, judged_at=tx.now)
    store.obligations.save(tx.session, duty)
    store.deadlines.end(tx.session, key, [duty.kind], tx.now)
    given, accepted = handed_in(handing, late=duty.late), {"by": INTAKE, "late": duty.missed_at is not None}
    store.ledger.append_all(
        tx.session,
        [(key, "duty_handed_in", tx.now, INTAKE, given), (key, "duty_accepted", tx.now, INTAKE, accepted)],
    )
    tx.publish(met_event(duty, handing), subject=key)
    metrics.count_duties(tx, "late" if duty.missed_at else "met")


def _announced_early(rules: Rules, tx: Tx, obligation: Obligation, said: InspectionRecorded) -> list[Duty]:
    """The quarter's duty, if the unit has it: it was registered when the quarter opened."""
    unit = store.reports.unit(tx.session, said.unit)
    periods = [p for p in obligation.when.periods(int(said.quarter[:4])) if p.key == said.quarter]
    if unit is None or not periods or not obligation.who.owes(said.unit, unit[0]):
        return []
    registered = unit[1]
    if registered is not None and registered >= rules.calendar.end_of(periods[0].opens):
        return []
    return [announced(rules, obligation, periods[0], said.unit)]
