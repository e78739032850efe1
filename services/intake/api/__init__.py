"""Intake over HTTP: JSON in, use case, status. One module a subject; `routers` gives them all."""

from fastapi import APIRouter

from services.intake.api import callbacks, complaints, public, transfers, vault
from services.intake.rules import Rules
from shared.web_rate import PerMinute


def routers(rules: Rules, limit: PerMinute) -> list[APIRouter]:
    """The routers of the service, bound to its rules. limit: on what one address sends without signing in."""
    return [
        complaints.router(rules),
        transfers.router(rules),
        callbacks.router(rules),
        vault.router(rules),
        public.router(rules, limit),
    ]
