"""The events that rectification takes: the map of what comes in."""

from functools import partial

from services.rectification import usecases
from services.rectification.domain.rules import Rules
from shared.bus.broker import Bus
from shared.contracts.assignment import ObjectionRuled
from shared.contracts.inspection import InspectionRecorded
from shared.contracts.intake import CallbackRecorded, ComplaintLinked, ComplaintUnlinked, TransferApproved
from shared.contracts.notify import LeaderChanged
from shared.contracts.petitioner import PetitionerExcluded, PetitionerRestored
from shared.contracts.scoring import CycleClosed, UnitRegistered, UnitSucceeded


def subscribe(rules: Rules, bus: Bus) -> None:
    """One subscriber an event."""
    bus.on(TransferApproved, partial(usecases.open_approved, rules))
    bus.on(ComplaintLinked, partial(usecases.link_complaint, rules))
    bus.on(ComplaintUnlinked, partial(usecases.unlink_complaint, rules))
    bus.on(CallbackRecorded, partial(usecases.record_answer, rules))
    bus.on(ObjectionRuled, partial(usecases.rule_on_objection, rules))
    bus.on(LeaderChanged, usecases.change_leader)
    bus.on(PetitionerExcluded, usecases.exclude_petitioner)
    bus.on(PetitionerRestored, usecases.restore_petitioner)
    bus.on(CycleClosed, usecases.lapse_cases)
    bus.on(InspectionRecorded, partial(usecases.inspection_recorded, rules))
    bus.on(UnitRegistered, partial(usecases.register_unit, rules))
    bus.on(UnitSucceeded, partial(usecases.succeed_unit, rules))
