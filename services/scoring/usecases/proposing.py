"""What the programme proposes for a ranking (S12): proposals, which only the leading group is told of."""

from collections.abc import Sequence

from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.consequence import Proposal, YearStanding, propose, year_result
from services.scoring.domain.ranking import Standing
from services.scoring.domain.result import Row, possibly_last
from services.scoring.domain.result_check import standings_from_bytes
from services.scoring.domain.years import year_of
from services.scoring.store import results
from services.scoring.store.tables import ConsequenceRow
from services.scoring.usecases import recording
from services.scoring.usecases.canvassing import persons_meant
from services.scoring.usecases.desk import Desk
from shared.contracts.scoring import ConsequenceProposed, ConsequenceWithdrawn
from shared.programme.parts import ConsequenceRule
from shared.store import Tx


def propose_all(desk: Desk, tx: Tx, cycle: str, found: tuple[Row, ...]) -> int:
    """Propose what the programme says; a reissue withdraws proposals that no longer hold, and keeps decisions."""
    standings = [r.standing for r in found]
    by_unit = {s.unit: s for s in standings}
    wanted = propose(
        desk.programme.consequences,
        standings,
        may_be_last=possibly_last(found),
        years=years_of(desk, tx.session, cycle),
    )
    existing = {row.id: row for row in results.consequences(tx.session, cycle)}
    names = {_key(cycle, p): p for p in wanted}
    for key, row in existing.items():
        if key not in names and row.state == "proposed" and row.source == "ranking":
            row.state, row.answer, row.decided_at = "withdrawn", "the ranking was reissued", tx.now
            tx.publish(
                ConsequenceWithdrawn(
                    consequence=key, cycle_name=cycle, unit=row.unit, kind=row.kind, reason=row.answer
                ),
                subject=key,
                cycle=cycle,
            )
    for key, proposal in names.items():
        if key in existing:
            continue
        standing = by_unit[proposal.unit]
        tx.session.add(
            ConsequenceRow(
                id=key, cycle=cycle, unit=proposal.unit, rule=proposal.rule, kind=proposal.kind,
                reason=proposal.reason, review=proposal.review, rank=standing.rank, composite=standing.composite,
                days=proposal.deadline,
            )
        )  # fmt: skip
        metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("proposed").inc())
        tx.publish(
            ConsequenceProposed(
                consequence=key, cycle_name=cycle, unit=proposal.unit, kind=proposal.kind, reason=proposal.reason,
                review=proposal.review, rank=standing.rank, composite=standing.composite,
                persons=persons_meant(desk, tx.session, cycle, proposal.unit, proposal.rule),
            ),
            subject=key,
            cycle=cycle,
        )  # fmt: skip
    return len(names)


def propose_fact(
    desk: Desk,
    tx: Tx,
    cycle: str,
    unit: str,
    rule: ConsequenceRule,
    why: str,
    *,
    source: str,
    persons: Sequence[str] = (),
    about: str = "",
) -> list[str]:
    """Propose what follows from a fact that is no rank; what is proposed or decided already stays. Its keys.

    about: sets several facts of one unit and cycle apart.
    """
    found = []
    for kind in rule.kinds:
        key = ".".join(part for part in (cycle, unit, rule.key, about, kind) if part)
        found.append(key)
        if tx.session.get(ConsequenceRow, key) is not None:
            continue
        zh, _, en = why.partition(" · ")
        reason = f"{rule.label.zh}（{zh}） · {rule.label.en} ({en or zh})"
        tx.session.add(
            ConsequenceRow(
                id=key, cycle=cycle, unit=unit, rule=rule.key, kind=kind, reason=reason, review=False,
                days=rule.deadline, source=source, persons=list(persons) or None,
            )
        )  # fmt: skip
        metrics.after_commit(tx, lambda: metrics.CONSEQUENCES.labels("proposed").inc())
        data = ConsequenceProposed(
            consequence=key, cycle_name=cycle, unit=unit, kind=kind, reason=reason, review=False,
            persons=tuple(persons),
        )  # fmt: skip
        tx.publish(data, subject=key, cycle=cycle)
    tx.session.flush()
    return found


def _key(cycle: str, proposal: Proposal) -> str:
    return f"{cycle}.{proposal.unit}.{proposal.rule}.{proposal.kind}"


def years_of(desk: Desk, session: Session, cycle: str) -> list[dict[str, YearStanding]]:
    """This year's result and the earlier ones, latest first; empty unless this is the year's last cycle.

    Years are those of the programme's own cycles: a cycle that the programme does not name belongs to none.
    """
    patterns = desk.programme.cycles
    year = next((y for p in patterns if (y := year_of(p.name, cycle)) is not None), None)
    if year is None or patterns[-1].name.replace("{year}", str(year)) != cycle:
        return []
    session.flush()
    found = []
    for one in range(year, year - 10, -1):
        kept = [_standings(session, p.name.replace("{year}", str(one))) for p in patterns]
        standings = [found for found in kept if found is not None]
        if not standings:
            break
        found.append(year_result(standings, least_units_for_last=desk.numbers.least_units_for_last))
    return found


def _standings(session: Session, cycle: str) -> tuple[Standing, ...] | None:
    """A cycle's result, computed here or recorded from before; None where there is neither."""
    row = results.ranking(session, cycle)
    return recording.standings_of(session, cycle) if row is None else standings_from_bytes(row.result)
