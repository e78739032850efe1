"""Export files as they really are: spreadsheets, CSV in several encodings, JSON lines; broken ones say why."""

import json
import zipfile
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from services.intake import importing, unpacking
from services.intake.domain.import_rows import Report, RowProblem
from services.intake.importing import Sender, event_of, read_export, read_file
from services.intake.vault import Vault, decoded
from shared.errors import Refusal

ZONE = ZoneInfo("Asia/Shanghai")
HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情"]
ROWS: list[list[object]] = [
    [3681.0, "用户甲", "窗口没人", "2026/2/8 9:05:01", "\n\t\t下午四点就关门了\u00a0"],
    [3682, "用户乙", "窗口没人", datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE).replace(tzinfo=None), "早上也没有开门"],
    [3683, "", "路灯", date(2026, 2, 9), "路灯不亮"],
    ["", "用户丁", "没有编号", "2026-02-09", "忘记填编号的一行"],
]
AT = datetime(2026, 2, 8, 9, 5, 1, tzinfo=ZONE)


def spreadsheet(path: Path, rows: Iterable[Iterable[object]]) -> Path:
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("空")
        sheet = book.add_worksheet("留言")
        dated = book.add_format({"num_format": "yyyy/m/d h:mm:ss"})
        for at, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    sheet.write_datetime(at, column, value, dated)
                elif value != "":
                    sheet.write(at, column, value)
    return path


def read(path: Path, given: dict[str, str] | None = None) -> list[Report | RowProblem]:
    return list(read_file(path, ZONE, given))


def test_a_spreadsheet_with_real_dates_and_text_dates(tmp_path: Path) -> None:
    found = read(spreadsheet(tmp_path / "a.xlsx", [HEADER, *ROWS]))
    assert [(type(r).__name__, r.row) for r in found] == [
        ("Report", 2), ("Report", 3), ("Report", 4), ("RowProblem", 5),
    ]  # fmt: skip
    assert [r.ticket for r in found[:3] if isinstance(r, Report)] == ["3681", "3682", "3683"]
    assert [r.reported_at for r in found[:3] if isinstance(r, Report)] == [AT, AT, datetime(2026, 2, 9, tzinfo=ZONE)]
    assert found[3].field == "ticket" if isinstance(found[3], RowProblem) else False


def test_row_numbers_are_those_a_spreadsheet_shows(tmp_path: Path) -> None:
    found = read(spreadsheet(tmp_path / "a.xlsx", [[], HEADER, [], ROWS[0], HEADER, ROWS[3]]))
    assert [r.row for r in found] == [4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_in_the_encodings_that_offices_use(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [HEADER, ["1", "甲", "主题", "2026/2/8 9:05:01", '"两行\n的内容"'], ["2", "", "", "昨天", "内容"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    report, problem = read(tmp_path / "a.csv")
    assert isinstance(report, Report)
    assert (report.ticket, report.text, report.reported_at) == ("1", "两行\n的内容", AT)
    assert isinstance(problem, RowProblem)
    assert (problem.row, problem.field, problem.value) == (3, "reported_at", "昨天")


def test_of_two_columns_with_one_name_the_first_counts(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,time,text,text\n1,2026-02-08,first,second\n")
    [report] = read(tmp_path / "a.csv")
    assert isinstance(report, Report)
    assert report.text == "first"


def test_the_second_of_two_columns_with_one_name_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,time,text,Text,text\n1,2026-02-08,first,second,third\n")
    for name, expected in (("text", "first"), ("text#1", "first"), ("TEXT#2", "second"), ("text#3", "third")):
        [report] = read(tmp_path / "a.csv", {name: "text"})
        assert isinstance(report, Report)
        assert report.text == expected
    with pytest.raises(Refusal, match="text#2, text#3"):
        read(tmp_path / "a.csv", {"text#4": "text"})


def test_every_row_of_the_file_is_counted_also_those_that_say_nothing(tmp_path: Path) -> None:
    export = read_export(spreadsheet(tmp_path / "a.xlsx", [HEADER, ROWS[0], [], HEADER, ROWS[3]]), ZONE)
    assert (export.in_file, len(export.rows), export.passed_over) == (4, 2, 2)


def test_a_table_that_is_no_export_of_complaints_is_refused_whole_and_says_what_is_missing(tmp_path: Path) -> None:
    tree = [["一级分类", "二级分类", "三级分类"], ["城乡建设", "安全生产", "事故处理"]]
    with pytest.raises(Refusal) as refused:
        read(spreadsheet(tmp_path / "tree.xlsx", tree))
    assert "no column holds ticket, reported_at, text, so nothing was registered" in refused.value.reason
    assert "--map COLUMN=ticket" in refused.value.remedy


def test_json_lines_and_a_line_that_is_none(tmp_path: Path) -> None:
    good = {"ticket": 1, "reported_at": "2026-02-08T09:05:01+08:00", "text": "内容", "phone": "13800001111"}
    (tmp_path / "a.jsonl").write_text(json.dumps(good) + "\n\n{broken\n[1]\n" + json.dumps({"ticket": 2}) + "\n")
    found = read(tmp_path / "a.jsonl")
    assert isinstance(found[0], Report)
    assert (found[0].reported_at, found[0].identity) == (AT, {"phone": "13800001111"})
    assert [(r.row, r.field) for r in found[1:] if isinstance(r, RowProblem)] == [
        (3, "(line)"), (4, "(line)"), (5, "text"),
    ]  # fmt: skip


def test_columns_may_be_named_on_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("甲,乙,丙\n1,2026-02-08,内容\n")
    [report] = read(tmp_path / "a.csv", {"甲": "ticket", "乙": "reported_at", "丙": "text"})
    assert isinstance(report, Report)


def _bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", bytes(2 * 2**20))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.xlsx", b""),
        ("a.xlsx", b"PK\x03\x04 broken"),
        ("a.xlsx", "编号,时间".encode()),
        ("a.csv", b""),
        ("a.csv", b"\n\n \n"),
        ("a.csv", b"\xff\xfa\x00\xff\xff"),
        ("a.csv", "甲,乙\n1,2\n".encode()),
        ("a.jsonl", b"\n"),
        ("a.jsonl", b"[1]\n"),
        ("a.pdf", b"%PDF"),
        ("missing.xlsx", None),
    ],
)
def test_a_file_that_cannot_be_read_says_why_and_what_to_do(tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(Refusal) as refused:
        read(tmp_path / name)
    assert refused.value.reason
    assert refused.value.remedy


def test_a_spreadsheet_that_unpacks_without_end_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacking, "LARGEST_UNPACKED", 2**20)
    _bomb(tmp_path / "a.xlsx")
    with pytest.raises(Refusal, match="unpacked"):
        read(tmp_path / "a.xlsx")


def test_a_file_over_the_bound_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LARGEST_FILE", 10)
    (tmp_path / "a.csv").write_text("id,time,text\n1,2026-02-08,内容\n")
    with pytest.raises(Refusal, match="larger"):
        read(tmp_path / "a.csv")


def test_every_row_becomes_an_event_with_the_identity_sealed_to_its_ticket(tmp_path: Path) -> None:
    vault = Vault([X25519PrivateKey.generate()])
    sender = Sender("board", "forum", vault.public_pem.encode(), "run1")
    rows = read(spreadsheet(tmp_path / "a.xlsx", [HEADER, *ROWS]))
    events = [event_of(row, sender) for row in rows]
    assert [key for key, _ in events] == ["run1-2", "run1-3", "run1-4", "run1-5"]
    first, *_, lacking = [json.loads(body) for _, body in events]
    assert first["time"] == "2026-02-08T09:05:01+08:00"
    assert (first["data"]["ticket"], first["data"]["channel"], first["data"]["identity"]) == ("3681", "forum", "named")
    assert vault.open_identity("board", "3681", decoded(first["data"]["sealed_identity"])).name == "用户甲"
    assert "ticket" not in lacking["data"]
    assert not any("用户" in body.decode() for _, body in events)
    plain = json.loads(event_of(rows[0], Sender("board", "visit", b"", "run1", with_identity=False))[1])
    assert "sealed_identity" not in plain["data"]
