"""R6: a closed case that was not mended runs again; the unit learns of it, and earlier figures stay."""

import pytest

from shared.contracts.intake import CallbackRecorded, ComplaintLinked, ComplaintUnlinked
from shared.contracts.rectification import CaseClosed, CaseReopened, DeadlineSet
from tests.service.rectification.house import HANDLER, House, approved
from tests.service.rectification.promises import NUMBER

LEADER = {"role": "leader", "sub": "leader-a", "unit": "unit-a"}


def again(number: str = "2026-000009", **changes: object) -> ComplaintLinked:
    whole = {"number": number, "lead": NUMBER, "how": "exact", "petitioners": 2}
    return ComplaintLinked(**whole | changes)  # type: ignore[arg-type]  # given by name


async def test_r6_a_reopening_reaches_the_unit_as_event_list_and_deadline(house: House) -> None:
    """Elsewhere a reopened matter lies on a desk where nobody looks: the unit is not told and no date runs."""
    await house.closed_case()
    assert (await house.get("/cases?state=reopened", HANDLER)).json()["items"] == []
    await house.take(again(), "2026-04-20 10:00")
    (told,) = house.published(CaseReopened)
    assert (told.unit, told.reason, told.due.isoformat()) == ("unit-a", "same_matter", "2026-04-27")
    assert [d.due.isoformat() for d in house.published(DeadlineSet) if d.kind == "rework"] == ["2026-04-27"]
    for person in (HANDLER, LEADER):
        (listed,) = (await house.get("/cases?state=reopened", person)).json()["items"]
        assert (listed["case"], listed["run"], listed["run_due"]) == (NUMBER, 2, "2026-04-27")
        assert "solution" in listed["allowed"]
        running = (await house.get("/deadlines", person)).json()["items"]
        assert [(d["kind"], d["due"]) for d in running] == [("rework", "2026-04-27")]
    await house.tick("2026-05-12 12:00")
    assert [step for step, _ in house.steps("rework")] == ["warning_3", "warning_1", "expired", "escalation_3",
                                                           "escalation_7"]  # fmt: skip


async def test_r6_a_bad_answer_after_closing_reopens_it_too(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-10 10:00")
    # Nobody answered within the callback's period: closed unconfirmed, and whoever answers later is heard.
    assert (await house.write_off("2026-03-18 10:00")).json()["outcome"] == "solved_unconfirmed"
    await house.answer("2026-04-01 10:00", "very_dissatisfied")
    assert [(e.reason, e.due.isoformat()) for e in house.published(CaseReopened)] == [("bad_callback", "2026-04-09")]


async def test_r6_who_was_satisfied_first_may_object_to_the_closing_once(house: House) -> None:
    """Asked the day after, he said satisfied; a month later the window is empty again."""
    await house.closed_case()
    bad = {"case": NUMBER, "number": NUMBER, "round": 1, "result": "graded", "grade": "dissatisfied"}
    await house.take(CallbackRecorded.model_validate(bad), "2026-04-01 10:00")
    assert house.published(CaseReopened) == []  # a second answer to the same question is recorded only
    objection = CallbackRecorded.model_validate({**bad, "objection": True})
    await house.take(objection, "2026-04-02 10:00")
    await house.take(objection, "2026-04-03 10:00")
    assert [e.reason for e in house.published(CaseReopened)] == ["bad_callback"]


async def test_r6_its_number_and_the_earlier_figures_stay(house: House) -> None:
    await house.closed_case()
    before = await house.statistics("2026-04-01 00:00")
    await house.take(again(), "2026-04-20 10:00")
    await house.solve("2026-05-20 10:00")
    after = await house.statistics("2026-04-01 00:00")
    assert after == before
    shown = (await house.get(f"/cases/{NUMBER}")).json()
    assert (shown["case"], shown["run"], shown["due"], shown["times_closed"]) == (NUMBER, 2, "2026-03-23", 1)
    assert [e["data"]["outcome"] for e in shown["history"] if e["kind"] == "closed"] == ["solved"]
    assert (await house.statistics("2026-12-31 00:00"))["late"] == 0


@pytest.mark.parametrize(("at", "reopens"), [("2026-06-23 23:59", True), ("2026-06-24 00:00", False)])
async def test_r6_the_ninetieth_day_counts_and_the_next_does_not(house: House, at: str, reopens: bool) -> None:
    await house.closed_case()
    await house.take(again(), at)
    assert bool(house.published(CaseReopened)) is reopens
    history = (await house.get(f"/cases/{NUMBER}")).json()["history"]
    assert [e["data"]["effect"] for e in history if e["kind"] == "linked"] == ["reopened" if reopens else "too_late"]


async def test_r6_a_closing_that_stands_again_says_so_as_the_reopening_may_be_of_the_same_instant(house: House) -> None:
    """A simulated clock stands still while two clerks act: what was told cannot be ordered by its time alone."""
    await house.closed_case()
    await house.take(again(), "2026-04-20 10:00")
    undone = ComplaintUnlinked(number="2026-000009", lead=NUMBER, reason="另一件事")
    await house.take(undone, "2026-04-20 10:00")
    first, second = (e for e in house.events if e.type == CaseClosed.TYPE)
    (reopened,) = (e for e in house.events if e.type == CaseReopened.TYPE)
    assert second.time == reopened.time
    assert [(e.data.again, e.data.times_closed) for e in (first, second)] == [(False, 1), (True, 1)]


@pytest.mark.parametrize(
    "undone_at", ["2026-04-24 10:00", "2026-04-21 09:00"], ids=["later", "before, but late to come"]
)
async def test_r6_a_reopened_case_that_stood_still_does_so_no_more_when_the_link_is_undone(
    house: House, undone_at: str
) -> None:
    await house.closed_case()
    await house.take(again(), "2026-04-20 10:00")
    suspension = {"ground": "law_suit", "reasons": "在诉讼中"}
    assert (await house.post(f"/{NUMBER}/suspension", suspension, at="2026-04-21 10:00")).status_code == 200
    await house.take(ComplaintUnlinked(number="2026-000009", lead=NUMBER, reason="另一件事"), undone_at)
    shown = (await house.get(f"/cases/{NUMBER}")).json()
    assert (shown["state"], shown["suspended_at"], shown["run"]) == ("closed", None, 1)
    assert (await house.post(f"/{NUMBER}/resumption", at="2026-04-25 10:00")).status_code == 409
