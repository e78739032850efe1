"""Notify's pages: the public bulletin and its feed (N7). Templates and wording stand in templates/pages."""

from pathlib import Path

from fastapi import APIRouter

from services.notify.pages import bulletin, feed, plan
from services.notify.usecases import Desk
from shared.pages import Pages

FOLDER = Path(__file__).parents[1] / "templates" / "pages"
ASSETS = Path(__file__).parent / "assets"


def pages(desk: Desk, public_url: str = "", results_url: str = "") -> list[APIRouter]:
    """The routers of the pages. public_url, results_url: where the outside reaches them and the page of results."""
    house = Pages(FOLDER, assets=ASSETS, programme=desk.programme)
    results = results_url.rstrip("/")
    return [
        house.router(),
        feed.router(house, desk, public_url.rstrip("/"), results),
        plan.router(house, desk),  # before the items: the plan is none
        bulletin.router(house, desk, public_url.rstrip("/"), results),
    ]
