"""A score from many people's marks (S9): questions of a questionnaire, or dimensions of online evaluation.

What is printed is an aggregate: how many people gave which mark to which item. From it anybody computes the score
again; nobody can be found in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, Malformed, decimal, items, text, whole
from services.scoring.domain.figures import exact, plain, published
from services.scoring.domain.parts import PartRule, PartValue


@dataclass(frozen=True, slots=True)
class Item:
    """A question or a dimension: its weight in per cent, and mark → how many gave it."""

    key: str
    weight: Decimal
    marks: Mapping[Fraction, int]

    @property
    def number(self) -> int:
        """How many marks it has."""
        return sum(self.marks.values())

    @property
    def total(self) -> Fraction:
        """The sum of its marks."""
        return sum((mark * times for mark, times in self.marks.items()), Fraction(0))


def surveyed(rule: PartRule, of: str, answers: int, asked: Sequence[Item]) -> PartValue:
    """Σ weight × mean of the item's marks. The sample is the least number of marks of an item (S9).

    of: the questionnaire, or `online`. answers: how many people answered, printed beside it. Marks of a sample that is
    too small are not printed: of few answers somebody might be known by his.
    """
    sample = min((item.number for item in asked), default=0)
    if not sample or sample < rule.least:
        return _too_few(rule, of, answers, sample)
    inputs: dict[str, Json] = {"of": of, "answers": answers, "items": [_item(item) for item in asked], "sample": sample}
    value = sum((Fraction(item.weight) * item.total / item.number for item in asked), Fraction(0)) / 100
    terms = [f"{plain(item.weight)}% × ({_marks(item)}) ÷ {item.number} ({item.key})" for item in asked]
    return PartValue(value, None, f"{' + '.join(terms)} = {published(value)}", inputs)


def _too_few(rule: PartRule, of: str, answers: int, sample: int) -> PartValue:
    inputs: dict[str, Json] = {"of": of, "answers": answers, "items": [], "sample": sample}
    return PartValue(None, f"a sample of {sample}, at least {max(rule.least, 1)} are needed", "", inputs)


def _marks(item: Item) -> str:
    return " + ".join(f"{mark} × {times}" for mark, times in sorted(item.marks.items(), reverse=True) if times)


def _item(item: Item) -> Json:
    """Marks nobody gave are not printed; the highest comes first."""
    marks: list[Json] = [[str(mark), times] for mark, times in sorted(item.marks.items(), reverse=True) if times]
    return {"item": item.key, "weight": plain(item.weight), "marks": marks}


def surveyed_again(rule: PartRule, inputs: Mapping[str, Json]) -> PartValue:
    """The score computed again from printed counts. Raises Malformed or Refusal."""
    asked = []
    of, answers = text(inputs.get("of"), f"{rule.key}.of"), whole(inputs.get("answers"), f"{rule.key}.answers")
    sample = whole(inputs.get("sample"), f"{rule.key}.sample")
    if not inputs.get("items"):
        if sample >= max(rule.least, 1) or sample > answers:
            raise Malformed(f"{rule.key}.items: none, with a sample of {sample}")
        return _too_few(rule, of, answers, sample)
    for entry in items(inputs.get("items"), f"{rule.key}.items"):
        if not isinstance(entry, Mapping):
            raise Malformed(f"{rule.key}.items: an entry is no object")
        key = text(entry.get("item"), f"{rule.key}.item")
        marks: dict[Fraction, int] = {}
        for pair in items(entry.get("marks"), f"{rule.key}.{key}.marks"):
            mark, times = items(pair, f"{rule.key}.{key}.marks")
            value = exact(text(mark, f"{rule.key}.{key}.mark"))
            if not 0 <= value <= 100 or value in marks:
                raise Malformed(f"{rule.key}.{key}: mark {value} is out of range, or stands twice")
            marks[value] = whole(times, f"{rule.key}.{key}.times", 1)
        asked.append(Item(key, decimal(entry.get("weight"), f"{rule.key}.{key}.weight"), marks))
    if len({item.key for item in asked}) != len(asked) or sum(item.weight for item in asked) != 100:
        raise Malformed(f"{rule.key}.items: an item stands twice, or weights do not sum to 100")
    if any(item.number > answers for item in asked):
        raise Malformed(f"{rule.key}.items: more marks than people answered")
    return surveyed(rule, of, answers, asked)
