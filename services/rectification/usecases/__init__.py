"""Rectification's use cases: one function an intention, each in one transaction."""

from services.rectification.usecases.firing import count_dates_anew, fire_due
from services.rectification.usecases.handling import Solution, accept, acknowledge, close, dispute, send_back, solve
from services.rectification.usecases.incoming import (
    lapse_cases,
    link_complaint,
    open_approved,
    record_answer,
    register_unit,
    unlink_complaint,
)

__all__ = [
    "Solution",
    "accept",
    "acknowledge",
    "close",
    "count_dates_anew",
    "dispute",
    "fire_due",
    "lapse_cases",
    "link_complaint",
    "open_approved",
    "record_answer",
    "register_unit",
    "send_back",
    "solve",
    "unlink_complaint",
]
