"""Notify over HTTP: parse, use case, status. One module a subject."""

from fastapi import APIRouter

from services.notify import usecases
from services.notify.api import (
    bounces,
    bulletin,
    channels,
    circulars,
    directory,
    directory_table,
    documents,
    letters,
    notices,
    papers,
    preview,
    suppressions,
    trace,
)
from services.notify.pdf import Converter


def make_router(desk: usecases.Desk, converter: Converter | None = None) -> APIRouter:
    """The endpoints of notify, at one desk. converter: makes PDF, by default with the machine's LibreOffice."""
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
    channels.add(router, desk)
    bounces.add(router, desk)
    suppressions.add(router, desk)
    documents.add(router, desk, converter or Converter())
    return router
