"""Learning from decided texts, and reading what was learned: scores as the library gives them, words that speak."""

import io
import json
from typing import Any

import numpy as np
import pytest

from services.intake import learning
from services.intake.domain import suggestion, topic
from services.intake.domain.suggestion import Model, grams, is_due, suggest
from services.intake.learning import Example
from services.intake.learning_report import compare
from shared.errors import Refusal

MATTERS = {
    "tax": ("发票开不出来", "办税大厅窗口不给开增值税发票，税务局的人说系统坏了"),
    "police": ("户口迁移", "派出所户籍窗口办理户口迁移要跑三趟，民警说材料不齐"),
    "town": ("路灯不亮", "镇上主街的路灯坏了一个月没有修，晚上走路看不见"),
}
STREETS = "东西南北中上下前后左右"


def examples(each: int = 12, **more: tuple[str, str]) -> list[Example]:
    """Texts of three units, no two alike."""
    return [
        Example(f"{STREETS[n % 11]}街{title}", f"{text}。{STREETS[n % 11]}街第{n}号反映。", unit)
        for n in range(each)
        for unit, (title, text) in {**MATTERS, **more}.items()
    ]


def model_of(arrays: dict[str, Any]) -> Model:
    packed = io.BytesIO()
    np.savez_compressed(packed, **arrays)
    with np.load(io.BytesIO(packed.getvalue()), allow_pickle=False) as kept:
        return Model(
            1, tuple(map(str, kept["labels"])), kept["vocabulary"], kept["idf"], kept["weights"], kept["intercept"],
            float(kept["scale"]),
        )  # fmt: skip


def test_a_text_is_given_to_the_unit_that_got_its_like_before_and_the_words_say_why() -> None:
    arrays, figures = learning.learn(examples())
    found = suggest(model_of(arrays), "发票", "大厅里说今天不能开增值税发票")
    assert found is not None
    assert (found.key, found.basis) == ("tax", "learned")
    assert found.confidence is not None and found.confidence > 0.5
    assert any("发票" in word for word in found.why)
    assert [key for key, _ in found.others] in (["police", "town"], ["town", "police"])
    assert figures["macro_f1"] == 1.0 and set(figures["candidates"]) == set(learning.CHARACTERS)


def test_what_is_read_here_scores_as_the_library_does() -> None:
    from sklearn.feature_extraction.text import TfidfTransformer
    from sklearn.svm import LinearSVC

    given = examples()
    texts = learning.Texts(given)
    features = TfidfTransformer(sublinear_tf=True).fit_transform(texts.counts)
    fitted = LinearSVC(C=1.0, class_weight="balanced", random_state=0).fit(features, texts.truth)
    weigh = TfidfTransformer(sublinear_tf=True).fit(texts.counts)
    weights, intercept = learning.linear(fitted)
    read = Model(1, texts.labels, texts.vocabulary, weigh.idf_, weights, intercept, 1.0)
    theirs = suggestion.softmax(np.asarray(fitted.decision_function(features)), 1.0)
    for one, shares in zip(given, theirs, strict=True):
        found = suggest(read, one.title, one.text)
        assert found is not None
        assert found.confidence == pytest.approx(shares.max(), abs=1e-6)
        assert found.key == texts.labels[int(shares.argmax())]


def test_only_what_is_possible_now_is_suggested() -> None:
    model = model_of(learning.learn(examples())[0])
    found = suggest(model, "发票", "不能开增值税发票", possible={"police", "town"})
    assert found is not None and found.key in ("police", "town")
    assert suggest(model, "发票", "不能开增值税发票", possible=()) is None


def test_two_units_are_learned_like_many() -> None:
    model = model_of(learning.learn([one for one in examples() if one.label != "town"])[0])
    found = suggest(model, "户口", "派出所户籍窗口")
    assert found is not None and found.key == "police"


def test_labels_too_rare_are_named_and_too_few_labels_refused() -> None:
    few = [Example("停电", f"停电{n}", "power") for n in range(learning.RAREST - 1)]
    _, figures = learning.learn([*examples(), *few])
    assert figures["too_rare"] == {"power": learning.RAREST - 1}
    with pytest.raises(Refusal, match="fewer than two labels"):
        learning.learn([one for one in examples() if one.label == "tax"])


def test_the_same_texts_are_learned_the_same() -> None:
    first, again = learning.learn(examples()), learning.learn(examples())
    assert first[1] == again[1]
    assert all(np.array_equal(first[0][name], again[0][name]) for name in first[0])


@pytest.mark.parametrize("title", ["", "\u0000\ud800", "　"])
def test_any_text_has_features(title: str) -> None:
    keys, counts = grams(title, "")
    assert len(keys) == len(counts) > 0
    model = model_of(learning.learn(examples())[0])
    assert suggest(model, title, "") is not None


def test_it_is_learned_again_when_there_is_a_fifth_more() -> None:
    assert [is_due(rows, 100, None) for rows in (99, 100)] == [False, True]
    assert [is_due(rows, 100, 100) for rows in (100, 119, 120)] == [False, False, True]
    assert not is_due(1_000_000, 0, None), "0 is never"


def test_before_anything_is_learned_the_programmes_words_suggest_a_topic() -> None:
    words = [("rude", ("态度", "骂")), ("delay", ("拖延",))]
    found = topic.suggested("态度恶劣还骂人，一再拖延", words)
    assert found is not None
    assert (found.key, found.basis, found.why) == ("rude", "keywords", ("态度", "骂"))
    assert found.confidence == pytest.approx(2 / 3)
    assert topic.suggested("路灯不亮", words) is None


def test_a_comparison_names_every_candidate_and_what_learns_nothing() -> None:
    report = compare(examples(), folds=3, seed=7, keywords={"tax": ["发票"], "police": ["户口"], "town": ["路灯"]})
    assert {(one["candidate"], one["features"]) for one in report["candidates"]} == {
        ("linear_svc", "characters"), ("complement_nb", "characters"), ("logistic", "characters"),
        ("linear_svc", "words"), ("complement_nb", "words"),
    }  # fmt: skip
    assert {one["baseline"]: one["accuracy"] for one in report["baselines"]} == {"majority": 0.3333, "keywords": 1.0}
    assert sum(line["rows"] for line in report["chosen"]["calibration"]["bins"]) == report["used"]
    assert json.dumps(report)
