"""A unit that reports a problem of its own (R10): what it may report, and whether it was first to."""

from services.intake.domain.inspection import OWN
from shared.errors import Refusal


def source_of(unit: str) -> str:
    """The source under which a unit's own reports stand; no source's token has a colon in its name."""
    return f"unit:{unit}"


def must_be_own(channel: str, named: str | None, unit: str) -> None:
    """A unit reports about itself only, by its own channel. Raises Refusal."""
    if channel != OWN:
        raise Refusal("channel", channel, "a unit reports what it found in its own house", f"use {OWN}")
    if named is not None and named != unit:
        remedy = "leave it out; what concerns others is reported as anybody does"
        raise Refusal("unit", named, "a unit reports about itself only", remedy)


def is_self_reported(channel: str, named: str | None, lead_unit: str, *, others_before: bool) -> bool:
    """Whether the unit that leads reported the matter itself, before anybody else complained of it."""
    return channel == OWN and named == lead_unit and not others_before
