"""Rectification's use cases: one function an intention, each in one transaction."""

from services.rectification.usecases.firing import count_dates_anew, fire_due
from services.rectification.usecases.fulfilment import correct_inspection, inspect_commitment, set_difficulty
from services.rectification.usecases.handling import Solution, accept, acknowledge, close, dispute, send_back, solve
from services.rectification.usecases.incoming import (
    lapse_cases,
    link_complaint,
    open_approved,
    record_answer,
    register_unit,
    unlink_complaint,
)
from services.rectification.usecases.planning import (
    approve_explanation,
    complete_milestone,
    explain,
    file_plan,
    return_plan,
    submit_plan,
)

__all__ = [
    "Solution",
    "accept",
    "acknowledge",
    "approve_explanation",
    "close",
    "complete_milestone",
    "correct_inspection",
    "count_dates_anew",
    "dispute",
    "explain",
    "file_plan",
    "fire_due",
    "inspect_commitment",
    "lapse_cases",
    "link_complaint",
    "open_approved",
    "record_answer",
    "register_unit",
    "return_plan",
    "send_back",
    "set_difficulty",
    "solve",
    "submit_plan",
    "unlink_complaint",
]
