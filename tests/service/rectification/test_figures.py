"""Statistics are exact to the instant; the ledger finds what was changed behind the service's back."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.rectification.domain.case import Span
from services.rectification.domain.rules import Rules
from shared.contracts.intake import ComplaintLinked
from shared.contracts.scoring import CycleClosed, UnitRegistered
from tests.service.rectification.house import AUDITOR, SHANGHAI, House, approved, local

NUMBER = "2026-000001"


async def test_every_figure_of_a_period(house: House) -> None:
    await house.take(
        UnitRegistered(unit="unit-a", name="清河税务所", category="enforcement", scope="x"), "2026-01-02 09:00"
    )
    await house.closed_case()
    await house.take(approved("2026-000002", lead_unit="unit-b"), "2026-03-02 10:00")
    link = ComplaintLinked(number="2026-000009", lead=NUMBER, how="exact", petitioners=2)
    await house.take(link, "2026-04-20 10:00")
    await house.take(
        CycleClosed(name="2026-H1", starts=local("2026-01-01 00:00"), ends=local("2026-07-01 00:00")),
        "2026-07-01 00:00",
    )
    whole = await house.statistics("2026-07-01 00:00")
    figures = {name: whole[name] for name in whole if name not in ("since", "to", "by_unit")}
    assert figures == {
        "opened": 2,
        "solved": 1,
        "closed": 1,
        "late": 1,
        "excused": 0,
        "reopened": 1,
        "returned": 0,
        "no_result": 2,
        "open": 2,
    }
    by_unit = {u["unit"]: (u["name"], u["opened"], u["late"], u["open"]) for u in whole["by_unit"]}
    assert by_unit == {"unit-a": ("清河税务所", 1, 0, 1), "unit-b": ("unit-b", 1, 1, 1)}
    april = await house.statistics("2026-04-01 00:00")
    assert (april["open"], april["reopened"], april["closed"]) == (1, 0, 1)
    later = await house.statistics("2026-07-01 00:00", "2026-04-01 00:00")
    assert (later["opened"], later["late"], later["reopened"], later["no_result"]) == (0, 0, 1, 2)


@pytest.mark.parametrize(
    ("to", "late"), [("2026-03-23 23:59:59.999999", 0), ("2026-03-24 00:00", 1), ("2026-03-24 00:00:00.000001", 1)]
)
async def test_an_open_case_is_late_from_the_end_of_its_due_day(house: House, to: str, late: int) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    assert (await house.statistics(to))["late"] == late


@pytest.mark.parametrize(
    ("at", "late"), [("2026-03-23 23:59:59.999999", 0), ("2026-03-24 00:00", 1), ("2026-03-24 00:00:00.000001", 1)]
)
async def test_a_case_solved_after_the_end_of_its_due_day_is_late(house: House, at: str, late: int) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve(at)
    assert (await house.statistics("2026-12-31 00:00"))["late"] == late


async def test_a_solution_that_went_back_does_not_count_as_in_time(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    await house.solve("2026-03-10 10:00")
    await house.answer("2026-03-11 10:00", "dissatisfied")
    assert (await house.statistics("2026-12-31 00:00"))["late"] == 1
    await house.solve("2026-03-17 10:00")
    assert (await house.statistics("2026-12-31 00:00"))["late"] == 0


def counted_apart(start: datetime, solved: datetime | None, to: datetime, rules: Rules) -> bool:
    """Lateness, day by day, without the product's own arithmetic of periods."""
    day, left = start.astimezone(SHANGHAI).date(), 15
    while left:
        day += timedelta(1)
        left -= rules.calendar.is_working_day(day).works
    if solved is not None:
        return solved.astimezone(SHANGHAI).date() > day
    return to.astimezone(SHANGHAI).date() > day


FIRST = local("2026-01-05 00:00")
moments = st.integers(0, 240 * 86_400).map(lambda seconds: FIRST.astimezone(SHANGHAI) + timedelta(seconds=seconds))


@given(st.lists(st.tuples(moments, st.none() | st.integers(0, 40 * 86_400)), min_size=1, max_size=8))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_late_equals_a_count_made_apart(house: House, matters: list[tuple[datetime, int | None]]) -> None:
    to = local("2026-12-31 00:00")
    before = (await house.statistics("2026-12-31 00:00"))["late"]
    offset = before_cases = len((await house.get("/cases?limit=500")).json()["items"])
    expected = 0
    for start, seconds in matters:
        offset += 1
        number = f"2026-{offset:06d}"
        said = start.replace(tzinfo=None).isoformat(" ")
        await house.take(approved(number), said)
        solved = start + timedelta(seconds=seconds) if seconds is not None else None
        if solved:
            answer = await house.solve(solved.replace(tzinfo=None).isoformat(" "), number)
            assert answer.status_code == 200, answer.text
        expected += counted_apart(start, solved, to, house.rules)
    assert before_cases + len(matters) == offset
    assert (await house.statistics("2026-12-31 00:00"))["late"] - before == expected


async def verification(house: House, query: str = "") -> dict[str, Any]:
    answer = await house.get(f"/ledger/verification{query}", AUDITOR)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_the_ledger_holds_every_change_and_verifies(house: House) -> None:
    await house.closed_case()
    await house.tick("2026-12-31 00:00")
    found = await verification(house)
    entries = (await house.get("/ledger?limit=500", AUDITOR)).json()["items"]
    assert found["holds"] and found["entries"] == found["length"] == len(entries)
    assert [e["kind"] for e in entries] == [
        "opened",
        *["deadline_set"] * 3,
        *["deadline_step"] * 7,
        "acknowledged",
        "accepted",
        "solved",
        "callback_requested",
        "deadline_set",
        "answered",
        "closed",
    ]
    assert entries[-1]["actor"] == "office:officer-1"
    assert entries[-1]["data"]["guards"]["problem_solved"]["evidence"] == "凭证:problem_solved"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET kind = 'closed' WHERE seq = 5",
        "UPDATE entries SET actor = 'office:x' WHERE seq = 5",
        "UPDATE entries SET case_number = '2026-000002' WHERE seq = 5",
        "UPDATE entries SET at = '2026-03-02 02:00:00.000001' WHERE seq = 5",
        "UPDATE entries SET data = '{}' WHERE seq = 5",
        "DELETE FROM entries WHERE seq = 5",
    ],
)
async def test_an_entry_changed_in_the_database_is_named(house: House, statement: str) -> None:
    await house.closed_case()
    await house.tamper(statement)
    found = await verification(house)
    assert (found["holds"], found["position"], found["entries"]) == (False, 5, 4)


async def test_a_tail_cut_off_is_found_by_the_head_noted_before(house: House) -> None:
    await house.closed_case()
    noted = await verification(house)
    query = f"?length={noted['length']}&head={noted['head']}"
    assert (await verification(house, query))["holds"]
    await house.tamper("DELETE FROM entries WHERE seq > 8")
    assert (await verification(house))["holds"]
    found = await verification(house, query)
    assert (found["holds"], found["position"]) == (False, 9)
    assert (await house.get("/ledger/verification?length=3", AUDITOR)).status_code == 422


async def test_a_refused_action_leaves_no_trace_and_the_chain_goes_on(house: House) -> None:
    await house.take(approved(), "2026-03-02 10:00")
    assert (await house.write_off("2026-03-04 10:00")).status_code == 409
    assert (await house.solve("2026-03-04 10:00")).status_code == 200
    assert (await verification(house))["holds"]


def test_the_span_ends_with_the_day(rules: Rules) -> None:
    due = rules.due(local("2026-03-02 10:00"), 15)
    span = Span(due.date, due.expires_at, due.provisional)
    assert not span.is_late(local("2026-03-23 23:59:59"))
    assert span.is_late(local("2026-03-24 00:00"))
