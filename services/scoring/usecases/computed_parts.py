"""Parts of the composite that follow from what people said: online evaluation, questionnaires (S9)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sqlmodel import Session

from services.scoring.domain.evaluation import merged
from services.scoring.domain.parts import PartRule, PartValue, absent
from services.scoring.domain.surveys import Item, surveyed
from services.scoring.store import evaluations, units
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_results import by_rule
from services.scoring.usecases.questionnaire_results import survey_values

ONLINE = "online"
Of = Mapping[str, Sequence[str]]
"""Unit → it and those whose heir it is."""


def asked_values(desk: Desk, session: Session, cycle: str, rule: PartRule, of: Of) -> dict[str, PartValue]:
    """By unit the value of a computed part of kind questionnaire; missing where it is not held."""
    key = desk.programme.part(rule.key).questionnaire or ""
    found = survey_values(session, cycle, key, of, rule.least)
    return dict.fromkeys(of, absent("the questionnaire was not held in this cycle")) if found is None else found


def online_values(desk: Desk, session: Session, cycle: str, rule: PartRule, of: Of) -> dict[str, PartValue]:
    """By unit the value of the part that online evaluations make, by the programme's rule on those set apart.

    Of a round, those whose codes were issued in it. The counts are those of now: what enters a ranking stands in it,
    and changes by a reissue only.
    """
    forms, tallies = evaluations.forms(session), by_rule(desk, session, cycle)
    marks = {grade.key: Fraction(grade.mark) for grade in desk.programme.grades}
    groups = {unit.key: unit.group for unit in units.units(session)}
    found = {}
    counted = {number for number, form in forms.items() if rule.window is None or form.round == rule.key}
    for unit, itself in of.items():
        mine = [(key, tally) for key, tally in tallies.items() if key[1] in itself and key[3] in counted]
        counts = merged(forms[key[3]].by_dimension(tally.counts) for key, tally in mine)
        asked = []
        for dimension in desk.programme.dimensions_of(groups.get(unit)):
            given = counts.get(dimension.key, {})
            by_mark: dict[Fraction, int] = {}
            for grade, mark in marks.items():
                by_mark[mark] = by_mark.get(mark, 0) + given.get(grade, 0)
            asked.append(Item(dimension.key, dimension.weight, by_mark))
        found[unit] = surveyed(rule, ONLINE, sum(tally.evaluations for _, tally in mine), asked)
    return found
