"""How well a column could be suggested (I14): every candidate and the baselines, cross-validated on the same folds."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from services.intake.learning import Example, Texts, usable, validated

_NAME_PARTS = re.compile(r"[\s、,，/&和与及]+")


def compare(
    examples: Sequence[Example], *, folds: int, seed: int, keywords: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """Figures of every candidate, best macro-F1 first, and of two baselines that learn nothing from the texts.

    keywords: label → words that speak for it; without them the label's own name is looked for. Raises Refusal.
    """
    kept, rare = usable(examples)
    texts = Texts(kept)
    found = [
        validated(name, texts.counts, texts.truth, texts.labels, is_counts=True, folds=folds, seed=seed).figures()
        for name in ("linear_svc", "complement_nb", "logistic")
    ]
    found = [{**one, "features": "characters"} for one in found]
    words = _word_counts(kept)
    for name in ("linear_svc", "complement_nb"):
        one = validated(name, words, texts.truth, texts.labels, is_counts=True, folds=folds, seed=seed)
        found.append({**one.figures(), "features": "words"})
    found.sort(key=lambda one: -one["macro_f1"])
    return {
        "rows": len(examples),
        "used": len(kept),
        "too_rare": rare,
        "labels": len(texts.labels),
        "folds": folds,
        "seed": seed,
        "chosen": found[0],
        "candidates": [{key: one[key] for key in ("candidate", "features", "accuracy", "macro_f1")} for one in found],
        "baselines": _baselines(kept, texts.labels, keywords or named(texts.labels)),
    }


def named(labels: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The parts of the labels' own names, as keywords."""
    return {label: tuple(part for part in _NAME_PARTS.split(label) if len(part) > 1) or (label,) for label in labels}


def _word_counts(examples: Sequence[Example]) -> Any:
    """Counts of words (cut by rjieba), the title's three times: what the characters are compared with."""
    import rjieba
    from sklearn.feature_extraction.text import CountVectorizer

    def cut(one: Example) -> list[str]:
        title = [word for word in rjieba.cut(one.title) if len(word) > 1]
        return title * 3 + [word for word in rjieba.cut(one.text) if len(word) > 1]

    return CountVectorizer(analyzer=cut, min_df=2).fit_transform(examples).astype(float)


def _baselines(
    examples: Sequence[Example], labels: Sequence[str], keywords: Mapping[str, Sequence[str]]
) -> list[dict[str, Any]]:
    from sklearn.metrics import accuracy_score, f1_score

    truth = [one.label for one in examples]
    most = Counter(truth).most_common(1)[0][0]

    def by_words(one: Example) -> str:
        whole = one.title + one.text
        hits = [sum(word in whole for word in keywords.get(label, ())) for label in labels]
        return labels[int(np.argmax(hits))] if any(hits) else most

    guessed = {"majority": [most] * len(truth), "keywords": [by_words(one) for one in examples]}
    return [
        {
            "baseline": name,
            "accuracy": round(float(accuracy_score(truth, guess)), 4),
            "macro_f1": round(float(f1_score(truth, guess, average="macro", zero_division=0.0)), 4),
        }
        for name, guess in guessed.items()
    ]
