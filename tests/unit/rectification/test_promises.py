"""Plans and promises as pure decisions, and figures against a count made apart (R2, R5, R8)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rectification.domain import fulfilment, planning, rates
from services.rectification.domain.case import Case, Signature
from services.rectification.domain.handling import open_case
from services.rectification.domain.plan import Draft, Milestone, MilestoneState, Plan, PlanState, Promise, Step
from services.rectification.domain.rules import Rules
from shared.errors import Refusal
from shared.programme import load
from tests.unit.rectification.world import OFFICER, card, local

RULES = Rules.of(load("window-units"))
FIRST = date(2026, 3, 2)


def case() -> Case:
    return open_case(
        RULES, card(track="planned", days=60), local("2026-03-02 10:00"), can_be_called=True
    ).case  # due on 28 May


def draft(*days: date, promised: date) -> Draft:
    steps = tuple(Step(f"第{n}步", day, "王芳") for n, day in enumerate(days, 1))
    return Draft("增设窗口", "钱伟", "", steps, Promise("办成", "赵敏", promised, "居民"))


def submitted(given_: Draft) -> tuple[Case, Plan]:
    one = case()
    decision, plan = planning.submit(
        RULES, one, (), given_, running=None, until=one.span.due, by="handler-a", at=local("2026-03-06 10:00")
    )
    return decision.case, plan


@given(st.lists(st.integers(1, 100), min_size=1, max_size=5), st.integers(1, 100))
def test_r2_a_plan_is_taken_just_when_its_dates_hold(ahead: list[int], promised: int) -> None:
    days = [FIRST + timedelta(n) for n in ahead]
    last = FIRST + timedelta(promised)
    due, today = date(2026, 5, 28), date(2026, 3, 6)
    holds = (
        all(a < b for a, b in zip([today, *days], days, strict=False))
        and all(RULES.calendar.day(day).works and day <= due for day in days)
        and days[-1] <= last <= due
    )
    try:
        submitted(draft(*days, promised=last))
    except Refusal:
        assert not holds
    else:
        assert holds


def test_r2_milestones_count_on_through_versions_and_what_is_done_stays_done() -> None:
    one, plan = submitted(draft(date(2026, 3, 31), date(2026, 4, 30), promised=date(2026, 5, 20)))
    filed_at = local("2026-03-09 10:00")
    decision, filed, first, promise = planning.file(RULES, one, plan, (), 0, OFFICER, filed_at)
    assert [m.n for m in first] == [1, 2]
    assert promise is not None and promise.expires_at == local("2026-05-21 00:00")
    assert [d.due for d in decision.begins] == [date(2026, 3, 31), date(2026, 4, 30)]
    done = replace(first[0], done_at=local("2026-03-20 10:00"))
    amended = Plan(one.number, 2, draft(date(2026, 5, 12), promised=date(2026, 5, 28)), filed_at, "handler-a")
    _, _, after, further = planning.file(RULES, one, amended, (done, first[1]), 1, OFFICER, local("2026-04-02 10:00"))
    assert [(m.n, m.withdrawn_at is not None) for m in after] == [(3, False), (2, True)]
    assert further is not None and further.id == f"{one.number}-2"
    assert filed.state is PlanState.FILED


@pytest.mark.parametrize(
    ("at", "state"),
    [("2026-03-31 23:59", MilestoneState.PENDING), ("2026-04-01 00:00", MilestoneState.MISSED)],
)
def test_r2_a_milestone_is_missed_when_its_day_is_over(at: str, state: MilestoneState) -> None:
    one = Milestone("c", 1, 1, "a", date(2026, 3, 31), "b", local("2026-04-01 00:00"))
    assert one.state(local(at)) is state
    assert replace(one, done_at=local(at)).late is (state is MilestoneState.MISSED)


def test_r2_who_submitted_a_plan_does_not_file_it() -> None:
    one, plan = submitted(draft(date(2026, 3, 31), promised=date(2026, 5, 20)))
    for signer in (Signature("handler-a"), Signature("officer-2", "unit-b")):
        with pytest.raises(Refusal) as refused:
            planning.file(RULES, one, plan, (), 0, signer, local("2026-03-09 10:00"))
        assert refused.value.status == 403


GRADES = ("satisfied", "basically_satisfied", "dissatisfied", "unknown")
MARKS = {"satisfied": 100, "basically_satisfied": 80, "dissatisfied": 40}


@given(st.dictionaries(st.sampled_from(GRADES), st.integers(0, 10_000)))
def test_r8_the_surveys_mean_is_that_of_its_marks_without_those_who_do_not_know(counts: dict[str, int]) -> None:
    found = fulfilment.survey_of(RULES, counts)
    asked = {grade: count for grade, count in counts.items() if grade in MARKS}
    number = sum(asked.values())
    assert found.count == sum(counts.values())
    if not number:
        assert found.mean is None
        return
    exact = Fraction(sum(MARKS[grade] * count for grade, count in asked.items()), number)
    rounded = (Decimal(exact.numerator) / exact.denominator).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert found.mean == str(rounded)


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_r5_a_rate_is_of_its_denominator_or_nothing(part: int, more: int) -> None:
    whole = part + more
    found = rates.rate(part, whole)
    if not whole:
        assert found is None
        return
    assert found is not None
    assert abs(Fraction(found) - Fraction(100 * part, whole)) <= Fraction(1, 200)
