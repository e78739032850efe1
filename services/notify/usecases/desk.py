"""What every use case of notify works with: the programme's rules, the calendar, the words, the sender's address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from services.notify.documents import Press
from services.notify.domain.channel import Channels
from services.notify.domain.schedule import Urgency, due_at, going_since
from services.notify.usecases.following import check_rule
from services.notify.wording import Wording
from shared.calendar import OfficialYear, WorkingCalendar
from shared.programme import Programme
from shared.programme.parts import NoticeRule


@dataclass(frozen=True, slots=True)
class Desk:
    """Made once by `make_desk`. `planned` is called with the due time of whatever was planned (to wake the sender).

    press: prints documents; documents_mark: 机关代字, before their numbers; enclosures_bytes: of a letter, at most.
    """

    programme: Programme
    calendar: WorkingCalendar
    wording: Wording
    rules: dict[str, tuple[NoticeRule, ...]]
    sender: str
    sender_name: str
    domain: str
    language: str
    planned: Callable[[datetime], None] = field(default=lambda due: None)
    channels: Channels = field(default_factory=dict)
    press: Press = field(default_factory=Press)
    documents_mark: str = "民评"
    enclosures_bytes: int = 5_000_000

    def due(self, urgency: Urgency, now: datetime) -> datetime:
        """When a notice of this urgency goes (N4)."""
        return due_at(urgency, now, self.programme.working_hours, self.calendar)

    def going_since(self, now: datetime) -> datetime | None:
        """None in working hours; else what is not urgent goes if it was due since then (N4)."""
        return going_since(now, self.programme.working_hours, self.calendar)

    def end_of(self, day: date) -> datetime:
        """The moment at which a day ends."""
        return datetime.combine(day + timedelta(days=1), time.min, self.calendar.zone)

    def as_kept(self, rule: NoticeRule) -> dict[str, Any]:
        """A rule as a notice keeps it, with its number in the programme (N8)."""
        number = next(number for number, known in enumerate(self.programme.notices, 1) if known is rule)
        return {"number": number, **rule.model_dump(mode="json")}

    def fields_of(self, topic: str | None) -> tuple[str, ...]:
        """What a deputy may be in charge of, for a matter of this topic: the topic and its dimension."""
        found = next((known for known in self.programme.topics if known.key == topic), None)
        return () if found is None else (found.key, found.dimension)


def make_desk(
    programme: Programme,
    *,
    sender: str,
    domain: str,
    sender_name: str = "",
    language: str = "zh",
    planned: Callable[[datetime], None] = lambda due: None,
    channels: Channels | None = None,
    press: Press | None = None,
    documents_mark: str = "民评",
    enclosures_bytes: int = 5_000_000,
) -> Desk:
    """A desk that follows a programme. Raises Refusal for a rule that cannot be followed, naming it."""
    calendar = WorkingCalendar(
        programme.zone, tuple(OfficialYear(y.year, y.days_off, y.make_up) for y in programme.calendar)
    )
    return Desk(
        programme,
        calendar,
        Wording(programme),
        _rules(programme, channels or {}),
        sender,
        sender_name or programme.office.zh,
        domain,
        language,
        planned,
        channels or {},
        press or Press(),
        documents_mark,
        enclosures_bytes,
    )


def _rules(programme: Programme, channels: Channels) -> dict[str, tuple[NoticeRule, ...]]:
    found: dict[str, tuple[NoticeRule, ...]] = {}
    for number, rule in enumerate(programme.notices, 1):
        kind = check_rule(f"notices.{number}.", rule, channels)
        found[kind.TYPE] = (*found.get(kind.TYPE, ()), rule)
    return found
