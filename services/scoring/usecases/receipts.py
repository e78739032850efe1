"""Codes in bulk from a table of service receipts (S13): all rows are good, or none is issued and faults are named."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from pydantic import BaseModel, Field

from services.scoring.domain.receipt_rows import Defaults, Receipts, columns, digest, take_rows
from services.scoring.domain.register_rows import Refused
from services.scoring.store import evaluations as store
from services.scoring.store import units
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_codes import IssuedCodes, issue_at, own_unit, period_of
from services.scoring.usecases.unit_import import RegisterRow, RowRefused
from shared.errors import Refusal
from shared.store import Tx

MOST_ROWS, MOST_CODES = 5_000, 10_000
Group = tuple[str, str, dt.date]


class ReceiptFile(BaseModel):
    """A table of receipts: a row each, or a row for many (份数). Columns by usual names; others are passed over."""

    header: list[str] = Field(min_length=1, max_length=100)
    rows: list[RegisterRow] = Field(min_length=1, max_length=MOST_ROWS)
    unit: str = Field(default="", max_length=48, description="the unit of rows that name none")
    served_on: dt.date | None = Field(default=None, description="the day of rows that name none")
    again: bool = Field(default=False, description="issue others, though the same table had its codes already")


class CodesReport(BaseModel):
    """Every row accounted for. With a row refused nothing is issued: mend the table and send it whole."""

    read: int
    issued: int
    refused: list[RowRefused]
    passed_over: list[str] = Field(description="columns that nothing is taken from")
    batches: list[IssuedCodes]


def issue_for(desk: Desk, tx: Tx, given: ReceiptFile) -> CodesReport:
    """A code for each receipt, by unit, section and day; shown in this answer only.

    A unit's people issue for their own unit. Raises Refusal: 422 for the header, 413 for more than fit at once, 409
    where the same table had its codes before.
    """
    rows = ((one.row, one.cells) for one in given.rows)
    own = tx.actor.unit if tx.actor and tx.actor.unit else ""
    names = _Names(tx)
    taken, refused = take_rows(given.header, rows, names.key, Defaults(given.unit or own, given.served_on))
    groups = _grouped(taken)
    refused += _wrong(desk, tx, groups)
    used = set(columns(given.header).values())
    report = CodesReport(
        read=len(given.rows), issued=0, batches=[],
        refused=[RowRefused.model_validate(asdict(one)) for one in sorted(refused, key=lambda one: one.row)],
        passed_over=[column for column in given.header if column not in used and column.strip()],
    )  # fmt: skip
    if refused:
        return report
    number = sum(one.count for one in taken)
    if not number:
        raise Refusal("rows", len(given.rows), "there is no receipt in the table", "check that it is the right one")
    if number > MOST_CODES:
        raise Refusal("rows", number, f"more than {MOST_CODES} codes at once", "send it in parts", 413)
    file = digest(taken)
    if not given.again and (before := store.issued_for(tx.session, file)) is not None:
        reason = f"these very receipts had their codes on {before.issued_at.astimezone(desk.programme.zone):%Y-%m-%d}"
        raise Refusal("rows", number, reason, "use those; or ask for others with `again`", 409)
    for (unit, section, day), parts in groups.items():
        report.batches.append(issue_at(desk, tx, unit, section, day, sum(one.count for one in parts), file))
    report.issued = number
    return report


class _Names:
    """Units by the name that a table gives, read once."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._keys: dict[str, list[str]] | None = None

    def key(self, name: str) -> str:
        """The key of the one standing unit of this name (or key). Raises Refusal."""
        if self._keys is None:
            self._keys = {}
            for row in units.standing(self._tx.session):
                for said in {row.name, row.name_en, row.key} - {""}:
                    self._keys.setdefault(said, []).append(row.key)
        found = self._keys.get(name, [])
        if len(found) != 1:
            reason = "several units bear this name" if found else "no unit bears this name"
            raise Refusal("name", name[:64], reason, "write its key in a column 单位编码")
        return found[0]


def _grouped(taken: Iterable[Receipts]) -> dict[Group, list[Receipts]]:
    groups: dict[Group, list[Receipts]] = {}
    for one in taken:
        groups.setdefault((one.unit, one.section, one.served_on), []).append(one)
    return groups


def _wrong(desk: Desk, tx: Tx, groups: dict[Group, list[Receipts]]) -> list[Refused]:
    """Rows for which no code can be issued, all of them: nobody mends a table a fault at a time."""
    found: list[Refused] = []
    most = desk.programme.online.codes_at_once
    for (unit, _, day), parts in groups.items():
        try:
            own_unit(tx.actor, unit)
            period_of(desk, tx, unit, day)
            if sum(one.count for one in parts) > most:
                reason = f"more than {most} of a unit, section and day at a time"
                raise Refusal("count", sum(one.count for one in parts), reason, "send them in parts")
        except Refusal as why:
            found += _all(parts, why)
    return found


def _all(parts: Sequence[Receipts], why: Refusal) -> list[Refused]:
    return [Refused(one.row, why.field, str(why.value or ""), why.reason, why.remedy) for one in parts]
