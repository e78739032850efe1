from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from services.notify.domain.delivery import (
    GIVE_UP_AFTER,
    STEPS,
    WAITS,
    Kind,
    Outcome,
    State,
    resolved,
    settle,
    step,
)
from shared.errors import Refusal

NOW = datetime(2026, 3, 9, 8, tzinfo=UTC)


def settled(kind: Kind, tries: int = 1, due: datetime = NOW):  # type: ignore[no-untyped-def]  # test helper
    return settle(Outcome(kind, "data", "why"), tries=tries, due=due, now=NOW)


@pytest.mark.parametrize(
    ("kind", "state"),
    [("sent", "sent"), ("unreachable", "retry"), ("temporary", "retry"), ("bad_address", "failed"),
     ("refused", "failed"), ("too_large", "failed"), ("uncertain", "uncertain")],
)  # fmt: skip
def test_what_follows_from_each_outcome(kind: Kind, state: State) -> None:
    assert settled(kind).state == state
    assert settled(kind).reason == "data: why"


def test_temporary_faults_are_retried_at_growing_intervals() -> None:
    waits = [settled("temporary", tries).next_try - NOW for tries in range(1, 7)]
    assert waits == [*WAITS, WAITS[-1], WAITS[-1]]


def test_a_temporary_fault_that_lasts_three_days_is_a_failure() -> None:
    assert settled("temporary", 20, NOW - GIVE_UP_AFTER + timedelta(seconds=1)).state == "retry"
    assert settled("temporary", 20, NOW - GIVE_UP_AFTER).state == "failed"


def test_a_server_that_is_away_never_fails_a_letter() -> None:
    assert settled("unreachable", 500, NOW - timedelta(days=40)).state == "retry"


def test_an_uncertain_letter_goes_nowhere_by_itself() -> None:
    assert "claimed" not in STEPS["uncertain"]
    with pytest.raises(Refusal):
        step("uncertain", "claimed")


def test_a_claimed_letter_cannot_be_claimed_again() -> None:
    with pytest.raises(Refusal):
        step("claimed", "claimed")


def test_an_operator_decides_on_uncertain_letters_only() -> None:
    assert resolved("uncertain", "sent") == "sent"
    assert resolved("uncertain", "resend") == "retry"
    for state in get_args(State):
        if state != "uncertain":
            with pytest.raises(Refusal) as refused:
                resolved(state, "resend")
            assert refused.value.status == 409


def test_every_state_has_its_steps() -> None:
    assert set(STEPS) == set(get_args(State))
