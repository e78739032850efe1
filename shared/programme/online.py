"""Online evaluation (S13): a part of a programme."""

from typing import Annotated, Literal

from pydantic import Field

from shared.programme.values import Number, Part


class Flags(Part):
    """Beyond these limits evaluations of a unit are flagged for the office to look at; they count all the same.

    device: from one device in a cycle. burst: in one minute. string: on end with the very same answers, where chance
    hardly makes it.
    """

    device: Number = 5
    burst: Number = 30
    string: Number = Field(default=30, ge=10)


class Online(Part):
    """code_days: calendar days, after the day of the service, on which a code may be used (never past the cycle).

    codes_at_once: codes that a unit may print at a time. figure: what is published as a unit's figure, of all
    evaluations or without those that the office has set apart; both are always shown.
    """

    code_days: Annotated[Number, Field(le=366)] = 30
    codes_at_once: Annotated[Number, Field(le=10_000)] = 1_000
    flags: Flags = Flags()
    figure: Literal["all", "kept"] = "all"
