"""Rates of outcomes and satisfaction as the API gives them."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, Field

from services.rectification.domain import rates
from services.rectification.domain.rates import LEFT_OUT, OUTCOMES, Tally
from services.rectification.domain.rules import Rules
from services.rectification.store.outcomes import Rates


class Share(BaseModel):
    """A count and its share of the denominator, in per cent to two places; null without a denominator."""

    count: int
    rate: str | None


class SatisfactionOut(BaseModel):
    """What petitioners said. Not reached is never satisfied: it is left out, and shown."""

    graded: int = Field(description="denominator: petitioners who gave a grade")
    grades: dict[str, Share]
    satisfied: Share = Field(description="grades that are not bad")
    mean: str | None = Field(description="by the programme's marks")
    left_out: dict[str, int] = Field(description="petitioners outside the rates, by why")


class RatesOut(BaseModel):
    """Rates of a period. Each outcome is a rate of its own."""

    closed: int = Field(description="denominator: cases that stand closed")
    outcomes: dict[str, Share]
    late: Share = Field(description="of the closed ones")
    reopened: int = Field(description="closed in the period and open again: left out of the rates")
    satisfaction: SatisfactionOut

    @classmethod
    def of(cls, tally: Tally, rules: Rules) -> "RatesOut":
        """From the counts."""
        closed, graded = tally.closed, tally.graded
        keys = [grade.key for grade in rules.programme.callback.grades]
        good = rates.satisfied(rules, tally.grades)
        return cls(
            closed=closed,
            outcomes={name: _share(tally.outcomes[name], closed) for name in OUTCOMES},
            late=_share(tally.late, closed),
            reopened=tally.reopened,
            satisfaction=SatisfactionOut(
                graded=graded,
                grades={key: _share(tally.grades[key], graded) for key in keys},
                satisfied=_share(good, graded),
                mean=rates.mean(rules, tally.grades),
                left_out={name: tally.left_out[name] for name in LEFT_OUT},
            ),
        )


class UnitRates(RatesOut):
    """Rates of a unit."""

    unit: str
    name: str


class TrackRates(RatesOut):
    """Rates of a track."""

    track: str


class OutcomesOut(RatesOut):
    """Rates in all, by unit and by track."""

    since: datetime | None
    to: datetime
    by_unit: tuple[UnitRates, ...]
    by_track: tuple[TrackRates, ...]

    @classmethod
    def from_counts(
        cls, found: Rates, rules: Rules, names: Mapping[str, str], since: datetime | None, to: datetime
    ) -> "OutcomesOut":
        """From the store."""
        return cls(
            **RatesOut.of(found.total, rules).model_dump(),
            since=since,
            to=to,
            by_unit=tuple(
                UnitRates(**RatesOut.of(tally, rules).model_dump(), unit=unit, name=names.get(unit, unit))
                for unit, tally in sorted(found.by_unit.items())
            ),
            by_track=tuple(
                TrackRates(**RatesOut.of(tally, rules).model_dump(), track=track)
                for track, tally in sorted(found.by_track.items())
            ),
        )


def _share(count: int, whole: int) -> Share:
    return Share(count=count, rate=rates.rate(count, whole))
