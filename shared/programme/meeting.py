"""Parts of a programme: who may be drawn, and how a meeting is held (S2–S7)."""

from decimal import Decimal

from pydantic import Field

from shared.programme.values import Code, Count, Label, Number, Part, Ratio, Share


class Stratum(Part):
    """A class of evaluator (身份类别) with its share of the pool; `ordinary`: 普通群众."""

    key: Code
    label: Label
    share: Share
    ordinary: bool = False


class Pool(Part):
    """Size of the pool of a township, and the strata."""

    least: Number
    most: Number
    strata: tuple[Stratum, ...] = Field(min_length=1)

    @property
    def ordinary(self) -> frozenset[str]:
        """Keys of the strata of ordinary people."""
        return frozenset(s.key for s in self.strata if s.ordinary)


class Seats(Part):
    """Representatives to draw, and what ordinary people must have of the seats and of those present."""

    default: Number
    least: Number
    most: Number
    ordinary_seats_min: Share
    ordinary_present_min: Share


class Quorum(Part):
    """A vote counts with this share of those drawn present by valid ballots, and this many valid ballots."""

    of_drawn: Ratio
    valid_ballots: Number


class Keys(Part):
    """Shares of a split key: `needed` of `given` open."""

    given: Number
    needed: Number


class CardClass(Part):
    """A class of card (评议卡分类) with a box of its own: the cards of ordinary people, or those of the others."""

    key: Code
    label: Label
    weight: Decimal = Field(gt=0, lt=100)
    ordinary: bool = False


class Meeting(Part):
    """集中评议大会: seats, quorum, statements, tellers.

    card_classes: only where ordinary people and the others are weighted instead of counted alike.
    """

    seats: Seats
    quorum: Quorum
    oral_statements_least: Count = 3
    oral_statements_most: Count = 5
    dice_least: Count = 20
    ballot_key: Keys = Keys(given=5, needed=3)
    dispute_key: Keys = Keys(given=5, needed=4)
    result_key: Keys = Keys(given=5, needed=2)
    card_classes: tuple[CardClass, ...] = ()

    @property
    def ordinary_present_least(self) -> Decimal:
        """The share of those present that ordinary people must have; 0 where weights see to it (S7)."""
        return Decimal(0) if self.card_classes else self.seats.ordinary_present_min
