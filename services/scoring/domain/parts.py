"""The parts of a composite besides the daily score and the vote (S9): rules, values, and the formula of each.

A value is exact. It was entered with a document (one value, or a mark for each weighted item), or it follows from
events (*resolution*). What it is made of is printed in `inputs`, from which anybody computes it again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, Malformed, text, whole
from services.scoring.domain.figures import exact, plain, published
from shared.errors import Refusal

OWN = ("daily", "concentrated")
PROMISED = 2
"""A matter promised in writing counts double in *resolution*."""


@dataclass(frozen=True, slots=True)
class PartRule:
    """What the programme says of a part: its kind, the least sample, weighted items (none: one value).

    window: the days of its round in the year, as the programme writes them; None: it counts the whole cycle.
    """

    key: str
    kind: str
    least: int = 0
    items: tuple[tuple[str, Decimal], ...] = ()
    window: tuple[str, str] | None = None

    def to_json(self) -> Json:
        """As it stands in result.json."""
        return {
            "part": self.key,
            "kind": self.kind,
            "least": self.least,
            "items": [{"item": key, "weight": plain(weight)} for key, weight in self.items],
            **({"window": list(self.window)} if self.window else {}),
        }


@dataclass(frozen=True, slots=True)
class PartValue:
    """A unit's value of a part, exact, or why it has none; `inputs` is what it is made of."""

    value: Fraction | None
    missing: str | None = None
    formula: str = ""
    inputs: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> Json:
        """As it stands in result.json."""
        return {
            "value": None if self.value is None else str(self.value),
            "missing": self.missing,
            "formula": self.formula,
            "inputs": dict(self.inputs),
        }


@dataclass(frozen=True, slots=True)
class Matter:
    """A matter that counts in *resolution*: solved in time or not, promised or not, marks of those who were asked."""

    case: str
    on_time: bool
    promised: bool = False
    marks: tuple[Decimal, ...] = ()


def absent(reason: str) -> PartValue:
    """No value: the unit has no composite and is not ranked; weights are never re-normalised."""
    return PartValue(None, reason)


def entered(
    rule: PartRule, marks: Mapping[str, Decimal], sample: int | None, about: Mapping[str, Json] | None = None
) -> PartValue:
    """The value of what was entered: {"": value}, or a mark for each of the rule's items. Raises Refusal.

    `about`: where it comes from (document, version), printed beside it.
    """
    weights = dict(rule.items) or {"": Decimal(100)}
    if marks.keys() != weights.keys():
        wanted = ", ".join(weights) if rule.items else "one value"
        raise Refusal(f"{rule.key}.items", sorted(marks), f"the part has {wanted}", "enter exactly these")
    for key, mark in marks.items():
        if not 0 <= mark <= 100:
            raise Refusal(f"{rule.key}.{key or 'value'}", plain(mark), "lies outside 0–100", "enter a mark of 0 to 100")
    inputs: dict[str, Json] = {
        **(about or {}), "marks": {key: plain(mark) for key, mark in sorted(marks.items())}, "sample": sample,
    }  # fmt: skip
    value = sum((Fraction(weights[key]) * Fraction(mark) for key, mark in marks.items()), Fraction(0)) / 100
    terms = " + ".join(f"{plain(w)}% × {plain(marks[key])} ({key})" for key, w in rule.items)
    formula = f"{terms} = {published(value)}" if terms else plain(marks[""])
    return with_sample(rule, PartValue(value, None, formula, inputs), sample)


def with_sample(rule: PartRule, found: PartValue, sample: int | None) -> PartValue:
    """The value, or none where the sample is below the least of the part."""
    if (sample or 0) < rule.least:
        return PartValue(
            None, f"a sample of {sample or 0}, at least {rule.least} are needed", found.formula, found.inputs
        )
    return found


def resolution(rule: PartRule, matters: Iterable[Matter]) -> PartValue:
    """Share solved on time × mean satisfaction, each promised matter counted double (S9).

    A matter's satisfaction is the mean of its answers; matters without an answer are left out of that mean.
    """
    listed = sorted(matters, key=lambda m: m.case)
    weight = {m.case: PROMISED if m.promised else 1 for m in listed}
    answered = [m for m in listed if m.marks]
    satisfaction = sum(
        (weight[m.case] * sum(map(Fraction, m.marks), Fraction(0)) / len(m.marks) for m in answered), Fraction(0)
    )
    inputs: dict[str, Json] = {
        "matters": sum(weight.values()),
        "on_time": sum(weight[m.case] for m in listed if m.on_time),
        "answered": sum(weight[m.case] for m in answered),
        "satisfaction": str(satisfaction),
        "sample": len(listed),
    }
    return with_sample(rule, resolved(inputs), len(listed))


def resolved(inputs: Mapping[str, Json]) -> PartValue:
    """From the printed sums: on_time ÷ matters × satisfaction ÷ answered."""
    matters, on_time, answered = (whole(inputs.get(n), n) for n in ("matters", "on_time", "answered"))
    total = exact(text(inputs.get("satisfaction"), "satisfaction"))
    if on_time > matters or answered > matters or not 0 <= total <= 100 * answered:
        raise Malformed(f"{on_time} of {matters} on time, {answered} answers of {total} in all do not fit")
    if not matters:
        return PartValue(None, "no matter to solve", "", inputs)
    if not answered:
        return PartValue(None, "nobody answered how satisfied he is", "", inputs)
    value = Fraction(on_time, matters) * total / answered
    formula = f"{on_time} ÷ {matters} × {published(total / answered)} = {published(value)}"
    return PartValue(value, None, formula, inputs)
