"""A programme's own questionnaires (S8, S9): questions of four kinds, marks per option, weights of those scored."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from shared.programme.marks import Finding, Path, Said, number, rows, sums_to
from shared.programme.messages import meant
from shared.programme.values import Code, Count, Label, Part

QuestionKind = Literal["single", "multiple", "grade", "text"]
CHOSEN = ("single", "multiple")
MOST_FIELDS = 40
"""Boxes, rows of buttons and text fields on the page of one questionnaire."""


class Option(Part):
    """Something to choose. mark: 0–100; without one the answer counts no mark. alone: nothing else with it."""

    key: Code
    label: Label
    mark: Decimal | None = Field(default=None, ge=0, le=100)
    alone: bool = False


class Question(Part):
    """A question. kind `grade` asks for one of the programme's grades; single, multiple have options of their own.

    weight: in per cent of the score; without one it is not scored. most: characters of a text.
    """

    key: Code
    label: Label
    kind: QuestionKind
    weight: Decimal | None = Field(default=None, gt=0, le=100)
    required: bool = False
    options: tuple[Option, ...] = ()
    most: int = Field(default=500, ge=1, le=4000, strict=True)


class Questionnaire(Part):
    """Questions that people are asked with a one-time code. least: marks a question needs to be scored.

    code_days: calendar days after their issue on which codes may be used (never past the cycle).
    """

    key: Code
    label: Label
    intro: Label | None = None
    least: Count = 30
    code_days: int = Field(default=30, ge=1, le=366, strict=True)
    codes_at_once: int = Field(default=1_000, ge=1, le=10_000, strict=True)
    questions: tuple[Question, ...] = Field(min_length=1)

    @property
    def is_scored(self) -> bool:
        """Whether any question has a weight."""
        return any(question.weight is not None for question in self.questions)


def findings(data: Any) -> Iterator[Finding]:
    """What does not hold between the fields of questionnaires, and of what refers to them."""
    yield from _twice(data, "questionnaires")
    scored: dict[str, bool] = {}
    for where, row in rows(data, "questionnaires"):
        asked = list(rows(row, "questions"))
        weighed = [question for _, question in asked if question.get("weight") is not None]
        yield from sums_to((*where, "questions"), weighed, "weight", Decimal(100), "100")
        for finding in _twice(row, "questions"):
            yield Finding((*where, *finding.path), finding.value, finding.reason, finding.remedy)
        fields = 0
        for inside, question in asked:
            options = list(rows(question, "options"))
            fields += len(options) if question.get("kind") == "multiple" else 1
            yield from _question((*where, *inside), question, options)
        if fields > MOST_FIELDS:
            yield Finding(
                (*where, "questions"), fields,
                Said(f"一页上有 {fields} 处要填，最多 {MOST_FIELDS} 处（多选题每个选项算一处）",
                     f"has {fields} fields, at most {MOST_FIELDS} (each option of a multiple question is one)"),
                Said("减少题目或选项", "ask fewer questions"),
            )  # fmt: skip
        if isinstance(row.get("key"), str):
            scored[row["key"]] = bool(weighed)
    yield from _referred(data, scored)


def _twice(data: Any, name: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for where, row in rows(data, name):
        key = row.get("key")
        if isinstance(key, str):
            if key in seen:
                yield Finding(
                    (*where, "key"), key, Said("与前面的重复", "stands twice in this list"),
                    Said("每个 key 只用一次", "use each key once"),
                )  # fmt: skip
            seen.add(key)


def _question(at: Path, row: Any, options: list[tuple[Path, dict[str, Any]]]) -> Iterator[Finding]:
    kind, weight = row.get("kind"), row.get("weight")
    for finding in _twice(row, "options"):
        yield Finding((*at, *finding.path), finding.value, finding.reason, finding.remedy)
    if kind in CHOSEN and len(options) < 2:
        yield Finding(
            (*at, "options"), len(options), Said("选择题至少要有两个选项", "a question to choose needs two options"),
            Said("写上 options", "write its options"),
        )  # fmt: skip
    if kind in ("grade", "text") and options:
        yield Finding(
            (*at, "options"), kind, Said(f"{kind} 题没有选项", f"a {kind} question has no options"),
            Said("删去 options；grade 用方案的等次", "leave them out; grade uses the programme's grades"),
        )  # fmt: skip
    if kind == "text" and weight is not None:
        yield Finding(
            (*at, "weight"), weight, Said("文字题不计分", "a text is not scored"),
            Said("删去 weight", "leave the weight out"),
        )  # fmt: skip
    if kind in CHOSEN and weight is not None and not any(number(o.get("mark")) is not None for _, o in options):
        yield Finding(
            (*at, "weight"), weight, Said("计分的题没有一个选项写了 mark", "is scored, and no option has a mark"),
            Said("给选项写 mark（0–100）", "give the options marks (0–100)"),
        )  # fmt: skip
    for inside, option in options:
        if option.get("alone") is True and kind == "single":
            yield Finding(
                (*at, *inside, "alone"), "true",
                Said("单选题本来就只选一项", "of a single question only one option is chosen anyway"),
                Said("删去 alone", "leave it out"),
            )  # fmt: skip


def _referred(data: Any, scored: dict[str, bool]) -> Iterator[Finding]:
    """The questionnaires that the daily score and parts of the composite name."""
    points = data.get("points") if isinstance(data, dict) else None
    daily = points.get("questionnaire") if isinstance(points, dict) else None
    if isinstance(daily, dict):
        yield from _known(("points", "questionnaire", "key"), daily.get("key"), scored)
    for where, row in rows(data, "composite"):
        kind = row.get("kind", row.get("key"))
        named, computed = row.get("questionnaire"), row.get("source") == "computed"
        if named is not None:
            if kind == "questionnaire" and computed:
                yield from _known((*where, "questionnaire"), named, scored)
            else:
                yield Finding(
                    (*where, "questionnaire"), named,
                    Said("只有 source: computed 的问卷才写", "belongs to a computed part of kind questionnaire"),
                    Said("写 source: computed，或删去", "write source: computed, or leave it out"),
                )  # fmt: skip
        elif kind == "questionnaire" and computed:
            yield Finding(
                (*where, "source"), "computed",
                Said("没有写是哪一份问卷", "does not name its questionnaire"),
                Said("写 questionnaire: 问卷的 key", "write questionnaire: its key"),
            )  # fmt: skip


def _known(at: Path, key: object, scored: dict[str, bool]) -> Iterator[Finding]:
    if not isinstance(key, str):
        return
    if key not in scored:
        listed = ", ".join(scored) or "–"
        yield Finding(
            at, key, Said("没有这份问卷", "there is no such questionnaire"),
            meant(key, list(scored)) or Said(f"改为其中之一：{listed}", f"use one of these: {listed}"),
        )  # fmt: skip
    elif not scored[key]:
        yield Finding(
            at, key, Said("这份问卷没有一题计分", "none of its questions is scored"),
            Said("给要计分的题写 weight，合计 100", "give questions weights that sum to 100"),
        )  # fmt: skip
