"""Alternates: who is invited after refusals, and who is called so that ordinary people decide (S3, S7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.draw import Drawn
from services.scoring.domain.pool import ordinary_share


@dataclass(frozen=True, slots=True)
class Replacement:
    """Who dropped out, why, and which alternate was called (None: nobody was left)."""

    gone: str
    reason: str
    called: str | None


@dataclass(frozen=True, slots=True)
class Invited:
    """Who is invited after refusals: by stratum, with every replacement on record."""

    seated: Mapping[str, tuple[str, ...]]
    replacements: tuple[Replacement, ...]

    @property
    def vacant(self) -> int:
        """Seats that no alternate could fill."""
        return sum(1 for r in self.replacements if r.called is None)


def invited(drawn: Drawn, gone: Mapping[str, str]) -> Invited:
    """Fill the seats of those in `gone` (id → reason, in the order in which they dropped out).

    The next alternate of the same stratum is called; an alternate who drops out too is replaced in turn.
    """
    waiting = {s.stratum: list(s.alternates) for s in drawn.strata}
    seated = {s.stratum: list(s.seated) for s in drawn.strata}
    replacements = []
    for person, reason in gone.items():
        stratum = drawn.stratum_of(person)
        if person in waiting[stratum]:
            waiting[stratum].remove(person)  # an alternate not yet called: nobody takes a place
            continue
        seated[stratum].remove(person)
        called = next(iter(waiting[stratum]), None)
        if called is not None:
            waiting[stratum].remove(called)
            seated[stratum].append(called)
        replacements.append(Replacement(person, reason, called))
    return Invited({s: tuple(p) for s, p in seated.items()}, tuple(replacements))


def alternates_to_call(
    drawn: Drawn, present: Collection[str], gone: Collection[str], ordinary: Collection[str], least: Decimal
) -> tuple[str, ...]:
    """Ordinary alternates to call so that ordinary people make up `least` of those present (S7).

    In drawn order, one stratum after the other by fewest present per seat. Empty where the share already holds;
    as many as there are where they do not suffice.
    """
    counts = {s.stratum: sum(1 for i in s.order if i in present) for s in drawn.strata}
    waiting = {
        s.stratum: [i for i in s.order if i not in present and i not in gone and i not in s.seated]
        for s in drawn.strata
        if s.stratum in ordinary
    }
    seats = {s.stratum: s.seats for s in drawn.strata}
    called: list[str] = []
    while ordinary_share(counts, ordinary) < Fraction(least) and any(waiting.values()):
        stratum = min((s for s in waiting if waiting[s]), key=lambda s: (Fraction(counts[s], max(seats[s], 1)), s))
        called.append(waiting[stratum].pop(0))
        counts[stratum] += 1
    return tuple(called)
