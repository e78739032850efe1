"""A report as data: sections of tables, whose numbers know the events that they count."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.labels import Words
from deploy.local.simulate.mechanisms import Counted


@dataclass(frozen=True, slots=True)
class Number:
    """A figure and the events behind it. An official figure is text, as it was published."""

    value: int | str
    events: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {"value": self.value, "events": list(self.events)}


Cell = str | int | Words | Number | None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    says: Words


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a section."""

    key: str
    says: Words
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def as_json(self) -> list[dict[str, Any]]:
        """For machines: a row is an object."""
        return [{c.key: _plain(cell) for c, cell in zip(self.columns, row, strict=True)} for row in self.rows]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report."""

    key: str
    says: Words
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A simulated span of years."""

    programme: str
    name: Words
    office: Words
    year: int
    years: int
    seed: int
    units: dict[str, Words]
    sections: tuple[Section, ...]
    mechanisms: tuple[Counted, ...]
    facts: tuple[Fact, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """What should have happened and did not; empty when every mechanism was exercised."""
        return tuple(f"{one.mechanism.key}: {what}" for one in self.mechanisms for what in one.missing)

    def as_json(self) -> dict[str, Any]:
        """The whole report for machines: the same for the same seed."""
        return {
            "kind": "minping.simulation.v1",
            "programme": self.programme, "name": _plain(self.name), "office": _plain(self.office),
            "year": self.year, "years": self.years, "seed": self.seed,
            "units": {key: _plain(name) for key, name in self.units.items()},
            "report": {
                section.key: {table.key: table.as_json() for table in section.tables} for section in self.sections
            },
            "mechanisms": [_mechanism(one) for one in self.mechanisms],
            "missing": list(self.missing),
            "events": [
                {"number": one.number, "at": one.at, "kind": one.kind, "data": one.data} for one in self.facts
            ],
        }  # fmt: skip


def columns(*given: tuple[str, str, str]) -> tuple[Column, ...]:
    """Columns from key, Chinese, English."""
    return tuple(Column(key, Words(zh, en)) for key, zh, en in given)


def counted(facts: Iterable[Fact]) -> Number:
    """How many facts, and which."""
    numbers = tuple(fact.number for fact in facts)
    return Number(len(numbers), numbers)


def table(key: str, zh: str, en: str, heads: Sequence[tuple[str, str, str]], rows: Iterable[tuple[Cell, ...]]) -> Table:
    """A table; rows stay in their order."""
    return Table(key, Words(zh, en), columns(*heads), tuple(rows))


def numbers(report: Report) -> Iterator[Number]:
    """Every number of the report's tables."""
    for section in report.sections:
        for one in section.tables:
            for row in one.rows:
                yield from (cell for cell in row if isinstance(cell, Number))


def _plain(cell: Cell) -> Any:
    if isinstance(cell, Words):
        return {"zh": cell.zh, "en": cell.en}
    return cell.as_json() if isinstance(cell, Number) else cell


def _mechanism(one: Counted) -> dict[str, Any]:
    return {
        "key": one.mechanism.key, "zh": one.mechanism.zh, "en": one.mechanism.en,
        "particular": one.mechanism.particular, "count": one.count,
        "proofs": [
            {
                "zh": shown.proof.zh, "en": shown.proof.en, "count": shown.count, "least": shown.proof.least,
                "events": list(shown.facts),
                "checked": [{"on": seen.on.isoformat(), "says": seen.says} for seen in shown.checked],
            }
            for shown in one.shown
        ],
    }  # fmt: skip
