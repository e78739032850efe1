"""Scoring's HTTP interface: parse, use case, status. Who may call what stands at each endpoint."""

from collections.abc import Sequence

from fastapi import APIRouter

from services.scoring.api import (
    canvassing,
    ceremony,
    hall,
    meetings,
    organisation,
    panels,
    paper,
    pools,
    proceedings,
    results,
    scores,
    seals,
    terminals,
    units,
)
from services.scoring.usecases.desk import Desk


def routers(desk: Desk) -> Sequence[APIRouter]:
    """All routers of the service."""
    modules = (
        organisation,
        units,
        pools,
        scores,
        meetings,
        panels,
        proceedings,
        terminals,
        hall,
        paper,
        ceremony,
        seals,
        results,
        canvassing,
    )
    return tuple(module.router(desk) for module in modules)
