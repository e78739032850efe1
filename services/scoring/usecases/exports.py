"""A published result to take away (S14): a table, data signed by the system; both of one version."""

import io
from dataclasses import replace
from decimal import Decimal
from typing import cast

from sqlmodel import Session

from services.scoring.domain.canon import Json, parse_canonical
from services.scoring.domain.ledger import BARE
from services.scoring.domain.note import assemble
from services.scoring.domain.published import published_bytes, published_note
from services.scoring.domain.result import numbers_json
from services.scoring.store import meetings
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.embargo import public_ranking
from services.scoring.usecases.outcome import Outcome, outcome
from shared.spreadsheet import Column, write


def signed(desk: Desk, session: Session, cycle: str, version: int | None = None) -> tuple[bytes, str]:
    """A published result as canonical JSON, and the system's signed note over it. Raises Refusal (404)."""
    row = public_ranking(session, cycle, version)
    kept = cast(dict[str, Json], parse_canonical(row.result))
    # one that an earlier release issued has no numbers of its own beside it, and was computed of deductions alone
    numbers = numbers_json(replace(desk.numbers, ledger=BARE))
    data = published_bytes(
        {**numbers, "intervals": None, **kept},
        programme=desk.programme.key, cycle=cycle, version=row.version, reason=row.reason, issued_at=row.issued_at,
        key=desk.signer.vkey,
    )  # fmt: skip
    text = published_note(desk.programme.key, cycle, row.version, data)
    return data, assemble(text, [desk.signer.sign(text)])


def workbook(desk: Desk, session: Session, cycle: str, version: int | None = None) -> bytes:
    """A published result as .xlsx, a row a unit; texts stay texts. Raises Refusal (404)."""
    found = outcome(session, cycle, version)
    parts = list(dict.fromkeys(term.part for row in found.rows for term in row.parts))
    labels = {part.key: part.label.zh for part in desk.programme.composite}
    target = io.BytesIO()
    columns = [
        *(Column("排名范围", 22), Column("名次", 7), Column("单位", 26), Column("代码", 10), Column("类别", 14)),
        *(Column("综合得分", 10), *(Column(labels.get(part, part), 10) for part in parts)),
        *(Column("95%区间自", 10), Column("至", 6), Column("可能末位", 9), Column("走关系拉选票", 12)),
        *(Column("按得票名次", 10), Column("不排名原因", 24), Column("公式", 50)),
    ]
    write(
        target, "评议结果", columns, _table(found, parts), zone=desk.programme.zone,
        title=f"{cycle} 评议结果 第{found.version}版", made=found.issued_at,
    )  # fmt: skip
    return target.getvalue()


def _table(found: Outcome, parts: list[str]) -> list[list[object]]:
    rows: list[list[object]] = []
    for row in found.rows:
        values = {term.part: None if term.value is None else Decimal(term.value) for term in row.parts}
        rows.append(
            [
                *(row.scope, row.rank, row.name, row.unit, row.category),
                None if row.composite is None else Decimal(row.composite),
                *(values.get(part) for part in parts),
                *(row.rank_low, row.rank_high, row.may_be_last, row.canvassing),
                *(row.merit_rank, row.not_ranked, row.formula),
            ]
        )
    return rows


def checkpoints(session: Session, found: Outcome) -> dict[str, bytes]:
    """The signed checkpoint of every meeting of a published result."""
    return {f"checkpoint-{name}.txt": meetings.file(session, name, "checkpoint.txt") for name in found.meetings}
