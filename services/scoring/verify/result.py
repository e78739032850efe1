"""Checking result.json: the concentrated part is the seal's, composites and ranks follow from the printed inputs.

Daily scores follow from their lines. Intervals of ranks follow from the seal's interval.json; how that was made from
whole ballots cannot be computed again, because whole ballots exist nowhere any more.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, Malformed, decimal, items, kind, parse_canonical, text, whole
from services.scoring.domain.composite import composite
from services.scoring.domain.figures import exact, published
from services.scoring.domain.ranking import Candidate, rank
from services.scoring.domain.result import ratings_needed
from services.scoring.domain.result_check import (
    daily_problems,
    interval_problems,
    intervals_problems,
    part_problems,
    part_scores,
    result_rows,
    weights_of,
    weights_of_row,
)
from services.scoring.domain.rules import UnitEntry
from services.scoring.domain.tally import Tally
from services.scoring.verify.report import Check
from services.scoring.verify.step import At, given
from shared.errors import Refusal

RESULT = "result.json"
RESULT_KIND = "minping.result.v1"
_STANDING = ("rank", "merit_rank", "category_rank", "of", "last", "tied_last", "merit_last", "not_ranked")


def check_result(
    data: bytes,
    tally: Tally | None,
    units: tuple[UnitEntry, ...] | None,
    manifest: Mapping[str, Json] | None,
    interval: bytes | None = None,
) -> list[Check]:
    """The checks of a result. `interval`: the seal's interval.json. Never raises for any bytes."""
    result = _Result(tally, units, manifest)
    checks = []
    for name, run in (
        ("result.form", lambda: result.read(data)),
        ("result.concentrated", result.concentrated),
        ("result.composite", result.composites),
        ("result.ranking", result.ranking),
    ):
        checks.append(_step(name, run))
    if result.content is not None and "points" in result.content:
        checks.append(_step("result.daily", result.daily))
    if result.content is not None and "parts" in result.content:
        checks.append(_step("result.parts", result.parts))
    if interval is not None or (result.content is not None and "interval" in result.content):
        checks.append(_step("result.interval", lambda: result.intervals(interval)))
    return checks


def check_alone(content: Mapping[str, Json]) -> list[Check]:
    """The arithmetic of a result that stands without its seal: everything follows from what it prints itself."""
    result = _Result(None, None, None)
    checks = [_step("published.rows", lambda: result.read_alone(content))]
    for name, run in (
        ("result.daily", result.daily),
        ("result.parts", result.parts if "parts" in content else None),
        ("result.composite", result.composites),
        ("published.formula", result.formulas),
        ("result.ranking", result.ranking),
        ("published.interval", result.intervals_alone if content.get("intervals") is not None else None),
    ):
        if run is not None:
            checks.append(_step(name, run))
    return checks


def _step(name: str, run: Callable[[], str]) -> Check:
    try:
        return Check(name, True, RESULT, "", run())
    except At as error:
        return Check(name, False, RESULT, error.record, str(error))
    except Refusal as error:
        return Check(name, False, RESULT, error.field, error.reason)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, ArithmeticError) as error:
        return Check(name, False, RESULT, "", str(error) or type(error).__name__)


class _Result:
    def __init__(
        self, tally: Tally | None, units: tuple[UnitEntry, ...] | None, manifest: Mapping[str, Json] | None
    ) -> None:
        self.tally, self.units, self.manifest = tally, units, manifest
        self.content: Mapping[str, Json] | None = None
        self.rows: dict[str, Mapping[str, Json]] | None = None

    def read(self, data: bytes) -> str:
        value = parse_canonical(data)
        kind(value, RESULT_KIND)
        if not isinstance(value, Mapping):
            raise Malformed("is no object")
        manifest, units = given(self.manifest, "manifest.json"), given(self.units, "units.json")
        for name in ("meeting", "cycle"):
            if value.get(name) != manifest[name]:
                raise At(name, f"is {value.get(name)!r}, the seal is of {manifest[name]!r}")
        rows: dict[str, Mapping[str, Json]] = {}
        for number, row in enumerate(items(value.get("units"), "units")):
            if not isinstance(row, Mapping):
                raise At(f"units[{number}]", "is no object")
            unit = text(row.get("unit"), f"units[{number}].unit")
            if unit in rows:
                raise At(f"units[{unit}]", "stands twice")
            rows[unit] = row
        on_ballot = {u.id: u for u in units}
        for unit in sorted(rows.keys() ^ on_ballot.keys()):
            raise At(f"units[{unit}]", "is in the result or on the ballot, not in both")
        for unit, row in rows.items():
            entry = on_ballot[unit]
            if entry.category and row.get("category") != entry.category:
                raise At(f"units[{unit}].category", f"is {row.get('category')!r}, sealed was {entry.category!r}")
            if entry.scopes and row.get("scope") not in entry.scopes:
                raise At(f"units[{unit}].scope", f"is {row.get('scope')!r}, sealed was {entry.scopes!r}")
        self.content, self.rows = value, rows
        return f"{len(rows)} units"

    def read_alone(self, content: Mapping[str, Json]) -> str:
        rows: dict[str, Mapping[str, Json]] = {}
        for row in result_rows(content):
            unit = text(row.get("unit"), "units.unit")
            if unit in rows:
                raise At(f"units[{unit}]", "stands twice")
            exact_mark = _value(row.get("concentrated"), f"units[{unit}].concentrated")
            right = None if exact_mark is None else str(published(exact_mark))
            if row.get("concentrated_published") != right:
                given_mark = row.get("concentrated_published")
                raise At(f"units[{unit}].concentrated_published", f"is {given_mark}, rounded once it is {right}")
            rows[unit] = row
        self.content, self.rows = content, rows
        return f"{len(rows)} units"

    def concentrated(self) -> str:
        rows, tally = given(self.rows, RESULT), given(self.tally, "tally.json")
        for sealed in tally.units:
            row = rows[sealed.unit]
            if _value(row.get("concentrated"), f"units[{sealed.unit}].concentrated") != sealed.exact:
                raise At(
                    f"units[{sealed.unit}].concentrated",
                    f"is {row.get('concentrated')}, the tally gives {sealed.exact}",
                )
            if row.get("ratings") != sealed.ratings:
                raise At(f"units[{sealed.unit}].ratings", f"is {row.get('ratings')}, the tally gives {sealed.ratings}")
        return f"{len(tally.units)} units"

    def composites(self) -> str:
        content, rows = given(self.content, RESULT), given(self.rows, RESULT)
        for unit, row in rows.items():
            found = composite(unit, part_scores(row, unit, dict(weights_of_row(content, row))))
            right = found.score
            if "parts" in content and row.get("missing") != found.missing:
                raise At(f"units[{unit}].missing", f"is {row.get('missing')!r}, its parts give {found.missing!r}")
            if _figure(row.get("composite"), f"units[{unit}].composite") != right:
                raise At(f"units[{unit}].composite", f"is {row.get('composite')}, its parts give {right}")
        return " + ".join(f"{part} {weight}%" for part, weight in sorted(weights_of(content)))

    def formulas(self) -> str:
        content, rows = given(self.content, RESULT), given(self.rows, RESULT)
        for unit, row in rows.items():
            found = composite(unit, part_scores(row, unit, dict(weights_of_row(content, row))))
            if row.get("formula") != found.formula or row.get("missing") != found.missing:
                raise At(f"units[{unit}].formula", f"is {row.get('formula')!r}, its parts give {found.formula!r}")
        return "every formula is that of its parts"

    def ranking(self) -> str:
        content, rows = given(self.content, RESULT), given(self.rows, RESULT)
        candidates = []
        least = whole(content.get("least_ratings"), "least_ratings")
        for unit, row in rows.items():
            missing = row.get("missing")
            candidates.append(
                Candidate(
                    unit=unit,
                    scope=text(row.get("scope"), f"units[{unit}].scope"),
                    category=text(row.get("category"), f"units[{unit}].category"),
                    composite=_figure(row.get("composite"), f"units[{unit}].composite"),
                    ratings=whole(row.get("ratings"), f"units[{unit}].ratings"),
                    canvassing=row.get("canvassing") is True,
                    missing=None if missing is None else text(missing, f"units[{unit}].missing"),
                    least=ratings_needed(weights_of_row(content, row), least),
                )
            )
        standings = rank(
            candidates,
            least_ratings=least,
            least_units_for_last=whole(content.get("least_units_for_last"), "least_units_for_last"),
        )
        for standing in standings:
            for name in _STANDING:
                found, right = rows[standing.unit].get(name), getattr(standing, name)
                if found != right or isinstance(found, bool) != isinstance(right, bool):
                    raise At(f"units[{standing.unit}].{name}", f"is {found!r}, the composites give {right!r}")
        return f"{len(standings)} units in {len({s.scope for s in standings})} scopes"

    def daily(self) -> str:
        content = given(self.content, RESULT)
        for problem in daily_problems(content):
            raise At("", problem)
        return "every daily score follows from its lines"

    def parts(self) -> str:
        content = given(self.content, RESULT)
        for problem in part_problems(content):
            raise At("", problem)
        return "every other part follows from its printed inputs"

    def intervals(self, interval: bytes | None) -> str:
        content = given(self.content, RESULT)
        for problem in interval_problems(content, None if interval is None else parse_canonical(interval)):
            raise At("", problem)
        return "every interval follows from the seal's figures"

    def intervals_alone(self) -> str:
        content = given(self.content, RESULT)
        for problem in intervals_problems(content, items(content.get("intervals"), "intervals")):
            raise At("", problem)
        return "every interval follows from the figures of the vote's doubt"


def _value(value: Json, where: str) -> Fraction | None:
    """An exact value, or None where there is none."""
    return None if value is None else exact(text(value, where))


def _figure(value: Json, where: str) -> Decimal | None:
    """A published figure, or None where there is none."""
    return None if value is None else decimal(value, where)
