"""A questionnaire as it is held in a cycle: what is asked, reading an answer, and what many answers say (S8, S9).

One person is one voice: who ticks several options of a question gives it the mean of their marks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from services.scoring.domain.canon import Json, canonical, decimal, items, parse_canonical, plain, text, whole
from shared.errors import Refusal

Chosen = Mapping[str, Sequence[str]]
"""Question → the options chosen."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to choose. mark: None counts nothing. alone: nothing else is chosen with it."""

    key: str
    mark: Decimal | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question: single, multiple, grade (a single one with the programme's grades) or text. weight: in per cent."""

    key: str
    kind: str
    weight: Decimal | None = None
    required: bool = False
    options: tuple[Option, ...] = ()
    most: int = 500

    def mark(self, chosen: Sequence[str]) -> Fraction | None:
        """The mark of an answer: the mean of the chosen options' marks; None where none of them has one."""
        marks = [o.mark for o in self.options if o.key in chosen and o.mark is not None]
        return Fraction(sum(marks, Decimal(0))) / len(marks) if marks else None


@dataclass(frozen=True, slots=True)
class Answer:
    """One person's answer: options chosen, and what was written."""

    chosen: dict[str, tuple[str, ...]]
    texts: dict[str, str]

    @property
    def packed(self) -> str:
        """The choices as text; the same choices are the same text, so that equal answers can be counted together."""
        return canonical({key: list(chosen) for key, chosen in self.chosen.items()}).decode()


@dataclass(frozen=True, slots=True)
class Form:
    """The questions of a questionnaire, as they were when it was opened for a cycle."""

    key: str
    least: int
    questions: tuple[Question, ...]

    def read(self, given: Mapping[str, str | Sequence[str]]) -> Answer:
        """An answer: question → option, options or text. Raises Refusal naming the question.

        What is left out is no answer; something has to be answered.
        """
        known = {question.key: question for question in self.questions}
        for key in given:
            if key not in known:
                raise Refusal(f"answers.{key[:64]}", "…", "there is no such question", f"use {', '.join(known)}")
        chosen: dict[str, tuple[str, ...]] = {}
        texts: dict[str, str] = {}
        for question in self.questions:
            value = given.get(question.key, "")
            if question.kind == "text":
                if said := _written(question, value):
                    texts[question.key] = said
            elif picked := _picked(question, value):
                chosen[question.key] = picked
            if question.required and question.key not in chosen and question.key not in texts:
                raise Refusal(f"answers.{question.key}", "", "has to be answered", "answer this question")
        if not chosen and not texts:
            raise Refusal("answers", "", "nothing is answered", "answer at least one question")
        return Answer(chosen, texts)

    @property
    def scored(self) -> tuple[tuple[Question, Decimal], ...]:
        """The questions that are scored, with their weights in per cent."""
        return tuple((q, q.weight) for q in self.questions if q.weight is not None)

    def to_json(self) -> Json:
        """As it is kept."""
        return {
            "key": self.key,
            "least": self.least,
            "questions": [
                {
                    "key": q.key, "kind": q.kind, "weight": None if q.weight is None else plain(q.weight),
                    "required": q.required, "most": q.most,
                    "options": [
                        {"key": o.key, "mark": None if o.mark is None else plain(o.mark), "alone": o.alone}
                        for o in q.options
                    ],
                }
                for q in self.questions
            ],
        }  # fmt: skip


def form_from(value: Mapping[str, Json]) -> Form:
    """A form as it was kept. Raises Malformed."""
    questions = []
    for entry in items(value["questions"], "questions"):
        assert isinstance(entry, Mapping)  # we wrote it
        options = []
        for one in items(entry["options"], "options"):
            assert isinstance(one, Mapping)  # we wrote it
            mark = None if one["mark"] is None else decimal(one["mark"], "mark")
            options.append(Option(text(one["key"], "key"), mark, one["alone"] is True))
        weight = None if entry["weight"] is None else decimal(entry["weight"], "weight")
        questions.append(
            Question(
                text(entry["key"], "key"), text(entry["kind"], "kind"), weight, entry["required"] is True,
                tuple(options), whole(entry["most"], "most"),
            )
        )  # fmt: skip
    return Form(text(value["key"], "key"), whole(value["least"], "least"), tuple(questions))


def _written(question: Question, value: str | Sequence[str]) -> str:
    if not isinstance(value, str):
        raise Refusal(f"answers.{question.key}", "…", "is no text", "write a text")
    said = value.strip()
    if len(said) > question.most:
        raise Refusal(f"answers.{question.key}", "…", f"has more than {question.most} characters", "shorten it")
    return said


def _picked(question: Question, value: str | Sequence[str]) -> tuple[str, ...]:
    """The options chosen, in the question's order."""
    wanted = [value] if isinstance(value, str) and value else [] if isinstance(value, str) else list(value)
    keys = [option.key for option in question.options]
    at = f"answers.{question.key}"
    for one in wanted:
        if one not in keys:
            raise Refusal(at, one[:64], "is none of its options", f"use {', '.join(keys)}")
    if question.kind != "multiple" and len(set(wanted)) > 1:
        raise Refusal(at, "…", "one option is to be chosen", "choose one")
    alone = [option.key for option in question.options if option.alone and option.key in wanted]
    if alone and len(set(wanted)) > 1:
        raise Refusal(at, "…", f"{alone[0]} stands alone", "choose it, or the others")
    return tuple(key for key in keys if key in wanted)


@dataclass(frozen=True, slots=True)
class Said:
    """What is said to a question: answers to it, how often each option was chosen, and the marks that they give."""

    answered: int
    chosen: Mapping[str, int]
    marks: Mapping[Fraction, int]

    @property
    def mean(self) -> Fraction | None:
        """The mean of the marks; None where there is none."""
        number = sum(self.marks.values())
        return sum((mark * times for mark, times in self.marks.items()), Fraction(0)) / number if number else None


def counted(form: Form, answers: Iterable[tuple[str, int]]) -> dict[str, Said]:
    """What many answers say to each question that is no text. answers: packed choices, and how often they came."""
    chosen: dict[str, dict[str, int]] = {q.key: {o.key: 0 for o in q.options} for q in form.questions}
    answered = dict.fromkeys(chosen, 0)
    marks: dict[str, dict[Fraction, int]] = {key: {} for key in chosen}
    for packed, times in answers:
        said = parse_canonical(packed.encode())
        assert isinstance(said, Mapping)  # we wrote it
        for question in form.questions:
            picked = [text(one, question.key) for one in items(said.get(question.key, []), question.key)]
            if not picked:
                continue
            answered[question.key] += times
            for one in picked:
                chosen[question.key][one] += times
            mark = question.mark(picked)
            if mark is not None:
                marks[question.key][mark] = marks[question.key].get(mark, 0) + times
    return {
        q.key: Said(answered[q.key], chosen[q.key], dict(sorted(marks[q.key].items(), reverse=True)))
        for q in form.questions
        if q.kind != "text"
    }
