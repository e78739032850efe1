"""What was seen last of online evaluations (S13): in memory only, and of each unit nothing older than its last."""

from dataclasses import dataclass, field

from services.scoring.store.evaluations import Key

MOST_SEEN = 50_000
"""Units and sections that are watched at a time; beyond that all of them are watched anew."""


@dataclass(slots=True)
class LastSeen:
    """Of each unit the minute in which it was evaluated last, and how often in it; of each section the last string."""

    minutes: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)
    strings: dict[Key, tuple[str, int]] = field(default_factory=dict)

    def take_over(self, newer: "LastSeen") -> None:
        """What was committed."""
        if len(self.minutes) > MOST_SEEN or len(self.strings) > MOST_SEEN:
            self.minutes.clear()
            self.strings.clear()
        self.minutes.update(newer.minutes)
        self.strings.update(newer.strings)
