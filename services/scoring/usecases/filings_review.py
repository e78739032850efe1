"""The office above reviews what is filed: accepted, or returned with reasons; a mark goes the way of entered values.

Where the programme names a part, accepting a result gives the unit's mark. It is entered in the reviewer's name with
the filing as its document, and waits for a second person like every other value (S9).
"""

from typing import Literal

from pydantic import BaseModel, Field
from sqlmodel import Session

from services.scoring import metrics
from services.scoring.domain.filing import content_of
from services.scoring.domain.result_check import Row, result_rows
from services.scoring.store import filings as store
from services.scoring.store import units
from services.scoring.store.filings import TakenFilingRow
from services.scoring.usecases import parts
from services.scoring.usecases.desk import Desk, acting
from services.scoring.usecases.filing_offices import files
from services.scoring.usecases.filings_taken import RESULT, FilingDetail, answer, detail
from services.scoring.usecases.parts import Mark, NewValue, NewValues
from shared.contracts.filings import FilingReviewed
from shared.errors import Refusal
from shared.store import Tx


class Review(BaseModel):
    """What a reviewer says of a filing.

    mark, or items where the part has items: of an accepted result whose programme names a part. reasons: of a return,
    and of a mark that corrects a confirmed one.
    """

    decision: Literal["accepted", "returned"]
    reasons: str = Field(default="", max_length=5000)
    mark: Mark | None = None
    items: dict[str, Mark] = Field(default_factory=dict, max_length=50)


class FiledUnit(BaseModel):
    """A unit of the lower office as its result has it."""

    unit: str
    name: str
    category: str
    scope: str
    rank: int | None
    of: int
    composite: str | None
    formula: str
    last: bool
    not_ranked: str | None


class FiledUnitPage(BaseModel):
    """Rows of a filed ranking in its own order; `next` is the cursor of the following page, null at the end."""

    items: list[FiledUnit]
    next: str | None = None


def review(desk: Desk, tx: Tx, key: int, given: Review) -> FilingDetail:
    """Accept a filing or return it; the lower office is told. Raises Refusal."""
    row = store.taken(tx.session, key)
    _may_be_reviewed(tx.session, row)
    reasons = given.reasons.strip()
    if given.decision == "returned" and not reasons:
        raise Refusal("reasons", given.reasons, "empty", "say what is to be mended")
    wanted = files(desk, units.unit(tx.session, row.unit)).part if row.kind == RESULT else None
    part = wanted if given.decision == "accepted" else None
    if part is None and (given.mark is not None or given.items):
        reason = "no part of the composite takes a mark of this"
        raise Refusal("mark", str(given.mark or given.items), reason, "leave it out")
    if part is not None:
        row.part, row.part_version = part, _enter(desk, tx, row, part, given)
    row.state, row.reasons = given.decision, [reasons] if reasons else []
    row.reviewed_by, row.reviewed_at = acting(tx).sub, tx.now
    tx.session.add(row)
    tx.publish(
        FilingReviewed.model_validate(
            {"filing": row.filing, "office": row.office, "unit": row.unit, "cycle_name": row.cycle,
             "of_cycle": row.of_cycle, "kind": row.kind, "version": row.version, "decision": given.decision,
             "reasons": reasons, "part": part}
        ),
        subject=row.filing, cycle=row.cycle,
    )  # fmt: skip
    if row.by_bus:
        answer(tx, row)
    metrics.after_commit(tx, lambda: metrics.count_filing("taken", given.decision))
    return detail(tx.session, row)


def rows(session: Session, key: int, after: int, limit: int) -> FiledUnitPage:
    """The lower office's ranking as it filed it. Raises Refusal: no such filing (404), or it holds none (409)."""
    row = store.taken(session, key)
    if row.kind != RESULT or row.version is None:
        reason = "is a report" if row.kind != RESULT else "was refused: nothing in it is believed"
        raise Refusal("filing", key, reason, "fetch its document", 409)
    listed = list(result_rows(content_of(row.document)))
    return FiledUnitPage(
        items=[_unit(one) for one in listed[after : after + limit]],
        next=str(after + limit) if after + limit < len(listed) else None,
    )


def shown(session: Session, key: int) -> FilingDetail:
    """A filing with its checks. Raises Refusal (404)."""
    return detail(session, store.taken(session, key))


def document(session: Session, key: int) -> TakenFilingRow:
    """A filing with its document, as it came. Raises Refusal (404)."""
    return store.taken(session, key)


def _may_be_reviewed(session: Session, row: TakenFilingRow) -> None:
    if row.state != "received":
        raise Refusal("filing", row.filing, f"is {row.state}", "a further version is reviewed by itself", 409)
    newest = store.versions(session, row.unit, row.of_cycle, row.kind)[-1]
    if newest.id != row.id:
        raise Refusal("filing", row.filing, f"version {newest.version} came after it", f"review {newest.id}", 409)


def _enter(desk: Desk, tx: Tx, row: TakenFilingRow, part: str, given: Review) -> int:
    """Enter the mark as the unit's value of the part; its version. Raises Refusal."""
    if given.mark is None and not given.items:
        raise Refusal("mark", None, f"part {part} takes the review's mark", "give a mark of 0 to 100")
    named = units.unit(tx.session, row.unit).name
    value = NewValue(
        unit=row.unit,
        value=given.mark,
        items=given.items,
        document=f"{named}{row.of_cycle}评议结果备案第{row.version}版（{row.filing}）",
        document_sha256=row.sha256,
        reason=given.reasons,
    )
    return parts.enter(desk, tx, row.cycle or "", part, NewValues(values=[value]))[0].version


def _unit(row: Row) -> FiledUnit:
    fields = {name: row.get(name) for name in FiledUnit.model_fields}
    return FiledUnit.model_validate(fields)
