"""Plans, their milestones and explanations in the store: versions are added, never overwritten. Never commits."""

import datetime as dt
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, ForeignKeyConstraint, Index, RowMapping, String, and_, cast, select
from sqlmodel import Field, Session

from services.rectification.domain.escalation import Kind
from services.rectification.domain.explanation import Basis, Explanation, ExplanationState
from services.rectification.domain.plan import Draft, Milestone, Plan, PlanState, Promise, Step
from services.rectification.store.tables import Base, cases, deadlines
from services.rectification.store.upsert import upsert
from shared.tables import JSONType, UtcDateTime


class PlanRow(Base, table=True):
    """One version of a case's plan, with what the office decided on it."""

    __tablename__ = "plans"
    __table_args__ = (
        ForeignKeyConstraint(["case_number"], ["cases.number"]),
        Index("ix_plans_state", "state", "case_number"),
    )

    case_number: str = Field(primary_key=True)
    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str
    draft: dict[str, Any] = Field(sa_column=Column(JSONType, nullable=False))
    submitted_at: dt.datetime = Field(sa_type=UtcDateTime)
    submitted_by: str
    late: bool
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str
    reasons: list[str] = Field(sa_column=Column(JSONType, nullable=False))


class MilestoneRow(Base, table=True):
    """A milestone of a filed plan; its running date stands with its deadline."""

    __tablename__ = "milestones"
    __table_args__ = (ForeignKeyConstraint(["case_number"], ["cases.number"]),)

    case_number: str = Field(primary_key=True)
    n: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    version: int
    name: str
    due: dt.date
    who: str
    done_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_by: str
    evidence: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    withdrawn_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)


class ExplanationRow(Base, table=True):
    """One submission of a reasoned explanation, by the case's round."""

    __tablename__ = "explanations"
    __table_args__ = (
        ForeignKeyConstraint(["case_number"], ["cases.number"]),
        Index("ix_explanations_state", "state", "case_number"),
    )

    case_number: str = Field(primary_key=True)
    round: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    state: str
    basis: list[dict[str, str]] = Field(sa_column=Column(JSONType, nullable=False))
    reasoning: str
    text: str
    misconduct_found: bool
    misconduct_dealt_with: str
    submitted_at: dt.datetime = Field(sa_type=UtcDateTime)
    submitted_by: str
    decided_at: dt.datetime | None = Field(default=None, sa_type=UtcDateTime)
    decided_by: str


plans = Base.metadata.tables["plans"]
milestones = Base.metadata.tables["milestones"]
explanations = Base.metadata.tables["explanations"]


def of_case(session: Session, case: str) -> tuple[Plan, ...]:
    """Every version of the case's plan, the first one first."""
    query = select(plans).where(plans.c.case_number == case).order_by(plans.c.version)
    return tuple(_plan(row) for row in session.connection().execute(query).mappings())


def save(session: Session, plan: Plan) -> None:
    """A version as it stands now."""
    draft = plan.draft
    promise = draft.commitment
    row = {
        "case_number": plan.case,
        "version": plan.version,
        "state": plan.state.value,
        "draft": {
            "measures": draft.measures,
            "responsible": draft.responsible,
            "conditions": draft.conditions,
            "steps": [{"name": s.name, "due": s.due.isoformat(), "who": s.who} for s in draft.steps],
            "commitment": None
            if promise is None
            else {"text": promise.text, "person": promise.person, "due": promise.due.isoformat(), "to": promise.to},
        },
        "submitted_at": plan.submitted_at,
        "submitted_by": plan.submitted_by,
        "late": plan.late,
        "decided_at": plan.decided_at,
        "decided_by": plan.decided_by,
        "reasons": list(plan.reasons),
    }
    upsert(session, plans, [row])


def page(session: Session, *, unit: str | None, state: str | None, after: tuple[str, int], limit: int) -> list[Plan]:
    """Versions of plans by case and version."""
    place = (plans.c.case_number > after[0]) | ((plans.c.case_number == after[0]) & (plans.c.version > after[1]))
    query = select(plans).where(place)
    if unit is not None:
        query = query.join(cases, cases.c.number == plans.c.case_number).where(cases.c.lead_unit == unit)
    if state is not None:
        query = query.where(plans.c.state == state)
    query = query.order_by(plans.c.case_number, plans.c.version).limit(limit)
    return [_plan(row) for row in session.connection().execute(query).mappings()]


def milestones_of(session: Session, case: str) -> tuple[Milestone, ...]:
    """Every milestone of the case by number, each with its date as its deadline runs now."""
    own = and_(
        deadlines.c.case_number == milestones.c.case_number,
        deadlines.c.kind == Kind.MILESTONE.value,
        deadlines.c.ref == cast(milestones.c.n, String),
    )
    query = (
        select(
            milestones,
            deadlines.c.expires_at,
            deadlines.c.due.label("running_due"),
            (deadlines.c.suspended_at < deadlines.c.expires_at).label("stands_still"),
        )
        .join(deadlines, own)
        .where(milestones.c.case_number == case)
        .order_by(milestones.c.n)
    )
    return tuple(
        Milestone(
            case=row["case_number"],
            n=row["n"],
            version=row["version"],
            name=row["name"],
            due=row["running_due"],
            who=row["who"],
            expires_at=row["expires_at"],
            done_at=row["done_at"],
            done_by=row["done_by"],
            evidence=tuple(row["evidence"]),
            withdrawn_at=row["withdrawn_at"],
            stands_still=bool(row["stands_still"]),
        )
        for row in session.connection().execute(query).mappings()
    )


def save_milestones(session: Session, changed: Iterable[Milestone]) -> None:
    """Milestones as they stand now."""
    rows = [
        {
            "case_number": m.case,
            "n": m.n,
            "version": m.version,
            "name": m.name,
            "due": m.due,
            "who": m.who,
            "done_at": m.done_at,
            "done_by": m.done_by,
            "evidence": list(m.evidence),
            "withdrawn_at": m.withdrawn_at,
        }
        for m in changed
    ]
    if rows:
        upsert(session, milestones, rows)


def explanations_of(session: Session, case: str) -> tuple[Explanation, ...]:
    """Every explanation of the case, the first one first."""
    query = select(explanations).where(explanations.c.case_number == case).order_by(explanations.c.round)
    return tuple(_explanation(row) for row in session.connection().execute(query).mappings())


def save_explanation(session: Session, given: Explanation) -> None:
    """An explanation as it stands now."""
    row = {
        "case_number": given.case,
        "round": given.round,
        "state": given.state.value,
        "basis": [{"name": b.name, "number": b.number, "passage": b.passage} for b in given.basis],
        "reasoning": given.reasoning,
        "text": given.text,
        "misconduct_found": given.misconduct_found,
        "misconduct_dealt_with": given.misconduct_dealt_with,
        "submitted_at": given.submitted_at,
        "submitted_by": given.submitted_by,
        "decided_at": given.decided_at,
        "decided_by": given.decided_by,
    }
    upsert(session, explanations, [row])


def filed(found: Sequence[Plan]) -> Plan | None:
    """The version in force, None while none was filed."""
    return next((plan for plan in reversed(found) if plan.state is PlanState.FILED), None)


def _plan(row: RowMapping) -> Plan:
    draft = row["draft"]
    promise = draft["commitment"]
    return Plan(
        case=row["case_number"],
        version=row["version"],
        draft=Draft(
            measures=draft["measures"],
            responsible=draft["responsible"],
            conditions=draft["conditions"],
            steps=tuple(Step(s["name"], date.fromisoformat(s["due"]), s["who"]) for s in draft["steps"]),
            commitment=None
            if promise is None
            else Promise(promise["text"], promise["person"], date.fromisoformat(promise["due"]), promise["to"]),
        ),
        submitted_at=row["submitted_at"],
        submitted_by=row["submitted_by"],
        late=row["late"],
        state=PlanState(row["state"]),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        reasons=tuple(row["reasons"]),
    )


def _explanation(row: RowMapping) -> Explanation:
    return Explanation(
        case=row["case_number"],
        round=row["round"],
        basis=tuple(Basis(**one) for one in row["basis"]),
        reasoning=row["reasoning"],
        text=row["text"],
        misconduct_found=row["misconduct_found"],
        misconduct_dealt_with=row["misconduct_dealt_with"],
        submitted_at=row["submitted_at"],
        submitted_by=row["submitted_by"],
        state=ExplanationState(row["state"]),
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
    )
