"""This office files its published result with the one above it: over that office's bus, or as a file that is carried.

What is filed is kept as it was then. A further version is a further filing: nothing is overwritten, and every answer
stays with what it answers.
"""

import base64
import binascii
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.canon import digest
from services.scoring.domain.filing import pack
from services.scoring.store import filed as store
from services.scoring.store import units
from services.scoring.store.filed import SentFilingRow
from services.scoring.usecases import embargo, exports
from services.scoring.usecases.desk import Desk, acting
from shared.contracts import Event
from shared.contracts.filings import FilingAnswered, FilingReceipt, FilingSubmitted, ResultFiled
from shared.errors import Refusal
from shared.store import Tx

LARGEST = 940_000
"""Bytes of a document as it travels, packed and in base64: a message is 1 MB at most."""
RESULT = "result"
PENDING = ("waiting", "sent", "received")


@dataclass(frozen=True, slots=True)
class Upward:
    """Where this office files: the unit that it is with the office above, and whether that one's bus is known."""

    unit: str = ""
    by_bus: bool = False


class NewFiling(BaseModel):
    """What is filed of a cycle: its published result, or a report on it (`document` in base64, with a title).

    by: `file` where it is carried although the bus is known. unit: what this office is with the one above, where the
    settings do not say. for_cycle: of the office above, where it is not plain.
    """

    kind: Literal["result", "report"] = "result"
    by: Literal["bus", "file"] | None = None
    unit: str = Field(default="", max_length=64)
    for_cycle: str = Field(default="", max_length=64)
    title: str = Field(default="", max_length=200)
    document: str = Field(default="", max_length=LARGEST)


class Carried(BaseModel):
    """What the office above answered by letter or telephone, as to a filing that was carried."""

    state: Literal["received", "refused", "accepted", "returned"]
    reasons: list[str] = Field(default_factory=list, max_length=50)


class AnswerView(BaseModel):
    """An answer of the office above."""

    state: str
    reasons: list[str]
    at: dt.datetime
    by: str


class SentFilingView(BaseModel):
    """A filing. state: waiting (to be sent or carried), sent, received, refused, accepted, returned."""

    filing: str
    cycle: str
    for_cycle: str
    unit: str
    kind: str
    version: int
    result_version: int | None
    title: str
    sha256: str
    by_bus: bool
    state: str
    filed_by: str
    filed_at: dt.datetime
    sent_at: dt.datetime | None
    answers: list[AnswerView]


class SentFilingPage(BaseModel):
    """Filings of a cycle, the newest first; `next` is the cursor of the following page, null at the end."""

    items: list[SentFilingView]
    next: str | None = None


def file(desk: Desk, to: Upward, tx: Tx, cycle: str, given: NewFiling) -> SentFilingView:
    """File a published result, or a report on it. Raises Refusal: not published, one is under way, too large."""
    units.cycle(tx.session, cycle)
    if not embargo.is_public(tx.session, cycle):
        raise Refusal("cycle", cycle, "its ranking is not published", "file it after the publication", 409)
    unit, by_bus = to.unit or given.unit, to.by_bus if given.by is None else given.by == "bus"
    if not unit:
        raise Refusal("unit", given.unit, "nobody said what this office is with the one above", "give its key there")
    if by_bus and not to.by_bus:
        raise Refusal("by", "bus", "no office above is known", "set MINPING_FILES_TO_URL, or file by `file`", 409)
    before = store.versions(tx.session, cycle, given.kind)
    row = SentFilingRow(
        filing=uuid.uuid4().hex, cycle=cycle, for_cycle=given.for_cycle, unit=unit, kind=given.kind,
        version=len(before) + 1, document=b"", sha256="", by_bus=by_bus, filed_by=acting(tx).sub, filed_at=tx.now,
    )  # fmt: skip
    _fill(desk, tx.session, row, given)
    if before and before[-1].state in PENDING and before[-1].sha256 == row.sha256:
        reason = f"the same is filed as version {before[-1].version}, which is {before[-1].state}"
        raise Refusal("cycle", cycle, reason, "wait for the answer to it, or enter it", 409)
    tx.session.add(row)
    tx.session.flush()
    tx.publish(
        ResultFiled(
            filing=row.filing, cycle_name=cycle, kind=given.kind, version=row.version,
            result_version=row.result_version, unit=unit, by="bus" if by_bus else "file", sha256=row.sha256,
        ),
        subject=row.filing, cycle=cycle,
    )  # fmt: skip
    metrics.after_commit(tx, lambda: metrics.count_filing("sent", "waiting"))
    return _view(row)


def listed(session: Session, cycle: str, before: int | None, limit: int) -> SentFilingPage:
    """Filings of a cycle, the newest first. Raises Refusal (404)."""
    units.cycle(session, cycle)
    rows = store.page(session, cycle, before, limit)
    return SentFilingPage(items=[_view(row) for row in rows], next=str(rows[-1].seq) if len(rows) == limit else None)


def carried(session: Session, cycle: str, number: str) -> FilingSubmitted:
    """A filing as it is carried: the body that the office above enters. Raises Refusal (404)."""
    return _data(store.filing(session, cycle, number))


def enter_answer(tx: Tx, cycle: str, number: str, given: Carried) -> SentFilingView:
    """Enter an answer that came by letter or telephone. Raises Refusal."""
    row = store.filing(tx.session, cycle, number)
    if row.by_bus and row.state == "waiting":
        raise Refusal("filing", number, "is not sent yet", "wait until the office above has it", 409)
    if given.state in ("refused", "returned") and not any(reason.strip() for reason in given.reasons):
        raise Refusal("reasons", given.reasons, "empty", "say what the office above said")
    if row.state in ("refused", "accepted", "returned"):
        raise Refusal("filing", number, f"is {row.state}", "file a further version", 409)
    _answered(tx, row, given.state, given.reasons, acting(tx).sub)
    return _view(row)


def waiting(session: Session, limit: int = 20) -> list[tuple[str, bytes]]:
    """Number and message of the filings that the higher office's bus has not taken, in the order of filing."""
    return [(row.filing, message(row)) for row in store.to_send(session, limit)]


def sent(tx: Tx, number: str) -> None:
    """The higher office's stream has it. An answer may have come first: that stays."""
    row = store.by_number(tx.session, number)
    if row is not None and row.state == "waiting":
        row.state, row.sent_at = "sent", tx.now
        tx.session.add(row)
        metrics.after_commit(tx, lambda: metrics.count_filing("sent", "sent"))


def answered(tx: Tx, receipt: FilingReceipt) -> None:
    """A receipt of the office above. One of a filing that nobody here knows says nothing to us."""
    row = store.by_number(tx.session, receipt.filing)
    if row is None or (receipt.repeated and row.state == receipt.state):
        return
    if receipt.state == "received" and row.state in ("accepted", "returned"):
        return  # it came after its own review
    _answered(tx, row, receipt.state, list(receipt.reasons), "")


def message(row: SentFilingRow) -> bytes:
    """The filing on the bus: the same bytes however often it is sent."""
    event = Event[FilingSubmitted](
        id=row.filing, source=f"minping.office.{row.unit}", type=FilingSubmitted.TYPE, time=row.filed_at,
        subject=row.filing, cycle=row.cycle, data=_data(row),
    )  # fmt: skip
    return event.model_dump_json().encode()


def _fill(desk: Desk, session: Session, row: SentFilingRow, given: NewFiling) -> None:
    if given.kind == RESULT:
        if given.document or given.title:
            raise Refusal("document", given.title, "the result is filed as it is published", "file it as a report")
        row.document, row.note = exports.signed(desk, session, row.cycle)
        row.result_version = embargo.public_ranking(session, row.cycle).version
    else:
        if not given.title.strip() or not given.document:
            raise Refusal("document", given.title, "a report has a title and a document", "give both")
        try:
            row.document = base64.b64decode(given.document, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal("document", given.title, f"is no base64: {error}", "encode the file") from error
        row.title = given.title
    if (size := len(pack(row.document))) > LARGEST:
        raise Refusal("document", size, f"packed it may have {LARGEST} bytes", "file a shorter report", 413)
    row.sha256 = digest(row.document)


def _data(row: SentFilingRow) -> FilingSubmitted:
    return FilingSubmitted.model_validate(
        {"filing": row.filing, "cycle_name": row.cycle, "for_cycle": row.for_cycle, "unit": row.unit,
         "kind": row.kind, "title": row.title, "document": pack(row.document), "compression": "gzip",
         "note": row.note, "sha256": row.sha256}
    )  # fmt: skip


def _answered(tx: Tx, row: SentFilingRow, state: str, reasons: list[str], by: str) -> None:
    row.state = state
    row.answers = [*row.answers, {"state": state, "reasons": reasons, "at": tx.now.isoformat(), "by": by}]
    tx.session.add(row)
    told = FilingAnswered.model_validate(
        {"filing": row.filing, "cycle_name": row.cycle, "kind": row.kind, "state": state, "reasons": reasons}
    )
    tx.publish(told, subject=row.filing, cycle=row.cycle)
    metrics.after_commit(tx, lambda: metrics.count_filing("sent", state))


def _view(row: SentFilingRow) -> SentFilingView:
    return SentFilingView.model_validate(row, from_attributes=True)
