"""The catalogue: every mechanism of the domain, what is particular to a programme, and how often each was seen."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from deploy.local.simulate.canon import Fact
from deploy.local.simulate.mechanism import Figures, Mechanism, Proof, Seen
from deploy.local.simulate.mechanisms_intake import INTAKE
from deploy.local.simulate.mechanisms_notify import NOTIFY
from deploy.local.simulate.mechanisms_particular import PARTICULAR
from deploy.local.simulate.mechanisms_rectification import RECTIFICATION
from deploy.local.simulate.mechanisms_scoring import SCORING
from deploy.local.simulate.world import Checked
from shared.errors import Refusal
from shared.programme import Programme

MECHANISMS: tuple[Mechanism, ...] = (*INTAKE, *RECTIFICATION, *SCORING, *NOTIFY, *PARTICULAR)


@dataclass(frozen=True, slots=True)
class Shown:
    """A proof with the facts that show it, or with what actors saw, or with a figure of the views."""

    proof: Proof
    facts: tuple[str, ...]
    checked: tuple[Checked, ...]
    count: int

    @property
    def is_missing(self) -> bool:
        """Whether it should have been seen and was not."""
        return self.count < self.proof.least


@dataclass(frozen=True, slots=True)
class Counted:
    """A mechanism as it was seen."""

    mechanism: Mechanism
    shown: tuple[Shown, ...]

    @property
    def count(self) -> int:
        """Facts that show it, each once, and what was seen besides."""
        facts = {number for one in self.shown for number in one.facts}
        return len(facts) + sum(one.count for one in self.shown if not one.facts)

    @property
    def missing(self) -> tuple[str, ...]:
        """What of it did not happen; the mechanism was exercised if nothing is missing."""
        return tuple(f"{one.proof.zh} · {one.proof.en}" for one in self.shown if one.is_missing)


def of(programme: Programme, years: int = 1) -> tuple[Mechanism, ...]:
    """The mechanisms that a programme has, and that can be seen in so many years."""
    return tuple(one for one in MECHANISMS if one.of(programme) and one.proofs(programme, years))


def counted(
    programme: Programme, years: int, facts: Iterable[Fact], figures: Figures, checked: Sequence[Checked]
) -> tuple[Counted, ...]:
    """Every mechanism of a programme with what shows it. Raises Refusal for a check that no mechanism asks for."""
    seen = gathered(programme, facts, figures)
    for one in checked:
        require_asked(programme, years, one.mechanism)
    return tuple(
        Counted(one, tuple(_shown(proof, seen, checked) for proof in _proofs(one, programme, years, checked)))
        for one in of(programme, years)
    )


def require_asked(programme: Programme, years: int, key: str) -> None:
    """Raises Refusal for a key that is neither a mechanism's nor one under which a mechanism looks for a check."""
    asked = {one.key for one in MECHANISMS} | {
        proof.seen for one in MECHANISMS for proof in one.proofs(programme, years) if proof.seen
    }
    if key not in asked:
        raise Refusal("saw", key, "no mechanism asks for it", f"use one of: {', '.join(sorted(asked))}")


def _proofs(one: Mechanism, programme: Programme, years: int, checked: Sequence[Checked]) -> tuple[Proof, ...]:
    """What shows a mechanism, and what actors saw of it besides."""
    asked = one.proofs(programme, years)
    beside = any(noted.mechanism == one.key for noted in checked) and all(proof.seen != one.key for proof in asked)
    return (*asked, Proof("另行核对", "looked at besides", seen=one.key, least=0)) if beside else asked


def gathered(programme: Programme, facts: Iterable[Fact], figures: Figures) -> Seen:
    """Facts by kind and number."""
    listed = tuple(facts)
    by_kind: dict[str, list[Fact]] = defaultdict(list)
    for fact in listed:
        by_kind[fact.kind].append(fact)
    kinds = {kind: tuple(found) for kind, found in by_kind.items()}
    return Seen(programme, listed, kinds, {fact.number: fact for fact in listed}, figures)


def missing(found: Iterable[Counted]) -> Iterator[str]:
    """What did not happen, by mechanism: empty when every mechanism was exercised."""
    for one in found:
        for what in one.missing:
            yield f"{one.mechanism.key} {one.mechanism.zh}: {what}"


def _shown(proof: Proof, seen: Seen, checked: Sequence[Checked]) -> Shown:
    if proof.seen:
        noted = tuple(one for one in checked if one.mechanism == proof.seen)
        return Shown(proof, (), noted, len(noted))
    if proof.figure is not None:
        return Shown(proof, (), (), proof.figure(seen.figures))
    facts = tuple(fact.number for fact in proof.facts(seen))
    return Shown(proof, facts, (), len(facts))
