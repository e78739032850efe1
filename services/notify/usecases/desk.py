"""What every use case of notify works with: the programme's rules, the calendar, the words, the sender's address."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notify.domain.channel import Channels
from services.notify.domain.channel_rules import Secrecy, check_channels
from services.notify.domain.recipient import INSIDE_ROLES, PUBLIC_ROLES
from services.notify.domain.schedule import Urgency, due_at
from services.notify.usecases.gate_matters import REFERRALS
from services.notify.usecases.matters import BEFORE_APPROVAL, CONFIDENTIAL, MATTERS
from services.notify.wording import Wording
from shared.calendar import OfficialYear, WorkingCalendar
from shared.contracts import EventData, circulars, notify, scoring
from shared.errors import Refusal
from shared.programme import Programme
from shared.programme.parts import NoticeRule

OWN = (notify.AddressFailed, notify.NoticeFailed, notify.NoticeUncertain)
"""Our own events that operators may be told of, in the transaction that publishes them."""

PUBLIC = frozenset(
    kind.TYPE
    for kind in (
        scoring.MeetingAnnounced, scoring.MeetingSealed, scoring.RankingPublished, circulars.CircularIssued,
        circulars.BriefingIssued,
    )
)  # fmt: skip
"""What everybody may know, and so those who are not of the office."""

AS_ESCALATED = "as_escalated"


@dataclass(frozen=True, slots=True)
class Desk:
    """Made once by `make_desk`. `planned` is called with the due time of whatever was planned (to wake the sender)."""

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

    def due(self, urgency: Urgency, now: datetime) -> datetime:
        """When a notice of this urgency goes (N4)."""
        return due_at(urgency, now, self.programme.working_hours, self.calendar)

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
    )


def _rules(programme: Programme, channels: Channels) -> dict[str, tuple[NoticeRule, ...]]:
    kinds: tuple[type[EventData], ...] = (*MATTERS, *OWN)
    known = {kind.TYPE.removeprefix("minping.").removesuffix(".v1"): kind for kind in kinds}
    found: dict[str, tuple[NoticeRule, ...]] = {}
    for number, rule in enumerate(programme.notices, 1):
        kind = known.get(rule.event)
        if kind is None:
            raise Refusal(
                f"notices.{number}.event", rule.event, "no letters are written about this event",
                f"use one of: {', '.join(sorted(known))}",
            )  # fmt: skip
        _check_audience(f"notices.{number}.tells", kind.TYPE, rule)
        _check_ways(f"notices.{number}", kind.TYPE, rule, channels)
        found[kind.TYPE] = (*found.get(kind.TYPE, ()), rule)
    return found


def _check_audience(field: str, event: str, rule: NoticeRule) -> None:
    tells = set(rule.tells)
    if event in CONFIDENTIAL and tells != {"auditor"}:
        raise Refusal(field, list(rule.tells), "told to the auditor only (I3)", "write [auditor]")
    if event in REFERRALS and tells != {"discipline"}:
        raise Refusal(field, list(rule.tells), "told to the discipline organ only (I15)", "write [discipline]")
    if tells & PUBLIC_ROLES and event not in PUBLIC:
        raise Refusal(
            field, list(rule.tells), "supervisors and evaluators are told only what is public (S14)",
            f"tell them of: {', '.join(sorted(PUBLIC))}",
        )  # fmt: skip
    if event in BEFORE_APPROVAL:
        tells -= {AS_ESCALATED}  # what such an event names are roles of the office
    if (event in BEFORE_APPROVAL or event in {own.TYPE for own in OWN}) and not tells <= INSIDE_ROLES:
        raise Refusal(
            field, list(rule.tells), "not for units: before approval no unit sees a matter (I7)",
            f"use roles of the office: {', '.join(sorted(INSIDE_ROLES))}",
        )  # fmt: skip


def _check_ways(field: str, event: str, rule: NoticeRule, channels: Channels) -> None:
    closed = event in CONFIDENTIAL or event in REFERRALS
    of_office = event in BEFORE_APPROVAL or event in {own.TYPE for own in OWN}
    secrecy: Secrecy = "closed" if closed else "office" if of_office else ""
    check_channels(f"{field}.channels", rule.channels, channels, secrecy)
    check_channels(f"{field}.fallback_channels", rule.fallback_channels, channels, secrecy)
