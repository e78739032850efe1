"""Scoring's HTTP interface: parse, use case, status. Who may call what stands at each endpoint."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.scoring.api import (
    bonus,
    canvassing,
    ceremony,
    courses,
    evaluation_codes,
    evaluation_flags,
    evaluations,
    filed,
    filings,
    hall,
    meetings,
    opinions,
    organisation,
    panels,
    paper,
    parts,
    pools,
    proceedings,
    programme,
    questionnaires,
    results,
    rewards,
    scores,
    seals,
    terminals,
    units,
)
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.filing_upward import Upward
from shared.web_rate import PerMinute


def routers(
    desk: Desk,
    evaluations_limit: PerMinute | None = None,
    live: evaluations.Live | None = None,
    upward: Upward | None = None,
) -> Sequence[APIRouter]:
    """All routers of the service.

    evaluations_limit: what one address may ask without signing in; live: where counters of evaluations are cheap;
    upward: where this office files.
    """
    modules = (
        organisation,
        units,
        programme,
        pools,
        scores,
        parts,
        bonus,
        meetings,
        panels,
        proceedings,
        terminals,
        hall,
        paper,
        ceremony,
        seals,
        results,
        courses,
        opinions,
        rewards,
        canvassing,
        evaluation_codes,
        evaluation_flags,
        filings,
    )
    asked = (
        evaluations.router(desk, evaluations_limit, live),
        questionnaires.router(desk, evaluations_limit),
        filed.router(desk, upward or Upward()),
    )
    return (*(module.router(desk) for module in modules), *asked)
