"""Questionnaires in a programme (S8, S9): every error with its line and field."""

import re
from pathlib import Path

import pytest

import shared.programme
from shared.programme.check import parse

SHIPPED = (Path(shared.programme.__file__).parent / "window-units.yaml").read_text(encoding="utf-8")
SHARE = "  questionnaire: {key: service-survey, share: 20}\n"
GOOD = re.sub(r"^questionnaires:\n(?: .*\n)*", "", SHIPPED, flags=re.MULTILINE).replace(SHARE, "")
ASKED = """
questionnaires:
  - key: service-survey
    label: {zh: 服务对象问卷, en: Survey of service users}
    questions:
      - {key: overall, label: {zh: 总的看法, en: Overall}, kind: grade, weight: 60, required: true}
      - key: visits
        label: {zh: 跑了几趟, en: Visits}
        kind: single
        weight: 40
        options:
          - {key: once, label: {zh: 一趟, en: Once}, mark: 100}
          - {key: twice, label: {zh: 两趟, en: Twice}, mark: 60}
          - {key: forgot, label: {zh: 记不清, en: Forgot}}
      - key: met
        label: {zh: 遇到过什么, en: What did you meet}
        kind: multiple
        options:
          - {key: nothing, label: {zh: 都没有, en: Nothing}, alone: true}
          - {key: shirking, label: {zh: 推诿, en: Shirking}}
      - {key: words, label: {zh: 意见, en: Remarks}, kind: text, most: 300}
"""
CONCENTRATED = "weight: 80}\n\nranking"
PART = """weight: 70}
  - key: survey
    kind: questionnaire
    source: computed
    questionnaire: service-survey
    label: {zh: 问卷, en: Survey}
    weight: 10

ranking"""


def text(asked: str = ASKED, part: str = PART) -> str:
    assert CONCENTRATED in GOOD
    return GOOD.replace(CONCENTRATED, part).replace("\nranking:", f"{asked}\nranking:", 1)


def test_s9_a_programme_has_questionnaires_of_its_own_and_a_part_computed_from_one() -> None:
    programme, wrong = parse(text())
    assert wrong == [] and programme is not None
    [asked] = programme.questionnaires
    assert (asked.least, asked.code_days, asked.is_scored) == (30, 30, True)
    assert [(q.key, q.kind, q.weight) for q in asked.questions] == [
        ("overall", "grade", 60), ("visits", "single", 40), ("met", "multiple", None), ("words", "text", None),
    ]  # fmt: skip
    part = programme.part("survey")
    assert part.is_computed and part.questionnaire == "service-survey" and part.least_sample == 30


def test_s8_window_units_has_its_questionnaire_inside_the_daily_score() -> None:
    programme, wrong = parse(SHIPPED)
    assert wrong == [] and programme is not None and programme.points.questionnaire is not None
    assert programme.questionnaire(programme.points.questionnaire.key).is_scored


def test_s8_a_questionnaire_may_be_a_share_of_the_daily_score() -> None:
    assert SHARE in SHIPPED and SHARE not in GOOD
    given = text(part=CONCENTRATED).replace("  most_per_case: 5\n", f"  most_per_case: 5\n{SHARE}")
    programme, wrong = parse(given)
    assert wrong == [] and programme is not None and programme.points.questionnaire is not None
    assert programme.points.questionnaire.share == 20
    [problem] = parse(given.replace("key: service-survey, share", "key: servce-survey, share"))[1]
    assert (problem.field, problem.remedy.en) == ("points.questionnaire.key", "did you mean service-survey?")


@pytest.mark.parametrize(
    ("good", "slip", "field", "reason"),
    [
        ("weight: 60, required", "weight: 50, required", "questionnaires[1].questions", "sum to 90"),
        ("key: visits", "key: overall", "questionnaires[1].questions[2].key", "twice"),
        ("key: twice", "key: once", "questionnaires[1].questions[2].options[2].key", "twice"),
        ("kind: single", "kind: one", "questionnaires[1].questions[2].kind", "not one of"),
        ("mark: 60", "mark: 160", "questionnaires[1].questions[2].options[2].mark", "at most 100"),
        ("kind: text, most: 300", "kind: text, weight: 1", "questionnaires[1].questions[4].weight", "not scored"),
        ("kind: multiple", "kind: multiple\n        weight: 1", "questionnaires[1].questions[3].weight", "no option"),
        ("kind: multiple", "kind: text", "questionnaires[1].questions[3].options", "no options"),
        ("kind: multiple", "kind: single", "questionnaires[1].questions[3].options[1].alone", "only one"),
        ("most: 300", "most: 9000", "questionnaires[1].questions[4].most", "at most 4000"),
        ("kind: grade,", "kind: single,", "questionnaires[1].questions[1].options", "two options"),
        ("    source: computed\n", "", "composite[3].questionnaire", "belongs to a computed part"),
        ("    questionnaire: service-survey\n", "", "composite[3].source", "does not name"),
        ("questionnaire: service-survey", "questionnaire: other", "composite[3].questionnaire", "no such"),
    ],
)  # fmt: skip
def test_s9_a_slip_in_a_questionnaire_is_told_with_line_and_field(
    good: str, slip: str, field: str, reason: str
) -> None:
    whole = text()
    assert good in ASKED + PART
    at = whole.rindex(good) if good in PART else whole.index(good, whole.index("questionnaires:"))
    slipped = whole[:at] + slip + whole[at + len(good) :]
    problems = parse(slipped)[1]
    found = [p for p in problems if p.field == field and reason in p.reason.en]
    assert found, [str(p) for p in problems]
    assert found[0].line > 300


def test_s9_a_questionnaire_too_long_for_a_page_and_one_not_scored_are_told() -> None:
    many = "\n".join(f"          - {{key: o{n}, label: {{zh: 选, en: O}}}}" for n in range(40))
    problems = parse(text(ASKED.replace("          - {key: shirking, label: {zh: 推诿, en: Shirking}}", many)))[1]
    assert [p.field for p in problems] == ["questionnaires[1].questions"]
    bare = ASKED.replace(" weight: 60,", "").replace("        weight: 40\n", "")
    problems = parse(text(bare))[1]
    assert [(p.field, "scored" in p.reason.en) for p in problems] == [("composite[3].questionnaire", True)]
