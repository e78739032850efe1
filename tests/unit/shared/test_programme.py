"""The bundled programme, its lookups, and what a programme file may not be."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest

from shared.contracts import EVENTS
from shared.errors import Refusal
from shared.programme import Programme, bundled, check, fingerprint, load
from shared.programme.sources import source


@pytest.fixture(scope="module")
def programme() -> Programme:
    return load("window-units")


@pytest.mark.parametrize("key", bundled())
def test_every_bundled_programme_is_without_errors_and_bears_its_files_name(key: str) -> None:
    assert check(key) == []
    assert load(key).key == key


def test_all_five_programmes_of_the_domain_ship_with_the_product() -> None:
    assert bundled() == ("county", "culture-bureau", "integrity-drive", "provincial-bureau", "window-units")


def test_the_defaults_of_the_practice(programme: Programme) -> None:
    d = programme.deadlines
    assert (d.acknowledge, d.accept, d.immediate, d.plan, d.planned, d.approval) == (1, 2, 15, 10, 60, 2)
    assert (d.explained, d.verification, d.callback, d.rework, d.objection, d.appeal) == (10, 5, 5, 5, 2, 5)
    assert programme.warnings == (3, 1)
    assert [(e.days, e.tells, e.circular) for e in programme.escalation] == [
        (0, ("handler", "main_leader"), False),
        (3, ("superior",), False),
        (7, ("leading_group",), True),
    ]
    assert (programme.reopen_within_days, programme.callback.tries) == (90, 3)
    assert {g.key: (g.mark, g.bad) for g in programme.callback.grades} == {
        "very_satisfied": (100, False),
        "satisfied": (90, False),
        "basically_satisfied": (75, False),
        "dissatisfied": (50, True),
        "very_dissatisfied": (0, True),
    }
    assert {g.key: g.mark for g in programme.grades} == {
        "satisfied": 100,
        "basically_satisfied": 80,
        "dissatisfied": 40,
    }
    points = programme.points
    assert (points.start, points.floor, points.most_per_case) == (100, 0, 5)
    assert {rule.key: rule.points for rule in points.rules} == {
        "misconduct_verified": -1,
        "late": -1,
        "no_result": -3,
        "commitment_broken": -3,
        "obligation_missed": -1,
        "inspection_finding": -1,
    }
    assert (programme.weight("daily"), programme.weight("concentrated")) == (20, 80)
    seats, quorum = programme.meeting.seats, programme.meeting.quorum
    assert (seats.least, seats.default, seats.most) == (50, 60, 80)
    assert (seats.ordinary_seats_min, seats.ordinary_present_min) == (Decimal("0.75"), Decimal("0.70"))
    assert (quorum.of_drawn, quorum.valid_ballots) == (Fraction(2, 3), 30)
    shares = {s.key: s.share for s in programme.pool.strata if s.ordinary}
    assert shares == {"enterprise": Decimal("0.2"), "resident": Decimal("0.2"), "villager": Decimal("0.3")}


def test_a_cycle_by_name_and_by_day(programme: Programme) -> None:
    half = programme.cycle("2026-H1")
    assert (half.opens, half.closes) == (date(2026, 1, 1), date(2026, 6, 30))
    assert programme.cycle("2026-H2").meeting_opens == date(2027, 1, 4)
    assert programme.cycle_on(date(2026, 6, 30)) == half
    assert programme.cycle_on(date(2026, 7, 1)) == programme.cycle("2026-H2")
    for name in ("2026-H3", "26-H1", "2026", "", "x2026-H1"):
        with pytest.raises(Refusal, match="no such cycle"):
            programme.cycle(name)


def test_stations_are_ranked_by_township_and_windows_together(programme: Programme) -> None:
    assert programme.scope_of("township", "清河镇") == "township:清河镇"
    assert programme.scope_of("approval-centre", None) == "approval-centre"
    with pytest.raises(Refusal) as refused:
        programme.scope_of("township", None)
    assert refused.value.field == "township"


def test_an_unknown_key_is_refused_with_those_that_exist(programme: Programme) -> None:
    with pytest.raises(Refusal) as refused:
        programme.topic("bribes")
    assert (refused.value.field, refused.value.value) == ("topic", "bribes")
    assert "taking" in refused.value.remedy


def test_every_notice_is_for_an_event_that_exists(programme: Programme) -> None:
    for rule in programme.notices:
        assert f"minping.{rule.event}.v1" in EVENTS
    assert [r.template for r in programme.notice_rules("minping.rectification.case.opened.v1")] == ["case_opened"]
    assert programme.notice_rules("rectification.case.opened") == programme.notice_rules(
        "minping.rectification.case.opened.v1"
    )


def test_a_programme_survives_json_and_keeps_its_fingerprint(programme: Programme) -> None:
    again = Programme.model_validate_json(programme.model_dump_json())
    assert again == programme
    assert fingerprint(again) == fingerprint(programme)


def test_comments_and_layout_do_not_change_the_fingerprint_but_values_do(tmp_path: Path) -> None:
    text = source("window-units")
    same, other = tmp_path / "same.yaml", tmp_path / "other.yaml"
    same.write_text("# 说明\n" + text, encoding="utf-8-sig")
    other.write_text(text.replace("rework: 5 ", "rework: 6 "), encoding="utf-8")
    assert fingerprint(load(same)) == fingerprint(load("window-units"))
    assert fingerprint(load(other)) != fingerprint(load("window-units"))


def test_years_entered_by_hand_reach_the_calendar(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(
        source("window-units").replace(
            "calendar: []", "calendar:\n  - {year: 2027, days_off: [2027-01-01], make_up: [2027-01-09]}"
        ),
        encoding="utf-8",
    )
    due = load(file).working_calendar.due(date(2026, 12, 31), 6)
    assert (due.date, due.provisional) == (date(2027, 1, 9), False)


def test_loading_a_wrong_file_names_every_error(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(source("window-units").replace("rework: 5 ", "rework: five ").replace("tries: 3", "tries: 0"))
    with pytest.raises(Refusal) as refused:
        load(file)
    assert "2 errors" in refused.value.reason
    assert "deadlines.rework='five'" in refused.value.reason
    assert "callback.tries='0'" in refused.value.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "neither a bundled programme nor a file"),
        (b"\xff\xfea", "not UTF-8 at byte 0"),
        (b"#" * 1_000_001, "larger"),
    ],
)
def test_what_is_no_text_file_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    file = tmp_path / "p.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(Refusal, match=reason):
        check(file)
