"""What only the office above knows of a filing: its cycle, its day, what it holds against a right result (S9, S14)."""

import gzip
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.scoring.domain import filing
from services.scoring.domain.canon import Malformed, digest
from services.scoring.domain.filing import content_of, cycle_for, is_number, last_day, pack, problems_of, unpack
from services.scoring.domain.note import signer
from services.scoring.domain.signed_filing import Scored, signed_filing
from services.scoring.verify import Beside, verify_bytes
from shared.calendar import WorkingCalendar
from shared.programme import load

KEY = signer("county-a", b"a" * 32)
HALVES = ("{year}-H1", "{year}-H2")


def made(**changes: object) -> tuple[bytes, str]:
    units = [Scored(f"u{n}", f"单位{n}", Decimal(90 - n)) for n in range(4)]
    given = {
        "programme": "county",
        "cycle": "2026",
        "units": units,
        "signer": KEY,
        "issued_at": datetime(2027, 1, 1, tzinfo=UTC),
    }
    found = signed_filing(**{**given, **changes})  # type: ignore[arg-type]  # the same fields
    return found.data, found.note


@pytest.mark.parametrize(
    ("asked", "of", "opened", "patterns", "found"),
    [
        ("", "2026", ["2025", "2026"], ["{year}"], "2026"),
        ("", "2026-H1", ["2025", "2026"], ["{year}"], "2026"),
        ("2025", "2026-H1", ["2025", "2026"], ["{year}"], "2025"),
        ("", "2026-H2", ["2026-H1", "2026-H2"], HALVES, "2026-H2"),
        ("", "2026", ["2026-H1", "2027-H1"], HALVES, "2026-H1"),
        ("", "第2026年度", ["2026"], ["{year}"], "2026"),
        ("", "2026", ["2026-H1", "2026-H2"], HALVES, None),
        ("", "20261", ["2026"], ["{year}"], None),
        ("2027", "2026", ["2026"], ["{year}"], None),
        ("", "2026", [], ["{year}"], None),
    ],
)  # fmt: skip
def test_s14_the_cycle_above_is_named_the_same_or_the_years_only_one(
    asked: str, of: str, opened: list[str], patterns: list[str], found: str | None
) -> None:
    if found is None:
        with pytest.raises(Malformed, match="for_cycle"):
            cycle_for(asked, of, opened, patterns)
    else:
        assert cycle_for(asked, of, opened, patterns) == found


def test_s14_the_last_day_is_a_working_day_of_the_year_after() -> None:
    programme = load("provincial-bureau")
    rule = programme.rollup.of("city_bureau")
    assert rule is not None
    names = [cycle.name for cycle in programme.cycles]
    calendar: WorkingCalendar = programme.working_calendar
    assert last_day(rule, "2026", names, calendar) == date(2027, 3, 1), "28 February 2027 is a Sunday"
    assert last_day(rule, "2028", names, calendar) == date(2029, 2, 28)
    assert last_day(rule, "第一轮", names, calendar) is None


def test_s14_a_document_travels_the_same_each_time_and_nothing_else_is_taken_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = "结果".encode() * 1000
    assert pack(data) == pack(data)
    assert unpack(pack(data), "gzip", digest(data)) == data
    assert unpack(b64encode(data).decode(), "none", digest(data)) == data
    cut = b64encode(gzip.compress(data)[:-9]).decode()
    for text, how, hashed in (
        ("§", "none", digest(data)), (pack(data), "none", digest(data)),
        (b64encode(data).decode(), "gzip", digest(data)), (cut, "gzip", digest(data)), (pack(data), "gzip", "0" * 64),
    ):  # fmt: skip
        with pytest.raises(Malformed):
            unpack(text, how, hashed)
    monkeypatch.setattr(filing, "LARGEST", 100)
    for text, how in ((pack(data), "gzip"), (b64encode(data).decode(), "none")):
        with pytest.raises(Malformed, match="larger"):
            unpack(text, how, digest(data))


@pytest.mark.parametrize("number", ["", "a b", "a.b", "a*", ">", "-a", "甲", "a" * 65])
def test_s14_a_number_may_stand_in_a_subject(number: str) -> None:
    assert not is_number(number)
    assert is_number("2026-01_a")


def test_s14_a_result_is_held_against_what_was_filed_before() -> None:
    content = content_of(made(version=2, reason="更正")[0])
    right = {"cycle": "2026", "version_before": 2, "programme_before": "county"}
    assert problems_of(content, **right) == []  # type: ignore[arg-type]  # the same fields
    for changed in ({"cycle": "2025"}, {"version_before": 3}, {"programme_before": "city"}):
        assert len(problems_of(content, **{**right, **changed})) == 1  # type: ignore[arg-type]  # the same fields


def test_s14_a_result_of_units_and_scores_is_one_that_anybody_verifies() -> None:
    data, note = made()
    report = verify_bytes(data, trusted={KEY.vkey}, beside=Beside(note=note.encode()))
    assert (report.exit_code, report.kind) == (0, "published")
    assert verify_bytes(data, trusted={"x"}, beside=Beside(note=note.encode())).exit_code == 1
    higher = replace(signed_filing(
        programme="county", cycle="2026", units=[Scored("u0", "单位0", Decimal(99))], signer=KEY,
        issued_at=datetime(2027, 1, 1, tzinfo=UTC),
    ), note=note)  # fmt: skip
    assert verify_bytes(higher.data, trusted={KEY.vkey}, beside=Beside(note=higher.note.encode())).exit_code == 1
