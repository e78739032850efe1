"""Scoring's pages: the terminal in the hall, and what everybody may see of a meeting (S4–S6, S14).

Templates and wording (`wording-SUBJECT.yaml`) stand in services/scoring/templates; what browsers load, in `assets/`.
"""

from pathlib import Path

from fastapi import APIRouter

from services.scoring.pages import authority as ca
from services.scoring.pages import (
    evaluate,
    filings,
    hall,
    minutes,
    proof,
    questionnaire,
    results,
    sheet,
    sign,
    terminal,
)
from services.scoring.pages.addresses import Addresses
from services.scoring.usecases.desk import Desk
from shared.pages import Pages
from shared.web_rate import PerMinute

FOLDER = Path(__file__).parents[1] / "templates"
ASSETS = Path(__file__).parent / "assets"


def pages(
    desk: Desk,
    public_url: str = "",
    tls_port: int = 0,
    authority: Path | None = None,
    evaluations_limit: PerMinute | None = None,
) -> list[APIRouter]:
    """The routers of the pages. public_url: where the outside reaches the service (a QR code needs it).

    tls_port, authority: where it answers over TLS, and the certificate that tablets are to trust for it.
    evaluations_limit: what one address may ask about codes of online evaluation without signing in.
    """
    house = Pages(FOLDER, assets=ASSETS, programme=desk.programme)
    addresses = Addresses(public_url.rstrip("/"), tls_port, authority)
    return [
        house.router(),
        hall.router(house, desk),
        sheet.router(house, desk),
        terminal.router(house, desk, addresses),
        ca.router(house, addresses),
        sign.router(house, addresses),
        minutes.router(house, desk),
        proof.router(house),
        results.router(house, desk),
        filings.router(house, desk),
        evaluate.router(house, desk, evaluations_limit or PerMinute(evaluate.A_MINUTE)),
        questionnaire.router(house, desk, evaluations_limit or PerMinute(questionnaire.A_MINUTE)),
    ]
