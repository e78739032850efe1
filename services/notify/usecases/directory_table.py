"""A table of the directory taken whole or not at all, checked before, and written so that it is read back (N1)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any, Literal

from sqlmodel import Session

from services.notify.domain.directory_table import COLUMNS, Words, columns, read_rows, row_of
from services.notify.domain.recipient import OFFICE, Holder
from services.notify.domain.row_errors import RowError
from services.notify.domain.terms import Change, Gap
from services.notify.store import changes as history
from services.notify.store import directory as people
from services.notify.usecases.desk import Desk
from services.notify.usecases.office import Entering, check, put_holders
from shared import spreadsheet
from shared.errors import Refusal
from shared.store import Tx

Rows = Iterable[tuple[int, Mapping[str, str]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a table does, or would do: every row of it is read, and unchanged, or in `changes`, or in `errors`.

    With errors nothing of it was entered. passed_over: columns that nothing is taken from.
    """

    read: int
    unchanged: int
    changes: tuple[Change, ...]
    errors: tuple[RowError, ...]
    passed_over: tuple[str, ...]
    entry: int | None = None
    notices_moved: int = 0
    gaps: tuple[Gap, ...] = ()


def check_table(desk: Desk, session: Session, header: list[str], rows: Rows, now: datetime) -> Outcome:
    """What a table would do, with every error of every row. Raises Refusal (422) for its header."""
    return _checked(desk, session, header, rows, now)[1]


def take_table(desk: Desk, tx: Tx, header: list[str], rows: Rows, reason: str) -> Outcome:
    """Enter a table, all or none. Raises Refusal (422) for its header."""
    seats, outcome = _checked(desk, tx.session, header, rows, tx.now)
    if outcome.errors:
        return outcome
    done = put_holders(desk, tx, seats, kind="imported", reason=reason)
    return Outcome(
        outcome.read,
        outcome.unchanged,
        done.changes,
        (),
        outcome.passed_over,
        done.entry,
        done.notices_moved,
        done.gaps,
    )


def write_table(
    desk: Desk, session: Session, target: IO[bytes], format: Literal["xlsx", "csv"], on: date | None, made: Any
) -> None:
    """Write the whole directory with its history, or who is in office on a day, as a table to be read back."""
    units = [OFFICE, *people.unit_keys(session)]
    units += sorted({row.unit for row in people.holders(session, None, None, None)} - set(units))
    names = {unit: label["zh"] for unit, label in people.names(session, units).items()}
    names[OFFICE] = desk.programme.office.zh
    labels = {key: label for label, key in _fields(desk).items()}
    terms = history.terms_of(session, units)
    terms.sort(key=lambda term: (units.index(term.unit), term.role, term.since, term.person))
    rows = (
        row_of(term, names.get(term.unit, ""), lambda key: labels.get(key, key))
        for term in terms
        if on is None or term.in_office(on)
    )
    if format == "csv":
        spreadsheet.write_csv(target, list(COLUMNS.values()), rows)
    else:
        spreadsheet.write(target, "通讯录", list(COLUMNS.values()), rows, zone=desk.calendar.zone, made=made)


def _checked(
    desk: Desk, session: Session, header: list[str], rows: Rows, now: datetime
) -> tuple[list[Holder], Outcome]:
    given = list(rows)
    found, errors = read_rows(header, given, _words(desk, session))
    # an older term first: then a newer one ends it, whatever the order of the table
    found.sort(key=lambda row: row[1].since)
    entering = Entering(session, {term.unit for _, term in found})
    changes: list[Change] = []
    unchanged = 0
    for number, term in found:
        try:
            check(desk, term, "")
            new = entering.enter(term)
        except Refusal as refusal:
            errors.append(
                RowError(number, refusal.field, str(refusal.value or "")[:80], refusal.reason, refusal.remedy)
            )
            continue
        changes += new
        unchanged += not new
    used = set(columns(header).values())
    errors.sort(key=lambda error: error.row)
    outcome = Outcome(
        len(given), unchanged, tuple(changes), tuple(errors),
        tuple(column for column in header if column.strip() and column not in used),
        gaps=() if errors else entering.gaps(desk.calendar.local_date(now)),
    )  # fmt: skip
    return [term for _, term in found], outcome


def _words(desk: Desk, session: Session) -> Words:
    keys = people.unit_keys(session)
    names = people.names(session, keys)
    known = {OFFICE: OFFICE, desk.programme.office.zh: OFFICE}
    once: dict[str, str | None] = {}
    for key, label in names.items():
        once[label["zh"]] = None if label["zh"] in once else key  # two units of one name: only the key tells them apart
    known |= {name: key for name, key in once.items() if key}
    return Words(known | {key: key for key in keys}, _fields(desk) | _field_keys(desk), desk.language)


def _fields(desk: Desk) -> dict[str, str]:
    """What a deputy may be in charge of, by its Chinese name; where two have one name, by its key."""
    pairs = [(one.label.zh, one.key) for one in desk.programme.dimensions]
    pairs += [(one.label.zh, one.key) for one in desk.programme.topics]
    names = [name for name, _ in pairs]
    return {name if names.count(name) == 1 else key: key for name, key in pairs}


def _field_keys(desk: Desk) -> dict[str, str]:
    return {key: key for key in _fields(desk).values()}
