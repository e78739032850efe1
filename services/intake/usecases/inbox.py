"""Reports from the bus: registered, or kept for repair with the error beside them; the source always gets a receipt."""

import hashlib
import json
from typing import Any

from services.intake import metrics, store
from services.intake.domain.scrub import scrub
from services.intake.models import Receipt
from services.intake.rules import Rules
from services.intake.usecases.report import Submission, register
from services.intake.usecases.resealing import renewed_body
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted, ReceiptIssued
from shared.errors import Refusal
from shared.store import Tx

SHOWN = 80
_SECRET = ("identity", "sealed_identity", "person", "name", "phone", "address", "id_number")
REMEDIES = {
    "time": "write the time of the report as RFC 3339, for example 2026-03-05T09:30:00+08:00",
    "data.ticket": "give each report its ticket number, at most 64 characters",
    "data.text": "give the text of the complaint, at most 20,000 characters",
    "data.channel": "name a channel of the programme",
    "(body)": "send a CloudEvent as JSON",
}


def register_submitted(rules: Rules, tx: Tx, event: Event[ComplaintSubmitted], subject: str) -> None:
    """A source's report. What the programme cannot take is kept for repair, never dropped (I2)."""
    source = source_of(subject)
    report = Submission(source=source, data=event.data, reported_at=event.time, on_bus=True)
    try:
        receipt = register(rules, tx, report)
    except Refusal as refusal:
        body = event.model_dump_json().encode()
        keep(rules, tx, source, body, refusal)
        return
    answer(tx, source, event.data.ticket, event.id, receipt)


def keep_malformed(rules: Rules, tx: Tx, subject: str, body: bytes, field: str, value: str, reason: str) -> None:
    """A message that does not parse: kept whole, with the field at fault, and told to its source."""
    where = "reported_at" if field == "time" else field.removeprefix("data.")
    remedy = REMEDIES.get(field, "see the contract of minping.inbox.complaint.submitted.v1")
    keep(rules, tx, source_of(subject), body, Refusal(where, value, reason, remedy))


def source_of(subject: str) -> str:
    """The source of a message: the last token of its subject, whatever the body claims."""
    return subject.rpartition(".")[2]


def keep(rules: Rules, tx: Tx, source: str, body: bytes, refusal: Refusal) -> None:
    """Keep a report for repair; the same broken report again is the same repair, and a mended one is repeated."""
    parsed = parse(body)
    ticket, event_id = _text(parsed["data"].get("ticket")), _text(parsed["event"].get("id"))
    same = fingerprint(body)
    known = store.repair_by_fingerprint(tx.session, source, same)
    if known is None:
        value = "…" if refusal.field.split(".")[0] in _SECRET else scrub(str(refusal.value or ""))[:SHOWN]
        key, vault = f"{source}-{same[:16]}", rules.vault
        known = store.Repair(
            id=key,
            source=source,
            fingerprint=same,
            ticket=ticket,
            on_bus=True,
            field=refusal.field[:64],
            value=value,
            reason=scrub(refusal.reason),
            remedy=refusal.remedy,
            body=vault.seal("repair", key, renewed_body(vault, source, body)),
            key_id=vault.current,
            kept_at=tx.now,
        )
        tx.session.add(known)
        tx.session.flush()
        metrics.count(tx, metrics.KEPT, metrics.field_label(refusal.field))
    elif known.number:
        line = store.by_number(tx.session, known.number)
        store.count_repeat(tx.session, line.number)
        code = rules.tracking_code(line.number)
        receipt = Receipt(state="repeated", number=line.number, linked_to=line.lead, tracking_code=code)
        answer(tx, source, ticket or event_id or known.id, event_id, receipt)
        return
    tx.publish(
        ReceiptIssued(
            ticket=ticket or event_id or known.id,
            answers=event_id,
            state="kept_for_repair",
            field=known.field,
            value=known.value,
            reason=known.reason,
            remedy=known.remedy,
        ),
        subject=ticket or known.id,
        to=f"minping.receipt.{source}",
    )


def answer(tx: Tx, source: str, ticket: str, event_id: str | None, receipt: Receipt) -> None:
    """A receipt to a source on the bus."""
    tx.publish(
        ReceiptIssued(
            ticket=ticket,
            answers=event_id,
            state=receipt.state,
            number=receipt.number,
            tracking_code=receipt.tracking_code,
            linked_to=receipt.linked_to,
            reason=receipt.note,
        ),
        subject=ticket,
        to=f"minping.receipt.{source}",
    )


def parse(body: bytes) -> dict[str, dict[str, Any]]:
    """What can be read of a broken message: its envelope and its data, each an object, perhaps empty."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        event = {}
    event = event if isinstance(event, dict) else {}
    data = event.get("data")
    return {"event": event, "data": data if isinstance(data, dict) else {}}


def fingerprint(body: bytes) -> str:
    """The same for the same broken report sent again: its id and the seal, which differ each time, left out."""
    parsed = parse(body)
    if not parsed["event"]:
        return hashlib.sha256(body).hexdigest()
    data = {key: value for key, value in parsed["data"].items() if key != "sealed_identity"}
    about = {"time": parsed["event"].get("time"), "data": data or parsed["event"].get("data")}
    return hashlib.sha256(json.dumps(about, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _text(value: object) -> str | None:
    """A ticket or an id that fits where tickets stand, else None."""
    return value if isinstance(value, str) and 0 < len(value) <= 128 else None
