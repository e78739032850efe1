"""A clerk mends what was kept for repair and sends it in again (I2)."""

import json
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from services.intake import store
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models import MendIn, Receipt, RepairList, RepairOut
from services.intake.rules import Rules
from services.intake.store.paging import following
from services.intake.usecases.inbox import answer, parse
from services.intake.usecases.report import Submission, register
from shared.contracts.envelope import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.errors import Refusal
from shared.store import Tx

_SHOWN = ("ticket", "channel", "title", "text", "unit", "topic", "place", "identity")
_LONGEST = 20_000


def listed(session: Session, *, mended: bool, after: Mark | None, limit: int) -> RepairList:
    """What waits for repair (or was mended), without the texts."""
    rows = store.repairs(session, mended=mended, after=after, limit=limit)
    items = [RepairOut.model_validate(row, from_attributes=True) for row in rows]
    return RepairList(items=items, next=following(rows, limit, lambda row: (row.kept_at, row.id)))


def shown(rules: Rules, session: Session, key: str) -> RepairOut:
    """One report with its fields, scrubbed; its identity part stays sealed. Raises Refusal (404)."""
    row = _row(session, key)
    body = rules.vault.open("repair", row.id, row.body)
    parsed = parse(body)
    fields = {name: scrub(str(parsed["data"][name]))[:_LONGEST] for name in _SHOWN if name in parsed["data"]}
    if "time" in parsed["event"]:
        fields["reported_at"] = str(parsed["event"]["time"])[:64]
    out = RepairOut.model_validate(row, from_attributes=True)
    raw = None if parsed["event"] else scrub(body.decode("utf-8", "replace"))[:_LONGEST]
    has_identity = bool(parsed["data"].get("sealed_identity"))
    return out.model_copy(update={"fields": fields, "raw": raw, "has_identity": has_identity})


def resubmit(rules: Rules, tx: Tx, key: str, changes: MendIn, by: str) -> Receipt:
    """Register a mended report under its source; the source is told. Raises Refusal naming what is still wrong."""
    row = _row(tx.session, key)
    if row.number:
        raise Refusal("repair", key, f"it was registered as {row.number}", "see that complaint", 409)
    event = mended(parse(rules.vault.open("repair", row.id, row.body)), changes)
    report = Submission(source=row.source, data=event.data, reported_at=event.time, on_bus=row.on_bus)
    receipt = register(rules, tx, report)
    row.number, row.mended_by, row.mended_at = receipt.number, by, tx.now
    if row.on_bus:
        answer(tx, row.source, event.data.ticket, None, receipt)
    return receipt


def mended(parsed: dict[str, dict[str, Any]], changes: MendIn) -> Event[ComplaintSubmitted]:
    """The broken message with the clerk's changes. Raises Refusal naming the field that is still wrong."""
    known = ComplaintSubmitted.model_fields
    data = {name: value for name, value in parsed["data"].items() if name in known}
    data |= changes.model_dump(exclude_none=True, exclude={"reported_at", "drop_identity"})
    if changes.drop_identity:
        data.pop("sealed_identity", None)
        data["identity"] = "anonymous"
    time = changes.reported_at.isoformat() if changes.reported_at else parsed["event"].get("time")
    whole = {
        "id": "mended",
        "source": "repair",
        "type": ComplaintSubmitted.TYPE,
        "time": time,
        "data": data,
    }
    try:
        return Event[ComplaintSubmitted].model_validate_json(json.dumps(whole))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]).removeprefix("data.")
        field = "reported_at" if field == "time" else field
        raise Refusal(field, "…", first["msg"], f"mend {field} too") from None


def _row(session: Session, key: str) -> store.Repair:
    row = session.get(store.Repair, key)
    if row is None:
        raise Refusal("repair", key, "nothing is kept under this id", "see GET /api/v1/repairs", 404)
    return row
