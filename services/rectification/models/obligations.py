"""Duties and tasks as the API takes and gives them."""

from datetime import date, datetime

from pydantic import BaseModel, Field

from services.rectification.domain.obligation import Duty, Task
from services.rectification.models.cases import HistoryOut, In, Line, Words
from services.rectification.store.obligations import Figures
from services.rectification.usecases.duties import Wanted
from shared.scrub import scrub


class FulfilmentIn(In):
    """What the unit hands in."""

    answers: dict[Line, Words] = Field(
        default_factory=dict, max_length=50, description="by key of the acceptance list; every item of it"
    )
    documents: list[Line] = Field(default_factory=list, max_length=50, description="names, or ids of evidence")
    address: Line = Field(default="", description="where it is published, if it must be")


class TaskIn(In):
    """A task of a decision."""

    decision: Line = Field(description="the decision it comes from, with its number")
    content: Line
    standard: Words = Field(description="what must hold for it to be done")
    lead_unit: Line
    cooperating_units: list[Line] = Field(default_factory=list, max_length=50)
    territorial_unit: Line | None = None
    person: Line = Field(description="who answers for it")
    due: date

    def wanted(self) -> Wanted:
        """As the use case takes it."""
        helpers = tuple(dict.fromkeys(unit for unit in self.cooperating_units if unit != self.lead_unit))
        return Wanted(
            self.decision, self.content, self.standard, self.lead_unit, helpers, self.territorial_unit, self.person,
            self.due,
        )  # fmt: skip


class ItemOut(BaseModel):
    """One thing that must be said, and what was said."""

    key: str
    label: str
    answer: str | None


class ObligationOut(BaseModel):
    """A period's duty of a unit as it stands."""

    id: str
    obligation: str
    period: str
    unit: str
    title: str
    opens: date
    due: date
    expires_at: datetime
    provisional: bool
    acceptance: tuple[ItemOut, ...]
    document: bool = Field(description="a document must be handed in")
    published: bool = Field(description="it must be published")
    state: str
    missed: bool = Field(description="nothing stood when the due day had ended")
    missed_at: datetime | None
    handed_in_at: datetime | None
    documents: tuple[str, ...]
    address: str
    returns: int
    reasons: tuple[str, ...] = Field(description="of the last return")
    judged_at: datetime | None

    @classmethod
    def of(cls, duty: Duty) -> "ObligationOut":
        """From the domain."""
        given = duty.handing
        answers = given.answers if given else {}
        return cls(
            id=duty.id,
            obligation=duty.obligation,
            period=duty.period,
            unit=duty.unit,
            title=duty.title,
            opens=duty.opens,
            due=duty.due,
            expires_at=duty.expires_at,
            provisional=duty.provisional,
            acceptance=tuple(ItemOut(key=i.key, label=i.label, answer=answers.get(i.key)) for i in duty.items),
            document=duty.document,
            published=duty.published,
            state=duty.state.value,
            missed=duty.missed_at is not None,
            missed_at=duty.missed_at,
            handed_in_at=given.at if given else None,
            documents=given.documents if given else (),
            address=given.address if given else "",
            returns=duty.returns,
            reasons=duty.reasons,
            judged_at=duty.judged_at,
        )


class ObligationDetail(ObligationOut):
    """A duty with its history in the ledger."""

    history: tuple[HistoryOut, ...]


class ObligationPage(BaseModel):
    """Duties by due date; `cursor` for the next page, null on the last."""

    items: tuple[ObligationOut, ...]
    cursor: str | None


class ObligationLine(BaseModel):
    """How a unit keeps an obligation: duties whose due day ended in the period."""

    unit: str
    name: str
    obligation: str
    due: int
    met: int = Field(description="handed in within the due day and accepted")
    late: int = Field(description="missed, handed in later and accepted")
    missed: int = Field(description="missed and still not accepted")
    waiting: int = Field(description="handed in within the due day; the office has it")


class ObligationStatistics(BaseModel):
    """Figures of a period, by unit and obligation."""

    since: datetime | None
    to: datetime
    items: tuple[ObligationLine, ...]

    @classmethod
    def of(
        cls, found: dict[tuple[str, str], Figures], names: dict[str, str], since: datetime | None, to: datetime
    ) -> "ObligationStatistics":
        """From the store."""
        lines = (
            ObligationLine(
                unit=unit, name=names.get(unit, unit), obligation=key, due=f.due, met=f.met, late=f.late,
                missed=f.missed, waiting=f.waiting,
            )
            for (unit, key), f in sorted(found.items())
        )  # fmt: skip
        return cls(since=since, to=to, items=tuple(lines))


class PublicTask(BaseModel):
    """A task as everybody may read it."""

    number: str
    decision: str
    content: str
    standard: str
    lead_unit: str
    cooperating_units: tuple[str, ...]
    territorial_unit: str | None
    person: str
    due: date
    published_at: datetime
    state: str = Field(description="open, done, done_late, overdue")

    @classmethod
    def of(cls, task: Task, duty: Duty, names: dict[str, str]) -> "PublicTask":
        """From the store; units by name, texts without phone and ID numbers."""
        lead = names.get(task.lead_unit, task.lead_unit)
        ground = task.territorial_unit
        return cls(
            number=task.number,
            decision=scrub(task.decision),
            content=scrub(task.content),
            standard=scrub(task.standard),
            lead_unit=lead,
            cooperating_units=tuple(names.get(unit, unit) for unit in task.cooperating_units),
            territorial_unit=names.get(ground, ground) if ground else None,
            person=task.person,
            due=duty.due,
            published_at=task.published_at,
            state=_state(duty),
        )


class TaskOut(PublicTask):
    """A task with its duty, for the office and the units that have a part in it."""

    duty: str
    units: tuple[str, ...] = Field(description="keys: the one that leads first")

    @classmethod
    def with_duty(cls, task: Task, duty: Duty, names: dict[str, str]) -> "TaskOut":
        """From the store."""
        told = PublicTask.of(task, duty, names).model_dump()
        keys = (task.lead_unit, *sorted(task.units - {task.lead_unit}))
        return cls(**told, duty=duty.id, units=keys)


class PublicTaskPage(BaseModel):
    """Tasks by due date."""

    items: tuple[PublicTask, ...]
    cursor: str | None


class TaskPage(BaseModel):
    """Tasks by due date."""

    items: tuple[TaskOut, ...]
    cursor: str | None


def _state(duty: Duty) -> str:
    if duty.state.value == "accepted":
        return "done_late" if duty.missed_at else "done"
    return "overdue" if duty.missed_at else "open"
