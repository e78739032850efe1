"""The phone clerk's work list (I11)."""

from pydantic import BaseModel

from services.intake.models.shown import CallbackOut


class CallbackTask(CallbackOut):
    """A petitioner to ring up. may_try_today: tries lie on different days."""

    title: str
    tries_left: int
    may_try_today: bool
    overdue: bool


class CallbackWork(BaseModel):
    """Open callbacks, the most pressing first."""

    items: list[CallbackTask]
