"""Notify over HTTP: parse, use case, status. One module a subject."""

from fastapi import APIRouter

from services.notify import usecases
from services.notify.api import (
    bounces,
    bulletin,
    circulars,
    directory,
    directory_table,
    letters,
    notices,
    papers,
    preview,
    suppressions,
    trace,
)


def make_router(desk: usecases.Desk) -> APIRouter:
    """The endpoints of notify, at one desk."""
    router = APIRouter(prefix="/api/v1")
    directory_table.add(router, desk)
    directory.add(router, desk)
    preview.add(router, desk)
    notices.add(router, desk)
    letters.add(router, desk)
    trace.add(router, desk)
    bulletin.add(router, desk)
    circulars.add(router, desk)
    papers.add(router, desk)
    bounces.add(router, desk)
    suppressions.add(router, desk)
    return router
