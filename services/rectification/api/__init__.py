"""Rectification over HTTP: parse, use case, status. One module a subject."""

from fastapi import APIRouter

from services.rectification.api import (
    appeals,
    audit,
    cases,
    commitments,
    exclusion,
    obligations,
    plans,
    register,
    terms,
)
from services.rectification.domain.rules import Rules


def routes(rules: Rules) -> APIRouter:
    """The endpoints, by the rules of a programme."""
    router = APIRouter(prefix="/api/v1", tags=["rectification"])
    # What is read of all cases comes before `/cases/{case}`, which would take its path for a number.
    audit.add(router)
    cases.add(router, rules)
    appeals.add(router, rules)
    obligations.add(router, rules)
    terms.add(router, rules)
    plans.add(router, rules)
    commitments.add(router, rules)
    register.add(router, rules)
    exclusion.add(router)
    return router
