"""Rectification's use cases: one function an intention, each in one transaction."""

from services.rectification.usecases.exclusion import exclude_petitioner, restore_petitioner
from services.rectification.usecases.firing import count_dates_anew, fire_due
from services.rectification.usecases.fulfilment import correct_inspection, inspect_commitment, set_difficulty
from services.rectification.usecases.handling import Solution, accept, acknowledge, close, dispute, send_back, solve
from services.rectification.usecases.incoming import (
    link_complaint,
    open_approved,
    record_answer,
    register_unit,
    unlink_complaint,
)
from services.rectification.usecases.inspected import inspection_recorded
from services.rectification.usecases.lapsing import lapse_cases
from services.rectification.usecases.obligations import Announcing
from services.rectification.usecases.planning import (
    approve_explanation,
    complete_milestone,
    explain,
    file_plan,
    return_plan,
    submit_plan,
)
from services.rectification.usecases.succession import succeed_unit
from services.rectification.usecases.terms import (
    Answer,
    ask_extension,
    ask_track,
    decide,
    resume,
    rule_on_objection,
    suspend,
)
from services.rectification.usecases.units import assign, change_leader, contribute, hand_over, note_helpers

__all__ = [
    "Announcing",
    "Answer",
    "Solution",
    "accept",
    "acknowledge",
    "approve_explanation",
    "ask_extension",
    "ask_track",
    "assign",
    "change_leader",
    "close",
    "complete_milestone",
    "contribute",
    "correct_inspection",
    "count_dates_anew",
    "decide",
    "dispute",
    "exclude_petitioner",
    "explain",
    "file_plan",
    "fire_due",
    "hand_over",
    "inspect_commitment",
    "inspection_recorded",
    "lapse_cases",
    "link_complaint",
    "note_helpers",
    "open_approved",
    "record_answer",
    "register_unit",
    "restore_petitioner",
    "resume",
    "return_plan",
    "rule_on_objection",
    "send_back",
    "set_difficulty",
    "solve",
    "submit_plan",
    "succeed_unit",
    "suspend",
    "unlink_complaint",
]
