"""Intake over HTTP: JSON in, use case, status. One module a subject; `routers` gives them all."""

from fastapi import APIRouter

from services.intake.api import callbacks, complaints, public, transfers, vault
from services.intake.rules import Rules


def routers(rules: Rules, reports_a_minute: int) -> list[APIRouter]:
    """The routers of the service, bound to its rules."""
    return [
        complaints.router(rules),
        transfers.router(rules),
        callbacks.router(rules),
        vault.router(rules),
        public.router(rules, reports_a_minute),
    ]
