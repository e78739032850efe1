"""What the steps of a verification share."""

from typing import TypeVar

from services.scoring.domain.canon import Malformed

T = TypeVar("T")


class At(Malformed):
    """What does not hold, with the record."""

    def __init__(self, record: str, says: str) -> None:
        super().__init__(says)
        self.record = record


def given(value: T | None, name: str) -> T:
    """What an earlier step read; raises Malformed where it could not."""
    if value is None:
        raise Malformed(f"cannot be checked: {name} does not hold")
    return value
