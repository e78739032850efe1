"""The arithmetic of a unit's score, step by step, as a person redoes it by hand (S8–S10).

Made of what is published and nothing else: the row of the result, the rows of its scope, the sealed tally, the rules.
Figures are written as they enter the sum: fractions where the exact value is one, the rounding at the very end.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import cast

from services.scoring.domain.canon import Json, decimal, items, text
from services.scoring.domain.figures import exact, plain, published
from services.scoring.domain.rules import Rules

_TERM = re.compile(r"([0-9.]+)% × ([0-9.]+|—) \(([^()]+)\)")
_PLACES, _NAMED = 6, 6
Row = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the sum. `kind`: case, gain, bonus, volume, points, survey, daily, class, dimension, vote, part,
    composite, rank, merit, interval, none.

    `subject`: the key it is about (a case, a dimension, a part); `about`: keys of the rules that entered it.
    """

    kind: str
    subject: str
    sum: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Term:
    """A part of the composite as the formula prints it: weight in per cent, figure (None: there is none)."""

    part: str
    weight: str
    value: str | None


def terms(formula: str) -> tuple[Term, ...]:
    """The parts of a printed formula, in its order."""
    return tuple(Term(part, w, None if v == "—" else v) for w, v, part in _TERM.findall(formula))


def working(
    row: Row,
    beside: Sequence[Row],
    *,
    start: Decimal,
    floor: Decimal,
    tally: Row | None = None,
    rules: Rules | None = None,
) -> tuple[Step, ...]:
    """Every step from the lines to the rank. beside: all rows of the unit's scope, its own among them.

    tally, rules: the unit's entry of the sealed tally.json and the seal's rules.json; without them the vote's
    figure stands as it is. Raises Malformed.
    """
    vote = () if tally is None or rules is None else _vote(tally, rules)
    return (*daily(row, start, floor), *vote, *_parts(row), *_composite(row), *_rank(row, beside))


def daily(row: Row, start: Decimal, floor: Decimal) -> list[Step]:
    """The daily score from the row's cases and their lines. Raises Malformed."""
    steps, costs = [], []
    for entry in items(row.get("cases"), "cases"):
        case = cast(Row, entry)
        lines = [cast(Row, line) for line in items(case.get("lines"), "lines")]
        each = [plain(-decimal(line.get("points"), "points")) for line in lines]
        points, cut = decimal(case.get("points"), "points"), decimal(case.get("cut"), "cut")
        full = f"{' + '.join(each)} = {plain(points + cut)}" if len(each) > 1 else each[0]
        said = f"{full}; {plain(points + cut)} − {plain(cut)} = {plain(points)}" if cut else full
        rules = tuple(text(line.get("rule"), "rule") for line in lines)
        steps.append(Step("case", text(case.get("case"), "case"), said, rules))
        costs.append(points)
    if isinstance(ledger := row.get("ledger"), Mapping):
        return [*steps, *_ledger(ledger)]
    left = start - sum(costs, Decimal(0))
    less = f" − ({' + '.join(map(plain, costs))})" if len(costs) > 1 else f" − {plain(costs[0])}" if costs else ""
    said = f"{plain(start)}{less} = {plain(left)}" if less else plain(start)
    if left < floor:
        said += f" < {plain(floor)} → {plain(floor)}"
    return [*steps, Step("daily", "", said)]


def _ledger(ledger: Row) -> list[Step]:
    """What each case brings, then the sum as it is printed with the score."""
    steps = []
    for entry in items(ledger.get("bonus"), "bonus"):
        grant = cast(Row, entry)
        lines = [cast(Row, line) for line in items(grant.get("lines"), "lines")]
        each = [plain(decimal(line.get("points"), "points")) for line in lines]
        points, cut = decimal(grant.get("points"), "points"), decimal(grant.get("cut"), "cut")
        full = f"{' + '.join(each)} = {plain(points + cut)}" if len(each) > 1 else each[0]
        said = f"{full}; {plain(points + cut)} − {plain(cut)} = {plain(points)}" if cut else full
        steps.append(Step("gain", text(grant.get("case"), "case"), said, (text(grant.get("rule"), "rule"),)))
    for one in items(ledger.get("entries"), "entries"):
        entry = cast(Row, one)
        kind, subject, said = (text(entry.get(name), name) for name in ("kind", "subject", "sum"))
        steps.append(Step(kind, subject, said))
    return steps


def _vote(tally: Row, rules: Rules) -> list[Step]:
    """How the marks of the hall become the meeting score: every dimension, then their weighted sum."""
    steps, weighed = [], []
    by_key = {text(cast(Row, d).get("dimension"), "dimension"): cast(Row, d) for d in items(tally["dimensions"], "")}
    for dimension in rules.dimensions:
        entry = by_key[dimension.key]
        if len(rules.classes) == 1:
            total, given, said = _mean(cast(Mapping[str, int], entry["counts"]), rules)
            mean = Fraction(total) / given if given else None
        else:
            mean, said = Fraction(0), ""
            parts = []
            for card in rules.classes:
                counts = cast(Mapping[str, Mapping[str, int]], entry["by_class"])[card.key]
                total, given, one = _mean(counts, rules)
                steps.append(Step("class", f"{dimension.key}/{card.key}", one))
                mean = (
                    None if mean is None or not given else mean + Fraction(card.weight) / 100 * Fraction(total) / given
                )
                parts.append(f"{plain(card.weight)}% × {plain(total)}/{given}")
            said = f"{' + '.join(parts)} = {_shown(mean)}"
        steps.append(Step("dimension", dimension.key, said))
        weighed.append((dimension.weight, mean))
    if any(mean is None for _, mean in weighed):
        return [*steps, Step("vote", "", "—")]
    score = sum((Fraction(w) * m for w, m in weighed if m is not None), Fraction(0)) / 100
    sums = " + ".join(f"{plain(w)}% × {_fraction(m)}" for w, m in weighed if m is not None)
    return [*steps, Step("vote", "", f"{sums} = {_rounded(score)}")]


def _mean(counts: Mapping[str, int], rules: Rules) -> tuple[Decimal, int, str]:
    """Sum of the marks, how many there are, and the line; who did not know is left out."""
    marks = rules.marks
    given = sum(counts[grade] for grade in marks)
    total = sum((mark * counts[grade] for grade, mark in marks.items()), Decimal(0))
    each = " + ".join(f"{plain(mark)} × {counts[grade]}" for grade, mark in marks.items())
    value = _shown(Fraction(total) / given) if given else "—"
    return total, given, f"({each}) ÷ {given} = {plain(total)}/{given} = {value}"


def _parts(row: Row) -> list[Step]:
    """The other parts, each by the formula that is printed with it."""
    found = cast(Mapping[str, Row], row.get("parts") or {})
    return [Step("part", key, str(part.get("formula") or part.get("missing") or "—")) for key, part in found.items()]


def _composite(row: Row) -> list[Step]:
    formula = text(row.get("formula"), "formula")
    others = {key: part.get("value") for key, part in cast(Mapping[str, Row], row.get("parts") or {}).items()}
    known = {**others, "daily": row.get("daily"), "concentrated": row.get("concentrated")}
    parts = terms(formula)
    if any(term.value is None for term in parts):
        return [Step("none", "", formula, tuple(term.part for term in parts if term.value is None))]
    values = [(t, exact(str(known.get(t.part) or t.value))) for t in parts]
    total = sum((Fraction(t.weight) * value for t, value in values), Fraction(0)) / 100
    if row.get("composite") != str(published(total)):
        return [Step("composite", "", formula)]  # parts whose exact value the row does not hold: the formula as printed
    sums = " + ".join(f"{t.weight}% × {_fraction(value)}" for t, value in values)
    return [Step("composite", "", f"{sums} = {_rounded(total)}", tuple(t.part for t, _ in values))]


def _rank(row: Row, beside: Sequence[Row]) -> list[Step]:
    if row.get("rank") is None:
        return [Step("none", "rank", str(row.get("not_ranked") or ""))]
    steps = []
    ahead = [decimal(o["composite"], "composite") for o in beside if o.get("rank") is not None and not o["canvassing"]]
    if row["canvassing"]:
        steps.append(Step("rank", "canvassing", f"{len(ahead)} + 1 = {row['rank']} / {row['of']}"))
    else:
        steps.append(Step("rank", "", f"{_counted(ahead, row['composite'])} / {row['of']}"))
    if row.get("merit_rank") not in (None, row["rank"]):
        merits = [decimal(o["composite"], "composite") for o in beside if o.get("merit_rank") is not None]
        steps.append(Step("merit", "", _counted(merits, row["composite"])))
    if row.get("rank_low") is not None:
        said = f"{row['rank_low']}–{row['rank_high']}"
        steps.append(Step("interval", "last" if row.get("may_be_last") else "", said))
    return steps


def _counted(scores: Sequence[Decimal], mine: Json) -> str:
    """1-2-2-4: how many are strictly better, and one more."""
    own = decimal(mine, "composite")
    better = sorted((score for score in scores if score > own), reverse=True)
    shown = f" ({', '.join(map(str, better[:_NAMED]))}{', …' if len(better) > _NAMED else ''})" if better else ""
    return f"{len(better)}{shown} > {own}; {len(better)} + 1 = {len(better) + 1}"


def _fraction(value: Fraction) -> str:
    """A value as it enters a sum: a whole number, a short decimal, else the fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    tens = value * 10**_PLACES
    return plain(Decimal(tens.numerator).scaleb(-_PLACES)) if tens.denominator == 1 else str(value)


def _shown(value: Fraction | None) -> str:
    """A value for the eye: exact where it is short, else six places and an ellipsis (cut, not rounded)."""
    if value is None:
        return "—"
    if (value * 10**_PLACES).denominator == 1:
        return _fraction(value)
    whole, rest = divmod(value.numerator * 10**_PLACES // value.denominator, 10**_PLACES)
    return f"{whole}.{rest:0{_PLACES}d}…"


def _rounded(value: Fraction) -> str:
    """A sum and the figure that is published of it (half-up, two places)."""
    return f"{_shown(value)} → {published(value)}"
