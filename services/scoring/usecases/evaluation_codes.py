"""One-time codes for online evaluation (S13): issued from service receipts, by a unit or by a source."""

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from datetime import datetime, time, timedelta

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring.domain.cards import TOKEN_BYTES
from services.scoring.domain.evaluation import Form, check_code, code_hash, code_text
from services.scoring.store import evaluations as store
from services.scoring.store import units
from services.scoring.store.tables import UnitRow
from services.scoring.usecases.desk import Desk
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, Actor
from shared.store import Tx

_HASH = re.compile(r"[0-9a-f]{64}")


class NewCodes(BaseModel):
    """Codes to issue for the receipts of one day of service."""

    count: int = Field(ge=1, le=10_000)
    served_on: dt.date
    section: str = Field(default="", max_length=64, description="section or post that served, if it is appraised")


class BatchView(BaseModel):
    """Codes issued together. They may be used up to, not including, `expires_at`."""

    batch: int
    unit: str
    section: str
    cycle: str
    served_on: dt.date
    expires_at: datetime
    codes: int


class IssuedCodes(BatchView):
    """The codes themselves, to be printed: shown here only, the server keeps their hashes."""

    name: str = Field(description="of the unit")
    last_day: dt.date = Field(description="the last on which they may be used")
    texts: list[str] = Field(repr=False)
    link: str = Field(default="", description="what goes before a code to make the link that its QR code holds")


class BatchList(BaseModel):
    """Batches in the order of issue; `next` is the cursor of the following page, null at the end."""

    items: list[BatchView]
    next: int | None


class Choice(BaseModel):
    """Something to choose, with its label in both languages."""

    key: str
    label: str
    label_en: str


class CodeForm(BaseModel):
    """What somebody with a code may evaluate, and whether it was done."""

    unit: str
    name: str
    name_en: str
    section: str
    served_on: dt.date
    expires_at: datetime
    last_day: dt.date
    used: bool
    dimensions: list[Choice]
    grades: list[Choice]
    abstain: Choice


def issue(desk: Desk, tx: Tx, unit: str, wanted: NewCodes) -> IssuedCodes:
    """New codes of a unit, answered once. A unit's people issue for their own unit only. Raises Refusal."""
    own_unit(tx.actor, unit)
    most = desk.programme.online.codes_at_once
    if wanted.count > most:
        raise Refusal("count", wanted.count, f"more than {most} at a time", "issue them in parts")
    return issue_at(desk, tx, unit, wanted.section, wanted.served_on, wanted.count)


def issue_at(
    desk: Desk, tx: Tx, unit: str, section: str, served_on: dt.date, number: int, file: str | None = None
) -> IssuedCodes:
    """New codes for services of a day. file: digest of the table of receipts that they are for. Raises Refusal."""
    tokens = [desk.entropy(TOKEN_BYTES) for _ in range(number)]
    hashes = [hashlib.sha256(token).digest() for token in tokens]
    by = tx.actor.sub if tx.actor else ""
    row = _batch(desk, tx, unit, section, served_on, len(hashes), by, file)
    store.add_codes(tx.session, row.id, hashes)
    return IssuedCodes(
        **batch_view(row).model_dump(), name=units.unit(tx.session, unit).name,
        last_day=last_day(desk, row.expires_at), texts=[code_text(token) for token in tokens],
    )  # fmt: skip


def register(
    desk: Desk, tx: Tx, unit: str, section: str, served_on: dt.date, hashes: Sequence[str], source: str
) -> int:
    """Codes that a source made itself, by their SHA-256; the same again changes nothing. Gives how many are new.

    Raises Refusal.
    """
    if not all(_HASH.fullmatch(h) for h in hashes):
        raise Refusal("code_hashes", "…", "not all are SHA-256", "send 64 hexadecimal digits each")
    wanted = {bytes.fromhex(h) for h in hashes}
    new = wanted - store.codes(tx.session, list(wanted)).keys()
    if new:
        row = _batch(desk, tx, unit, section, served_on, len(new), f"source:{source}")
        store.add_codes(tx.session, row.id, new)
    return len(new)


def form_of(desk: Desk, session: Session, typed: str) -> CodeForm:
    """What a code is for. Raises Refusal: 422 for a typing error, 404 for a code that is none of ours."""
    check_code(typed)
    batch, marks = store.code(session, code_hash(typed))
    p, form = desk.programme, store.forms(session)[batch.form]
    labels = {d.key: d.label for d in p.dimensions} | {g.key: g.label for g in p.grades}
    labels[p.abstain.key] = p.abstain.label
    unit = units.unit(session, batch.unit)

    def choice(key: str) -> Choice:
        found = labels.get(key)  # a programme that changed may not have it any more
        return Choice(key=key, label=found.zh if found else key, label_en=found.en or found.zh if found else key)

    return CodeForm(
        unit=batch.unit, name=unit.name, name_en=unit.name_en or unit.name, section=batch.section,
        served_on=batch.served_on, expires_at=batch.expires_at,
        last_day=last_day(desk, batch.expires_at), used=marks is not None,
        dimensions=[choice(k) for k in form.dimensions],
        grades=[choice(k) for k in form.grades], abstain=choice(form.abstain),
    )  # fmt: skip


def last_day(desk: Desk, expires_at: datetime) -> dt.date:
    """The last day on which a code may be used."""
    return (expires_at - timedelta(microseconds=1)).astimezone(desk.programme.zone).date()


def listed(session: Session, actor: Actor, unit: str, cycle: str, after: int, limit: int) -> BatchList:
    """A page of the batches of a unit, without codes. Raises Refusal."""
    own_unit(actor, unit)
    rows = store.issued(session, unit, cycle, after, limit)
    return BatchList(items=[batch_view(row) for row in rows], next=rows[-1].id if len(rows) == limit else None)


def batch_view(row: store.EvaluationBatchRow) -> BatchView:
    """A batch for people."""
    return BatchView(
        batch=row.id, unit=row.unit, section=row.section, cycle=row.cycle, served_on=row.served_on,
        expires_at=row.expires_at, codes=row.codes,
    )  # fmt: skip


def own_unit(actor: Actor | None, unit: str) -> None:
    """A unit's people issue for their own unit only. Raises Refusal (403)."""
    if actor is not None and actor.role in OF_A_UNIT and actor.unit != unit:
        raise Refusal("unit", unit, "is not your unit", "issue codes for your own receipts", 403)


def period_of(desk: Desk, tx: Tx, unit: str, served_on: dt.date) -> tuple[UnitRow, str, datetime]:
    """For a service of this day: the unit, the cycle, and up to when (exclusive) a code may be used. Raises Refusal."""
    appraised = units.unit(tx.session, unit)
    if appraised.retired_on is not None:
        raise Refusal("unit", unit, "is no more", "issue codes of its successor", 409)
    zone = desk.programme.zone
    noon = datetime.combine(served_on, time(12), zone)
    if served_on > tx.now.astimezone(zone).date():
        raise Refusal("served_on", served_on.isoformat(), "lies in the future", "codes are for services rendered")
    name = units.cycle_at(tx.session, noon)
    if name is None:
        raise Refusal("served_on", served_on.isoformat(), "lies in no cycle", "open the cycle first", 409)
    last = datetime.combine(served_on + timedelta(days=desk.programme.online.code_days + 1), time(), zone)
    held = desk.programme.online_round(appraised.category, desk.calendar.local_date(tx.now))
    rounds_end = [desk.calendar.end_of(held[1])] if held else []
    expires = min(last, units.cycle(tx.session, name).ends, *rounds_end)
    if expires <= tx.now:
        reason = "its codes would have expired already"
        raise Refusal("served_on", served_on.isoformat(), reason, "evaluation is soon after the service", 410)
    return appraised, name, expires


def _batch(
    desk: Desk, tx: Tx, unit: str, section: str, served_on: dt.date, number: int, by: str, file: str | None = None
) -> store.EvaluationBatchRow:
    appraised, name, expires = period_of(desk, tx, unit, served_on)
    row = store.EvaluationBatchRow(
        id=int.from_bytes(desk.entropy(7), "big") >> 3, unit=unit,
        section=section, cycle=name, form=_form(desk, tx, appraised), served_on=served_on,
        expires_at=expires, codes=number, issued_by=by, issued_at=tx.now, file=file,
    )  # fmt: skip
    tx.session.add(row)
    tx.session.flush()
    return row


def _form(desk: Desk, tx: Tx, unit: UnitRow) -> int:
    p = desk.programme
    held = p.online_round(unit.category, desk.calendar.local_date(tx.now))
    asked, grades = tuple(d.key for d in p.dimensions_of(unit.group)), tuple(g.key for g in p.grades)
    form = Form(asked, grades, p.abstain.key, held[0].key if held else "")
    in_round = [form.round] if form.round else []
    text = json.dumps([form.dimensions, form.grades, form.abstain, *in_round], ensure_ascii=False)
    return store.keep_form(tx.session, hashlib.sha256(text.encode()).hexdigest(), form)
