"""What a consequence follows from besides a rank (S12): parts of a programme."""

from decimal import Decimal

from pydantic import Field

from shared.programme.values import Code, Number, Part, Share


class PoorRectification(Part):
    """Poor rectification (整改不力): of a case that a consequence ordered, or of all cases of a cycle; any of these.

    returned: sent back so many times. overdue: its deadline passed. disputed: closed as disputed. solved_below: the
    share of the unit's cases solved in time is lower, of at least `least_cases` in the cycle.
    """

    returned: Number | None = None
    overdue: bool = False
    disputed: bool = False
    solved_below: Share | None = None
    least_cases: Number = 5


class DissatisfiedSection(Part):
    """A section (科室) with less than `below` of its ratings online `good`, of at least `least_cards` cards."""

    below: Share = Decimal("0.6")
    least_cards: Number = 30
    good: tuple[Code, ...] = Field(default=("satisfied", "basically_satisfied"), min_length=1)


class CityRank(Part):
    """The rank among cities, from outside: among the first or the last; only for who is established as its cause."""

    first: Number | None = None
    last: Number | None = None
