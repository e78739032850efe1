"""Roll and boxes must agree (S6), and enough people must have voted, before anything is counted."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from services.scoring.domain.canon import Json, canonical, kind, members, parse_canonical, whole
from services.scoring.domain.rules import Rules

COUNTS_KIND = "minping.reconciliation.v1"


@dataclass(frozen=True, slots=True)
class Counts:
    """The figures of a closed meeting.

    drawn: seats of the draw. present, ordinary_present: on the roll when the ballots opened. printed: cards printed;
    left_in_box: cards never taken. roll: people on the roll with a card at the end. issued: cards taken.
    returned: cards with a ballot; unused: cards taken without one, closed. valid, void: the ballots opened.
    paper: those of the returned that came on paper (S16); the file names it only where there is one.
    """

    drawn: int
    present: int
    ordinary_present: int
    printed: int
    left_in_box: int
    roll: int
    issued: int
    returned: int
    unused: int
    valid: int
    void: int
    void_reasons: Mapping[str, int] = field(default_factory=dict)
    paper: int = 0

    def to_json(self) -> Json:
        """As it stands in reconciliation.json."""
        figures: dict[str, Json] = {name: getattr(self, name) for name in FIGURES}
        paper: dict[str, Json] = {"paper": self.paper} if self.paper else {}
        return {"kind": COUNTS_KIND, **figures, **paper, "void_reasons": dict(sorted(self.void_reasons.items()))}

    def to_bytes(self) -> bytes:
        """reconciliation.json."""
        return canonical(self.to_json())


FIGURES = (
    *("drawn", "present", "ordinary_present", "printed", "left_in_box", "roll", "issued"),
    *("returned", "unused", "valid", "void"),
)


def counts_from_bytes(data: bytes) -> Counts:
    """Read reconciliation.json; raises Malformed naming the field."""
    value = parse_canonical(data)
    kind(value, COUNTS_KIND)
    top = members(value, "reconciliation", ("kind", *FIGURES, "void_reasons"), ("paper",))
    reasons = top["void_reasons"]
    names = reasons.keys() if isinstance(reasons, Mapping) else ()
    checked = members(reasons, "reconciliation.void_reasons", names)
    return Counts(
        **{name: whole(top[name], f"reconciliation.{name}") for name in FIGURES},
        void_reasons={r: whole(n, f"reconciliation.void_reasons.{r}", 1) for r, n in checked.items()},
        paper=whole(top["paper"], "reconciliation.paper", 1) if "paper" in top else 0,
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """An equation that does not hold; `voids`: the vote itself is void, else it has no quorum and is run again."""

    name: str
    says: str
    voids: bool = True


def reconcile(counts: Counts, rules: Rules) -> tuple[Problem, ...]:
    """What does not hold; empty when the vote stands (S6, S7).

    The quorum asks for valid ballots of two thirds of those drawn, and for 30 of them.
    """
    c = counts
    found = []
    if c.returned > c.issued:
        found.append(Problem("stuffed", f"returned {c.returned} > issued {c.issued}"))
    if c.printed != c.issued + c.left_in_box:
        found.append(Problem("printed", f"printed {c.printed} ≠ issued {c.issued} + left in the box {c.left_in_box}"))
    if c.roll != c.issued:
        found.append(Problem("roll", f"on the roll {c.roll} ≠ issued {c.issued}"))
    if c.issued != c.returned + c.unused:
        found.append(Problem("issued", f"issued {c.issued} ≠ returned {c.returned} + unused {c.unused}"))
    if c.returned != c.valid + c.void:
        found.append(Problem("returned", f"returned {c.returned} ≠ valid {c.valid} + void {c.void}"))
    if c.paper > c.returned:
        found.append(Problem("paper", f"on paper {c.paper} > returned {c.returned}"))
    if c.void != sum(c.void_reasons.values()):
        found.append(Problem("void", f"void {c.void} ≠ the reasons' sum {sum(c.void_reasons.values())}"))
    if c.ordinary_present > c.present or not ballots_may_open(c.present, c.ordinary_present, rules):
        found.append(
            Problem("ordinary", f"{c.ordinary_present} of {c.present} present were ordinary people when ballots opened")
        )
    if c.drawn < 1 or Fraction(c.valid, max(c.drawn, 1)) < rules.quorum_of_drawn:
        found.append(
            Problem("quorum", f"{c.valid} valid of {c.drawn} drawn, needed: {rules.quorum_of_drawn}", voids=False)
        )
    if c.valid < rules.quorum_valid:
        found.append(Problem("quorum_valid", f"{c.valid} valid, needed: {rules.quorum_valid}", voids=False))
    return tuple(found)


def ballots_may_open(present: int, ordinary_present: int, rules: Rules) -> bool:
    """Whether at least 70 % of those present are ordinary people (S7); false for an empty hall."""
    return present > 0 and Fraction(ordinary_present, present) >= Fraction(rules.ordinary_present)
