from datetime import date

from services.notify.domain.recipient import OFFICE, Directory, Holder, line, next_in_line, told

MARCH = date(2026, 3, 2)


def holder(unit: str, role: str, person: str, since: str = "2026-01-01", **more: object) -> Holder:
    return Holder(unit, role, person, person.title(), f"{person}@u.example", date.fromisoformat(since), **more)  # type: ignore[arg-type]  # test helper


def directory(*holders: Holder, dead: tuple[str, ...] = (), parents: dict[str, str] | None = None) -> Directory:
    return Directory(holders, frozenset(f"{p}@u.example" for p in dead), parents or {})


def people(holders: tuple[Holder, ...]) -> list[str]:
    return [h.person for h in holders]


def test_the_successor_is_told_from_his_first_day_and_the_predecessor_until_his_last() -> None:
    d = directory(
        holder("tax", "handler", "old", until=date(2026, 3, 31)),
        holder("tax", "handler", "new", "2026-04-01"),
    )
    assert people(told(d, "tax", "handler", date(2026, 3, 31))) == ["old"]
    assert people(told(d, "tax", "handler", date(2026, 4, 1))) == ["new"]


def test_history_keeps_who_was_responsible_when() -> None:
    d = directory(
        holder("tax", "main_leader", "first", "2024-01-01", until=date(2025, 6, 30)),
        holder("tax", "main_leader", "second", "2025-07-01"),
    )
    assert people(d.seat("tax", "main_leader", date(2025, 1, 1))) == ["first"]


def test_with_nobody_assigned_the_units_main_leader_is_told() -> None:
    d = directory(holder("tax", "main_leader", "chief"), holder(OFFICE, "office", "clerk"))
    assert people(told(d, "tax", "handler", MARCH)) == ["chief"]


def test_without_any_leader_the_parents_leader_then_the_office_is_told() -> None:
    d = directory(holder("city", "main_leader", "mayor"), holder(OFFICE, "office", "clerk"), parents={"tax": "city"})
    assert people(line(d, "tax", "handler", MARCH)) == ["mayor", "clerk"]


def test_a_missing_superior_is_not_replaced_by_the_units_own_leader() -> None:
    d = directory(holder("tax", "main_leader", "chief"), holder(OFFICE, "office", "clerk"))
    assert people(told(d, "tax", "superior", MARCH)) == ["clerk"]


def test_the_substitute_is_told_when_the_holders_address_takes_no_letters() -> None:
    d = directory(
        holder("tax", "handler", "a"),
        holder("tax", "handler", "b", substitute=True),
        holder("tax", "main_leader", "chief"),
        dead=("a",),
    )
    assert people(told(d, "tax", "handler", MARCH)) == ["b"]


def test_the_next_in_line_is_somebody_who_was_not_told_already() -> None:
    d = directory(
        holder("tax", "handler", "a"),
        holder("tax", "handler", "b", substitute=True),
        holder("tax", "main_leader", "chief"),
    )
    found = next_in_line(d, "tax", "handler", MARCH, {"a", "b"})
    assert found is not None
    assert found.person == "chief"
    assert next_in_line(d, "tax", "handler", MARCH, {"a", "b", "chief"}) is None


def test_every_member_of_the_leading_group_is_told() -> None:
    d = directory(
        holder(OFFICE, "leading_group", "x"),
        holder(OFFICE, "leading_group", "y"),
        holder(OFFICE, "leading_group", "z", substitute=True),
    )
    assert sorted(people(told(d, "tax", "leading_group", MARCH))) == ["x", "y"]


def test_a_person_with_two_offices_stands_in_line_once() -> None:
    d = directory(holder("tax", "handler", "a"), holder("tax", "main_leader", "a"))
    assert people(line(d, "tax", "handler", MARCH)) == ["a"]


def test_what_the_auditor_is_told_goes_to_nobody_else() -> None:
    d = directory(holder(OFFICE, "office", "clerk"), holder(OFFICE, "operator", "op"))
    assert told(d, None, "auditor", MARCH) == ()
    assert told(d, "tax", "discipline", MARCH) == ()
