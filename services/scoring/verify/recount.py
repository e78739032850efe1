"""A recount from the sealed bundle alone (S15): the arithmetic of every unit, from public records to meeting score."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, parse
from services.scoring.domain.figures import published
from services.scoring.domain.rules import CardClass, Dimension, Rules
from services.scoring.domain.tally import DimensionTally, Tally, UnitTally
from services.scoring.verify.bundle import Bundle
from services.scoring.verify.report import Check


@dataclass(frozen=True, slots=True)
class Recounted:
    """A unit counted again: its arithmetic, the score, what tally.json and result.json say."""

    unit: str
    name: str
    lines: tuple[str, ...]
    score: Decimal | None
    sealed: str | None
    published: str | None

    @property
    def same(self) -> bool:
        """Whether all say the same; a bundle without a result has nothing published yet."""
        mine = None if self.score is None else str(self.score)
        return self.sealed == mine and self.published in (None, mine)


@dataclass(frozen=True, slots=True)
class Recount:
    """A recount. `failures`: what `minping verify` finds wrong with the bundle; with any the recount means nothing."""

    meeting: str
    rehearsal: bool
    ballots: int
    units: tuple[Recounted, ...]
    failures: tuple[Check, ...]

    @property
    def holds(self) -> bool:
        """Whether the seal holds and every figure is the one counted again."""
        return not self.failures and bool(self.units) and all(unit.same for unit in self.units)

    def to_json(self) -> Json:
        """For programs."""
        return {
            "meeting": self.meeting,
            "rehearsal": self.rehearsal,
            "ballots": self.ballots,
            "holds": self.holds,
            "failures": [f"{check.name} {check.where}: {check.says}" for check in self.failures],
            "units": [
                {
                    "unit": u.unit, "name": u.name, "arithmetic": list(u.lines), "same": u.same,
                    "score": None if u.score is None else str(u.score), "sealed": u.sealed, "published": u.published,
                }
                for u in self.units
            ],
        }  # fmt: skip


def recount(data: bytes) -> Recount:
    """Count a bundle again. Never raises, whatever the bytes are."""
    bundle = Bundle(data)
    failures = tuple(check for check in bundle.checks if not check.holds)
    meeting, rehearsal = bundle.facts.get("meeting", ""), "rehearsal" in bundle.facts
    if bundle.tally is None or bundle.rules is None or bundle.units is None:
        return Recount(meeting, rehearsal, 0, (), failures)
    sealed = _scores(bundle.files.get("tally.json"), "score")
    result = _scores(bundle.files.get("result.json"), "concentrated_published")
    names = {unit.id: unit.name for unit in bundle.units}
    units = tuple(
        Recounted(
            unit.unit, names[unit.unit], tuple(_arithmetic(unit, bundle.rules, bundle.tally)), unit.score,
            sealed.get(unit.unit), result.get(unit.unit),
        )
        for unit in bundle.tally.units
    )  # fmt: skip
    return Recount(meeting, rehearsal, bundle.tally.valid, units, failures)


def _scores(data: bytes | None, field: str) -> Mapping[str, str | None]:
    """unit → score in tally.json or result.json; empty where that cannot be read."""
    try:
        content = parse(data or b"")
        rows = content["units"] if isinstance(content, Mapping) else ()
        assert isinstance(rows, list)  # anything else is told by the verification
        return {str(row["unit"]): None if row.get(field) is None else str(row[field]) for row in rows}
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError):
        return {}


def _arithmetic(unit: UnitTally, rules: Rules, tally: Tally) -> Iterator[str]:
    parts = []
    for rule, found in zip(rules.dimensions, unit.dimensions, strict=True):
        yield from _dimension(rule, found, rules, tally)
        parts.append(f"{rule.weight}% × {'—' if found.mean is None else found.mean}")
    total = "—" if unit.score is None else unit.score
    exact = "" if unit.exact is None else f"（精确值 exactly {unit.exact}，四舍五入一次 rounded once）"
    yield f"得分 score = {' + '.join(parts)} = {total}{exact}"


def _dimension(rule: Dimension, found: DimensionTally, rules: Rules, tally: Tally) -> Iterator[str]:
    label = f"{rule.label or rule.key}（{rule.weight}%）"
    for card_class in rules.classes:
        counts = found.by_class[card_class.key]
        given = sum(counts[grade.key] for grade in rules.grades)
        sums = " + ".join(f"{grade.label or grade.key} {counts[grade.key]}×{grade.mark}" for grade in rules.grades)
        total = sum((Fraction(grade.mark) * counts[grade.key] for grade in rules.grades), Fraction(0))
        mean = "—" if not given else published(total / given)
        yield (
            f"{label}{_class_label(card_class, rules)}：{sums} = {_plain(total)}；÷ {given} = {mean}"
            f"（不了解 {counts[rules.abstain]}，共 {tally.ballots.get(card_class.key, 0)} 票）"
        )


def _class_label(card_class: CardClass, rules: Rules) -> str:
    return f" {card_class.label or card_class.key} {card_class.weight}%" if len(rules.classes) > 1 else ""


def _plain(value: Fraction) -> str:
    return (
        str(value.numerator) if value.denominator == 1 else str(Decimal(value.numerator) / Decimal(value.denominator))
    )
