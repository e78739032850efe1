"""What a meeting votes on and by which numbers: a programme's part that the count needs, as it is sealed.

`rules.json` and `units.json` of the bundle are written and read here. Labels are kept so that a bundle explains
itself; keys are what ballots hold.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import (
    Json,
    Malformed,
    canonical,
    decimal,
    fraction,
    items,
    kind,
    members,
    parse_canonical,
    plain,
    text,
    whole,
)

RULES_KIND = "minping.rules.v1"
UNITS_KIND = "minping.units.v1"
_KEY = re.compile(r"[A-Za-z0-9\u4e00-\u9fff][A-Za-z0-9\u4e00-\u9fff._:-]{0,63}")


def check_key(value: str, where: str) -> str:
    """A key of ours: letters, digits, Chinese characters and . _ : -, at most 64. Raises Malformed."""
    if not _KEY.fullmatch(value):
        raise Malformed(f"{where}: {value!r} is no key (letters, digits, . _ : - ; at most 64)")
    return value


@dataclass(frozen=True, slots=True)
class Dimension:
    """What is graded, and its weight in per cent."""

    key: str
    weight: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade and its mark, 0 to 100."""

    key: str
    mark: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class CardClass:
    """A class of card and its weight in per cent; one class of 100 unless a programme insists (70 / 30)."""

    key: str
    weight: Decimal
    label: str = ""


@dataclass(frozen=True, slots=True)
class Rules:
    """The numbers of one vote. Weights of dimensions, and of classes, sum to 100."""

    programme: str
    cycle: str
    version: str
    dimensions: tuple[Dimension, ...]
    grades: tuple[Grade, ...]
    abstain: str = "abstain"
    quorum_of_drawn: Fraction = Fraction(2, 3)
    quorum_valid: int = 30
    ordinary_strata: tuple[str, ...] = ("enterprise", "resident", "villager")
    ordinary_present: Decimal = Decimal("0.70")
    least_ratings: int = 30
    classes: tuple[CardClass, ...] = (CardClass("all", Decimal(100), "全体"),)
    least_class_ballots: int = 10
    tellers_needed: int = 3

    def __post_init__(self) -> None:
        check_key(self.programme, "programme")  # both stand in the checkpoint's first line
        check_key(self.cycle, "cycle")
        for name, keyed in (
            ("dimensions", self.dimensions),
            ("grades", self.grades),
            ("classes", self.classes),
        ):
            keys = [check_key(item.key, name) for item in keyed]
            if not keys or len(set(keys)) != len(keys):
                raise Malformed(f"{name}: none, or a key twice")
        for name, weights in (
            ("dimensions", [d.weight for d in self.dimensions]),
            ("classes", [c.weight for c in self.classes]),
        ):
            if sum(weights) != 100 or any(w <= 0 for w in weights):
                raise Malformed(f"{name}: weights are not above 0 or do not sum to 100")
        if self.abstain in {g.key for g in self.grades}:
            raise Malformed(f"grades: {self.abstain!r} is both a grade and the abstention")
        check_key(self.abstain, "abstain")
        if any(not 0 <= g.mark <= 100 for g in self.grades):
            raise Malformed("grades: a mark is not between 0 and 100")
        if not 0 < self.quorum_of_drawn <= 1 or self.quorum_valid < 1 or self.tellers_needed < 1:
            raise Malformed("quorum or number of tellers is out of range")
        if not 0 <= self.ordinary_present <= 1:
            raise Malformed("ordinary_present is no share")

    @property
    def marks(self) -> Mapping[str, Decimal]:
        """grade → mark."""
        return {grade.key: grade.mark for grade in self.grades}

    @property
    def choices(self) -> tuple[str, ...]:
        """Every choice of a ballot: the grades and the abstention."""
        return (*(grade.key for grade in self.grades), self.abstain)

    def to_bytes(self) -> bytes:
        """rules.json."""
        return canonical(
            {
                "kind": RULES_KIND,
                "programme": self.programme,
                "cycle": self.cycle,
                "version": self.version,
                "dimensions": [{"key": d.key, "weight": plain(d.weight), "label": d.label} for d in self.dimensions],
                "grades": [{"key": g.key, "mark": plain(g.mark), "label": g.label} for g in self.grades],
                "abstain": self.abstain,
                "quorum": {
                    "of_drawn": f"{self.quorum_of_drawn.numerator}/{self.quorum_of_drawn.denominator}",
                    "valid": self.quorum_valid,
                },
                "ordinary": {"strata": list(self.ordinary_strata), "present": plain(self.ordinary_present)},
                "least_ratings": self.least_ratings,
                "classes": [{"key": c.key, "weight": plain(c.weight), "label": c.label} for c in self.classes],
                "least_class_ballots": self.least_class_ballots,
                "tellers_needed": self.tellers_needed,
            }
        )


def _entries(value: Json, where: str, figure: str) -> list[tuple[str, Decimal, str]]:
    found = []
    for number, entry in enumerate(items(value, where)):
        at = f"{where}[{number}]"
        part = members(entry, at, ("key", figure, "label"))
        found.append(
            (
                text(part["key"], f"{at}.key"),
                decimal(part[figure], f"{at}.{figure}"),
                text(part["label"], f"{at}.label"),
            )
        )
    return found


def rules_from_bytes(data: bytes) -> Rules:
    """Read rules.json; raises Malformed naming the field."""
    value = parse_canonical(data)
    kind(value, RULES_KIND)
    top = members(
        value,
        "rules",
        (
            *(
                "kind",
                "programme",
                "cycle",
                "version",
                "dimensions",
                "grades",
                "abstain",
                "quorum",
                "ordinary",
            ),
            *("least_ratings", "classes", "least_class_ballots", "tellers_needed"),
        ),
    )
    quorum = members(top["quorum"], "rules.quorum", ("of_drawn", "valid"))
    ordinary = members(top["ordinary"], "rules.ordinary", ("strata", "present"))
    return Rules(
        programme=text(top["programme"], "rules.programme"),
        cycle=text(top["cycle"], "rules.cycle"),
        version=text(top["version"], "rules.version"),
        dimensions=tuple(Dimension(*e) for e in _entries(top["dimensions"], "rules.dimensions", "weight")),
        grades=tuple(Grade(*e) for e in _entries(top["grades"], "rules.grades", "mark")),
        abstain=text(top["abstain"], "rules.abstain"),
        quorum_of_drawn=fraction(quorum["of_drawn"], "rules.quorum.of_drawn"),
        quorum_valid=whole(quorum["valid"], "rules.quorum.valid", 1),
        ordinary_strata=tuple(
            text(s, "rules.ordinary.strata") for s in items(ordinary["strata"], "rules.ordinary.strata")
        ),
        ordinary_present=decimal(ordinary["present"], "rules.ordinary.present"),
        least_ratings=whole(top["least_ratings"], "rules.least_ratings", 1),
        classes=tuple(CardClass(*e) for e in _entries(top["classes"], "rules.classes", "weight")),
        least_class_ballots=whole(top["least_class_ballots"], "rules.least_class_ballots", 1),
        tellers_needed=whole(top["tellers_needed"], "rules.tellers_needed", 1),
    )


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """A unit on the ballot: id, name, category, and the scopes it is ranked in."""

    id: str
    name: str
    category: str = ""
    scopes: tuple[str, ...] = ()


def units_bytes(units: tuple[UnitEntry, ...]) -> bytes:
    """units.json, in the ballot's order. Raises Malformed for no unit, an id twice or one that is no key."""
    ids = [check_key(unit.id, "units") for unit in units]
    if not ids or len(set(ids)) != len(ids):
        raise Malformed("units: none, or an id twice")
    return canonical(
        {
            "kind": UNITS_KIND,
            "units": [{"id": u.id, "name": u.name, "category": u.category, "scopes": list(u.scopes)} for u in units],
        }
    )


def units_from_bytes(data: bytes) -> tuple[UnitEntry, ...]:
    """Read units.json; raises Malformed naming the field."""
    value = parse_canonical(data)
    kind(value, UNITS_KIND)
    found = []
    for number, entry in enumerate(items(members(value, "units", ("kind", "units"))["units"], "units")):
        at = f"units[{number}]"
        unit = members(entry, at, ("id", "name", "category", "scopes"))
        found.append(
            UnitEntry(
                text(unit["id"], f"{at}.id"),
                text(unit["name"], f"{at}.name"),
                text(unit["category"], f"{at}.category"),
                tuple(text(s, f"{at}.scopes") for s in items(unit["scopes"], f"{at}.scopes")),
            )
        )
    units = tuple(found)
    units_bytes(units)
    return units
