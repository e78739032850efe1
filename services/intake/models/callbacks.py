"""The phone clerk's work list (I11)."""

from services.intake.models.shown import CallbackOut, Page


class CallbackTask(CallbackOut):
    """A petitioner to ring up. may_try_today: tries lie on different days."""

    title: str
    tries_left: int
    may_try_today: bool
    overdue: bool


class CallbackWork(Page):
    """Open callbacks, the most pressing first."""

    items: list[CallbackTask]
