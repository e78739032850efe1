"""On time or overdue by an export's own times: agreeing rows are counted, each other row has its reason (I13)."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from services.intake.domain.targets import EXPLAINED, Timed, by_reason, checked, judged
from services.intake.importing import read_targets
from shared.errors import Refusal

ZONE = ZoneInfo("America/New_York")


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("target", "closed", "ours"),
    [
        (at(10), at(9), "ontime"),
        (at(10), at(10), "ontime"),
        (at(10), at(10, 13), "overdue"),
        (at(10), None, "overdue"),
        (at(30), None, "ontime"),
        (None, at(9), None),
    ],
)
def test_overdue_is_done_after_the_target_or_not_done_when_it_had_passed(
    target: datetime | None, closed: datetime | None, ours: str | None
) -> None:
    assert judged(target, closed, at(20)) == ours


def test_every_row_agrees_or_has_its_reason() -> None:
    rows = [
        Timed(2, at(1), at(10), at(9), "ONTIME"),
        Timed(3, at(1), at(10), at(11), "超期"),
        Timed(4, at(1), None, at(9), "ONTIME"),
        Timed(5, at(1), at(10), at(11), ""),
        Timed(6, at(1), at(10), None, "ONTIME"),
        Timed(7, at(1), at(28), None, "OVERDUE"),
        Timed(8, at(1), at(10), at(11), "按时"),
        Timed(9, at(1), at(10), at(9), "OVERDUE"),
        Timed(10, at(20), None, None, "ONTIME", "target: this is no time that can be read"),
    ]
    found = checked(rows)
    assert found.as_of == at(20), "the last moment at which anything was opened or closed"
    assert found.agreeing == {"ontime": 1, "overdue": 1}
    assert {one.timed.row: one.why for one in found.differing} == {
        4: "no_target", 5: "no_flag", 6: "open_past_target", 7: "open_before_target",
        8: "closed_after_target", 9: "closed_by_target", 10: "unreadable",
    }  # fmt: skip
    assert set(by_reason(found.differing)) == set(EXPLAINED)
    assert found.rows == sum(found.agreeing.values()) + len(found.differing)


def test_times_without_a_zone_are_of_the_zone_that_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "open_dt,target_dt,closed_dt,ontime_status\n"
        "2026-01-02 08:00,2026-01-03 08:00:00,2026-01-03 08:00:01,OVERDUE\n,,昨天,ONTIME\n",
        encoding="utf-8-sig",
    )
    found = read_targets(tmp_path / "a.csv", ZONE)
    assert found.as_of == datetime(2026, 1, 3, 13, 0, 1, tzinfo=UTC)
    assert found.agreeing == {"overdue": 1}
    assert [(one.timed.row, one.why) for one in found.differing] == [(3, "unreadable")]
    with pytest.raises(Refusal, match="no column holds flag"):
        (tmp_path / "b.csv").write_text("open_dt,target_dt,closed_dt\n")
        read_targets(tmp_path / "b.csv", ZONE)
