"""What a report must carry by the channel that it comes by (I1)."""

from collections.abc import Collection, Mapping
from datetime import date

from services.intake.domain.inspection import CHANNELS
from shared.errors import Refusal

MEANS = {
    "evidence": "at least one file as evidence",
    "outlet": "the paper, station or site that reported",
    "date": "the day of the report, like 2026-03-02",
    "inspection": "the number of the inspection",
    "card": "the number of the contact card",
    "point": "the key of the monitoring point",
    "meeting": "the meeting in which it was asked",
    "show": "the show on air",
    "survey": "the poll's name",
    "record": "the platform's number of the record",
    "letter_number": "the number of the letter",
    "address": "the address of the page",
}
OFFICIAL = frozenset({"inspection", "card", "point", "meeting", "survey", "record", "letter_number"})
"""What only somebody of the house or a registered source can know: such channels are not for the public."""


def check(channel: str, requires: Collection[str], particulars: Mapping[str, str], files: int) -> None:
    """Everything the channel asks for is there, and nothing that nobody knows. Raises Refusal naming the field."""
    for name in requires:
        if name == "evidence":
            if not files:
                remedy = "send the file with POST /api/v1/evidence first and name its sha here"
                raise Refusal("evidence", None, f"a report by {channel} carries {MEANS[name]}", remedy)
        elif not particulars.get(name, "").strip():
            raise Refusal(f"particulars.{name}", None, f"a report by {channel} says {MEANS[name]}", "give it")
    for name in particulars:
        if name == "evidence" or name not in MEANS:
            known = ", ".join(sorted(set(MEANS) - {"evidence"}))
            raise Refusal(f"particulars.{name[:40]}", "…", "there is no such particular", f"use {known}")
    if given := particulars.get("date", "").strip():
        try:
            date.fromisoformat(given)
        except ValueError:
            raise Refusal("particulars.date", given, "it is no day", "write it like 2026-03-02") from None


def for_the_public(channel: str, requires: Collection[str]) -> None:
    """The public does not report by an official channel. Raises Refusal."""
    if OFFICIAL & set(requires) or channel in CHANNELS:
        raise Refusal("channel", channel, "it is no channel for the public", "use web_form or photo_tip")
