"""Unusual patterns among a hall's ballots, while they are whole (protocol D): figures only, never a verdict.

Two figures of the whole meeting, without unit, grade or ballot, and none below five ballots: a figure that told of two
ballots would show a buyer that two people voted as he was promised. For the same reason they are no part of the seal.
No Benford, no Mahalanobis.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.scoring.domain.canon import Json, kind, members, whole

PATTERNS_KIND = "minping.patterns.v1"
LEAST_BALLOTS = 30
LEAST_CELLS = 30
"""With fewer answers on a ballot honest people agree by chance."""
SHOWN_FROM = 5
ALIKE = 0.95
"""Honest ballots agree in about 58% of their answers, planted copies in over 95% (voting.md D)."""
STRAIGHT = 0.95
STRING = 0.75
"""A run of one and the same answer over this share of the ballot, in its printed order."""


@dataclass(frozen=True, slots=True)
class Patterns:
    """What was seen; None where it was not looked for. A figure from 1 to 4 is kept as 0.

    alike: ballots, straight-liners set aside, that agree with another in 95% of their answers. long_string: ballots,
    straight-liners set aside, with one answer over three quarters of their length on end.
    """

    ballots: int
    alike: int | None
    long_string: int | None

    @property
    def flagged(self) -> bool:
        """Whether somebody should look at how the vote was held."""
        return bool(self.alike) or bool(self.long_string)

    def to_json(self) -> Json:
        """As it is kept."""
        return {
            "kind": PATTERNS_KIND, "ballots": self.ballots, "alike": self.alike, "long_string": self.long_string,
        }  # fmt: skip


def patterns_from_json(value: Json) -> Patterns:
    """Read what `to_json` wrote. Raises Malformed."""
    kind(value, PATTERNS_KIND)
    top = members(value, "patterns", ("kind", "ballots", "alike", "long_string"))

    def figure(name: str) -> int | None:
        return None if top[name] is None else whole(top[name], name)

    return Patterns(whole(top["ballots"], "ballots"), figure("alike"), figure("long_string"))


def patterns(ballots: Sequence[Sequence[Sequence[str]]]) -> Patterns:
    """The figures of whole ballots: ballot → unit → dimension → choice. Their order does not matter."""
    import numpy as np  # with the first count, not with the service

    number = len(ballots)
    answers = [[choice for unit in ballot for choice in unit] for ballot in ballots]
    if number < LEAST_BALLOTS or len(answers[0]) < LEAST_CELLS:
        return Patterns(number, None, None)
    code = {choice: index for index, choice in enumerate(sorted({c for row in answers for c in row}))}
    marks = np.array([[code[choice] for choice in row] for row in answers], dtype=np.int16)
    cells = marks.shape[1]
    most = np.stack([(marks == c).sum(axis=1) for c in code.values()]).max(axis=0)
    varied = marks[most < STRAIGHT * cells]
    alike = 0
    for i in range(len(varied)):
        agreeing = (varied == varied[i]).sum(axis=1) >= ALIKE * cells
        alike += int(agreeing.sum() > 1)  # one of them is itself
    strings = sum(_longest(row.tolist()) >= STRING * cells for row in varied)
    return Patterns(number, _shown(alike), _shown(strings))


def _longest(row: Sequence[int]) -> int:
    """The longest run of one answer."""
    best = run = 0
    before: int | None = None
    for answer in row:
        run = run + 1 if answer == before else 1
        best, before = max(best, run), answer
    return best


def _shown(number: int) -> int:
    return number if number >= SHOWN_FROM else 0
