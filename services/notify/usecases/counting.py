"""Figures of a period out of the store (N6, N9)."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlmodel import Session

from services.notify.domain.figures import Fact, Rules, Unit, figures
from services.notify.domain.quarter import Span
from services.notify.store import directory as people
from services.notify.store import record
from services.notify.usecases.desk import Desk
from shared.contracts.circulars import Instance, UnitFigures

COUNTED = (
    "rectification.case.opened", "rectification.case.closed", "rectification.case.lapsed",
    "rectification.commitment.kept", "rectification.commitment.broken", "rectification.obligation.missed",
    "rectification.deadline.escalated", "rectification.lateness.excused", "intake.transfer.approved",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Period:
    """A period's figures: of every registered unit, and cases opened by topic."""

    span: Span
    units: tuple[Unit, ...]
    topics: Counter[str]

    @property
    def named(self) -> tuple[Unit, ...]:
        """The units that a circular names."""
        return tuple(unit for unit in self.units if unit.named)

    def total(self, figure: str) -> int:
        """Over all units."""
        return sum(getattr(unit, figure) for unit in self.units)


def instants(desk: Desk, span: Span) -> tuple[datetime, datetime]:
    """From when until when a span runs, the end not included."""
    zone = desk.programme.zone
    return (
        datetime.combine(span.first, time.min, zone),
        datetime.combine(span.last + timedelta(days=1), time.min, zone),
    )


def counted(desk: Desk, session: Session, span: Span, now: datetime) -> Period:
    """The figures of a span, by what is known now."""
    since, until = instants(desk, span)
    rows = record.between(session, since, max(until, now + timedelta(microseconds=1)), kinds=COUNTED)
    facts = [Fact(row["kind"], row["unit"], row["case"], row["at"], row["event"], row["facts"]) for row in rows]
    running = [str(row["unit"]) for row in record.open_at(session, min(until, now)) if row["unit"]]
    made, topics = figures(facts, running, since, until, rules_of(desk))
    keys = dict.fromkeys((*people.unit_keys(session), *sorted(made)))
    return Period(span, tuple(made.get(key, Unit(key)) for key in keys), topics)


def rules_of(desk: Desk) -> Rules:
    """What the programme says of grades and of steps."""
    programme = desk.programme
    return Rules(
        frozenset(grade.key for grade in programme.callback.grades if grade.bad),
        frozenset(f"escalation_{step.days}" for step in programme.escalation if step.circular),
    )


def wired(period: Period) -> tuple[UnitFigures, ...]:
    """As an event carries them."""
    return tuple(
        UnitFigures(
            **{name: getattr(unit, name) for name, info in UnitFigures.model_fields.items() if info.annotation is int},
            unit=unit.unit,
            named=unit.named,
            instances=tuple(
                Instance(figure=one.figure, number=one.number, event=one.event, title=one.title)
                for one in unit.instances
            ),
        )
        for unit in period.units
    )
