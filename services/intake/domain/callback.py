"""Asking a petitioner (I11): graded once, or not reached after tries on different days."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Refusal


class TaskState(StrEnum):
    """A task to ask one petitioner about one round of a case."""

    OPEN = "open"
    GRADED = "graded"
    NOT_REACHED = "not_reached"
    SUPERSEDED = "superseded"


@dataclass(frozen=True, slots=True)
class Task:
    """`tries`: days on which somebody tried and did not reach the petitioner."""

    state: TaskState = TaskState.OPEN
    tries: int = 0
    last_try: date | None = None


def graded(task: Task) -> Task:
    """The petitioner answered. Raises Refusal (409) when he was asked before, or another round has begun."""
    _open(task)
    return Task(TaskState.GRADED, task.tries, task.last_try)


def missed(task: Task, today: date, tries: int) -> Task:
    """A try that reached nobody, at most one a local day; the last of `tries` makes it *not reached*.

    Raises Refusal (409) for a second try on a day, or when the task is done.
    """
    _open(task)
    if task.last_try is not None and today <= task.last_try:
        raise Refusal(
            "result", "not_reached", f"a try of {task.last_try} is recorded already", "try on another day", 409
        )
    count = task.tries + 1
    return Task(TaskState.NOT_REACHED if count >= tries else TaskState.OPEN, count, today)


def _open(task: Task) -> None:
    if task.state != TaskState.OPEN:
        reason = {
            TaskState.GRADED: "the petitioner has answered already",
            TaskState.NOT_REACHED: "it was recorded that he could not be reached",
            TaskState.SUPERSEDED: "the case went back to the unit meanwhile",
        }[task.state]
        raise Refusal("callback", task.state.value, reason, "each petitioner is asked once a round", 409)
