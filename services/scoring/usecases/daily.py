"""A unit's daily score of a cycle from everything that the programme lets enter it (S8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlmodel import Session

from services.scoring.domain.ledger import Ledger, Services, Settled, settle
from services.scoring.domain.parts import PartValue
from services.scoring.domain.points import DailyScore, Line, daily_score
from services.scoring.domain.result import Numbers
from services.scoring.store import parts as store
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.questionnaire_results import survey_values

VOLUME = ".volume"
"""Under this name service volumes stand among the values that are entered; no part of a composite can have it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What enters the daily scores of a cycle besides the lines. surveys: by unit, where a questionnaire is held."""

    numbers: Numbers
    services: Mapping[str, Services] = field(default_factory=dict)
    surveys: Mapping[str, PartValue] = field(default_factory=dict)

    @property
    def ledger(self) -> Ledger:
        """The rules of the cycle."""
        return self.numbers.ledger


def inputs(desk: Desk, session: Session, cycle: str, of: Mapping[str, Sequence[str]]) -> Inputs:
    """What is known now. of: unit → it and those whose heir it is."""
    ledger = desk.numbers.ledger
    if ledger.is_bare:
        return Inputs(desk.numbers)
    services = _volumes(session, cycle) if ledger.volume else {}
    if ledger.survey is None:
        return Inputs(desk.numbers, services)
    surveys = survey_values(session, cycle, ledger.survey.key, of)
    if surveys is None:  # not held in this cycle: the points alone are the daily score
        return Inputs(replace(desk.numbers, ledger=replace(ledger, survey=None)), services)
    return Inputs(desk.numbers, services, surveys)


def _volumes(session: Session, cycle: str) -> dict[str, Services]:
    found = {}
    for (part, unit), row in store.confirmed(session, cycle).items():
        if part == VOLUME:
            about = {"document": row.document, "document_sha256": row.document_sha256, "version": row.version}
            found[unit] = Services(int(Decimal(row.marks[""])), about)
    return found


def daily_of(
    known: Inputs, unit: str, cycle: str, lines: Sequence[Line], earlier: Sequence[str]
) -> tuple[DailyScore, Settled]:
    """The deductions of a unit, and its daily score. lines: its own, and those it answers for as an heir."""
    n = known.numbers
    deductions = daily_score(
        unit, cycle, lines, start=n.start, floor=n.floor, most_per_case=n.most_per_case, earlier=earlier
    )
    settled = settle(
        deductions, lines, known.ledger, floor=n.floor, services=known.services.get(unit),
        survey=known.surveys.get(unit), earlier=earlier,
    )  # fmt: skip
    return deductions, settled
