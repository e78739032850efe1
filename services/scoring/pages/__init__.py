"""Scoring's pages: the terminal in the hall, and what everybody may see of a meeting (S4–S6, S14).

Templates and wording (`wording-SUBJECT.yaml`) stand in services/scoring/templates; what browsers load, in `assets/`.
"""

from pathlib import Path

from fastapi import APIRouter

from services.scoring.pages import terminal
from services.scoring.usecases.desk import Desk
from shared.pages import Pages

FOLDER = Path(__file__).parents[1] / "templates"
ASSETS = Path(__file__).parent / "assets"


def pages(desk: Desk, public_url: str = "") -> list[APIRouter]:
    """The routers of the pages. public_url: where the outside reaches the service (a QR code needs it)."""
    house = Pages(FOLDER, assets=ASSETS, programme=desk.programme)
    return [house.router(), *(module.router(house, desk, public_url) for module in (terminal,))]
