"""Intake's pages for everybody: report on a phone in a minute, and see what becomes of it (I2, I11)."""

from datetime import date, datetime
from pathlib import Path

from fastapi import APIRouter

from services.intake.pages import report, track
from services.intake.rules import Rules
from shared.language import Language
from shared.pages import Pages
from shared.web_rate import PerMinute

FOLDER = Path(__file__).parents[1] / "templates"


def pages(rules: Rules, limit: PerMinute, public_url: str = "") -> list[APIRouter]:
    """The routers of the pages. public_url: where the outside reaches the service (a QR code needs it)."""
    house = Pages(
        FOLDER, programme=rules.programme, day=day_in_words, local=lambda at: at.astimezone(rules.programme.zone)
    )
    return [house.router(), report.router(house, rules, limit, public_url), track.router(house, rules, limit)]


def day_in_words(value: date | datetime, language: Language) -> str:
    """A day as people write it."""
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B %Y}"
