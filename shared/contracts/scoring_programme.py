"""An event of the rules themselves: that they were changed while a cycle ran."""

from typing import ClassVar

from shared.contracts.envelope import EventData


class ProgrammeAmended(EventData):
    """A running cycle goes on by changed rules, by the decision in `document`."""

    TYPE: ClassVar[str] = "minping.scoring.programme.amended.v1"

    key: str
    cycle_name: str
    before: str
    after: str
    reason: str
    document: str
    paths: tuple[str, ...]
