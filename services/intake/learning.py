"""Learning from past transfers (I14), with scikit-learn: the optional extra `suggest`, imported only here and late.

It runs in a process of its own (`python -m services.intake.learning`, rows in, model out), so that the service never
stalls, its memory stays small, and a fault of learning is no fault of intake. What it leaves is read by
`domain/suggestion.py` with numpy alone.
"""

import io
import json
import os
import resource
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from services.intake.domain.suggestion import MOST_ROWS, grams, softmax
from shared.errors import Refusal

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[Any]
FEATURES = 20_000
"""Most n-grams of a vocabulary, by the number of texts they occur in."""
RAREST = 5
"""A label with fewer examples than this is not learned: there is nothing to check it by."""
BINS = 10
MEMORY = 2 * 2**30
"""Address space that learning may take; 10,000 texts need about a quarter of it."""
LONGEST_S = 1800
CHARACTERS = ("linear_svc", "complement_nb")
"""What the service chooses from each time it learns, by cross-validated macro-F1. All are linear."""


@dataclass(frozen=True, slots=True)
class Example:
    """A text and what people decided about it."""

    title: str
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Validation:
    """What cross-validation saw: for each example what was predicted, how surely, by models that had not seen it."""

    name: str
    labels: tuple[str, ...]
    truth: Ints
    predicted: Ints
    confidence: Floats
    scale: float

    def figures(self) -> dict[str, Any]:
        """Accuracy, macro-F1, a line a label, what is taken for what, and how far confidence can be believed."""
        from sklearn.metrics import accuracy_score, f1_score, precision_recall_fscore_support

        every = range(len(self.labels))
        precision, recall, f1, rows = precision_recall_fscore_support(
            self.truth, self.predicted, labels=every, zero_division=0.0
        )
        mixed = Counter(zip(self.truth.tolist(), self.predicted.tolist(), strict=True))
        confused = [(a, b, n) for (a, b), n in mixed.most_common() if a != b][:10]
        return {
            "candidate": self.name,
            "rows": len(self.truth),
            "accuracy": _rounded(accuracy_score(self.truth, self.predicted)),
            "macro_f1": _rounded(f1_score(self.truth, self.predicted, average="macro", zero_division=0.0)),
            "per_class": [
                {
                    "key": self.labels[at], "rows": int(rows[at]), "precision": _rounded(precision[at]),
                    "recall": _rounded(recall[at]), "f1": _rounded(f1[at]),
                }
                for at in every
            ],
            "confused": [{"is": self.labels[a], "taken_for": self.labels[b], "times": n} for a, b, n in confused],
            "calibration": self._calibration(),
        }  # fmt: skip

    def _calibration(self) -> dict[str, Any]:
        right = self.truth == self.predicted
        bins = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        lines = []
        for number in range(BINS):
            if not (inside := bins == number).any():
                continue
            lines.append(
                {
                    "from": number / BINS, "to": (number + 1) / BINS, "rows": int(inside.sum()),
                    "confidence": _rounded(self.confidence[inside].mean()), "right": _rounded(right[inside].mean()),
                }
            )  # fmt: skip
        gap = sum(line["rows"] * abs(line["confidence"] - line["right"]) for line in lines) / max(1, len(right))
        return {"expected_error": _rounded(gap), "bins": lines}


def usable(examples: Sequence[Example]) -> tuple[list[Example], dict[str, int]]:
    """The newest examples of labels that are frequent enough, and how many were left out by label.

    Raises Refusal where fewer than two labels remain: there is nothing to tell apart.
    """
    newest = list(examples)[-MOST_ROWS:]
    count = Counter(one.label for one in newest)
    rare = {label: n for label, n in sorted(count.items()) if n < RAREST}
    kept = [one for one in newest if one.label not in rare]
    if len(count) - len(rare) < 2:
        reason = f"fewer than two labels have at least {RAREST} examples"
        raise Refusal("label", len(count) - len(rare), reason, "give more examples, or another column")
    return kept, rare


class Texts:
    """Examples as a matrix of counts, and their labels as numbers."""

    def __init__(self, examples: Sequence[Example]) -> None:
        from scipy.sparse import csr_matrix

        documents = [grams(one.title, one.text) for one in examples]
        keys, frequency = np.unique(np.concatenate([keys for keys, _ in documents]), return_counts=True)
        often = np.flatnonzero(frequency >= 2)
        often = often[np.argsort(-frequency[often], kind="stable")][:FEATURES]
        self.vocabulary: Ints = np.sort(keys[often])
        rows, columns, counts = [], [], []
        for number, (found, times) in enumerate(documents):
            at = np.searchsorted(self.vocabulary, found)
            at[at == len(self.vocabulary)] = 0
            known = self.vocabulary[at] == found
            rows.append(np.full(int(known.sum()), number))
            columns.append(at[known])
            counts.append(times[known].astype(float))
        shape = (len(documents), len(self.vocabulary))
        places = (np.concatenate(rows), np.concatenate(columns))
        self.counts = csr_matrix((np.concatenate(counts), places), shape=shape)
        self.labels = tuple(sorted({one.label for one in examples}))
        number_of = {label: number for number, label in enumerate(self.labels)}
        self.truth: Ints = np.array([number_of[one.label] for one in examples])


def classifier(name: str) -> Any:
    """A candidate, not fitted. All give a score a label by one multiplication."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.naive_bayes import ComplementNB
    from sklearn.svm import LinearSVC

    made: dict[str, Callable[[], Any]] = {
        "linear_svc": lambda: LinearSVC(C=1.0, class_weight="balanced", random_state=0),
        "complement_nb": lambda: ComplementNB(alpha=0.1),
        "logistic": lambda: OneVsRestClassifier(
            LogisticRegression(C=10.0, solver="liblinear", class_weight="balanced", random_state=0)
        ),
    }
    return made[name]()


def scores(fitted: Any, matrix: Any) -> Floats:
    """A score for each row and label, whichever candidate it is."""
    weights, intercept = linear(fitted)
    return np.asarray(matrix @ weights.T + intercept)


def linear(fitted: Any) -> tuple[Floats, Floats]:
    """Weights (a row a label) and intercepts of a fitted candidate; two labels give two rows like any other number."""
    if hasattr(fitted, "feature_log_prob_"):
        weights, intercept = fitted.feature_log_prob_, np.zeros(len(fitted.classes_))
    elif hasattr(fitted, "estimators_"):
        weights = np.vstack([one.coef_ for one in fitted.estimators_])
        intercept = np.concatenate([one.intercept_ for one in fitted.estimators_])
    else:
        weights, intercept = fitted.coef_, fitted.intercept_
    if len(weights) == 1:
        weights, intercept = np.vstack((-weights, weights)), np.concatenate((-intercept, intercept))
    return weights, intercept


def validated(
    name: str, matrix: Any, truth: Ints, labels: tuple[str, ...], *, is_counts: bool, folds: int, seed: int
) -> Validation:
    """Cross-validate a candidate: in each fold idf, model and calibration come from the other folds alone (the
    vocabulary is counted over all texts, without their labels).

    is_counts: the matrix holds n-gram counts, not finished features.
    """
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.model_selection import StratifiedKFold

    parts = list(StratifiedKFold(folds, shuffle=True, random_state=seed).split(matrix, truth))
    unseen = np.zeros((len(truth), len(labels)))
    for train, test in parts:
        weigh = TfidfTransformer(sublinear_tf=is_counts).fit(matrix[train])
        fitted = classifier(name).fit(weigh.transform(matrix[train]), truth[train])
        unseen[test] = scores(fitted, weigh.transform(matrix[test]))
    sure = np.zeros(len(truth))
    for train, test in parts:
        sure[test] = softmax(unseen[test], scale_of(unseen[train], truth[train])).max(axis=1)
    return Validation(name, labels, truth, unseen.argmax(axis=1), sure, scale_of(unseen, truth))


def scale_of(unseen: Floats, truth: Ints) -> float:
    """The factor that makes a softmax of scores honest: most likely for scores of examples that were not learned."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(truth))

    def surprise(logarithm: float) -> float:
        return float(-np.log(softmax(unseen, float(np.exp(logarithm)))[rows, truth] + 1e-12).mean())

    return float(np.exp(minimize_scalar(surprise, bounds=(-4, 5), method="bounded").x))


def learn(examples: Sequence[Example], folds: int = 5, seed: int = 0) -> tuple[dict[str, Any], dict[str, Any]]:
    """Learn from decided texts: the arrays of a `Model`, and its figures. Raises Refusal if they do not suffice."""
    from sklearn.feature_extraction.text import TfidfTransformer

    kept, rare = usable(examples)
    texts = Texts(kept)
    tried = [
        validated(name, texts.counts, texts.truth, texts.labels, is_counts=True, folds=folds, seed=seed)
        for name in CHARACTERS
    ]
    said = [one.figures() for one in tried]
    best = max(range(len(tried)), key=lambda at: said[at]["macro_f1"])
    weigh = TfidfTransformer(sublinear_tf=True).fit(texts.counts)
    weights, intercept = linear(classifier(tried[best].name).fit(weigh.transform(texts.counts), texts.truth))
    arrays = {
        "vocabulary": texts.vocabulary,
        "idf": weigh.idf_.astype(np.float32),
        "weights": weights.astype(np.float32),
        "intercept": intercept.astype(np.float32),
        "scale": np.float64(tried[best].scale),
        "labels": np.array(texts.labels),
    }
    majority = Counter(one.label for one in kept).most_common(1)[0][1] / len(kept)
    figures = {
        **said[best], "folds": folds, "seed": seed, "too_rare": rare, "majority_accuracy": _rounded(majority),
        "candidates": {one["candidate"]: one["macro_f1"] for one in said},
    }  # fmt: skip
    return arrays, figures


def _rounded(value: Any) -> float:
    return round(float(value), 4)


def main() -> None:
    """A JSON list of [title, text, label] on stdin; a JSON line of figures (or of why not), then the arrays as .npz."""
    os.nice(15)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (LONGEST_S, LONGEST_S))
    examples = [Example(*row) for row in json.load(sys.stdin)]
    try:
        arrays, figures = learn(examples)
    except Refusal as refusal:
        sys.stdout.buffer.write(json.dumps({"refused": refusal.reason}).encode() + b"\n")
        return
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    sys.stdout.buffer.write(json.dumps(figures, ensure_ascii=False).encode() + b"\n" + packed.getvalue())


if __name__ == "__main__":
    main()
