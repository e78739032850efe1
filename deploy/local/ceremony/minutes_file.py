"""The page of the minutes as one file that prints anywhere: its style sheets are put into it."""

from __future__ import annotations

import re

from deploy.local.ceremony.house import House

_SHEET = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_ICON = re.compile(r'<link rel="icon"[^>]*>\n?')


def minutes_file(house: House, meeting: str, language: str) -> str:
    """The minutes of a meeting. Raises Refusal."""
    page = house.fetch(f"/meetings/{meeting}/minutes?lang={language}").decode()
    whole = _SHEET.sub(lambda found: f"<style>\n{house.fetch(found[1]).decode()}</style>", page)
    return _ICON.sub("", whole)
