"""Sections with which too few are satisfied (S12): what follows for their head and handler."""

from collections.abc import Mapping
from fractions import Fraction
from hashlib import sha256

from sqlmodel import Session

from services.scoring.store import evaluations
from services.scoring.usecases.desk import Desk
from services.scoring.usecases.evaluation_results import by_rule
from services.scoring.usecases.proposing import propose_fact
from shared.programme.triggers import DissatisfiedSection
from shared.store import Tx

Asked = Mapping[tuple[str, str], tuple[int, Mapping[str, int]]]


def judge_sections(desk: Desk, tx: Tx, cycle: str) -> None:
    """Propose what follows for sections below the programme's share, of enough cards; the unit answers for them."""
    rules = [rule for rule in desk.programme.consequences if rule.when.section]
    if not rules:
        return
    asked = asked_of(desk, tx.session, cycle)
    for rule in rules:
        trigger = rule.when.section
        assert trigger is not None  # chosen so
        for (unit, section), (cards, grades) in sorted(asked.items()):
            share = satisfied(trigger, cards, grades)
            if share is not None and share < Fraction(trigger.below):
                good = f"{float(share):.1%}"
                why = f"{section}：{cards} 份评议，满意和基本满意 {good} · {section}: {good} of {cards} cards satisfied"
                persons = (f"{section}负责人 head", f"{section}经办人 handler")
                about = f"section-{sha256(section.encode()).hexdigest()[:8]}"
                propose_fact(desk, tx, cycle, unit, rule, why, source="section", persons=persons, about=about)


def satisfied(trigger: DissatisfiedSection, cards: int, grades: Mapping[str, int]) -> Fraction | None:
    """The share of good ratings among all that say something; None with too few cards or none that does."""
    total = sum(grades.values())
    if cards < trigger.least_cards or not total:
        return None
    return Fraction(sum(grades.get(key, 0) for key in trigger.good), total)


def asked_of(desk: Desk, session: Session, cycle: str) -> dict[tuple[str, str], tuple[int, dict[str, int]]]:
    """By unit and section: evaluations online that make the programme's figure, and how often each grade was given.

    不了解 is left out.
    """
    forms, known = evaluations.forms(session), {grade.key for grade in desk.programme.grades}
    found: dict[tuple[str, str], tuple[int, dict[str, int]]] = {}
    for (_, unit, section, form), tally in by_rule(desk, session, cycle).items():
        if not section:
            continue
        cards, grades = found.get((unit, section), (0, {}))
        for of_dimension in forms[form].by_dimension(tally.counts).values():
            for grade, number in of_dimension.items():
                if grade in known:
                    grades[grade] = grades.get(grade, 0) + number
        found[unit, section] = (cards + tally.evaluations, grades)
    return found
