"""Screening, gate, case, callback and vault: what may follow what, and who may not (I3, I4, I7, I11)."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from services.intake.domain import callback, complaint, disclosure, transfer
from services.intake.domain.callback import Task, TaskState
from services.intake.domain.complaint import Standing, State
from services.intake.domain.disclosure import Disclosure
from services.intake.domain.transfer import Card
from shared.errors import Refusal

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)


def test_every_state_has_words_for_people() -> None:
    assert set(complaint.WORDS) == set(State)


def test_a_complaint_is_screened_once_or_again_after_more_information() -> None:
    back = complaint.screened(State.REGISTERED, "returned_for_information")
    assert complaint.screened(back, "accepted") == State.ACCEPTED
    with pytest.raises(Refusal) as refused:
        complaint.screened(State.ACCEPTED, "unfounded")
    assert refused.value.status == 409


def test_the_gate_opens_only_for_a_card_that_waits() -> None:
    assert complaint.decided(complaint.requested(State.ACCEPTED), approved=True) == State.TRANSFERRED
    assert complaint.decided(State.REQUESTED, approved=False) == State.REFUSED
    for state in (State.REGISTERED, State.ACCEPTED, State.TRANSFERRED, State.CLOSED):
        with pytest.raises(Refusal):
            complaint.decided(state, approved=True)
    with pytest.raises(Refusal):
        complaint.requested(State.REQUESTED)


def test_who_asked_for_a_transfer_does_not_approve_it() -> None:
    transfer.gate("clerk-1", "approver-1")
    with pytest.raises(Refusal) as refused:
        transfer.gate("both", "both")
    assert refused.value.status == 403


def test_a_card_names_registered_units_once() -> None:
    known = frozenset({"tax", "police", "town"})
    card = Card("tax", ("police",), "town")
    assert transfer.checked(card, known) is card
    for wrong, field in (
        (Card("post"), "lead_unit"),
        (Card("tax", ("post",)), "cooperating_units"),
        (Card("tax", ("tax",)), "cooperating_units"),
        (Card("tax", territorial_unit="post"), "territorial_unit"),
        (Card("tax", days=0), "days"),
    ):
        with pytest.raises(Refusal) as refused:
            transfer.checked(wrong, known)
        assert refused.value.field == field


def test_an_amendment_is_seen_only_where_something_changed() -> None:
    card = Card("tax")
    assert transfer.amended(card, {"lead_unit": "tax"}) == (card, False)
    assert transfer.amended(card, {"lead_unit": "police", "days": 5}) == (Card("police", days=5), True)


def test_late_events_of_a_case_never_carry_a_complaint_back() -> None:
    facts = [
        (name, MONDAY + timedelta(days=n))
        for n, name in enumerate(("opened", "solved", "returned", "solved", "closed"))
    ]
    for order in permutations(facts):
        standing = Standing(State.TRANSFERRED)
        for fact, at in order:
            standing = complaint.after(standing, fact, at) or standing
        assert standing.state == State.CLOSED


def test_events_of_one_moment_count_in_the_order_of_a_case() -> None:
    closed = complaint.after(Standing(State.TRANSFERRED), "closed", MONDAY)
    assert closed and complaint.after(closed, "solved", MONDAY) is None
    reopened = complaint.after(closed, "reopened", MONDAY)
    assert reopened and reopened.state == State.RECTIFYING


def test_a_second_solution_in_the_moment_of_the_return_before_it_stands() -> None:
    returned = complaint.after(Standing(State.SOLVED), "returned", MONDAY, 1)
    assert returned
    again = complaint.after(returned, "solved", MONDAY, 2)
    assert again and again.state == State.SOLVED
    assert complaint.after(again, "returned", MONDAY, 1) is None, "whichever comes first"


def test_a_complaint_with_a_case_or_with_followers_joins_no_other() -> None:
    complaint.may_be_linked(State.REGISTERED, leads_others=False)
    with pytest.raises(Refusal):
        complaint.may_be_linked(State.RECTIFYING, leads_others=False)
    with pytest.raises(Refusal):
        complaint.may_be_linked(State.REGISTERED, leads_others=True)


def test_three_tries_on_different_days_make_not_reached() -> None:
    task = Task()
    for day in (2, 3):
        task = callback.missed(task, date(2026, 3, day), 3)
        assert task.state == TaskState.OPEN
        with pytest.raises(Refusal):
            callback.missed(task, date(2026, 3, day), 3)
    task = callback.missed(task, date(2026, 3, 9), 3)
    assert (task.state, task.tries) == (TaskState.NOT_REACHED, 3)


@pytest.mark.parametrize("state", [TaskState.GRADED, TaskState.NOT_REACHED, TaskState.SUPERSEDED])
def test_a_petitioner_is_asked_once_a_round(state: TaskState) -> None:
    for step in (lambda t: callback.graded(t), lambda t: callback.missed(t, date(2026, 3, 9), 3)):
        with pytest.raises(Refusal) as refused:
            step(Task(state))
        assert refused.value.status == 409


def test_the_vault_opens_by_another_person_and_for_one_reading() -> None:
    with pytest.raises(Refusal):
        disclosure.decided(Disclosure.REQUESTED, requester="a", custodian="a", consent=True)
    state = disclosure.decided(Disclosure.REQUESTED, requester="a", custodian="b", consent=True)
    with pytest.raises(Refusal):
        disclosure.read(state, requester="a", reader="b")
    state = disclosure.read(state, requester="a", reader="a")
    with pytest.raises(Refusal):
        disclosure.read(state, requester="a", reader="a")
    refused = disclosure.decided(Disclosure.REQUESTED, requester="a", custodian="b", consent=False)
    with pytest.raises(Refusal):
        disclosure.read(refused, requester="a", reader="a")
    with pytest.raises(Refusal):
        disclosure.decided(refused, requester="a", custodian="b", consent=True)
