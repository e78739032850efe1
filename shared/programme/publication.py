"""When and how a result is published (S14): a part of a programme."""

from collections.abc import Iterator
from datetime import date, time
from typing import Any, Literal

from pydantic import Field

from shared.programme.marks import Finding, Said, rows
from shared.programme.values import Code, Count, Part, YearDayText

PublicationForm = Literal["public", "circular", "media_pack"]


class Earliest(Part):
    """From when a result may be public; all that is given must hold. Nothing given: as soon as the office releases it.

    days_after_seal: working days after the day of the last seal. on: cycle → the first day. hour: local time of day.
    """

    days_after_seal: Count = 0
    on: dict[Code, YearDayText] = Field(default_factory=dict)
    hour: time | None = None

    @property
    def is_at_once(self) -> bool:
        """Whether nothing holds a released result back."""
        return not self.days_after_seal and not self.on and self.hour is None

    def first_day(self, sealed: date, cycle: str | None, year: int | None, due: date) -> date:
        """The first day. sealed: day of the last seal; due: the end of `days_after_seal`; cycle: its key, if known."""
        day = due if self.days_after_seal else sealed
        named = self.on.get(cycle or "")
        return max(day, named.on(year)) if named is not None and year is not None else day


class Publication(Part):
    """form: the page and its files for everybody; letters to the units for a circular; a pack for the media."""

    earliest: Earliest = Earliest()
    form: tuple[PublicationForm, ...] = Field(default=("public", "circular", "media_pack"), min_length=1)


def findings(data: Any) -> Iterator[Finding]:
    """Cycles whose first day of publication is named but which the programme does not have."""
    whole = data.get("publication") if isinstance(data, dict) else None
    earliest = whole.get("earliest") if isinstance(whole, dict) else None
    named = earliest.get("on") if isinstance(earliest, dict) else None
    known = [str(row.get("key")) for _, row in rows(data, "cycles")]
    for key in named if isinstance(named, dict) else ():
        if key not in known:
            yield Finding(
                ("publication", "earliest", "on", str(key)),
                key,
                Said("没有这个评议周期", "there is no such cycle"),
                Said(f"改为其中之一：{', '.join(known)}", f"use one of these: {', '.join(known)}"),
            )
