"""The meeting's strict sequence (S3–S7) and units (S1)."""

from fractions import Fraction

import pytest

from services.scoring.domain.meeting import STEPS, Hall, State, Step, check_hall, take
from services.scoring.domain.unit import Unit, check_parents, register
from shared.errors import Refusal
from shared.programme import load

PROGRAMME = load("window-units")


def test_the_steps_lead_from_creation_to_publication_in_one_order() -> None:
    state = State.CREATED
    seen = [state]
    for step in (
        Step.COMMITMENT, Step.FREEZING, Step.DRAW, Step.KEY, Step.CARDS, Step.ANNOUNCEMENT, Step.STATEMENT_TEXT,
        Step.CHECK_IN_OPENING, Step.CHECK_IN, Step.STATEMENTS_OPENING, Step.STATEMENT, Step.QUESTIONS_OPENING,
        Step.QUESTION, Step.BALLOTS_OPENING, Step.BALLOT, Step.CLOSING, Step.COUNT, Step.SIGNATURE, Step.SEAL,
        Step.PUBLICATION,
    ):  # fmt: skip
        state = take(state, step)
        if state is not seen[-1]:
            seen.append(state)
    assert seen == [s for s in State if s is not State.VOID]


@pytest.mark.parametrize("step", list(Step))
@pytest.mark.parametrize("state", list(State))
def test_no_step_opens_early_and_none_is_done_twice(state: State, step: Step) -> None:
    if state in STEPS[step].before:
        take(state, step)
        return
    with pytest.raises(Refusal) as refused:
        take(state, step)
    assert refused.value.status == 409
    assert refused.value.remedy


def test_ballots_before_they_are_open_name_what_comes_first() -> None:
    with pytest.raises(Refusal, match="only questions; ballots_opening comes first"):
        take(State.QUESTIONS, Step.BALLOT)


def test_a_halted_meeting_takes_no_step_but_its_annulment() -> None:
    with pytest.raises(Refusal, match="halted"):
        take(State.VOTING, Step.BALLOT, halted=True)
    assert take(State.VOTING, Step.ANNULMENT, halted=True) is State.VOID


def test_a_sealed_meeting_is_never_annulled() -> None:
    with pytest.raises(Refusal):
        take(State.SEALED, Step.ANNULMENT)


def test_ballots_open_at_70_per_cent_ordinary_people_exactly() -> None:
    least = Fraction(PROGRAMME.meeting.seats.ordinary_present_min)
    check_hall(Hall(50, 35), least)
    for hall in (Hall(50, 34), Hall(0, 0)):
        with pytest.raises(Refusal) as refused:
            check_hall(hall, least)
        assert refused.value.status == 409


def test_a_station_is_ranked_in_its_township_and_a_window_in_the_approval_centre() -> None:
    assert (
        register(PROGRAMME, key="u1", name="派出所", category="enforcement", township="清河镇").scope
        == "township:清河镇"
    )
    assert register(PROGRAMME, key="w1", name="窗口", category="service_window").scope == "approval-centre"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("unit", {"key": "a b"}),
        ("name", {"name": " "}),
        ("category", {"category": "x"}),
        ("scope", {"scope": "x"}),
        ("scope", {"scope": "approval-centre", "category": "enforcement"}),
        ("township", {"scope": "township"}),
        ("scope", {"category": "enforcement"}),
    ],
)
def test_a_unit_the_programme_does_not_know_is_refused_by_field(field: str, given: dict[str, str]) -> None:
    good = {"key": "u1", "name": "窗口", "category": "service_window"}
    with pytest.raises(Refusal) as refused:
        register(PROGRAMME, **{**good, **given})
    assert refused.value.field == field


def unit(key: str, parent: str | None) -> Unit:
    return Unit(key, key, "enforcement", "s", parent=parent)


def test_parents_form_no_circle_and_need_not_be_appraised() -> None:
    check_parents([unit("b", "a"), unit("c", "b"), unit("d", "市公安局")], {"a": None})
    with pytest.raises(Refusal, match="circle"):
        check_parents([unit("b", "c"), unit("c", "b")], {})
