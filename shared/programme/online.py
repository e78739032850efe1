"""Online evaluation (S13): a part of a programme."""

from pydantic import Field

from shared.programme.values import Number, Part


class Online(Part):
    """code_days: calendar days, after the day of the service, on which a code may be used (never past the cycle).

    codes_at_once: codes that a unit may print at a time.
    """

    code_days: Number = Field(default=30, le=366)
    codes_at_once: Number = Field(default=1_000, le=10_000)
