"""Results filed with the higher office (备案): content frozen when it is made, as a sheet, with the receipt (I12)."""

import hashlib
import json
import uuid
from datetime import timedelta
from io import BytesIO
from typing import Any

from sqlmodel import Session

from services.intake import store
from services.intake.domain.mark import Mark
from services.intake.domain.scrub import scrub
from services.intake.models.filing import FilingDetail, FilingIn, FilingList, FilingOut, FilingReceiptIn
from services.intake.rules import Rules
from services.intake.store.broadcasts import Filing
from services.intake.store.paging import following
from shared import spreadsheet
from shared.contracts.publicity import OutcomeFiled
from shared.errors import Refusal
from shared.identity import Actor
from shared.spreadsheet import Column
from shared.store import Tx

OUTCOMES = {
    "solved": "已解决",
    "solved_unconfirmed": "已解决（未获群众确认）",
    "explained": "已作出说明",
    "unfounded": "查无实据",
    "outside_jurisdiction": "不属管辖范围",
    "disputed": "存在争议",
}
COLUMNS = {
    "number": Column("受理编号", 14),
    "channel": Column("受理渠道", 14),
    "reported_on": Column("受理日期", 12),
    "topic": Column("问题类型", 14),
    "title": Column("事项", 30),
    "text": Column("反映内容", 50),
    "petitioners": Column("反映人数", 10),
    "unit": Column("承办单位", 20),
    "outcome": Column("办理结果", 18),
    "reply": Column("答复内容", 50),
    "closed_on": Column("办结日期", 12),
    "grades": Column("回访评价", 20),
    "broadcast": Column("媒体反馈", 30),
}


def make(rules: Rules, tx: Tx, actor: Actor, given: FilingIn) -> FilingOut:
    """Freeze what was closed in a period, both days inclusive. Raises Refusal: no period, or not over yet."""
    if given.last < given.first:
        raise Refusal("last", given.last.isoformat(), "it lies before the first day", "check the days")
    if given.last >= rules.calendar.local_date(tx.now):  # what is closed later on that day would be filed nowhere
        raise Refusal("last", given.last.isoformat(), "the period is not over", "file what was closed by yesterday")
    calendar = rules.calendar
    lines = store.broadcasts.closed_between(
        tx.session, calendar.start_of(given.first), calendar.start_of(given.last + timedelta(days=1))
    )
    rows = [_matter(rules, tx.session, line) for line in lines]
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
    row = Filing(
        id=uuid.uuid4().hex,
        office=scrub(given.office),
        first=given.first,
        last=given.last,
        rows=rows,
        digest=digest,
        by=actor.sub,
        at=tx.now,
    )
    tx.session.add(row)
    return _out(row)


def _matter(rules: Rules, session: Session, line: store.Complaint) -> dict[str, Any]:
    """A closed matter as it is filed; never who complained."""
    programme, local = rules.programme, rules.calendar.local_date
    numbers = [line.number, *store.petitioners(session, line.number)]
    grades = {grade.key: grade.label.zh for grade in programme.callback.grades}
    asked = store.callbacks(session, state=None, case=line.number, after=0, limit=1_000)
    answers = [grades.get(task.grade or "", "未联系上") for task in asked if task.state in ("graded", "not_reached")]
    told = store.broadcasts.broadcasts(session, numbers)
    unit = session.get(store.Unit, line.unit) if line.unit else None
    return {
        "number": line.number,
        "channel": programme.channel(line.channel).label.zh,
        "reported_on": local(line.reported_at).isoformat(),
        "topic": programme.topic(line.topic).label.zh if line.topic else "",
        "title": line.title,
        "text": line.text,
        "petitioners": line.petitioners,
        "unit": unit.name if unit else line.unit or "",
        "outcome": OUTCOMES.get(line.outcome or "", line.outcome or ""),
        "reply": line.reply,
        "closed_on": local(line.closed_at).isoformat() if line.closed_at else "",
        "grades": "、".join(answers),
        "broadcast": "；".join(f"{one.on} {one.outlet}" for one in told),
    }


def sheet(rules: Rules, session: Session, key: str) -> bytes:
    """The filing as .xlsx, with Chinese headings; nothing in a cell runs. Raises Refusal (404)."""
    row = _row(session, key)
    target = BytesIO()
    spreadsheet.write(
        target,
        "办理结果",
        list(COLUMNS.values()),
        ([matter.get(name) for name in COLUMNS] for matter in row.rows),
        zone=rules.programme.zone,
        title=f"{rules.programme.office.zh}办理结果备案（{row.first}至{row.last}）",
        made=row.at,
    )
    return target.getvalue()


def receive(rules: Rules, tx: Tx, actor: Actor, key: str, given: FilingReceiptIn) -> FilingOut:
    """The higher office's receipt, once. Raises Refusal."""
    row = _row(tx.session, key)
    if row.receipt:
        raise Refusal("filing", key, f"its receipt {row.receipt} is entered", "a receipt is entered once", 409)
    if not rules.calendar.local_date(row.at) <= given.on <= rules.calendar.local_date(tx.now):
        raise Refusal("on", given.on.isoformat(), "it lies before the filing or in the future", "check the day")
    row.receipt, row.receipt_on = scrub(given.number), given.on
    row.receipt_by, row.receipt_at = actor.sub, tx.now
    data = OutcomeFiled(number=key, office=row.office, on=given.on, receipt=row.receipt)
    tx.publish(data, subject=key)
    return _out(row)


def listed(session: Session, after: Mark | None, limit: int) -> FilingList:
    """Filings, the newest first."""
    rows = store.broadcasts.filings(session, after, limit)
    return FilingList(items=[_out(row) for row in rows], next=following(rows, limit, lambda row: (row.at, row.id)))


def shown(session: Session, key: str) -> FilingDetail:
    """A filing with its content. Raises Refusal (404)."""
    row = _row(session, key)
    return FilingDetail(**_out(row).model_dump(), rows=row.rows)


def _row(session: Session, key: str) -> Filing:
    row = session.get(Filing, key)
    if row is None:
        raise Refusal("filing", key, "no filing has this id", "see GET /api/v1/filings", 404)
    return row


def _out(row: Filing) -> FilingOut:
    return FilingOut(**row.model_dump(exclude={"rows"}), matters=len(row.rows))
