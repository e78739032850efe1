"""So many letters a minute and no more (N4): windows that move along, by a clock that only goes forward."""

import pytest

from services.notify.domain.pace import Budget, Pace, Rate, Window, rates
from shared.errors import Refusal


def test_a_rate_is_written_as_operators_speak() -> None:
    assert rates("60/minute; 1000 / hour", "smtp_rate") == (Rate(60, 60.0), Rate(1000, 3600.0))
    assert rates("", "smtp_rate") == ()


@pytest.mark.parametrize("text", ["sixty/minute", "0/minute", "60", "60/fortnight", "-1/day", "1.5/second"])
def test_what_is_no_rate_is_refused_by_its_setting(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        rates(text, "smtp_rate")
    assert refused.value.field == "smtp_rate"


def test_n4_no_window_of_a_minute_holds_more_letters_than_the_rate() -> None:
    pace, gone, now = Pace(rates("5/minute", "r")), [], 0.0
    while len(gone) < 40:
        now += max(0.1, pace.wait(now))
        budget = pace.budget(8, now)
        for _ in range(8):
            if budget.take("a@tax.example"):
                pace.note("a@tax.example", now)
                gone.append(now)
    assert all(sum(t < u <= t + 60 for u in gone) <= 5 for t in (moment - 0.001 for moment in gone))
    assert gone[-1] <= 8 * 60 + 10, "and no fewer than it allows"


def test_the_strictest_of_several_rates_holds() -> None:
    window = Window(rates("2/second; 3/minute", "r"))
    for now in (0.0, 0.1):
        window.note(now)
    assert (window.room(0.2), window.wait(0.2)) == (0, 0.8)
    window.note(1.5)
    assert window.room(2.6) == 0
    assert window.wait(2.6) == pytest.approx(57.4)
    assert window.room(60.05) == 1


def test_a_domain_that_has_had_enough_is_closed_and_the_others_are_not() -> None:
    pace = Pace((), rates("2/minute", "r"))
    for _ in range(2):
        pace.note("x@Tax.example", 0.0)
    budget = pace.budget(8, 1.0)
    assert budget.closed == ("tax.example",)
    assert [budget.take(e) for e in ("y@tax.example", "y@water.example", "z@water.example", "q@water.example")] == [
        False, True, True, False
    ]  # fmt: skip
    assert pace.wait(1.0) == 59.0
    assert pace.budget(8, 60.0).closed == ()


def test_without_a_rate_nothing_is_held_back() -> None:
    pace = Pace()
    for _ in range(1000):
        pace.note("a@b.example", 0.0)
    assert (pace.wait(0.0), pace.budget(8, 0.0).letters) == (0.0, 8)


def test_a_commit_claims_no_more_than_its_budget() -> None:
    budget = Budget(2)
    assert [budget.take("a@b.example") for _ in range(3)] == [True, True, False]


def test_what_is_long_past_is_forgotten() -> None:
    window = Window(rates("10/second", "r"))
    for moment in range(5000):
        window.note(float(moment))
    assert len(window._gone) <= 1001
