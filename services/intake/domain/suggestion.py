"""What past transfers suggest for a new text (I14): a linear model over character n-grams, read here.

Reading needs numpy alone: features are packed into integers, looked up in a sorted vocabulary and multiplied. The
model never decides; it gives a key, how sure it is, and the words of the text that speak for it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:  # numpy is 19 MB in memory: it comes with the first model, not with the service
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[Any]

What = Literal["unit", "topic"]
Basis = Literal["named", "learned", "keywords"]

TITLE_WEIGHT = 4
"""A title says in ten characters what the body needs three hundred for: measured, see `minping suggest evaluate`."""
LONGEST = 4_000
MOST_ROWS = 10_000
"""The newest decisions that are learned from."""
GROWTH = 1.2
"""A model is learned anew when there are this many times the transfers it was learned from."""
OTHERS = 2
_WORDS, _GRAMS_LOOKED_AT = 4, 16
_SHIFT = 21  # bits of a code point


@dataclass(frozen=True, slots=True)
class Guess:
    """One suggestion: `confidence` is a calibrated probability, None where the report itself names the key."""

    key: str
    confidence: float | None
    basis: Basis
    why: tuple[str, ...] = ()
    others: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A learned model. `vocabulary` is sorted; `weights` has a row a label; `scale` calibrates the softmax."""

    version: int
    labels: tuple[str, ...]
    vocabulary: Ints = field(repr=False)
    idf: Floats = field(repr=False)
    weights: Floats = field(repr=False)
    intercept: Floats = field(repr=False)
    scale: float


def grams(title: str, text: str) -> tuple[Ints, Ints]:
    """The packed character n-grams (1 to 3) of a complaint, sorted, and how often each occurs; the title counts more.

    Three code points of 21 bits each fit into 63: no dictionary of strings is needed, here or in memory.
    """
    import numpy as np

    whole = (_folded(title) + " ") * TITLE_WEIGHT + _folded(text)[:LONGEST]
    one = np.frombuffer(whole.encode("utf-32-le", "replace"), dtype="<u4").astype(np.int64)
    two = one[:-1] << _SHIFT | one[1:]
    three = two[:-1] << _SHIFT | one[2:]
    return np.unique(np.concatenate((one, two, three)), return_counts=True)


def suggest(model: Model, title: str, text: str, possible: Collection[str] | None = None) -> Guess | None:
    """What the model holds most likely among the possible keys (all, if not given); None if it knows none of them."""
    import numpy as np

    found, values = _features(model, title, text)
    scores = model.weights[:, found] @ values + model.intercept
    sure = softmax(scores[None, :], model.scale)[0]
    ranked = [int(at) for at in np.argsort(-sure) if possible is None or model.labels[at] in possible]
    if not ranked:
        return None
    best = ranked[0]
    speaks = values * (model.weights[best, found] - model.weights[:, found].mean(axis=0))
    return Guess(
        key=model.labels[best],
        confidence=float(sure[best]),
        basis="learned",
        why=_words(model.vocabulary[found], speaks, _folded(f"{title} {text}")),
        others=tuple((model.labels[at], float(sure[at])) for at in ranked[1 : 1 + OTHERS]),
    )


def softmax(scores: Floats, scale: float) -> Floats:
    """Rows of scores as rows of probabilities."""
    import numpy as np

    raised = np.exp(scale * (scores - scores.max(axis=1, keepdims=True)))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def is_due(rows: int, least: int, learned_from: int | None) -> bool:
    """Whether to learn (again): enough decided transfers, and by a fifth more than at the last time.

    least: from how many on anything is learned; 0 is never.
    """
    if not least or rows < least:
        return False
    return learned_from is None or rows >= learned_from * GROWTH


def _features(model: Model, title: str, text: str) -> tuple[Ints, Floats]:
    """Positions in the vocabulary and their tf-idf (sublinear, of length 1)."""
    import numpy as np

    keys, counts = grams(title, text)
    at = np.searchsorted(model.vocabulary, keys)
    at[at == len(model.vocabulary)] = 0
    known = model.vocabulary[at] == keys
    found = at[known]
    values = (1 + np.log(counts[known])) * model.idf[found]
    length = float(np.sqrt((values * values).sum()))
    return found, values / length if length else values


def _folded(text: str) -> str:
    """Width and case do not matter, nor does white space; punctuation stays: it separates words."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _unpacked(key: int) -> str:
    mask = (1 << _SHIFT) - 1
    return "".join(chr(key >> shift & mask) for shift in (2 * _SHIFT, _SHIFT, 0) if key >> shift)


def _words(keys: Ints, speaks: Floats, text: str) -> tuple[str, ...]:
    """Pieces of the text that speak most for the suggestion: overlapping n-grams become one word."""
    import numpy as np

    weight: dict[int, float] = {}
    for position in np.argsort(-speaks)[:_GRAMS_LOOKED_AT]:
        gram = _unpacked(int(keys[position]))
        at = text.find(gram)
        if speaks[position] <= 0 or len(gram) < 2 or not gram.isalnum() or at < 0:
            continue
        for covered in range(at, at + len(gram)):
            weight[covered] = weight.get(covered, 0.0) + float(speaks[position]) / len(gram)
    spans = sorted(_spans(sorted(weight)), key=lambda span: -sum(weight[at] for at in range(*span)))
    return tuple(dict.fromkeys(text[a:b] for a, b in spans))[:_WORDS]


def _spans(covered: Sequence[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for at in covered:
        if spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    return spans
