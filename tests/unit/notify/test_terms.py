"""Terms of office (N1): one person in a seat on any day, gaps are the days without anybody, undoing undoes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain.recipient import Holder
from services.notify.domain.terms import Change, correct, enter, gaps, of_plain, overlap, plain, take_back
from shared.errors import Refusal

FIRST = date(2026, 1, 1)
DAYS = 30


def term(person: str, since: int, until: int | None = None, **more: object) -> Holder:
    last = None if until is None else FIRST + timedelta(days=until)
    values = {"role": "main_leader"} | more
    return Holder(unit="tax", person=person, name=person, email=f"{person}@tax.example",
                  since=FIRST + timedelta(days=since), until=last, **values)  # type: ignore[arg-type]  # test helper  # fmt: skip


ENTRIES = st.lists(
    st.builds(
        lambda person, since, length: term(person, since, None if length is None else since + length),
        st.sampled_from("abc"),
        st.integers(0, DAYS),
        st.none() | st.integers(0, 10),
    ),
    max_size=8,
)


def entered(entries: list[Holder]) -> tuple[list[Holder], list[list[Change]]]:
    """What the directory holds after these entries, those that are refused left out, and what each changed."""
    present: list[Holder] = []
    steps: list[list[Change]] = []
    for one in entries:
        try:
            done = enter(present, one)
        except Refusal as refusal:
            assert refusal.status == 409
            continue
        for change in done:
            present = [t for t in present if t != change.before] + ([change.after] if change.after else [])
        steps.append(done)
    return present, steps


@given(ENTRIES)
def test_n1_one_person_at_a_time_holds_an_office(entries: list[Holder]) -> None:
    present, _ = entered(entries)
    for one in present:
        assert one.until is None or one.since <= one.until
        assert not [other for other in present if other is not one and overlap(one, other)]


@given(ENTRIES)
def test_n1_undoing_every_entry_in_turn_leaves_what_was_there_before(entries: list[Holder]) -> None:
    present, steps = entered(entries)
    for done in reversed(steps):
        for change in take_back(present, done):
            present = [t for t in present if t != change.before] + ([change.after] if change.after else [])
    assert present == []


@given(ENTRIES, st.integers(0, DAYS), st.integers(0, DAYS))
def test_n1_gaps_are_the_days_on_which_nobody_is_in_office(entries: list[Holder], start: int, length: int) -> None:
    present, _ = entered(entries)
    first, last = FIRST + timedelta(days=start), FIRST + timedelta(days=start + length)
    found = gaps("tax", "main_leader", present, first, last)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    vacant = [day for day in days if not any(t.in_office(day) for t in present)]
    told = [day for day in days if any(g.first <= day and (g.last is None or day <= g.last) for g in found)]
    assert told == vacant
    for gap in found:
        assert gap.last is not None or not any(t.since > gap.first for t in present)


@given(ENTRIES)
def test_n1_the_history_gives_every_term_back_as_it_was(entries: list[Holder]) -> None:
    assert [of_plain(plain(one)) for one in entries] == entries


def test_n1_deputies_of_different_fields_sit_beside_each_other() -> None:
    first = term("a", 0, role="deputy_in_charge", fields=("service",))
    second = term("b", 5, role="deputy_in_charge", fields=("taking",))
    assert [c.kind for c in enter([first], second)] == ["entered"]
    third = term("c", 9, role="deputy_in_charge", fields=("taking", "delay"))
    assert [(c.kind, c.term.person) for c in enter([first, second], third)] == [("ended", "b"), ("entered", "c")]


def test_n1_a_corrected_first_day_takes_the_predecessors_last_day_along_but_not_past_his_first() -> None:
    before, after = term("a", 0, 9), term("b", 10)
    done = correct([before, after], after, term("b", 15))
    assert [(c.term.person, c.term.until) for c in done] == [("a", FIRST + timedelta(days=14)), ("b", None)]
    with pytest.raises(Refusal, match="somebody else"):
        correct([before, after], after, term("b", 0))
