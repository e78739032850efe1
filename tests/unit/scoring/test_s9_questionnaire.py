"""A questionnaire's answers and the score that they make (S9), and that the composite stays monotone in it."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.canon import Json, Malformed, canonical, parse_canonical
from services.scoring.domain.composite import PartScore, composite
from services.scoring.domain.figures import published
from services.scoring.domain.part_print import again
from services.scoring.domain.parts import PartRule
from services.scoring.domain.questionnaire import Form, Option, Question, counted, form_from
from services.scoring.domain.surveys import Item, surveyed
from shared.errors import Refusal

D = Decimal
GRADES = (Option("good", D(100)), Option("fair", D(80)), Option("bad", D(40)), Option("unknown"))
MET = (Option("nothing", D(100), alone=True), Option("slow", D(50)), Option("rude", D(0)), Option("other"))
FORM = Form(
    "survey", 3,
    (
        Question("overall", "grade", D(60), True, GRADES),
        Question("met", "multiple", D(40), options=MET),
        Question("visits", "single", options=(Option("once"), Option("twice"))),
        Question("words", "text", most=10),
    ),
)  # fmt: skip
RULE = PartRule("survey", "questionnaire", 3)

marks = st.dictionaries(st.fractions(0, 100, max_denominator=6), st.integers(1, 40), min_size=1, max_size=4)
items = st.lists(marks, min_size=1, max_size=4).map(
    lambda found: [
        Item(f"q{i}", D(100) / len(found) if 100 % len(found) == 0 else (D(34) if i == 0 else D(33)), one)
        for i, one in enumerate(found)
    ]
)  # fmt: skip


def test_s9_an_answer_is_read_question_by_question() -> None:
    said = FORM.read({"overall": "good", "met": ["rude", "slow"], "words": " 快一点 "})
    assert said.chosen == {"overall": ("good",), "met": ("slow", "rude")} and said.texts == {"words": "快一点"}
    assert said.packed == FORM.read({"met": ["slow", "rude", "slow"], "overall": ["good"]}).packed
    assert form_from(parse_canonical(canonical(FORM.to_json()))) == FORM  # type: ignore[arg-type]  # JSON of ours


@pytest.mark.parametrize(
    ("wrong", "field", "reason"),
    [
        ({}, "answers.overall", "has to be answered"),
        ({"overall": "good", "age": "30"}, "answers.age", "no such question"),
        ({"overall": "great"}, "answers.overall", "none of its options"),
        ({"overall": ["good", "bad"]}, "answers.overall", "one option"),
        ({"overall": "good", "met": ["nothing", "rude"]}, "answers.met", "stands alone"),
        ({"overall": "good", "words": "十一个字的意见十一个字"}, "answers.words", "more than 10"),
        ({"overall": "good", "words": ["a"]}, "answers.words", "no text"),
    ],
)
def test_s9_what_is_wrong_with_an_answer_is_told_by_its_question(
    wrong: dict[str, str | list[str]], field: str, reason: str
) -> None:
    with pytest.raises(Refusal) as error:
        FORM.read(wrong)
    assert error.value.field == field and reason in error.value.reason


def test_s9_one_person_is_one_voice_and_what_has_no_mark_counts_none() -> None:
    found = counted(
        FORM,
        [
            (FORM.read({"overall": "good", "met": ["slow", "rude"]}).packed, 2),  # 25 each
            (FORM.read({"overall": "unknown", "met": ["nothing"]}).packed, 1),
            (FORM.read({"overall": "bad", "met": ["other"]}).packed, 1),
            (FORM.read({"overall": "bad", "visits": "once"}).packed, 1),
        ],
    )
    assert found["overall"].marks == {100: 2, 40: 2} and found["overall"].answered == 5
    assert found["met"].marks == {100: 1, 25: 2} and found["met"].chosen == {
        "nothing": 1, "slow": 2, "rude": 2, "other": 1,
    }  # fmt: skip
    assert found["visits"].chosen == {"once": 1, "twice": 0} and found["visits"].mean is None
    asked = [Item(q.key, weight, found[q.key].marks) for q, weight in FORM.scored]
    value = surveyed(RULE, "survey", 5, asked)
    assert value.value == Fraction(60) * 70 / 100 + Fraction(40) * 50 / 100 == 62
    assert value.formula == ("60% × (100 × 2 + 40 × 2) ÷ 4 (overall) + 40% × (100 × 1 + 25 × 2) ÷ 3 (met) = 62.00")


def test_s9_below_the_least_number_of_marks_there_is_no_score_and_no_mark_is_printed() -> None:
    few = surveyed(PartRule("s", "questionnaire", 30), "survey", 40, [Item("q", D(100), {Fraction(80): 29})])
    assert (few.value, few.missing) == (None, "a sample of 29, at least 30 are needed")
    assert few.inputs["items"] == [] and few.inputs["answers"] == 40
    assert surveyed(PartRule("s", "online", 0), "online", 0, []).missing == "a sample of 0, at least 1 are needed"


@given(items, st.integers(0, 60))
def test_s9_every_survey_follows_again_from_what_is_printed(asked: list[Item], least: int) -> None:
    rule = PartRule("s", "questionnaire", least)
    found = surveyed(rule, "survey", max(i.number for i in asked), asked)
    printed = parse_canonical(canonical(found.to_json()))
    assert isinstance(printed, dict) and again(rule, printed["inputs"]).to_json() == printed


@pytest.mark.parametrize(
    "change",
    [
        {"answers": 3}, {"items": []}, {"items": [{"item": "q", "weight": "99", "marks": [["80", 40]]}]},
        {"items": [{"item": "q", "weight": "100", "marks": [["101", 40]]}]},
        {"items": [{"item": "q", "weight": "100", "marks": [["80", 20], ["80", 20]]}]},
        {"items": [{"item": "q", "weight": "100", "marks": [["80", 0]]}]}, {"of": None},
    ],
)  # fmt: skip
def test_s9_printed_counts_that_do_not_fit_are_found(change: dict[str, Json]) -> None:
    rule = PartRule("s", "questionnaire", 30)
    inputs = dict(surveyed(rule, "survey", 40, [Item("q", D(100), {Fraction(80): 40})]).inputs)
    with pytest.raises((Malformed, Refusal, ValueError)):
        again(rule, {**inputs, **change})


@given(items, st.fractions(0, 100, max_denominator=6), st.data())
def test_s9_the_composite_never_falls_when_somebody_marks_better(
    asked: list[Item], better: Fraction, data: st.DataObject
) -> None:
    """A mark of one item is raised: the score of the survey and the composite follow."""
    which = data.draw(st.integers(0, len(asked) - 1))
    mark = data.draw(st.sampled_from(sorted(asked[which].marks)))
    raised = Counter(asked[which].marks)
    raised[mark] -= 1
    raised[max(mark, better)] += 1
    after = list(asked)
    after[which] = Item(asked[which].key, asked[which].weight, {m: n for m, n in raised.items() if n})
    weight = data.draw(st.integers(1, 99))
    other = data.draw(st.fractions(0, 100, max_denominator=100))

    def score(listed: list[Item]) -> Decimal:
        value = surveyed(PartRule("s", "questionnaire", 1), "survey", 999, listed).value
        assert value is not None and 0 <= value <= 100
        parts = [PartScore("s", D(weight), value), PartScore("o", D(100 - weight), other)]
        found = composite("u", parts).score
        assert found is not None and published(value) is not None
        return found

    assert score(asked) <= score(after)
