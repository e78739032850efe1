"""A case through its whole life, over the bus and HTTP."""

import pytest

from shared.contracts import rectification as wire
from shared.contracts.intake import ComplaintLinked, ComplaintUnlinked
from shared.errors import NotYet, Refusal
from shared.unit import DUPLICATE
from tests.service.rectification.house import HANDLER, House, approved, local

NUMBER = "2026-000001"


def link(number: str, lead: str = NUMBER, *, can_be_called: bool = True) -> ComplaintLinked:
    return ComplaintLinked(number=number, lead=lead, how="exact", can_be_called=can_be_called, petitioners=2)


async def state(house: House, number: str = NUMBER) -> str:
    return str((await house.get(f"/cases/{number}")).json()["state"])


async def test_from_approval_to_closing(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    accepted = await house.post(f"/{NUMBER}/acceptance", who=HANDLER, at="2026-03-02 15:00")
    assert accepted.status_code == 200
    assert accepted.json()["allowed"] == ["solution"]
    solved = await house.solve("2026-03-20 16:00")
    assert solved.json()["state"] == "solved"
    await house.answer("2026-03-23 10:00", "very_satisfied")
    closed = await house.write_off("2026-03-25 10:00")
    assert closed.json() | {"state": "closed", "outcome": "solved", "late": False, "allowed": []} == closed.json()
    assert house.said() == [
        "case.opened",
        "deadline.set",
        "deadline.set",
        "deadline.set",
        "case.acknowledged",
        "case.accepted",
        "deadline.approaching",
        "deadline.approaching",
        "case.solved",
        "callback.requested",
        "deadline.set",
        "case.closed",
    ]
    (opened,) = house.published(wire.CaseOpened)
    assert (opened.case, opened.due.isoformat(), opened.lead_unit) == (NUMBER, "2026-03-23", "unit-a")
    given = approved()
    assert (opened.card, opened.channel, opened.days, opened.text) == (
        given.card, given.channel, given.days, given.text,
    )  # fmt: skip
    (done,) = house.published(wire.CaseClosed)
    assert (done.outcome, done.late, done.grades, done.signed_by) == ("solved", False, ("very_satisfied",), "officer-1")
    assert all(event.subject == NUMBER for event in house.events)


async def test_events_are_dated_by_the_fact_not_by_arrival(house: House) -> None:
    await house.closed_case()
    times = {event.type.split(".", 2)[2].removesuffix(".v1"): event.time for event in house.events}
    assert times["case.opened"] == local("2026-03-02 10:00")
    assert times["case.solved"] == local("2026-03-20 16:00")
    assert times["case.closed"] == local("2026-03-25 10:00")


async def test_an_event_seen_twice_counts_once(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00", key="one")
    assert await house.take(approved(), "2026-03-02 10:00", key="one") is DUPLICATE
    assert house.said().count("case.opened") == 1


async def test_a_second_approval_of_the_same_number_is_refused(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    with pytest.raises(Refusal) as refused:
        await house.take(approved(lead_unit="unit-b"), "2026-03-03 10:00")
    assert refused.value.status == 409
    assert house.said().count("case.opened") == 1


async def test_nobody_to_call_no_request_and_unconfirmed(house: House) -> None:
    await house.take(approved(can_be_called=False), "2026-03-02 10:00")
    await house.solve("2026-03-05 10:00")
    assert house.published(wire.CallbackRequested) == []
    closed = await house.write_off("2026-03-05 11:00")
    assert closed.json()["outcome"] == "solved_unconfirmed"


async def test_a_bad_answer_returns_and_a_good_one_closes_the_next_round(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-20 16:00")
    await house.answer("2026-03-23 10:00", "dissatisfied")
    (back,) = house.published(wire.CaseReturned)
    assert (back.reasons, back.rework_due.isoformat()) == (("callback: dissatisfied",), "2026-03-30")
    assert (await house.solve("2026-03-27 16:00")).status_code == 200
    await house.answer("2026-03-28 10:00", "satisfied", round=2)
    assert (await house.write_off("2026-03-30 10:00")).status_code == 200
    (done,) = house.published(wire.CaseClosed)
    assert (done.late, done.late_days, done.round) == (True, 4, 2)


async def test_the_office_returns_with_reasons(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-05 16:00")
    assert (await house.post(f"/{NUMBER}/return", {"reasons": []}, at="2026-03-06 10:00")).status_code == 422
    back = await house.post(f"/{NUMBER}/return", {"reasons": ["照片不是现场"]}, at="2026-03-06 10:00")
    assert (back.json()["state"], back.json()["returns"]) == ("returned", 1)


async def test_two_returns_and_a_leader_may_close_as_disputed(house: House) -> None:
    approver = {"role": "approver", "sub": "leader-1"}
    await house.take(approved(), "2026-03-02 10:00")
    for day in ("03", "10"):
        await house.solve(f"2026-03-{day} 10:00")
        early = await house.post(f"/{NUMBER}/dispute", {"reasons": "超出政策"}, who=approver, at=f"2026-03-{day} 11:00")
        assert early.status_code == 409
        await house.answer(f"2026-03-{day} 12:00", "very_dissatisfied", round=1 if day == "03" else 2)
    done = await house.post(f"/{NUMBER}/dispute", {"reasons": "超出政策"}, who=approver, at="2026-03-11 10:00")
    assert (done.json()["outcome"], done.json()["late"]) == ("disputed", False)


async def test_a_link_before_its_case_is_kept_and_called_back_later(house: House) -> None:
    await house.take(link("2026-000002"), "2026-03-02 09:00")
    await house.take(link("2026-000003", can_be_called=False), "2026-03-02 09:30")
    await house.take(link("2026-000004"), "2026-03-02 09:40")
    undone = ComplaintUnlinked(number="2026-000004", lead=NUMBER, reason="另一件事")
    await house.take(undone, "2026-03-02 09:50")
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-05 16:00")
    (asked,) = house.published(wire.CallbackRequested)
    assert asked.complaints == (NUMBER, "2026-000002")


async def test_an_undone_link_whose_link_is_still_on_its_way_waits(house: House) -> None:
    undone = ComplaintUnlinked(number="2026-000004", lead=NUMBER, reason="另一件事")
    with pytest.raises(NotYet):
        await house.take(undone, "2026-03-02 09:50")
    await house.take(approved(), "2026-03-02 10:00")
    with pytest.raises(NotYet):
        await house.take(undone, "2026-03-02 10:50")


async def test_the_same_matter_reopens_and_undoing_the_link_closes_as_before(house: House) -> None:
    await house.closed_case()
    await house.take(link("2026-000009"), "2026-04-20 10:00")
    assert await state(house) == "reopened"
    (again,) = house.published(wire.CaseReopened)
    assert (again.reason, again.due.isoformat()) == ("same_matter", "2026-04-27")
    await house.take(ComplaintUnlinked(number="2026-000009", lead=NUMBER, reason="另一件事"), "2026-04-21 10:00")
    assert await state(house) == "closed"
    first, second = house.published(wire.CaseClosed)
    assert first == second.model_copy(update={"again": False})
    await house.tick("2026-06-01 00:00")
    assert house.steps("rework") == []


async def test_a_link_ninety_days_after_closing_is_recorded_only(house: House) -> None:
    await house.closed_case()
    await house.take(link("2026-000009"), "2026-06-24 10:00")
    assert await state(house) == "closed"
    assert house.published(wire.CaseReopened) == []
    history = (await house.get(f"/cases/{NUMBER}")).json()["history"]
    assert history[-1]["data"] == {"number": "2026-000009", "how": "exact", "effect": "too_late"}


async def test_a_bad_answer_after_closing_reopens(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-20 16:00")
    assert (await house.write_off("2026-03-30 10:00")).json()["outcome"] == "solved_unconfirmed"
    await house.answer("2026-04-10 10:00", "very_dissatisfied")
    (again,) = house.published(wire.CaseReopened)
    assert again.reason == "bad_callback"
    assert await state(house) == "reopened"


async def test_an_answer_for_a_case_that_is_not_there_waits(house: House) -> None:
    with pytest.raises(NotYet):
        await house.answer("2026-03-23 10:00", "satisfied")


async def test_verified_misconduct_is_told_with_the_closing(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    bare = await house.solve("2026-03-05 16:00", misconduct_found=True)
    assert (bare.status_code, bare.json()["field"]) == (422, "misconduct_dealt_with")
    await house.solve("2026-03-05 16:00", misconduct_found=True, misconduct_dealt_with="通报批评")
    await house.answer("2026-03-06 10:00", "satisfied")
    await house.write_off("2026-03-06 11:00")
    (done,) = house.published(wire.CaseClosed)
    assert done.misconduct
