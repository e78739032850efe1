"""Published tasks in the store (R9). Never commits."""

import datetime as dt

from sqlalchemy import Column, Index, RowMapping, bindparam, func, select, tuple_
from sqlmodel import Field, Session

from services.rectification.domain.obligation import Duty, Task
from services.rectification.store import obligations
from services.rectification.store.obligations import duties
from services.rectification.store.tables import Base
from shared.tables import JSONType, UtcDateTime


class TaskRow(Base, table=True):
    """A task of a decision; how it went is its duty. parts: every unit that has a part in it."""

    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_due", "due", "number"),)

    number: str = Field(primary_key=True)
    decision: str
    content: str
    standard: str
    lead_unit: str
    cooperating_units: list[str] = Field(sa_column=Column(JSONType, nullable=False))
    territorial_unit: str | None = None
    person: str
    due: dt.date
    published_at: dt.datetime = Field(sa_type=UtcDateTime)
    published_by: str
    duty: str


class TaskPartRow(Base, table=True):
    """A unit's part in a task."""

    __tablename__ = "task_parts"

    unit: str = Field(primary_key=True)
    task: str = Field(primary_key=True)


tasks = Base.metadata.tables["tasks"]
parts = Base.metadata.tables["task_parts"]


def next_number(session: Session, year: int) -> str:
    """`T2026-0001`, counted through a year."""
    prefix = f"T{year}-"
    longest_first = (func.length(tasks.c.number).desc(), tasks.c.number.desc())
    query = select(tasks.c.number).where(tasks.c.number.startswith(prefix)).order_by(*longest_first).limit(1)
    last = session.connection().execute(query).scalar()
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


def insert(session: Session, task: Task, duty: str) -> None:
    """A task that was published, with its parts."""
    row = {name: getattr(task, name) for name in Task.__slots__}
    row |= {"cooperating_units": list(task.cooperating_units), "duty": duty}
    session.connection().execute(tasks.insert(), [row])
    session.connection().execute(parts.insert(), [{"unit": unit, "task": task.number} for unit in sorted(task.units)])


def page(
    session: Session, *, unit: str | None, after: tuple[dt.date, str] | None, limit: int
) -> list[tuple[Task, Duty]]:
    """Tasks by due date, each with how it stands; `unit`: those in which it has a part."""
    query = select(tasks, *(column.label(f"duty_{column.name}") for column in duties.c)).join(
        duties, duties.c.id == tasks.c.duty
    )
    if unit is not None:
        query = query.where(tasks.c.number.in_(select(parts.c.task).where(parts.c.unit == unit)))
    if after is not None:
        last = tuple_(bindparam("last_due", after[0], type_=tasks.c.due.type), bindparam("last_number", after[1]))
        query = query.where(tuple_(tasks.c.due, tasks.c.number) > last)
    query = query.order_by(tasks.c.due, tasks.c.number).limit(limit)
    found = []
    for row in session.connection().execute(query).mappings():
        duty = {column.name: row[f"duty_{column.name}"] for column in duties.c}
        found.append((_task(row), obligations.duty_of(duty)))
    return found


def has_part(session: Session, unit: str, task: str) -> bool:
    """Whether a unit has a part in a task."""
    query = select(parts.c.task).where(parts.c.unit == unit, parts.c.task == task)
    return session.connection().execute(query).first() is not None


def _task(row: RowMapping) -> Task:
    same = {name: row[name] for name in Task.__slots__}
    return Task(**same | {"cooperating_units": tuple(row["cooperating_units"])})
