"""What a channel asks of a report besides its text: particulars that are true, evidence of its kinds (I1)."""

from services.intake.domain import channel as domain
from services.intake.domain.evidence import Attachment
from services.intake.domain.scrub import Known, scrub
from services.intake.rules import Rules
from services.intake.store import inspections, supervisors
from services.intake.usecases import evidence
from shared.contracts.inbox import ComplaintSubmitted
from shared.errors import Refusal
from shared.store import Tx

WEB = "web"
"""Source of what the public reports itself."""


def particulars(rules: Rules, tx: Tx, source: str, data: ComplaintSubmitted) -> dict[str, str]:
    """The particulars of a report, trimmed; a monitoring point that reports itself need not name itself.

    Raises Refusal naming the field that is missing or not true.
    """
    channel = rules.programme.channel(data.channel)
    if source == WEB:
        domain.for_the_public(channel.key, channel.requires)
    if not channel.requires and not data.particulars:
        return {}
    given = {name: value.strip() for name, value in data.particulars.items()}
    if "point" in channel.requires and tx.session.get(supervisors.Point, source) is not None:
        given.setdefault("point", source)
    domain.check(channel.key, channel.requires, given, len(data.evidence))
    if "inspection" in given:
        inspections.inspection(tx.session, given["inspection"])
    if "point" in channel.requires:
        _serving_point(rules, tx, given["point"])
    return given


def scrubbed(given: dict[str, str], known: Known) -> dict[str, str]:
    """Particulars as they are stored: numbers and days are no phones, free words are scrubbed."""
    plain = ("date", "inspection", "point")
    return {name: value if name in plain else scrub(value, known) for name, value in given.items()}


def attach(rules: Rules, tx: Tx, source: str, number: str, data: ComplaintSubmitted) -> None:
    """Give the files that the report names to the complaint. Raises Refusal for one that the sender did not send."""
    if data.evidence:
        senders = {source, tx.actor.sub} if tx.actor else {source}
        taken = rules.programme.channel(data.channel).evidence
        evidence.bind(tx, data.evidence, Attachment("complaint", number), senders, taken)


def _serving_point(rules: Rules, tx: Tx, key: str) -> None:
    point = tx.session.get(supervisors.Point, key)
    today = rules.calendar.local_date(tx.now)
    if point is None or not point.since <= today <= (point.until or today):
        remedy = "use a key of GET /api/v1/monitoring-points; the office registers new ones"
        raise Refusal("particulars.point", key, "there is no such monitoring point, or it has ended", remedy)
