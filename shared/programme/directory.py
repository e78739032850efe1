"""The directory's part of a programme (N1)."""

from pydantic import Field

from shared.programme.values import Part


class Directory(Part):
    """warn_days: so many days before a term of office ends without a successor the office is warned."""

    warn_days: int = Field(default=30, ge=1, le=366, strict=True)
