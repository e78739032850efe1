"""The office's register of units, imported row by row with a report (S1)."""

from dataclasses import asdict

from pydantic import BaseModel, Field

from services.scoring.domain.register_rows import Refused, columns, take_rows
from services.scoring.store import units as store
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.units import must_stay, put
from shared.errors import Refusal
from shared.store import Tx

MOST_ROWS = 5_000


class RegisterRow(BaseModel):
    """A row as the office's table has it: its number there, and what stands under each column."""

    row: int
    cells: dict[str, str]


class RegisterFile(BaseModel):
    """A table of units. Columns by their usual names, Chinese or English; others are passed over."""

    header: list[str] = Field(min_length=1, max_length=100)
    rows: list[RegisterRow] = Field(min_length=1, max_length=MOST_ROWS)


class RowRefused(BaseModel):
    """A row that was not taken."""

    row: int
    field: str
    value: str
    reason: str
    remedy: str


class RegisterReport(BaseModel):
    """Every row accounted for: read = registered + unchanged + refused."""

    read: int
    registered: int
    unchanged: int
    refused: list[RowRefused]
    passed_over: list[str] = Field(description="columns that nothing is taken from")


def import_register(desk: Desk, tx: Tx, given: RegisterFile) -> RegisterReport:
    """Register what can be registered; every other row is named with field, reason and remedy. Raises Refusal (422)
    for a header that does not name what is needed, or parents that form a circle."""
    rows = ((one.row, one.cells) for one in given.rows)
    found, refused = take_rows(desk.programme, given.header, rows)
    known = {row.key: row for row in store.units(tx.session, [unit.key for _, unit in found])}
    taken = []
    for number, unit in found:
        try:
            must_stay(known.get(unit.key), unit)
            taken.append(unit)
        except Refusal as why:
            refused.append(Refused(number, why.field, str(why.value), why.reason, why.remedy))
    done = put(tx, taken)
    used = set(columns(given.header).values())
    return RegisterReport(
        read=len(given.rows), registered=done.registered, unchanged=done.unchanged,
        refused=[RowRefused.model_validate(asdict(one)) for one in sorted(refused, key=lambda one: one.row)],
        passed_over=[column for column in given.header if column not in used and column.strip()],
    )  # fmt: skip
