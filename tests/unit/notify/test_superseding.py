"""Warnings that a later one makes pointless (N4)."""

from datetime import date
from typing import Any

from services.notify.domain.superseding import (
    APPROACHING,
    ESCALATED,
    EXPOSURE_CHASED,
    PASSED,
    TRANSFER_OVERDUE,
    Reminder,
    stale,
    superseded,
)
from shared.contracts import assignment, publicity, rectification

FACTS = {"case": "2026-000001", "kind": "solve", "due": "2026-03-30", "unit": "tax"}


def warned(id: str, event: str, seq: int, person: str = "wang", channel: str = "email", **facts: Any) -> Reminder:
    return Reminder(id, person, channel, event, FACTS | facts, seq)


def test_the_last_step_of_a_deadline_stands_for_those_before() -> None:
    steps = [warned("a", APPROACHING, 1), warned("b", PASSED, 2), warned("c", ESCALATED, 3)]
    assert superseded(steps, steps) == {"a": "c", "b": "c"}


def test_a_step_that_is_heard_of_late_does_not_supersede_a_later_step() -> None:
    steps = [warned("late", APPROACHING, 9), warned("passed", PASSED, 2)]
    assert superseded(steps, steps) == {"late": "passed"}


def test_other_deadlines_people_ways_and_helping_units_have_their_own() -> None:
    steps = [
        warned("a", PASSED, 1), warned("b", PASSED, 2, person="li"), warned("c", PASSED, 3, channel="sms"),
        warned("d", PASSED, 4, kind="accept"), warned("e", PASSED, 5, due="2026-04-30"),
        warned("f", PASSED, 6, case="2026-000002"), warned("g", PASSED, 7, kind="contribute"),
        warned("h", PASSED, 8, kind="contribute", unit="water"),
    ]  # fmt: skip
    assert superseded(steps, steps) == {}


def test_only_what_is_late_gives_way() -> None:
    old, new = warned("old", APPROACHING, 1), warned("new", PASSED, 2)
    assert superseded([], [old, new]) == {}
    assert superseded([old], [old, new]) == {"old": "new"}


def test_other_letters_are_no_warnings() -> None:
    news = [
        warned("a", "minping.rectification.case.opened.v1", 1),
        warned("b", "minping.rectification.case.opened.v1", 2),
    ]
    assert superseded(news, news) == {}


def test_only_what_approaches_is_stale_after_its_day() -> None:
    assert stale(APPROACHING, FACTS, date(2026, 3, 31))
    assert not stale(APPROACHING, FACTS, date(2026, 3, 30))
    assert not stale(PASSED, FACTS, date(2026, 3, 31))


def test_the_names_are_those_of_the_wire() -> None:
    kinds = (rectification.DeadlineApproaching, rectification.DeadlinePassed, rectification.DeadlineEscalated,
             assignment.TransferOverdue, publicity.ExposureChased)  # fmt: skip
    assert [kind.TYPE for kind in kinds] == [APPROACHING, PASSED, ESCALATED, TRANSFER_OVERDUE, EXPOSURE_CHASED]
