"""How certain a rank is (S10): simultaneous 95% intervals by max-t over resampled representatives.

Computed at the count, while each ballot's marks still stand together; kept is only what ranking needs later:
the standard error of each pair's difference and the critical value. The daily score is a constant of each
unit, so the same figures serve the composite (the programme's weight of the vote scales both sides alike).
Floats are right here: this is an estimate beside the official score, never the score itself.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from services.scoring.domain.doubt import Doubt

RESAMPLES = 2000
LEVEL = 0.95

Matrix: TypeAlias = Sequence[Sequence[Sequence[Decimal | None]]]
"""ballot → unit → dimension → mark, None for 不了解."""

_Floats: TypeAlias = npt.NDArray[np.float64]


def doubts(
    marks: Matrix,
    units: Sequence[str],
    weights: Sequence[Decimal],
    scopes: Mapping[str, Sequence[str]],
    *,
    least_ratings: int,
    seed: str,
    resamples: int = RESAMPLES,
) -> tuple[Doubt, ...]:
    """One `Doubt` a scope, from the marks of all valid ballots and a seed (hex).

    The same ballots and seed give the same figures in whatever order the ballots come. Units with fewer than
    `least_ratings` ratings in some dimension are left out, as they are not ranked.
    """
    rows = sorted(marks, key=lambda ballot: [[(m is None, m or 0) for m in unit] for unit in ballot])
    given = np.array([[[m is not None for m in unit] for unit in ballot] for ballot in rows], dtype=np.float64)
    value = np.array([[[float(m or 0) for m in unit] for unit in ballot] for ballot in rows], dtype=np.float64)
    if not rows:
        return ()
    share = np.array([float(w) for w in weights]) / float(sum(weights))
    ballots = len(rows)
    random = np.random.Generator(np.random.PCG64(int(seed, 16)))
    times = random.multinomial(ballots, np.full(ballots, 1 / ballots), size=resamples).astype(np.float64)
    observed = _scores(np.ones((1, ballots)), value, given, share, None)[0]
    means = _means(np.ones((1, ballots)), value, given)
    sampled = _scores(times, value, given, share, means)
    enough = given.sum(axis=0).min(axis=1) >= least_ratings
    found = []
    for scope in sorted(scopes):
        wanted = set(scopes[scope])
        index = [i for i, unit in enumerate(units) if unit in wanted and enough[i]]
        if len(index) >= 2:
            found.append(_doubt(scope, [units[i] for i in index], observed[index], sampled[:, index]))
    return tuple(found)


def _means(times: _Floats, value: _Floats, given: _Floats) -> _Floats:
    """Mean mark for each resample, unit and dimension; nan where nobody rated."""
    ballots, units, dimensions = value.shape
    total = times @ value.reshape(ballots, -1)
    count = times @ given.reshape(ballots, -1)
    with np.errstate(invalid="ignore"):
        mean = np.where(count > 0, total / count, np.nan)
    return mean.reshape(len(times), units, dimensions)


def _scores(times: _Floats, value: _Floats, given: _Floats, share: _Floats, instead: _Floats | None) -> _Floats:
    mean = _means(times, value, given)
    if instead is not None:  # a resample in which nobody rated a dimension keeps that dimension's observed mean
        mean = np.where(np.isnan(mean), instead, mean)
    result: _Floats = mean @ share
    return result


def _doubt(scope: str, units: Sequence[str], observed: _Floats, sampled: _Floats) -> Doubt:
    first, second = np.triu_indices(len(units), k=1)
    difference = observed[first] - observed[second]
    spread = sampled[:, first] - sampled[:, second]
    error = spread.std(axis=0, ddof=1)
    alive = error > 1e-9  # identical marks on every ballot: the difference is certain
    if not alive.any():
        return Doubt(scope, tuple(units), 0.0, tuple(0.0 for _ in error))
    largest = np.abs((spread[:, alive] - difference[alive]) / error[alive]).max(axis=1)
    critical = float(np.quantile(largest, LEVEL))
    return Doubt(
        scope,
        tuple(units),
        round(critical, 6),
        tuple(round(float(e), 6) if a else 0.0 for e, a in zip(error, alive, strict=True)),
    )
