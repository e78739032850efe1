"""A unit's score as arithmetic, for who may see it before the public does (S8, S9)."""

from decimal import Decimal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.canon import Json
from services.scoring.domain.figures import plain
from services.scoring.domain.points import BONUS
from services.scoring.domain.working import Step, daily
from services.scoring.store import results, units
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.embargo import is_public, rows_of
from services.scoring.usecases.outcome import steps_of
from services.scoring.usecases.points import DailyView, LineView, explain_daily
from shared.programme.values import Label


class WorkingView(BaseModel):
    """The arithmetic. version: of the result that it is about; None: there is none yet (for the reader), and the
    steps are those of today's daily score. labels: words for the keys in the steps."""

    unit: str
    name: str
    cycle: str
    version: int | None
    steps: list[Step]
    lines: list[LineView]
    labels: dict[str, Label] = Field(default_factory=dict)


def explanation(desk: Desk, session: Session, unit: str, cycle: str, *, inside: bool) -> WorkingView:
    """How a unit's score of a cycle comes about, step by step; as `ranking.explain`. Raises Refusal (404)."""
    name = units.unit(session, unit).name
    today = explain_daily(desk, session, unit, cycle)
    ranking = results.ranking(session, cycle) if inside or is_public(session, cycle) else None
    row = None if ranking is None else next((r for r in rows_of(ranking) if r["unit"] == unit), None)
    if ranking is None or row is None:
        steps = daily(_cases(today), desk.numbers.start, desk.numbers.floor)
    else:
        steps = list(steps_of(desk, session, ranking, row))
    return WorkingView(
        unit=unit, name=name, cycle=cycle, version=None if ranking is None or row is None else ranking.version,
        steps=steps, lines=today.lines, labels=_labels(desk),
    )  # fmt: skip


def _cases(view: DailyView) -> dict[str, Json]:
    """Today's charges as a row of a result holds them."""
    standing = [line for line in view.lines if line.stands and line.rule not in BONUS]
    cases: list[Json] = []
    for charge in view.charges:
        lines: list[Json] = [
            {"rule": line.rule, "points": plain(Decimal(line.points))} for line in standing if line.case == charge.case
        ]
        cases.append({"case": charge.case, "points": plain(charge.points), "cut": plain(charge.cut), "lines": lines})
    return {"cases": cases, **({"ledger": view.ledger} if view.ledger else {})}


def _labels(desk: Desk) -> dict[str, Label]:
    p = desk.programme
    found = {one.key: one.label for listed in (p.points.every_rule, p.dimensions) for one in listed}
    return found | {part.key: part.shown for part in p.composite}
