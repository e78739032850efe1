"""The attack on the secrecy of a meeting (X4): whoever has every file looks for the order in which cards were used.

The attacker knows in which order everybody voted and holds all keys of the office. Whatever shows the cards in an
order that has to do with the voting links voters to cards. Each finding is measured beside chance.
"""

import base64
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, log, sqrt

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class Voter:
    """One who voted: the card's secret text and hash, and what the terminal sent."""

    text: str
    token: bytes
    hash: str
    ciphertext: bytes
    plain: bytes

    def needles(self) -> dict[str, bytes]:
        """What may be found of this voter in a file, by what it is."""
        data, half = self.ciphertext, len(self.ciphertext) // 2
        return {
            "card text": self.text.encode(),
            "card text plain": self.text.replace("-", "").encode(),
            "token": self.token,
            "hash": self.hash.encode(),
            "raw hash": bytes.fromhex(self.hash),
            "ciphertext's key": data[20:52],
            "ciphertext's middle": data[half : half + 32],
            "ciphertext's end": data[-32:],
            "base64's middle": base64.b64encode(data)[half // 3 * 4 + 8 : half // 3 * 4 + 48],
            "open marks": self.plain,
        }


@dataclass(frozen=True)
class Finding:
    """An order of some voters' traces in one file. `order`: numbers of voters (by time of vote) as they stand there."""

    where: str
    what: str
    order: tuple[int, ...]

    @property
    def linked(self) -> int:
        """Voters that the order names rightly, taken forwards or backwards (by chance one of them, twice tried)."""
        truth = sorted(self.order)
        forwards = sum(a == b for a, b in zip(self.order, truth, strict=True))
        return max(forwards, sum(a == b for a, b in zip(self.order, reversed(truth), strict=True)))

    @property
    def z(self) -> float:
        """Spearman's rank correlation of the order with the voting, in standard deviations of a random order."""
        n = len(self.order)
        if n < 2:
            return 0.0
        rank = {voter: place for place, voter in enumerate(sorted(self.order))}
        squares = sum((place - rank[voter]) ** 2 for place, voter in enumerate(self.order))
        return (1 - 6 * squares / (n * (n * n - 1))) * sqrt(n - 1)

    @property
    def chance(self) -> float:
        """How likely a random order does as well: the smaller of both measures' tails, for both directions."""
        hits = 2 * exp(-lgamma(self.linked + 1))  # of a random order at least k are right with at most 1/k!
        return min(1.0, 2 * max(min(hits, 1.0), 1e-300), max(erfc(abs(self.z) / sqrt(2)), 1e-300))


def findings(files: Files, voters: Sequence[Voter]) -> list[Finding]:
    """Every order in which the voters' traces stand in any file, by first and by last place."""
    found = []
    for where, content in files.items():
        for what in voters[0].needles() if content else ():
            first: list[tuple[int, int]] = []
            last: list[tuple[int, int]] = []
            for number, voter in enumerate(voters):
                needle = voter.needles()[what]
                if (at := content.find(needle)) >= 0:
                    first.append((at, number))
                    last.append((content.rfind(needle), number))
            for kind, places in (("first", first), ("last", last)):
                if places and (kind == "first" or last != first):
                    found.append(Finding(where, f"{what}, {kind} place", tuple(n for _, n in sorted(places))))
    return found


def partial(found: Iterable[Finding], voters: int) -> list[Finding]:
    """Findings that show some voters and not the others: their terminal or their time."""
    return [one for one in found if len(one.order) < voters]


def report(title: str, found: Sequence[Finding], voters: int, worst: int = 4) -> str:
    """A few lines for people: what links best."""
    lines = [f"{title}: {len(found)} orders in {len({one.where for one in found})} files"]
    for one in sorted(found, key=lambda one: one.chance)[:worst]:
        lines.append(
            f"   {one.where}: {one.what}: {one.linked} of {len(one.order)} linked"
            f" (of {voters}; by chance 1), z {one.z:+.1f}, p {one.chance:.1e}"
        )
    return "\n".join(lines)


def together(several: Sequence[Sequence[Finding]]) -> tuple[str, float]:
    """The same places over several meetings: what links best in all of them, for people, and its p."""
    same: dict[tuple[str, str], list[Finding]] = {}
    for found in several:
        for one in found:
            same.setdefault((one.where, one.what), []).append(one)
    best = ("nothing found", 1.0)
    for (where, what), ones in same.items():
        z, voters = sum(one.z for one in ones) / sqrt(len(ones)), sum(len(one.order) for one in ones)
        linked, p = sum(one.linked for one in ones), erfc(abs(z) / sqrt(2))
        if p < best[1]:
            best = (f"{where}: {what}: {linked} of {voters} linked (chance: {len(ones)}), z {z:+.1f}, p {p:.1e}", p)
    return best[0], min(1.0, best[1] * max(1, len(same)))


def marks_linked(
    slices: Mapping[tuple[str, str], Sequence[str]],
    marks: Sequence[Mapping[tuple[str, str], str]],
    order: Sequence[int],
    chance: random.Random,
    trials: int = 300,
) -> float:
    """Whether public slices, taken as they stand, name the marks of voters in `order` better than of shuffled voters.

    slices: (unit, dimension) → choices in the file's order; marks: each voter's own. Returns standard deviations.
    """

    def right(who: Sequence[int]) -> int:
        return sum(marks[voter][cell] == row[place] for place, voter in enumerate(who) for cell, row in slices.items())

    truth, shuffled, several = right(order), list(order), []
    for _ in range(trials):
        chance.shuffle(shuffled)
        several.append(right(shuffled))
    mean = sum(several) / trials
    spread = sqrt(sum((one - mean) ** 2 for one in several) / trials)
    return (truth - mean) / spread if spread else 0.0


def evidence_bound(tests: int, alarms: float = 1e-6) -> float:
    """The p below which one of so many tests is no accident (Bonferroni)."""
    return exp(log(alarms) - log(max(tests, 1)))
