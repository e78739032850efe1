"""Export files of hotlines: read (.xlsx, .csv, .jsonl) and turned into events (I13). Needs no running service.

`read_file` gives every row as a `Report` or a `RowProblem`; `event_of` makes of either what a source publishes:
a row that cannot be registered goes out as it is, so that intake keeps it for repair and nothing is dropped.
"""

import base64
import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

from python_calamine import CalamineError, CalamineWorkbook

from services.intake.domain.import_rows import (
    Report,
    RowProblem,
    column_map,
    read_row,
    read_rows,
    read_timed,
    text_of,
)
from services.intake.domain.targets import Checked, checked
from services.intake.sealing import seal_identity
from services.intake.unpacking import must_unpack
from shared.contracts.inbox import ComplaintSubmitted
from shared.errors import Refusal

JSON_LINES = (".jsonl", ".ndjson")
LARGEST_FILE = 64 * 2**20
LONGEST_PARTIAL = 100_000
csv.field_size_limit(2**24)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its header, the rows below it, and the number of the first of them as a spreadsheet shows it."""

    header: Sequence[object]
    rows: Sequence[Sequence[object]]
    first_row: int


@dataclass(frozen=True, slots=True)
class Export:
    """A file read whole: `in_file` counts its rows below the header, `passed_over` the empty ones and headers again."""

    rows: Sequence[Report | RowProblem]
    in_file: int

    @property
    def passed_over(self) -> int:
        """Rows that say nothing: `in_file` = rows + these."""
        return self.in_file - len(self.rows)


def read_export(path: Path, zone: ZoneInfo, given: Mapping[str, str] | None = None) -> Export:
    """An export whole, every row of the file accounted for. Raises Refusal as `read_file` does."""
    if path.suffix.lower() in JSON_LINES:
        rows = list(_jsonl(path, zone, given))
        return Export(rows, len(rows))
    table = open_table(path)
    rows = list(read_rows(table.header, table.rows, zone, given, table.first_row))
    return Export(rows, len(table.rows))


def read_file(path: Path, zone: ZoneInfo, given: Mapping[str, str] | None = None) -> Iterator[Report | RowProblem]:
    """Every row of an export, in order. `given`: header → field, before the known headers.

    Raises Refusal at once for a file that cannot be read or that lacks a column; never for a row.
    """
    return iter(read_export(path, zone, given).rows)


def read_targets(path: Path, zone: ZoneInfo, given: Mapping[str, str] | None = None) -> Checked:
    """An export's flags beside its own target times. Raises Refusal where a column for them is missing."""
    table = open_table(path)
    return checked(read_timed(table.header, table.rows, zone, given, table.first_row))


def open_table(path: Path) -> Table:
    """The first sheet with anything in it, or the CSV file. Raises Refusal."""
    _bounded(path)
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        rows = _xlsx(path)
    elif suffix in (".csv", ".tsv", ".txt"):
        rows = _csv(path)
    else:
        raise Refusal(
            "file", path.name, f"{suffix or 'no suffix'} is no kind of file that is read", "give .xlsx, .csv or .jsonl"
        )
    for index, row in enumerate(rows):
        if any(text_of(cell) for cell in row):
            return Table(header=row, rows=rows[index + 1 :], first_row=index + 2)
    raise Refusal("file", path.name, "there is nothing in it", "check that it is the right file")


def _bounded(path: Path) -> None:
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Refusal(
            "file", str(path), f"cannot be read: {error.strerror}", "check the path and its rights"
        ) from error
    if path.is_dir():
        raise Refusal("file", str(path), "it is a folder", "name the file")
    if size > LARGEST_FILE:
        most = LARGEST_FILE // 2**20
        raise Refusal("file", path.name, f"it is larger than {most} MiB", "split it")


def _xlsx(path: Path) -> list[list[object]]:
    must_unpack(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for name in book.sheet_names:
                cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                rows: list[list[object]] = [list(row) for row in cells]
                if rows:
                    return rows
    except (CalamineError, OSError) as error:
        reason = f"it is no .xlsx file that can be read ({error})"
        raise Refusal("file", path.name, reason, "save it again as .xlsx, or as .csv") from error
    return []


def _csv(path: Path) -> list[list[object]]:
    text = _decoded(path)
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",\t;|", key=head.count)
    try:
        return [list(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)]
    except csv.Error as error:
        raise Refusal("file", path.name, f"it is no CSV that can be read ({error})", "save it again as CSV") from error


def _decoded(path: Path) -> str:
    raw = path.read_bytes()
    encodings = ("utf-16",) if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding).replace("\x00", "")
        except UnicodeDecodeError:
            continue
    raise Refusal("file", path.name, "it is text neither in UTF-8 nor in GB 18030", "save it in UTF-8")


def _jsonl(path: Path, zone: ZoneInfo, given: Mapping[str, str] | None) -> Iterator[Report | RowProblem]:
    """One JSON object a line; its keys are the columns."""
    _bounded(path)
    lines: list[tuple[int, dict[str, object] | str]] = []
    for number, line in enumerate(_decoded(path).split("\n"), start=1):
        if line.strip():
            lines.append((number, _object(line)))
    header = list(dict.fromkeys(chain.from_iterable(row for _, row in lines if isinstance(row, dict))))
    if not header:
        raise Refusal("file", path.name, "there is no JSON object in it", "write one object a line")
    columns = {field: header[at] for field, at in column_map(header, given).items()}

    def rows() -> Iterator[Report | RowProblem]:
        for number, row in lines:
            if isinstance(row, dict):
                yield read_row(number, {field: row.get(key) for field, key in columns.items()}, zone)
            else:
                yield RowProblem(
                    number, "(line)", row[:80], "the line is no JSON object", "write one object a line", {"text": row}
                )

    return rows()


def _object(line: str) -> dict[str, object] | str:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return line
    if not isinstance(row, dict):
        return line
    return {key: json.dumps(value) if isinstance(value, (dict, list)) else value for key, value in row.items()}


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sends a file's rows: the source, its channel, and the vault's key to seal identities to.

    run: different each time, so that a second run is answered again. with_identity: False for channels that take none.
    """

    source: str
    channel: str
    vault_key_pem: bytes
    run: str
    with_identity: bool = True


def event_of(row: Report | RowProblem, sender: Sender) -> tuple[str, bytes]:
    """The id and the body of the event that a source publishes for a row."""
    key = f"{sender.run}-{row.row}"
    if isinstance(row, Report):
        time, data = row.reported_at.isoformat(), _data(row.ticket, row.text, row.title, row.unit, row.topic, row.place)
    else:
        left = {name: value[:LONGEST_PARTIAL] for name, value in row.partial.items() if value}
        time = left.pop("reported_at", "")
        data = {name: left[name] for name in ("ticket", "title", "text", "unit", "topic", "place") if name in left}
        if row.field == "(line)":
            data["row"] = str(row.row)
    data["channel"] = sender.channel
    if row.identity and sender.with_identity:
        ticket = data.get("ticket", "")
        sealed = seal_identity(sender.vault_key_pem, sender.source, ticket, row.identity)
        data |= {"identity": "named", "sealed_identity": base64.b64encode(sealed).decode()}
    event = {
        "specversion": "1.0",
        "id": key,
        "source": sender.source,
        "type": ComplaintSubmitted.TYPE,
        "time": time,
        "datacontenttype": "application/json",
        "data": data,
    }
    return key, json.dumps(event, ensure_ascii=False).encode()


def _data(ticket: str, text: str, title: str, unit: str | None, topic: str | None, place: str | None) -> dict[str, str]:
    fields = {"ticket": ticket, "text": text, "title": title, "unit": unit, "topic": topic, "place": place}
    return {name: value for name, value in fields.items() if value}
