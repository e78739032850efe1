"""Every row of a real export is a report or a problem that names its row and field (I13)."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from services.intake.domain.import_rows import Report, RowProblem, column_map, moment_of, read_rows, text_of
from shared.errors import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间"]
ROW = [3681.0, "用户甲", "窗口没人", "2026/2/8 9:05:01", "\n\t\t\t下午四点就关门了\u00a0\n\t\t", "", ""]


def one(**cells: object) -> Report | RowProblem:
    row = [cells.get(name, value) for name, value in zip(HEADER, ROW, strict=True)]
    return next(read_rows(HEADER, [row], ZONE))


def test_a_row_of_a_message_board_becomes_a_report() -> None:
    report = one()
    assert isinstance(report, Report)
    assert (report.row, report.ticket, report.title) == (2, "3681", "窗口没人")
    assert report.text == "下午四点就关门了"
    assert report.reported_at == datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)
    assert report.identity == {"name": "用户甲"}
    assert report.replied_at is None


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("2026/2/8 9:05:01", datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)),
        ("2026-02-08 09:05", datetime(2026, 2, 8, 9, 5, tzinfo=ZONE)),
        ("\t2026-2-8\u00a019:05:01 ", datetime(2026, 2, 8, 19, 5, 1, tzinfo=ZONE)),
        ("2026-02-08", datetime(2026, 2, 8, tzinfo=ZONE)),
        ("2026年2月8日", datetime(2026, 2, 8, tzinfo=ZONE)),
        ("2026年2月8日 9时5分", datetime(2026, 2, 8, 9, 5, tzinfo=ZONE)),
        ("２０２６／２／８　９：０５：０１", datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)),
        ("2026-02-08T09:05:01+00:00", datetime(2026, 2, 8, 17, 5, 1, tzinfo=ZONE)),
        ("2026-02-08T01:05:01Z", datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)),
        ("2026-02-08 09:05:01.250", datetime(2026, 2, 8, 9, 5, 1, 250_000, tzinfo=ZONE)),
        (datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE).replace(tzinfo=None), datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)),
        (date(2026, 2, 8), datetime(2026, 2, 8, tzinfo=ZONE)),
        (datetime(2026, 2, 8, tzinfo=timezone(timedelta(0))), datetime(2026, 2, 8, 8, tzinfo=ZONE)),
        ("", None),
        (None, None),
    ],
)
def test_times_are_read_in_every_form_and_naive_ones_are_local(cell: object, expected: datetime | None) -> None:
    assert moment_of(cell, ZONE) == expected


@pytest.mark.parametrize("cell", ["2026-02-30", "2026-13-01", "昨天", "2026-02-08 25:00", 45000.5, "20260208"])
def test_a_time_that_cannot_be_read_is_a_problem_of_its_field(cell: object) -> None:
    problem = one(留言时间=cell)
    assert isinstance(problem, RowProblem)
    assert (problem.row, problem.field) == (2, "reported_at")
    assert problem.reason and problem.remedy


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("留言编号", "", "ticket"),
        ("留言编号", "9" * 65, "ticket"),
        ("留言详情", " \u00a0\n\t", "text"),
        ("留言详情", "字" * 20_001, "text"),
        ("留言主题", "字" * 501, "title"),
        ("留言时间", "", "reported_at"),
        ("答复时间", "很快", "replied_at"),
    ],
)
def test_a_missing_or_overlong_field_is_named(column: str, cell: str, field: str) -> None:
    problem = one(**{column: cell})
    assert isinstance(problem, RowProblem)
    assert problem.field == field


def test_a_problem_keeps_what_could_be_read_and_the_identity_apart() -> None:
    problem = one(留言时间="昨天")
    assert isinstance(problem, RowProblem)
    assert problem.partial["ticket"] == "3681"
    assert problem.identity == {"name": "用户甲"}
    assert "用户甲" not in problem.partial.values()
    lacking = one(留言详情="")
    assert isinstance(lacking, RowProblem)
    assert lacking.partial["reported_at"] == "2026-02-08T09:05:01+08:00"
    assert "用户甲" not in repr(problem)


def test_numbers_and_spaces_of_cells() -> None:
    assert text_of(3681.0) == "3681"
    assert text_of("3681.0") == "3681"
    assert text_of(0.5) == "0.5"
    assert text_of("\ufeff a\u00a0b \x00\t") == "a b"
    assert text_of(True) == "true"
    assert text_of(None) == ""


def test_repeated_headers_and_empty_rows_are_passed_over_and_the_numbers_stay_those_of_the_file() -> None:
    rows = [ROW, HEADER, ["", " ", None, "\u00a0", "", "", ""], ["", *ROW[1:]], ROW[:5]]
    found = list(read_rows(HEADER, rows, ZONE))
    assert [(type(r).__name__, r.row) for r in found] == [("Report", 2), ("RowProblem", 5), ("Report", 6)]


def test_columns_are_found_by_known_names_or_by_the_map() -> None:
    assert column_map(["ID", "Time", "Content", "time"]) == {"ticket": 0, "reported_at": 1, "text": 2}
    assert column_map(["甲", "时间点", "text"], {"甲": "ticket", "时间点": "reported_at"})["ticket"] == 0
    assert column_map([" 留言编号\u00a0", "留言时间", "留言详情"])["ticket"] == 0


@pytest.mark.parametrize(
    ("header", "given", "field"),
    [
        (["留言编号", "留言时间"], None, "header"),
        ([], None, "header"),
        (HEADER, {"没有": "text"}, "--map"),
        (HEADER, {"留言详情": "body"}, "--map"),
    ],
)
def test_a_header_that_lacks_a_column_is_refused_with_the_remedy(
    header: list[str], given: dict[str, str] | None, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        column_map(header, given)
    assert refused.value.field == field
    assert refused.value.remedy
