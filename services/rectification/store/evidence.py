"""What evidence a case has, each piece with an id by which guards refer to it (R5). Reads only."""

from sqlmodel import Session

from services.rectification.domain.case import Case
from services.rectification.domain.guards import evidence_of
from services.rectification.store import plans, units


def of_case(session: Session, case: Case) -> tuple[tuple[str, str], ...]:
    """Id and name of each piece: `r2-1` of the report of the second round, `m3-1` of the third milestone,
    `c1-1` of the first contribution."""
    found = list(evidence_of(case.report, case.round)) if case.report else []
    if case.card.track == "planned":
        for milestone in plans.milestones_of(session, case.number):
            found += ((f"m{milestone.n}-{n}", piece) for n, piece in enumerate(milestone.evidence, 1))
    for position, given in enumerate(units.contributions_of(session, case.number), 1):
        found += ((f"c{position}-{n}", piece) for n, piece in enumerate(given.evidence, 1))
    return tuple(found)
