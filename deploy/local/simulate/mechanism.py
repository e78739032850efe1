"""What a mechanism of the domain is to a report: how it is called, whose it is, and which facts show that it worked."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deploy.local.simulate.canon import Fact
from shared.programme import Programme
from shared.programme.parts import ConsequenceRule

Where = Callable[[Mapping[str, Any]], bool]
Pick = Callable[["Seen"], Iterable[Fact]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the services' views say at the end, as they say it.

    results: by cycle the published result (`GET /results/{cycle}/result.json`). consequences: by cycle
    `GET /api/v1/consequences?cycle=`. complaints: read, registered, repeated, kept_for_repair.
    """

    results: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    consequences: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    complaints: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a mechanism is judged by."""

    programme: Programme
    facts: tuple[Fact, ...]
    by_kind: Mapping[str, tuple[Fact, ...]]
    by_number: Mapping[str, Fact]
    figures: Figures

    def of(self, *kinds: str) -> list[Fact]:
        """Facts of these kinds, in the record's order."""
        found = [fact for kind in kinds for fact in self.by_kind.get(kind, ())]
        return sorted(found, key=lambda fact: fact.number)

    def cause(self, fact: Fact) -> Fact | None:
        """What a notice was sent for."""
        return self.by_number.get(str(fact.data.get("cause", "")))


@dataclass(frozen=True, slots=True)
class Proof:
    """Something that only happens when the mechanism works: facts of `kinds` with these `fields` that fit `where`, or
    what `pick` finds.

    seen: instead, what an actor looked at (`world.saw(seen, …)`) because it leaves no event. figure: instead, how
    often the services' views show it. least: 0 is shown but may be none.
    """

    zh: str
    en: str
    kinds: tuple[str, ...] = ()
    fields: tuple[tuple[str, Any], ...] = ()
    where: Where | None = None
    pick: Pick | None = None
    seen: str = ""
    figure: Callable[[Figures], int] | None = None
    least: int = 1

    def facts(self, seen: Seen) -> tuple[Fact, ...]:
        """The facts that show it."""
        if self.pick is not None:
            return tuple(self.pick(seen))
        return tuple(fact for fact in seen.of(*self.kinds) if self._holds(fact.data))

    @property
    def needs(self) -> str:
        """What must occur, for who writes an actor."""
        fields = ", ".join(f"{name}={'…' if value is ... else value}" for name, value in self.fields)
        said = f"saw({self.seen!r})" if self.seen else "the published results" if self.figure else ""
        more = " (…)" if self.where or self.pick else ""
        return said or f"{' | '.join(self.kinds)}{f' {{{fields}}}' if fields else ''}{more}"

    def _holds(self, data: Mapping[str, Any]) -> bool:
        fit = all(_fits(data, name, value) for name, value in self.fields)
        return fit and (self.where is None or self.where(data))


@dataclass(frozen=True, slots=True)
class Mechanism:
    """A mechanism. of: whether a programme has it, by what its file holds. where: places in the file
    (`channels[feedback=media]`); none: the same for every programme. proofs: for a programme and a number of years.
    """

    key: str
    zh: str
    en: str
    proofs: Callable[[Programme, int], tuple[Proof, ...]]
    where: tuple[str, ...] = ()
    of: Callable[[Programme], bool] = lambda programme: True
    particular: bool = False


def always(*proofs: Proof) -> Callable[[Programme, int], tuple[Proof, ...]]:
    """The same proofs for every programme."""
    return lambda programme, years: proofs


def happened(zh: str, en: str, *kinds: str, least: int = 1, **fields: Any) -> Proof:
    """Facts of these kinds whose data holds these values: a tuple means any of them, `...` that it says something."""
    return Proof(zh, en, kinds, tuple(fields.items()), least=least)


def saw(key: str, zh: str, en: str, *, least: int = 1) -> Proof:
    """What an actor put down under this key."""
    return Proof(zh, en, seen=key, least=least)


def _fits(data: Mapping[str, Any], name: str, value: Any) -> bool:
    given = data.get(name)
    if value is ...:
        return bool(given)
    return given in value if isinstance(value, tuple) else given == value or (value in (0, False) and not given)


def has_part(programme: Programme, *kinds: str) -> bool:
    """Whether the composite has a part of one of these kinds."""
    return any(part.is_of in kinds for part in programme.composite)


def votes(programme: Programme) -> bool:
    """Whether drawn people vote at a meeting."""
    return has_part(programme, "concentrated")


def rules(programme: Programme, condition: str) -> list[ConsequenceRule]:
    """The consequences whose conditions name this."""
    return [rule for rule in programme.consequences if getattr(rule.when, condition)]


def proposed(rule: ConsequenceRule) -> Proof:
    """That a consequence of this rule was proposed."""

    def of_the_rule(data: Mapping[str, Any]) -> bool:
        return f".{rule.key}." in str(data.get("consequence", ""))

    return Proof(
        f"提出：{rule.label.zh}", f"proposed: {rule.label.en}", ("scoring.consequence.proposed",),
        where=of_the_rule,
    )  # fmt: skip


def valued(part: str, label_zh: str, label_en: str) -> Proof:
    """That units have a value of a part of the composite, as the published results print it."""

    def units(figures: Figures) -> int:
        rows = [row for result in figures.results.values() for row in result.get("units", ())]
        return sum(f"({part})" in str(row.get("formula", "")) and not _absent(row, part) for row in rows)

    return Proof(f"得分部分：{label_zh}", f"part of the score: {label_en}", figure=units)


def _absent(row: Mapping[str, Any], part: str) -> bool:
    return f"— ({part})" in str(row.get("formula", ""))
