"""Streams, consumers and who may publish what, as data: the one declaration of the bus.

`provision` applies it, services refuse to start when it differs, the deployment makes permissions of it.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from shared.contracts import (
    EventData,
    Wire,
    assignment,
    bonus,
    canvassing,
    circulars,
    consequences,
    filings,
    inbox,
    inspection,
    intake,
    notify,
    opinions,
    petitioner,
    publicity,
    rectification,
    rectification_duties,
    rectification_promises,
    rectification_terms,
    scoring,
    scoring_programme,
)

SECOND = 1_000_000_000
DAY = 86_400 * SECOND
CLOCK_STREAM = "KV_clock"
CLOCK_SUBJECT = "$KV.clock.now"
SERVICES = ("intake", "scoring", "rectification", "notify")


@dataclass(frozen=True, slots=True)
class Stream:
    """A JetStream stream: limits retention, on disk, nothing deletable but where said."""

    name: str
    subjects: tuple[str, ...]
    max_age_s: int = 0
    atomic: bool = False
    purgeable: bool = False
    max_msgs_per_subject: int = -1

    def config(self, replicas: int = 1) -> dict[str, Any]:
        """The server's stream configuration."""
        return {
            "name": self.name,
            "subjects": list(self.subjects),
            "retention": "limits",
            "storage": "file",
            "num_replicas": replicas,
            "max_age": self.max_age_s * SECOND,
            "max_msgs_per_subject": self.max_msgs_per_subject,
            "duplicate_window": 120 * SECOND,
            "deny_delete": True,
            "deny_purge": not self.purgeable,
            "allow_atomic": self.atomic,
            "allow_rollup_hdrs": False,
            "allow_direct": True,
            "discard": "new" if self.name == CLOCK_STREAM else "old",
        }


STREAMS = (
    Stream("EVENTS", tuple(f"minping.{name}.>" for name in SERVICES), atomic=True),
    Stream("INBOX", ("minping.inbox.complaint.*", "minping.inbox.filing.*"), max_age_s=90 * 86_400, purgeable=True),
    Stream("BALLOTS", ("minping.inbox.ballot.*",), max_age_s=7 * 86_400, purgeable=True),
    Stream("EVALUATIONS", ("minping.inbox.evaluation.*",), max_age_s=90 * 86_400),
    Stream("RECEIPTS", ("minping.receipt.*",), max_age_s=30 * 86_400, atomic=True, purgeable=True),
    Stream("DEAD_LETTERS", ("minping.dead.*",), purgeable=True),
    Stream(CLOCK_STREAM, ("$KV.clock.>",), max_msgs_per_subject=1),
)

CONSUMES: dict[str, tuple[type[Wire], ...]] = {
    "intake": (
        inbox.ComplaintSubmitted,
        scoring.UnitRegistered,
        scoring.MeetingQuestionDeferred,
        consequences.RectificationOrdered,
        opinions.OpinionIssued,
        rectification.CaseOpened,
        rectification.CaseSolved,
        rectification.CaseReturned,
        rectification.CaseClosed,
        rectification.CaseReopened,
        rectification.CallbackRequested,
        rectification_promises.CaseExplained,
        rectification_terms.DeadlineExtended,
        rectification_terms.DeadlineSuspended,
        rectification_terms.DeadlineResumed,
        rectification_terms.CaseReassigned,
    ),
    "rectification": (
        intake.TransferApproved,
        intake.ComplaintLinked,
        intake.ComplaintUnlinked,
        intake.CallbackRecorded,
        assignment.ObjectionRuled,
        notify.LeaderChanged,
        petitioner.PetitionerExcluded,
        petitioner.PetitionerRestored,
        scoring.UnitRegistered,
        scoring.UnitSucceeded,
        scoring.CycleClosed,
        inspection.InspectionRecorded,
    ),
    "scoring": (
        rectification.CaseOpened,
        rectification.CaseClosed,
        rectification.CaseReopened,
        rectification.CaseLapsed,
        rectification.CaseReturned,
        rectification.DeadlinePassed,
        assignment.OrderRegistered,
        rectification_duties.ObligationMissed,
        rectification_duties.LatenessExcused,
        rectification_promises.CaseCommitted,
        rectification_promises.CommitmentBroken,
        rectification_promises.CommitmentKept,
        inspection.InspectionRecorded,
        inspection.CoverageMissed,
        rectification_terms.CaseReassigned,
        inbox.BallotCast,
        inbox.EvaluationSubmitted,
        filings.FilingSubmitted,
    ),
    "notify": (
        intake.TransferRequested,
        intake.TransferRefused,
        intake.TransferApproved,
        intake.IdentityDisclosed,
        intake.DisclosureRefused,
        petitioner.ComplaintHot,
        assignment.TransferOverdue,
        assignment.ObjectionRaised,
        assignment.ObjectionRuled,
        assignment.MatterReferred,
        assignment.ReferralConcluded,
        publicity.ExposureVerified,
        publicity.ExposureChased,
        publicity.ExposureFollowed,
        publicity.FeedbackOverdue,
        publicity.ShowApproaching,
        inspection.CoverageMissed,
        inspection.InspectionRecorded,
        inspection.SupervisorAppointed,
        inspection.SupervisorExpiring,
        inspection.CardAnswered,
        rectification.CaseOpened,
        rectification.CaseReturned,
        rectification.CaseClosed,
        rectification.CaseReopened,
        rectification.CaseLapsed,
        rectification_terms.RequestMade,
        rectification_terms.RequestDecided,
        rectification_terms.DeadlineSuspended,
        rectification_terms.DeadlineResumed,
        rectification_terms.DeadlineExtended,
        rectification_terms.CaseReassigned,
        rectification_promises.PlanReturned,
        rectification_promises.CommitmentBroken,
        rectification_promises.CommitmentKept,
        rectification_promises.CaseCommitted,
        rectification_duties.ObligationDue,
        rectification_duties.ObligationMissed,
        rectification_duties.ObligationMet,
        rectification_duties.LatenessExcused,
        rectification.DeadlineApproaching,
        rectification.DeadlinePassed,
        rectification.DeadlineEscalated,
        scoring.UnitRegistered,
        scoring.CycleClosed,
        scoring_programme.ProgrammeAmended,
        scoring.MeetingAnnounced,
        scoring.MeetingSealed,
        scoring.RankingPublished,
        scoring.ConsequenceProposed,
        scoring.ConsequenceConfirmed,
        scoring.ConsequenceWithdrawn,
        scoring.PointsDeducted,
        scoring.PointsRestored,
        bonus.PointsAwarded,
        bonus.PointsWithdrawn,
        canvassing.CanvassingEstablished,
        canvassing.CanvassingAppealed,
        canvassing.CanvassingRuled,
        consequences.ConsequenceOverdue,
        consequences.ConsequenceReturned,
        consequences.ConsequenceClosed,
        consequences.ConsequenceAppealed,
        consequences.ConsequenceRuled,
        consequences.ConsequenceExecuted,
        opinions.OpinionIssued,
        opinions.OpinionFedBack,
        filings.FilingReceived,
        filings.FilingRefused,
        filings.FilingReviewed,
        filings.FilingOverdue,
        filings.FilingAnswered,
        circulars.BulletinEntered,
        circulars.CircularIssued,
        circulars.BriefingIssued,
    ),
}
RECEIPTS_FROM = ("intake", "scoring")


def subject_of(kind: type[Wire]) -> str:
    """The subject (or pattern) on which a message of this kind travels."""
    return kind.subject() if issubclass(kind, EventData) else str(kind.SUBJECT)  # type: ignore[attr-defined]  # all have one


@lru_cache(1024)
def stream_of(subject: str) -> str:
    """The stream that takes a subject. Raises LookupError if none does."""
    for stream in STREAMS:
        if any(matches(pattern, subject) for pattern in stream.subjects):
            return stream.name
    raise LookupError(f"no stream takes {subject}")


def matches(pattern: str, subject: str) -> bool:
    """NATS subject matching: `*` is one token, `>` the rest."""
    wanted, given = pattern.split("."), subject.split(".")
    for index, token in enumerate(wanted):
        if token == ">":
            return len(given) > index
        if index >= len(given) or token not in ("*", given[index]):
            return False
    return len(wanted) == len(given)


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable pull consumer of one service for one kind of message."""

    stream: str
    name: str
    subject: str
    max_ack_pending: int = 5000

    def config(self) -> dict[str, Any]:
        """The server's consumer configuration."""
        return {
            "durable_name": self.name,
            "name": self.name,
            "filter_subject": self.subject,
            "deliver_policy": "all",
            "ack_policy": "explicit",
            "ack_wait": 10 * SECOND,
            "max_deliver": -1,
            "max_ack_pending": self.max_ack_pending,
            "replay_policy": "instant",
        }


def consumer(service: str, kind: type[Wire]) -> Consumer:
    """The consumer by which a service takes one kind of message."""
    subject = subject_of(kind)
    words = subject.removeprefix("minping.").replace("*", "any").split(".")
    return Consumer(stream_of(subject), "-".join((service, *words)), subject)


def consumers(service: str) -> tuple[Consumer, ...]:
    """All consumers of a service."""
    return tuple(consumer(service, kind) for kind in CONSUMES[service])


def receipts_consumer(source: str) -> Consumer:
    """The consumer by which an outside source reads its receipts."""
    return Consumer("RECEIPTS", source, f"minping.receipt.{source}")


def publishes(service: str) -> tuple[str, ...]:
    """Subject patterns that a service may publish."""
    own = [f"minping.{service}.>", f"minping.dead.{service}"]
    return (*own, "minping.receipt.*") if service in RECEIPTS_FROM else tuple(own)


def permissions(service: str) -> dict[str, list[str]]:
    """The allow-list of a service's NATS user: `publish` and `subscribe` subjects, nothing else."""
    publish = list(publishes(service))
    for stream in STREAMS:
        publish.append(f"$JS.API.STREAM.INFO.{stream.name}")
    for own in consumers(service):
        publish += [
            f"$JS.API.CONSUMER.INFO.{own.stream}.{own.name}",
            f"$JS.API.CONSUMER.MSG.NEXT.{own.stream}.{own.name}",
            f"$JS.ACK.{own.stream}.{own.name}.>",
        ]
    publish.append(f"$JS.API.DIRECT.GET.{CLOCK_STREAM}.>")
    if service == "scoring":
        publish += ["$JS.API.STREAM.PURGE.BALLOTS", "$JS.API.STREAM.PURGE.RECEIPTS"]
    return {"publish": publish, "subscribe": [f"_INBOX_{service}.>", "$KV.clock.>"]}
