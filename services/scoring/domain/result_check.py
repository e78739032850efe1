"""Reading a result.json again (S9, S10): daily scores, other parts and intervals follow from what it prints.

Composites and ranks are checked by `verify/result.py` with the functions that made them.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, Malformed, decimal, items, parse_canonical, text, whole
from services.scoring.domain.composite import PartScore
from services.scoring.domain.doubt import doubts_from_json
from services.scoring.domain.figures import exact
from services.scoring.domain.ledger import Cost
from services.scoring.domain.ledger_print import ledger_from, ledger_problems
from services.scoring.domain.part_print import again, rules_from_json
from services.scoring.domain.parts import OWN
from services.scoring.domain.ranking import Standing
from services.scoring.domain.result import intervals_of, weights_for

Row = Mapping[str, Json]


def daily_problems(content: Row) -> Iterator[str]:
    """Units whose daily score does not follow from their lines, each with what is wrong. Raises Malformed.

    A case's points are those of its standing lines, less what it cost in earlier cycles or above the limit (`cut`).
    """
    numbers = _object(content.get("points"), "points")
    start, floor, most = (decimal(numbers.get(n), f"points.{n}") for n in ("start", "floor", "most_per_case"))
    bare = ledger_from(numbers).is_bare
    for row in result_rows(content):
        unit = text(row.get("unit"), "unit")
        costs: list[Cost] = []
        for entry in items(row.get("cases"), f"units[{unit}].cases"):
            case = _object(entry, f"units[{unit}].cases")
            where = f"units[{unit}].cases[{case.get('case')}]"
            lines = [_object(line, where) for line in items(case.get("lines"), where)]
            full = -sum((decimal(line.get("points"), where) for line in lines), Decimal(0))
            points, cut = decimal(case.get("points"), where), decimal(case.get("cut"), where)
            if points < 0 or cut < 0 or points + cut != full or (case.get("case") and points > most):
                yield f"{where}: {points} and {cut} do not fit lines of {full}"
            costs.append((points, frozenset(text(line.get("rule"), where) for line in lines)))
        if not bare:
            yield from ledger_problems(row, f"units[{unit}]", numbers, costs)
            continue
        total = sum((points for points, _ in costs), Decimal(0))
        daily = decimal(row.get("daily"), f"units[{unit}].daily")
        if daily != max(floor, start - total):
            yield f"units[{unit}].daily: is {daily}, its cases give {max(floor, start - total)}"


def weights_of(content: Row) -> tuple[tuple[str, Decimal], ...]:
    """The weights of the composite's parts in per cent. Raises Malformed."""
    weights = _object(content.get("weights"), "weights")
    return tuple((part, decimal(weight, f"weights.{part}")) for part, weight in weights.items())


def weights_of_row(content: Row, row: Row) -> tuple[tuple[str, Decimal], ...]:
    """The weights of the parts that count for a row's unit, by its category. Raises Malformed."""
    only = _object(content.get("only", {}), "only")
    named = {
        part: [text(one, f"only.{part}") for one in items(listed, f"only.{part}")] for part, listed in only.items()
    }
    return weights_for(weights_of(content), named, text(row.get("category"), "category"))


def part_scores(row: Row, unit: str, weights: Mapping[str, Decimal]) -> list[PartScore]:
    """The parts of a row's composite as they are printed, exact. Raises Malformed, Refusal."""
    return [PartScore(part, weight, *_printed(row, unit, part)) for part, weight in _in_order(row, weights)]


def _in_order(row: Row, weights: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    """Parts in the order in which the row's formula names them: reasons of missing ones stand in that order."""
    formula = row.get("formula")
    written = formula if isinstance(formula, str) else ""
    return sorted(weights.items(), key=lambda pair: (written.find(f"({pair[0]})"), pair[0]))


def _printed(row: Row, unit: str, part: str) -> tuple[Fraction | None, str | None]:
    where = f"units[{unit}].{part}"
    if part == "daily" or part == "concentrated":
        value = row.get(part)
        if value is not None:
            return exact(text(value, where)), None
        if part == "daily":
            ledger = _object(row.get("ledger"), where)
            return None, text(ledger.get("missing"), where)
        return None, "no meeting" if row.get("meeting") is None else "a dimension without a rating"
    found = _object(_object(row.get("parts", {}), f"units[{unit}].parts").get(part), where)
    value, missing = found.get("value"), found.get("missing")
    if value is None:
        return None, text(missing, f"{where}.missing")
    return exact(text(value, f"{where}.value")), None


def part_problems(content: Row) -> Iterator[str]:
    """Values of parts that do not follow from their printed inputs, each with what is wrong. Raises Malformed."""
    rules = {rule.key: rule for rule in rules_from_json(content.get("parts"))}
    every = {part for part, _ in weights_of(content)} - set(OWN)
    if rules.keys() != every:
        yield f"parts: are {sorted(rules)}, the weights name {sorted(every)}"
        return
    for row in result_rows(content):
        unit = text(row.get("unit"), "unit")
        wanted = {part for part, _ in weights_of_row(content, row)} - set(OWN)
        printed = _object(row.get("parts", {}), f"units[{unit}].parts")
        if printed.keys() != wanted:
            yield f"units[{unit}].parts: are {sorted(printed)}, the weights name {sorted(wanted)}"
            continue
        for key in sorted(wanted):
            rule = rules[key]
            entry = _object(printed[key], f"units[{unit}].parts.{key}")
            inputs = _object(entry.get("inputs"), f"units[{unit}].parts.{key}.inputs")
            if not inputs:
                if entry.get("value") is not None:
                    yield f"units[{unit}].parts.{key}: a value without inputs"
                continue
            right = again(rule, inputs).to_json()
            if dict(entry) != right:
                yield f"units[{unit}].parts.{key}: is {entry.get('value')}, its inputs give {again(rule, inputs).value}"


def interval_problems(content: Row, sealed: Json | None) -> Iterator[str]:
    """Ranks' intervals that do not follow from the seal's interval.json. Raises Malformed."""
    if content.get("interval") != sealed:
        yield "interval: is not the seal's interval.json"
        return
    yield from intervals_problems(content, () if sealed is None else (sealed,))


def intervals_problems(content: Row, sealed: Sequence[Json]) -> Iterator[str]:
    """Ranks' intervals that do not follow from the interval.json of these seals. Raises Malformed."""
    vote = dict(weights_of(content)).get("concentrated", Decimal(0))
    found = intervals_of(standings(content), [doubts_from_json(one) for one in sealed], vote)
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
