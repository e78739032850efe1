"""What a questionnaire says of the units (S8, S9): scores, distributions; what was written, for the office only."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from pydantic import BaseModel
from sqlmodel import Session

from services.scoring.domain.figures import published
from services.scoring.domain.parts import PartRule, PartValue
from services.scoring.domain.questionnaire import Form, Said, counted, form_from
from services.scoring.domain.surveys import Item, surveyed
from services.scoring.store import questionnaires as store
from services.scoring.store import units
from services.scoring.usecases import embargo
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.questionnaire_answers import QuestionView, Words
from shared.errors import Refusal
from shared.programme.values import Label

FEW = 50
"""So many units are read by name; more of them, all at once."""
SHOWN_FROM = 5
"""Below so many answers a unit's distributions are not shown to the public: somebody might be known in them."""


class QuestionReport(BaseModel):
    """What is said to a question: how many answered, how often each option was chosen, the mean of the marks."""

    question: str
    answered: int
    chosen: dict[str, int]
    mean: Decimal | None


class UnitReport(BaseModel):
    """What a questionnaire says of a unit. score: null below the least number of marks of a question, with the reason.

    formula: the score's sum. questions: empty to the public where too few have answered.
    """

    unit: str
    answers: int
    score: Decimal | None
    missing: str | None
    formula: str
    questions: list[QuestionReport]


class SurveyReport(BaseModel):
    """Units by key; `next` is the cursor of the following page, null at the end."""

    cycle: str
    questionnaire: str
    annulled: str | None
    questions: list[QuestionView]
    items: list[UnitReport]
    next: str | None = None


class WrittenText(BaseModel):
    """What somebody wrote, without who and when; phone and ID numbers are taken out."""

    question: str
    text: str


class WrittenPage(BaseModel):
    """Texts in no order; `next` is the cursor of the following page, null at the end."""

    items: list[WrittenText]
    next: str | None = None


def report(
    desk: Desk, session: Session, cycle: str, key: str, *, inside: bool, after: str = "", limit: int = 100
) -> SurveyReport:
    """What the questionnaire says of the units. inside: before the publication too. Raises Refusal (404)."""
    units.cycle(session, cycle)
    if not inside:
        embargo.in_form(desk, cycle, "public")
        if not embargo.is_public(session, cycle):
            reason = "what was answered is published with the cycle's result"
            raise Refusal("cycle", cycle, reason, "come back after the publication", 404)
    row = store.opened(session, cycle, key)
    form, words = form_from(row.form), Words(desk)
    answered = store.answers(session, cycle, key)
    keys = sorted(unit for unit in answered if unit > after)[:limit]
    items = [_report(form, unit, answered[unit], inside=inside) for unit in keys] if row.annulled_at is None else []
    return SurveyReport(
        cycle=cycle, questionnaire=key, annulled=row.reason or None,
        questions=[words.question(key, question) for question in form.questions], items=items,
        next=keys[-1] if len(keys) == limit else None,
    )  # fmt: skip


class UnitSurvey(BaseModel):
    """What a questionnaire says of one unit, with its questions."""

    label: Label
    questions: dict[str, QuestionView]
    report: UnitReport


def of_unit(desk: Desk, session: Session, cycle: str, unit: str) -> list[UnitSurvey]:
    """What the questionnaires of a cycle say of a unit, as the public may see it once the result is published."""
    found, words = [], Words(desk)
    for row in store.every(session, cycle):
        answered = store.answers(session, cycle, row.questionnaire, [unit]).get(unit)
        if answered:
            form = form_from(row.form)
            asked = {q.key: words.question(row.questionnaire, q) for q in form.questions}
            report = _report(form, unit, answered, inside=False)
            found.append(UnitSurvey(label=words.label(row.questionnaire), questions=asked, report=report))
    return found


def written(session: Session, cycle: str, key: str, unit: str, after: str, limit: int) -> WrittenPage:
    """What was written about a unit, for the office. Raises Refusal."""
    store.opened(session, cycle, key)
    units.unit(session, unit)
    try:
        cursor = bytes.fromhex(after)
    except ValueError as error:
        raise Refusal("cursor", after, "is none of ours", "use `next` of the page before") from error
    rows = store.texts(session, cycle, key, unit, cursor, limit)
    following = rows[-1].id.hex() if len(rows) == limit else None
    return WrittenPage(items=[WrittenText(question=row.question, text=row.text) for row in rows], next=following)


def survey_values(
    session: Session, cycle: str, key: str, of: Mapping[str, Sequence[str]], least: int | None = None
) -> dict[str, PartValue] | None:
    """By unit the score with its inputs; None where the questionnaire is not held in the cycle.

    of: unit → it and those whose heir it is. least: of the part that it makes up, else the questionnaire's own.
    """
    row = store.held(session, cycle, key)
    if row is None:
        return None
    asked = None if len(of) > FEW else [one for itself in of.values() for one in itself]
    form, answered = form_from(row.form), store.answers(session, cycle, key, asked)
    rule = PartRule(key, "questionnaire", form.least if least is None else least)
    return {
        unit: _value(form, [one for each in itself for one in answered.get(each, ())], rule)
        for unit, itself in of.items()
    }


def _value(form: Form, answers: Sequence[tuple[str, int]], rule: PartRule) -> PartValue:
    return _surveyed(form, counted(form, answers), sum(times for _, times in answers), rule)


def _surveyed(form: Form, said: Mapping[str, Said], number: int, rule: PartRule) -> PartValue:
    asked = [Item(question.key, weight, said[question.key].marks) for question, weight in form.scored]
    return surveyed(rule, form.key, number, asked)


def _report(form: Form, unit: str, answers: Sequence[tuple[str, int]], *, inside: bool) -> UnitReport:
    number, said = sum(times for _, times in answers), counted(form, answers)
    value = _surveyed(form, said, number, PartRule(form.key, "questionnaire", form.least))
    questions = [
        QuestionReport(
            question=key, answered=one.answered, chosen=dict(one.chosen),
            mean=None if one.mean is None else published(one.mean),
        )
        for key, one in said.items()
    ]  # fmt: skip
    return UnitReport(
        unit=unit, answers=number, score=None if value.value is None else published(value.value),
        missing=value.missing if form.scored else None, formula=value.formula,
        questions=questions if inside or number >= SHOWN_FROM else [],
    )  # fmt: skip
