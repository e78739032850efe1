"""Which rules can be followed (N2): about which events letters are written, and whom they may tell by which ways."""

from services.notify.domain.channel import Channels
from services.notify.domain.channel_rules import Secrecy, check_channels
from services.notify.domain.recipient import INSIDE_ROLES, PUBLIC_ROLES
from services.notify.usecases.gate_matters import REFERRALS
from services.notify.usecases.matters import BEFORE_APPROVAL, BEFORE_PUBLICATION, CONFIDENTIAL, MATTERS
from shared.contracts import EventData, circulars, notify, scoring
from shared.errors import Refusal
from shared.programme import Programme
from shared.programme.parts import NoticeRule

OWN = (notify.AddressFailed, notify.NoticeFailed, notify.NoticeUncertain)
"""Our own events that operators may be told of, in the transaction that publishes them."""

OF_DIRECTORY = (notify.TermExpiring,)
"""Our own events about the directory, told in the transaction that publishes them."""

PUBLIC = frozenset(
    kind.TYPE
    for kind in (
        scoring.MeetingAnnounced, scoring.MeetingSealed, scoring.RankingPublished, circulars.CircularIssued,
        circulars.BriefingIssued,
    )
)  # fmt: skip
"""What everybody may know, and so those who are not of the office."""

RESULT = scoring.RankingPublished.TYPE.removeprefix("minping.").removesuffix(".v1")

AS_ESCALATED = "as_escalated"
"""Stands for the roles that the event itself names (R4)."""


def events() -> dict[str, type[EventData]]:
    """Every event that a rule can be about, by the name that rules give it."""
    kinds: tuple[type[EventData], ...] = (*MATTERS, *OWN, *OF_DIRECTORY)
    return {kind.TYPE.removeprefix("minping.").removesuffix(".v1"): kind for kind in kinds}


def check_rule(field: str, rule: NoticeRule, channels: Channels | None) -> type[EventData]:
    """The event that a rule is about. Raises Refusal, its field led by `field`, for a rule that cannot be followed.

    channels: that there are; None: it is not known here, and not checked.
    """
    kind = events().get(rule.event)
    if kind is None:
        raise Refusal(
            f"{field}event", rule.event, "no letters are written about this event",
            f"use one of: {', '.join(sorted(events()))}",
        )  # fmt: skip
    _check_audience(f"{field}tells", kind.TYPE, rule)
    if channels is not None:
        _check_ways(field, kind.TYPE, rule, channels)
    return kind


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
    if event in BEFORE_PUBLICATION and not tells <= INSIDE_ROLES:
        raise Refusal(
            field, list(rule.tells), "not for units: a result is told at its publication (S14)",
            f"use roles of the office: {', '.join(sorted(INSIDE_ROLES))}",
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
    of_office = event in BEFORE_APPROVAL | BEFORE_PUBLICATION or event in {own.TYPE for own in OWN}
    secrecy: Secrecy = "closed" if closed else "office" if of_office else ""
    check_channels(f"{field}channels", rule.channels, channels, secrecy)
    check_channels(f"{field}fallback_channels", rule.fallback_channels, channels, secrecy)


def is_public(programme: Programme, rule: NoticeRule) -> bool:
    """Whether what a rule tells is public here: not a result that the programme keeps to a circular (S14)."""
    return rule.event != RESULT or "public" in programme.publication.form
