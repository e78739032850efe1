"""What lower offices file: verified as `minping verify` does, kept in every version, or refused with reasons.

A filing is known by its sender and his number: sent twice it is one. What is refused is kept too, as proof.
"""

import datetime as dt
import json
from collections.abc import Callable, Sequence

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.canon import Malformed
from services.scoring.domain.filing import content_of, cycle_for, is_number, last_day, problems_of, unpack
from services.scoring.store import filings as store
from services.scoring.store import units
from services.scoring.store.filings import FilingOfficeRow, TakenFilingRow
from services.scoring.store.tables import UnitRow
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.filing_offices import files
from services.scoring.verify import Beside, verify_bytes
from shared.contracts import Event
from shared.contracts.filings import FilingReceipt, FilingReceived, FilingRefused, FilingSubmitted
from shared.errors import Refusal
from shared.store import Tx

RESULT = "result"


class CheckView(BaseModel):
    """One thing that was verified of a result."""

    name: str
    holds: bool
    says: str


class FilingView(BaseModel):
    """A filing as it was taken. state: received, refused, accepted, returned. late: after the programme's day."""

    id: int
    office: str
    filing: str
    unit: str
    unit_name: str
    kind: str
    cycle: str | None
    of_cycle: str
    version: int | None
    result_version: int | None
    title: str
    state: str
    late: bool
    by_bus: bool
    reasons: list[str]
    sha256: str
    came_by: str
    came_at: dt.datetime
    reviewed_by: str | None
    reviewed_at: dt.datetime | None
    part: str | None
    part_version: int | None


class FilingPage(BaseModel):
    """Filings, the newest first; `next` is the cursor of the following page, null at the end."""

    items: list[FilingView]
    next: str | None = None


class FilingDetail(FilingView):
    """A filing with what was verified, and the key that was believed then."""

    checks: list[CheckView]
    vkey: str


def take_from_bus(
    desk: Desk, now: Callable[[], dt.datetime], tx: Tx, event: Event[FilingSubmitted], subject: str
) -> None:
    """A filing came over the bus: the subject alone says who sent it. He gets a receipt, in any case.

    now: when it came, by this house's clock; what the sender says of the time proves nothing.
    """
    tx.now, office = now(), subject.rpartition(".")[2]
    row, repeated = _take(desk, tx, event.data, office, office, by_bus=True)
    answer(tx, row, repeated=repeated, answers=event.id)


def take_malformed(tx: Tx, subject: str, body: bytes, wrong: str) -> None:
    """A message that cannot be read is answered: nothing of it is kept."""
    office, number = subject.rpartition(".")[2], ""
    try:
        number = str(json.loads(body)["data"]["filing"])[:64]
    except (ValueError, TypeError, KeyError):
        number = ""
    receipt = FilingReceipt(filing=number, state="refused", reasons=(wrong,))
    tx.publish(receipt, subject=number, to=f"minping.receipt.{office}")
    metrics.after_commit(tx, lambda: metrics.count_filing("taken", "refused"))


def bring(desk: Desk, tx: Tx, given: FilingSubmitted) -> FilingDetail:
    """The office enters a filing that was brought as a file; its signature says whose it is. Raises Refusal."""
    units.unit(tx.session, given.unit)
    row, _ = _take(desk, tx, given, given.unit, acting(tx).sub, by_bus=False)
    return detail(tx.session, row)


def answer(tx: Tx, row: TakenFilingRow, *, repeated: bool = False, answers: str | None = None) -> None:
    """Tell a lower office on the bus how its filing stands."""
    receipt = FilingReceipt.model_validate(
        {"filing": row.filing, "state": row.state, "reasons": row.reasons, "repeated": repeated, "answers": answers}
    )
    tx.publish(receipt, subject=row.filing, to=f"minping.receipt.{row.office}", cycle=row.cycle)


def listed(
    session: Session, *, cycle: str | None, unit: str | None, state: str | None, before: int | None, limit: int
) -> FilingPage:
    """Filings, the newest first, as asked for."""
    rows = store.page(session, cycle=cycle, unit=unit, state=state, before=before, limit=limit)
    following = str(rows[-1].id) if len(rows) == limit else None
    return FilingPage(items=[view(session, row) for row in rows], next=following)


def view(session: Session, row: TakenFilingRow) -> FilingView:
    """A filing for people."""
    return FilingView.model_validate(_shown(session, row))


def detail(session: Session, row: TakenFilingRow) -> FilingDetail:
    """A filing with its checks."""
    return FilingDetail.model_validate({**_shown(session, row), "checks": row.checks, "vkey": row.vkey})


def _shown(session: Session, row: TakenFilingRow) -> dict[str, object]:
    known = units.units(session, [row.unit])
    fields = {name: getattr(row, name) for name in FilingView.model_fields if name != "unit_name"}
    return {**fields, "unit_name": known[0].name if known else row.unit}


def _take(
    desk: Desk, tx: Tx, given: FilingSubmitted, office: str, came_by: str, *, by_bus: bool
) -> tuple[TakenFilingRow, bool]:
    """The filing's row, and whether it had come before."""
    before = store.by_number(tx.session, office, given.filing)
    if before is not None and before.sha256 == given.sha256:
        return before, True
    row = TakenFilingRow(
        office=office, filing=given.filing, unit=given.unit, kind=given.kind, of_cycle=given.cycle_name,
        title=given.title, state="received", by_bus=by_bus, sha256=given.sha256, document=b"", note=given.note,
        came_by=came_by, came_at=tx.now,
    )  # fmt: skip
    if before is not None:
        row.state, row.reasons = "refused", ["filing: 编号已用于另一份文件 · this number was used for another document"]
        _tell_refused(tx, row)
        return row, False  # the first one keeps its number
    _judge(desk, tx, row, given)
    tx.session.add(row)
    tx.session.flush()
    if row.state == "refused":
        _tell_refused(tx, row)
    else:
        tx.publish(
            FilingReceived(
                filing=row.filing, office=row.office, unit=row.unit, cycle_name=row.cycle or "", of_cycle=row.of_cycle,
                kind=given.kind, version=row.version or 0, late=row.late, sha256=row.sha256,
            ),
            subject=row.filing, cycle=row.cycle,
        )  # fmt: skip
        metrics.after_commit(tx, lambda: metrics.count_filing("taken", "received"))
    return row, False


def _judge(desk: Desk, tx: Tx, row: TakenFilingRow, given: FilingSubmitted) -> None:
    """Verify everything; what does not hold is a reason to refuse."""
    session, reasons = tx.session, list[str]()
    try:
        if not is_number(given.filing):
            raise Malformed("filing: 编号格式不对 · only letters, digits, - and _, 64 at most")
        row.document = unpack(given.document, given.compression, given.sha256)
        unit = units.unit(session, given.unit)
        office = _office(desk, session, unit, row)
        patterns = [cycle.name for cycle in desk.programme.cycles]
        opened = [one.name for one in units.cycles(session)]
        row.cycle = cycle_for(given.for_cycle, given.cycle_name, opened, patterns)
        day = last_day(files(desk, unit), row.cycle, patterns, desk.calendar)
        row.late = day is not None and tx.now >= desk.calendar.end_of(day)
        before = store.versions(session, unit.key, given.cycle_name, given.kind)
        if given.kind == RESULT:
            reasons += _verified(row, office, before)
        if not reasons:
            row.version = len(before) + 1
    except Malformed as error:
        reasons.append(str(error))
    except Refusal as refusal:
        reasons.append(f"{refusal.field}: {refusal.reason}")
    if reasons:
        row.state, row.reasons = "refused", reasons


def _office(desk: Desk, session: Session, unit: UnitRow, row: TakenFilingRow) -> FilingOfficeRow:
    """The office that may file for a unit. Raises Refusal: it files nothing, has no confirmed key, or is not this."""
    files(desk, unit)
    found = store.believed(session, unit.key)
    if found is None:
        raise Refusal(
            "unit", unit.key, "公钥尚未登记确认 · its office's key is not registered here", "ask the office above", 409
        )
    if row.by_bus and found.account != row.office:
        raise Refusal(
            "unit",
            unit.key,
            f"与发送账户不符 · is not the office of account {row.office}",
            "file as your own unit",
            403,
        )
    row.vkey = found.vkey
    return found


def _verified(row: TakenFilingRow, office: FilingOfficeRow, before: Sequence[TakenFilingRow]) -> list[str]:
    """What does not hold of a result: its form, signature, key, arithmetic; then what only this office knows."""
    report = verify_bytes(row.document, "result.json", trusted={office.vkey}, beside=Beside(note=row.note.encode()))
    if report.kind != "published":
        return ["document: 不是公布的评议结果 · is no published result (result.json)"]
    row.checks = [{"name": c.name, "holds": c.holds, "says": c.says} for c in report.checks]
    if failed := [f"核验未通过：{c.title[0]} · {c.name}: {c.says}" for c in report.checks if not c.holds]:
        return failed
    content = content_of(row.document)
    row.result_version, row.programme = int(str(content["version"])), str(content["programme"])
    last = before[-1] if before else None
    return problems_of(
        content, cycle=row.of_cycle, version_before=last.result_version if last else None,
        programme_before=last.programme if last else None,
    )  # fmt: skip


def _tell_refused(tx: Tx, row: TakenFilingRow) -> None:
    refused = FilingRefused.model_validate(
        {"filing": row.filing, "office": row.office, "unit": row.unit, "of_cycle": row.of_cycle, "kind": row.kind,
         "reasons": row.reasons}
    )  # fmt: skip
    tx.publish(refused, subject=row.filing, cycle=row.cycle)
    metrics.after_commit(tx, lambda: metrics.count_filing("taken", "refused"))
