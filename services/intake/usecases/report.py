"""A report comes in: registered, known already, or kept for repair. Nothing is dropped (I2)."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.intake import metrics, store
from services.intake.domain import codes, matter
from services.intake.domain.complaint import State
from services.intake.domain.scrub import Known, scrub
from services.intake.models import Receipt
from services.intake.rules import Rules
from services.intake.usecases import channels, excluding, exposing
from services.intake.usecases.linking import join
from services.intake.vault import Identity, decoded
from shared.contracts.inbox import ComplaintSubmitted, IdentityKind
from shared.contracts.intake import ComplaintRegistered
from shared.errors import Refusal
from shared.store import Tx

NOBODY = Identity()
_FRESH = {
    "state": State.REGISTERED.value,
    "state_rank": 0,
    "reply": "",
    "round": 0,
    "objected_to": 0,
    "petitioners": 1,
    "hot": False,
    "repeats": 0,
    "reason": "",
}
"""A line of the register when nothing has been done about it yet."""
UNIT_UNKNOWN = (
    "the unit named is not registered; its name is kept and a clerk decides "
    "(所称单位不在册，已保留原称，由受理人员确定)"
)


@dataclass(frozen=True, slots=True)
class Submission:
    """A report with where it came from: `source` is what the bus or the token says, never what the body claims."""

    source: str
    data: ComplaintSubmitted
    reported_at: datetime
    on_bus: bool
    person: Identity = NOBODY
    own_ticket: bool = True
    """False: the source has no ticket numbers; the register number takes its place."""
    may_join: bool = True
    """False: a matter of its own whatever was reported before, because it has a date of its own."""


def register(rules: Rules, tx: Tx, report: Submission) -> Receipt:
    """Give the report its number, receipt and tracking code. Raises Refusal; then nothing was written.

    The same ticket of the same source is one complaint; its receipt is given again with the same code.
    """
    data = report.data
    if report.own_ticket and (known := store.by_ticket(tx.session, report.source, data.ticket)):
        store.count_repeat(tx.session, known.number)
        metrics.count(tx, metrics.REPEATED, known.channel)
        return Receipt(
            state="repeated", number=known.number, linked_to=known.lead, tracking_code=rules.tracking_code(known.number)
        )
    dimension = _checked(rules, report)
    particulars = channels.particulars(rules, tx, report.source, data)
    kind, person = _identity(rules, report)
    local = report.reported_at.astimezone(rules.programme.zone)
    number = codes.register_number(local.year, store.next_count(tx.session, local.year))
    if not report.own_ticket:
        report = replace(report, data=data.model_copy(update={"ticket": number}))
    code = rules.tracking_code(number)
    line, bands, changed = _line(rules, report, number, code, kind, person)
    line["particulars"] = channels.scrubbed(particulars, Known(name=person.name)) if particulars else {}
    title, text = line["title"], line["text"]
    joins = store.matters(tx.session, line["matter_key"])
    lead = (
        matter.joined(joins, line["named_unit"], report.reported_at, rules.reopen_within) if report.may_join else None
    )
    sealed = _sealed(rules, report, number, person, changed=changed)
    store.add(tx.session, line, bands, sealed)
    unit = data.unit if data.unit and data.unit in store.unit_keys(tx.session, [data.unit]) else None
    tx.publish(
        ComplaintRegistered(
            number=number,
            source=report.source,
            channel=data.channel,
            topic=data.topic,
            dimension=dimension,
            suggested_unit=unit,
            title=title,
            text=text,
            identity=kind,
        ),
        subject=number,
    )
    channels.attach(rules, tx, report.source, number, data)
    metrics.count(tx, metrics.REGISTERED, data.channel)
    if rules.programme.channel(data.channel).verification:
        exposing.begin(rules, tx, number, report.reported_at, line["particulars"].get("outlet", ""))
    if line["petitioner"] and store.exclusion.standing(tx.session, line["petitioner"]):
        excluding.tell(tx, number, line["petitioner"])
    if lead:
        repeat, first = store.by_number(tx.session, number), store.by_number(tx.session, lead)
        join(rules, tx, repeat, first, how="exact", by="", reason="")
    note = UNIT_UNKNOWN if data.unit and not unit else None
    return Receipt(state="registered", number=number, linked_to=lead, tracking_code=code, note=note)


def _checked(rules: Rules, report: Submission) -> str | None:
    """What the programme says about channel, topic and time; gives the topic's dimension. Raises Refusal."""
    channel = rules.programme.channel(report.data.channel)
    if channel.identity == "none" and (report.data.sealed_identity or report.person):
        raise Refusal(
            "identity", report.data.identity, f"channel {channel.key} takes no identity", "send it without one"
        )
    rules.not_in_future(report.reported_at, "time")
    return rules.dimension_of(report.data.topic)


def _identity(rules: Rules, report: Submission) -> tuple[IdentityKind, Identity]:
    """Who complains, opened only to scrub the text and to know a person again. Raises Refusal."""
    person, kind = report.person, report.data.identity
    if report.data.sealed_identity:
        person = _opened(rules, report, report.data.sealed_identity)
    if kind == "anonymous" and person:
        return "confidential", person  # the more careful reading of a contradiction
    if kind != "anonymous" and not person:
        raise Refusal(
            "sealed_identity", "…", f"a {kind} report says who complains", "seal the identity, or report anonymously"
        )
    return kind, person


def _opened(rules: Rules, report: Submission, sealed: str) -> Identity:
    try:
        return rules.vault.open_identity(report.source, report.data.ticket, decoded(sealed))
    except Refusal as refusal:
        to = report.data.sealed_to
        if to is None or to in rules.vault.key_ids:
            raise
        reason = "it is sealed to a key that is no longer in use"
        remedy = "fetch the key of GET /api/v1/vault/public-key, seal to that one, and send it again"
        raise Refusal(refusal.field, refusal.value, reason, remedy) from None


def _line(
    rules: Rules, report: Submission, number: str, code: str, kind: IdentityKind, person: Identity
) -> tuple[dict[str, Any], tuple[int, ...], bool]:
    """The register's line, scrubbed, as a row; the bands of its text; and whether scrubbing took anything out."""
    data = report.data
    known = Known(name=person.name, numbers=(person.phone, person.id_number))
    title, text = scrub(data.title, known), scrub(data.text, known)
    place = scrub(data.place, known) if data.place else None
    key, bands = matter.key_and_bands(title, text, place or "")
    line = {
        "number": number,
        "source": report.source,
        "ticket": data.ticket,
        "on_bus": report.on_bus,
        "channel": data.channel,
        "topic": data.topic,
        "title": title,
        "text": text,
        "place": place,
        "named_unit": scrub(data.unit, known) if data.unit else None,
        "publish_consent": data.publish_consent,
        "lat": data.lat,
        "long": data.long,
        "media_url": scrub(data.media_url, known) if data.media_url else None,
        "identity": kind,
        "petitioner": codes.petitioner_mark(
            rules.vault.codes,
            phone=person.phone,
            id_number=person.id_number,
            name=person.name,
            address=person.address,
        ),
        "reported_at": report.reported_at,
        "code_hash": codes.digest_of(code),
        "matter_key": key,
        **_FRESH,
    }
    return line, bands, (title, text, place) != (data.title, data.text, data.place)


def _sealed(rules: Rules, report: Submission, number: str, person: Identity, *, changed: bool) -> dict[str, Any] | None:
    """The vault's row: the identity and, where scrubbing changed it, the text as it was, each sealed."""
    data, vault = report.data, rules.vault
    identity = original = None
    if data.sealed_identity:
        identity = vault.renewed_identity(report.source, data.ticket, decoded(data.sealed_identity))
    elif person:
        identity = vault.seal_identity(report.source, data.ticket, person)
    if changed:
        text = data.model_dump_json(include={"title", "text", "place"})
        original = vault.seal("text", number, text.encode())
    if not identity and not original:
        return None
    return {
        "number": number,
        "source": report.source,
        "ticket": data.ticket,
        "identity": identity,
        "original": original,
        "key_id": vault.current,
    }
