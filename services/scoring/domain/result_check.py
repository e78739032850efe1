"""Checking a result.json (S9, S10): the same functions that made its figures make them again.

`problems` is what `minping verify` asks of the result beside a sealed meeting.
"""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, Malformed, parse_canonical
from services.scoring.domain.doubt import doubts_from_json
from services.scoring.domain.figures import exact
from services.scoring.domain.points import DailyScore
from services.scoring.domain.ranking import Standing
from services.scoring.domain.result import RESULT_KIND, Numbers, UnitInput, row_json, rows
from shared.errors import Refusal


def problems(
    data: bytes,
    *,
    meeting: str,
    root: str,
    scores: Mapping[str, tuple[Fraction | None, int]],
    interval: Json | None,
) -> tuple[str, ...]:
    """What does not hold in a result.json beside a sealed meeting; empty when everything is right.

    scores: exact meeting score and ratings of each unit, counted again from the slices. root: of the checkpoint.
    interval: the seal's interval.json, parsed (None where there is none). Each line names the unit and the figure.
    """
    try:
        value = parse_canonical(data)
        if not isinstance(value, Mapping) or value.get("kind") != RESULT_KIND:
            return (f"result.json: kind is not {RESULT_KIND}",)
        return tuple(_problems(value, meeting, root, scores, interval))
    except (Malformed, Refusal, KeyError, TypeError, AttributeError, ValueError, ArithmeticError) as error:
        return (f"result.json: {type(error).__name__}: {error}",)


def _problems(
    value: Mapping[str, Json],
    meeting: str,
    root: str,
    scores: Mapping[str, tuple[Fraction | None, int]],
    interval: Json | None,
) -> list[str]:
    top = _Reader(value)
    numbers = _numbers(_Reader(top["numbers"]))
    doubts = [doubts_from_json(d) for d in top.each("intervals")]
    found: list[str] = []
    if _Reader(top["meetings"]).value.get(meeting) != root:
        found.append(f"result.json meetings.{meeting}: is not this checkpoint's root")
    if interval is not None and interval not in top.each("intervals"):
        found.append("result.json intervals: the sealed interval.json is not among them")
    written = [_Reader(row) for row in top.each("units")]
    if missing := sorted(scores.keys() - {row["unit"] for row in written}):
        found.append(f"result.json units: {', '.join(missing)} of this meeting is missing")
    given = []
    for row in written:
        found += _count_problems(row, meeting, scores)
        daily, wrong = _daily(row, numbers)
        found += wrong
        given.append(_input(row, daily))
    for made, row in zip(rows(given, doubts, numbers), written, strict=True):
        again = _Reader(row_json(made)).value
        found += [
            f"result.json units.{row['unit']}.{name}: is {row.value.get(name)!r}, computed {again[name]!r}"
            for name in again
            if name != "cases" and row.value.get(name) != again[name]
        ]
    return found


class _Reader:
    """A JSON object that is read with errors instead of surprises."""

    def __init__(self, value: Json) -> None:
        if not isinstance(value, Mapping):
            raise Malformed("an object is missing")
        self.value = value

    def __getitem__(self, name: str) -> Json:
        return self.value[name]

    def each(self, name: str) -> list[Json]:
        found = self.value[name]
        if not isinstance(found, list):
            raise Malformed(f"{name} is no list")
        return list(found)

    def text(self, name: str) -> str:
        found = self.value[name]
        if not isinstance(found, str):
            raise Malformed(f"{name} is no string")
        return found

    def number(self, name: str) -> Decimal:
        return Decimal(self.text(name))

    def whole(self, name: str) -> int:
        found = self.value[name]
        if not isinstance(found, int):
            raise Malformed(f"{name} is no whole number")
        return found


def _numbers(top: _Reader) -> Numbers:
    weights = [_Reader(w) for w in top.each("weights")]
    return Numbers(
        tuple((w.text("part"), w.number("weight")) for w in weights),
        top.whole("least_ratings"),
        top.whole("least_units_for_last"),
        top.number("start"),
        top.number("floor"),
        top.number("most_per_case"),
    )


def _count_problems(row: _Reader, meeting: str, scores: Mapping[str, tuple[Fraction | None, int]]) -> list[str]:
    """Whether the row has the score and the ratings that the slices give."""
    unit = row.text("unit")
    if row["meeting"] != meeting:
        return [f"result.json units.{unit}.meeting: it was voted on at {meeting}"] if unit in scores else []
    score, ratings = scores.get(unit, (None, -1))
    counted = None if score is None else str(score)
    found = []
    if row["concentrated"] != counted:
        found.append(f"result.json units.{unit}.concentrated: is {row['concentrated']!r}, counted {counted!r}")
    if row["ratings"] != ratings:
        found.append(f"result.json units.{unit}.ratings: is {row['ratings']!r}, counted {ratings}")
    return found


def _daily(row: _Reader, numbers: Numbers) -> tuple[Decimal, list[str]]:
    """The daily score from the row's own lines. What a case cost in earlier cycles is in `cut`."""
    total, wrong = Decimal(0), []
    for case in (_Reader(c) for c in row.each("cases")):
        lines = -sum((_Reader(line).number("points") for line in case.each("lines")), Decimal(0))
        points, cut = case.number("points"), case.number("cut")
        if points < 0 or cut < 0 or points + cut != lines or (case["case"] and points > numbers.most_per_case):
            wrong.append(f"result.json units.{row['unit']}.cases.{case['case']}: the points do not fit the lines")
        total += points
    return max(numbers.floor, numbers.start - total), wrong


def _input(row: _Reader, daily: Decimal) -> UnitInput:
    unit, meeting, score = row.text("unit"), row["meeting"], row["concentrated"]
    return UnitInput(
        unit=unit,
        name=row.text("name"),
        category=row.text("category"),
        scope=row.text("scope"),
        daily=DailyScore(unit, "", daily, Decimal(0), ()),
        lines=(),
        meeting=None if meeting is None else row.text("meeting"),
        concentrated=None if score is None else exact(row.text("concentrated")),
        ratings=row.whole("ratings"),
        canvassing=row["canvassing"] is True,
    )


def standings_of(data: bytes) -> tuple[Standing, ...]:
    """The standings of a result.json of ours (a year's result is made of its cycles')."""
    top = _Reader(parse_canonical(data))
    return tuple(
        Standing(
            unit=row.text("unit"),
            scope=row.text("scope"),
            category=row.text("category"),
            composite=None if row["composite"] is None else row.number("composite"),
            rank=None if row["rank"] is None else row.whole("rank"),
            merit_rank=None if row["merit_rank"] is None else row.whole("merit_rank"),
            category_rank=None if row["category_rank"] is None else row.whole("category_rank"),
            of=row.whole("of"),
            last=row["last"] is True,
            tied_last=row["tied_last"] is True,
            merit_last=row["merit_last"] is True,
            canvassing=row["canvassing"] is True,
            not_ranked=None if row["not_ranked"] is None else row.text("not_ranked"),
        )
        for row in (_Reader(r) for r in top.each("units"))
    )
