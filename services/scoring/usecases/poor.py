"""Poor rectification (S12): of a case that a consequence ordered, or of too many cases of a cycle."""

from fractions import Fraction

from sqlmodel import Session

from services.scoring.store import orders, points
from services.scoring.store.tables import CaseRow
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.matters import matters_of, trouble
from services.scoring.usecases.proposing import propose_fact
from shared.programme.triggers import PoorRectification
from shared.store import Tx


def judge(desk: Desk, tx: Tx, case: str) -> None:
    """Propose what follows where a case that a consequence ordered is badly mended; each consequence once."""
    order = orders.of_case(tx.session, case)
    if order is None or order.kind != "consequence":
        return
    seen = tx.session.get(CaseRow, case)
    for rule in desk.programme.consequences:
        trigger = rule.when.rectification
        why = None if trigger is None or seen is None else badly(trigger, seen)
        if why is not None:
            propose_fact(desk, tx, order.cycle, order.unit, rule, f"{case}：{why}", source="rectification")


def judge_cycle(desk: Desk, tx: Tx, cycle: str, of: dict[str, list[str]]) -> None:
    """Propose what follows for units that solved too few cases in time. of: unit → it and whom it follows."""
    rules = [r for r in desk.programme.consequences if r.when.rectification and r.when.rectification.solved_below]
    if not rules:
        return
    shares = _shares(desk, tx.session, cycle, of)
    for rule in rules:
        trigger = rule.when.rectification
        assert trigger is not None and trigger.solved_below is not None  # chosen so
        for unit, (solved, counted) in shares.items():
            if counted >= trigger.least_cases and Fraction(solved, counted) < Fraction(trigger.solved_below):
                part, least = f"{solved}/{counted}", f"{float(trigger.solved_below):.0%}"
                why = f"{cycle} 按时解决 {part}，低于 {least} · {cycle}: {part} solved in time, below {least}"
                propose_fact(desk, tx, cycle, unit, rule, why, source="rate")


def badly(trigger: PoorRectification, seen: CaseRow) -> str | None:
    """Why an ordered case is badly mended, None where it is not."""
    if trigger.disputed and seen.outcome == "disputed":
        return "有争议结案 · closed as disputed"
    if trigger.returned is not None and seen.returned >= trigger.returned:
        return f"退回 {seen.returned} 次 · sent back {seen.returned} times"
    return "逾期 · overdue" if trigger.overdue and (seen.overdue or seen.late) else None


def _shares(desk: Desk, session: Session, cycle: str, of: dict[str, list[str]]) -> dict[str, tuple[int, int]]:
    """By unit: matters of a cycle solved in time, and all that count."""
    lines = points.lines_for(session, cycle, ())
    known = trouble(cycle, (line for some in lines.values() for line in some))
    found = {}
    for unit, itself in of.items():
        matters = matters_of(desk, session, cycle, itself, known)
        if matters:
            found[unit] = (sum(m.on_time for m in matters), len(matters))
    return found
