"""The office looks at what was flagged among online evaluations (S13): kept or set apart, on record, or undone."""

import datetime as dt
from decimal import Decimal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.evaluation import Form
from services.scoring.domain.evaluation_patterns import Kind, State, told
from services.scoring.store import evaluation_flags as store
from services.scoring.store import evaluations, units
from services.scoring.store.evaluations import Key, Tally
from services.scoring.usecases import embargo, evaluation_results
from services.scoring.usecases.desk import Desk, acting
from shared.errors import Refusal
from shared.store import Tx


class NewDecision(BaseModel):
    """What becomes of a flag: `kept`, `set_apart`, or `open` again (a decision is undone by another)."""

    decision: State
    reason: str = Field(min_length=2, max_length=1_000)


class DecisionView(BaseModel):
    """A decision as it was made. number: how many evaluations stood in the flag then."""

    decision: State
    reason: str
    number: int
    by: str
    at: dt.datetime


class FlagView(BaseModel):
    """Something unusual, with its figures; never a verdict, and nothing is dropped by it."""

    flag: int
    cycle: str
    unit: str
    section: str
    kind: Kind
    reason: str
    reason_en: str
    number: int = Field(description="evaluations beyond the limit: these only are set apart, if the office decides so")
    by_bus: int = Field(description="of them from sources, by the bus")
    most: int = Field(description="of the device, on end, or in the fullest minute")
    limit: int = Field(description="the programme's limit")
    device: str | None = Field(description="a name for the device, of this unit and cycle only")
    answers: dict[str, str] | None = Field(description="of a string: the answers that were given again and again")
    day: dt.date | None = Field(description="of a burst")
    fullest: dt.datetime | None = Field(description="of a burst: the minute in which most arrived")
    flagged_at: dt.datetime
    state: State
    grown: int = Field(description="how many have come since the last decision, which holds for them too")


class FlagDetail(FlagView):
    """A flag with its decisions, and both figures of the unit: of all evaluations, and without this flag's."""

    decisions: list[DecisionView]
    score_all: Decimal | None
    score_without: Decimal | None


class FlagList(BaseModel):
    """Flags unit by unit; `next` is the cursor of the following page, null at the end."""

    items: list[FlagView]
    next: int | None


def listed(
    desk: Desk, session: Session, cycle: str, *, unit: str, kind: str, state: str, after: int, limit: int
) -> FlagList:
    """A page of a cycle's flags. Raises Refusal (404)."""
    units.cycle(session, cycle)
    rows = store.flags(session, cycle, unit=unit, kind=kind, state=state, after=after, limit=limit)
    forms = evaluations.forms(session)
    items = [FlagView(**_told(desk, row, forms)) for row in rows]
    return FlagList(items=items, next=rows[-1].id if len(rows) == limit else None)


def shown(desk: Desk, session: Session, number: int) -> FlagDetail:
    """A flag, its decisions, and what it would change. Raises Refusal (404)."""
    row = store.flag(session, number)
    key: Key = (row.cycle, row.unit, row.section, row.form)
    tallies = evaluations.tallies(session, row.cycle, [row.unit])
    beyond = {key: Tally(row.number, int.from_bytes(row.counts, "little"))}
    made = store.decisions(session, number)
    return FlagDetail(
        **_told(desk, row, evaluations.forms(session)),
        decisions=[DecisionView.model_validate(one, from_attributes=True) for one in made],
        score_all=evaluation_results.score(desk, session, row.unit, tallies),
        score_without=evaluation_results.score(desk, session, row.unit, evaluation_results.without(tallies, beyond)),
    )


def decide(desk: Desk, tx: Tx, number: int, wanted: NewDecision) -> FlagDetail:
    """Decide of a flag, or undo it. Raises Refusal: 404, 409 for what is decided so already or is published."""
    row = store.flag(tx.session, number)
    if row.state == wanted.decision:
        raise Refusal("decision", wanted.decision, "is what holds already", "see its decisions", 409)
    if embargo.is_public(tx.session, row.cycle):
        reason = "the figures of this cycle are published"
        raise Refusal("flag", number, reason, "what was decided stands beside them", 409)
    row.state, row.decided_number = wanted.decision, row.number
    decision = store.EvaluationDecisionRow(
        flag=number, decision=wanted.decision, reason=wanted.reason, number=row.number, by=acting(tx).sub, at=tx.now
    )
    tx.session.add(decision)
    tx.session.flush()
    return shown(desk, tx.session, number)


def _told(desk: Desk, row: store.EvaluationFlagRow, forms: dict[int, Form]) -> dict[str, object]:
    kind = Kind(row.kind)
    limit = getattr(desk.programme.online.flags, kind)
    fullest = None if row.minute is None else dt.datetime.fromtimestamp(row.minute * 60, dt.UTC)
    reason, reason_en = told(kind, row.number, row.most, limit)
    return {
        "flag": row.id, "cycle": row.cycle, "unit": row.unit, "section": row.section, "kind": kind,
        "reason": reason, "reason_en": reason_en, "number": row.number, "by_bus": row.by_bus, "most": row.most,
        "limit": limit, "device": row.subject[:8] if kind is Kind.DEVICE else None,
        "answers": forms[row.form].unpacked(row.subject) if kind is Kind.STRING else None,
        "day": dt.date.fromisoformat(row.subject) if kind is Kind.BURST else None, "fullest": fullest,
        "flagged_at": row.flagged_at, "state": State(row.state),
        "grown": 0 if row.decided_number is None else row.number - row.decided_number,
    }  # fmt: skip
