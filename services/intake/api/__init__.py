"""Intake over HTTP: JSON in, use case, status. One module a subject; `routers` gives them all."""

from fastapi import APIRouter

from services.intake.api import (
    callbacks,
    complaints,
    discipline,
    evidence,
    gate,
    inspections,
    open311,
    petitioners,
    public,
    publicity,
    suggestions,
    supervisors,
    transfers,
    vault,
)
from services.intake.rules import Rules
from shared.web_rate import PerMinute


def routers(rules: Rules, limit: PerMinute, public_url: str = "") -> list[APIRouter]:
    """The routers of the service, bound to its rules.

    limit: on what one address sends without signing in. public_url: where the outside reaches the service.
    """
    return [
        complaints.router(rules),
        transfers.router(rules),
        gate.router(rules),
        discipline.router(rules),
        publicity.router(rules),
        callbacks.router(rules),
        suggestions.router(rules),
        vault.router(rules),
        petitioners.router(rules),
        evidence.router(rules),
        inspections.router(rules),
        supervisors.router(rules),
        public.router(rules, limit),
        open311.router(rules, limit, public_url),
    ]
