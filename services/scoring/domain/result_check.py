"""Reading a result.json again (S9, S10): the daily scores and the intervals follow from what it prints.

Composites and ranks are checked by `verify/result.py` with the functions that made them.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from services.scoring.domain.canon import Json, Malformed, decimal, items, parse_canonical, text, whole
from services.scoring.domain.doubt import doubts_from_json
from services.scoring.domain.ranking import Standing
from services.scoring.domain.result import intervals_of

Row = Mapping[str, Json]


def daily_problems(content: Row) -> Iterator[str]:
    """Units whose daily score does not follow from their lines, each with what is wrong. Raises Malformed.

    A case's points are those of its standing lines, less what it cost in earlier cycles or above the limit (`cut`).
    """
    numbers = _object(content.get("points"), "points")
    start, floor, most = (decimal(numbers.get(n), f"points.{n}") for n in ("start", "floor", "most_per_case"))
    for row in result_rows(content):
        unit = text(row.get("unit"), "unit")
        total = Decimal(0)
        for entry in items(row.get("cases"), f"units[{unit}].cases"):
            case = _object(entry, f"units[{unit}].cases")
            where = f"units[{unit}].cases[{case.get('case')}]"
            lines = [_object(line, where) for line in items(case.get("lines"), where)]
            full = -sum((decimal(line.get("points"), where) for line in lines), Decimal(0))
            points, cut = decimal(case.get("points"), where), decimal(case.get("cut"), where)
            if points < 0 or cut < 0 or points + cut != full or (case.get("case") and points > most):
                yield f"{where}: {points} and {cut} do not fit lines of {full}"
            total += points
        daily = decimal(row.get("daily"), f"units[{unit}].daily")
        if daily != max(floor, start - total):
            yield f"units[{unit}].daily: is {daily}, its cases give {max(floor, start - total)}"


def interval_problems(content: Row, sealed: Json | None) -> Iterator[str]:
    """Ranks' intervals that do not follow from the seal's interval.json. Raises Malformed."""
    if content.get("interval") != sealed:
        yield "interval: is not the seal's interval.json"
        return
    weights = _object(content.get("weights"), "weights")
    vote = decimal(weights["concentrated"], "weights.concentrated") if "concentrated" in weights else Decimal(0)
    doubts = () if sealed is None else (doubts_from_json(sealed),)
    found = intervals_of(standings(content), doubts, vote)
    for row in result_rows(content):
        unit = text(row.get("unit"), "unit")
        made = found.get(unit)
        right = (made.low, made.high, made.may_be_last) if made else (None, None, None)
        given = (row.get("rank_low"), row.get("rank_high"), row.get("may_be_last"))
        if given != right:
            yield f"units[{unit}].rank_low, rank_high, may_be_last: are {given}, the seal gives {right}"


def standings(content: Row) -> tuple[Standing, ...]:
    """The standings of a result or a ranking, read back. Raises Malformed."""
    return tuple(_standing(row) for row in result_rows(content))


def standings_from_bytes(data: bytes) -> tuple[Standing, ...]:
    """The standings of a kept ranking (a year's result is made of its cycles')."""
    return standings(_object(parse_canonical(data), "ranking"))


def result_rows(content: Row) -> Iterator[Row]:
    """The rows of a result or a ranking. Raises Malformed."""
    for number, row in enumerate(items(content.get("units"), "units")):
        yield _object(row, f"units[{number}]")


def _object(value: Json, where: str) -> Row:
    if not isinstance(value, Mapping):
        raise Malformed(f"{where} is no object")
    return value


def _standing(row: Row) -> Standing:
    unit = text(row.get("unit"), "unit")

    def number(name: str) -> int | None:
        value = row.get(name)
        return None if value is None else whole(value, f"units[{unit}].{name}")

    composite, reason = row.get("composite"), row.get("not_ranked")
    return Standing(
        unit=unit,
        scope=text(row.get("scope"), f"units[{unit}].scope"),
        category=text(row.get("category"), f"units[{unit}].category"),
        composite=None if composite is None else decimal(composite, f"units[{unit}].composite"),
        rank=number("rank"),
        merit_rank=number("merit_rank"),
        category_rank=number("category_rank"),
        of=number("of") or 0,
        last=row.get("last") is True,
        tied_last=row.get("tied_last") is True,
        merit_last=row.get("merit_last") is True,
        canvassing=row.get("canvassing") is True,
        not_ranked=None if reason is None else text(reason, f"units[{unit}].not_ranked"),
    )
