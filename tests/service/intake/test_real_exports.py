"""Real exports, where this checkout has them: every row is accounted for, by a count of the test's own (I13, I14)."""

import csv
import json
import unicodedata
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from deploy.local.commands import import_, suggest
from services.intake.domain import matter
from services.intake.domain.import_rows import Report, text_of
from services.intake.importing import Sender, event_of, read_export
from shared.errors import Refusal
from tests.service.intake.house import House

DATA = Path(__file__).parents[4] / "shared" / "data"
BOARD, BOSTON = DATA / "teddy2020_c", DATA / "boston311" / "raw_sample_4995.csv"
SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")


def real(path: Path) -> Path:
    """The file, or a skip that says so."""
    if not path.exists():
        pytest.skip(f"no real data at {path}")
    return path


@pytest.mark.parametrize(("name", "least"), [("附件3_4326.xlsx", 104), ("附件4_至2018.xlsx", 10)])
async def test_i13_an_export_of_a_message_board_is_registered_whole(house: House, name: str, least: int) -> None:
    path = real(BOARD / name)
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    column = sheet[0].index("留言详情")
    bodies = ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", str(r[column])).lower())) for r in sheet[1:]]
    sender = Sender("board", "forum", house.rules.vault.public_pem.encode(), "run")
    for row in read_export(path, SHANGHAI).rows:
        await house.source_sends(json.loads(event_of(row, sender)[1]), source="board")
    figures = await house.done("office", "GET", "/statistics")
    assert (figures["received"], figures["registered"]) == (len(bodies), len(bodies))
    linked = len(bodies) - len(set(bodies))
    assert linked >= least
    # nothing was closed meanwhile, so every repeat joins; scrubbing may make one or two more texts the same
    assert linked <= figures["linked"] <= linked + 3


async def test_i13_a_ticket_that_comes_twice_in_a_file_is_one_complaint(house: House) -> None:
    path = real(BOARD / "附件2_示例_495.xlsx")
    export = read_export(path, SHANGHAI)
    sender = Sender("board", "forum", house.rules.vault.public_pem.encode(), "run")
    for row in export.rows:
        await house.source_sends(json.loads(event_of(row, sender)[1]), source="board")
    figures = await house.done("office", "GET", "/statistics")
    tickets = {row.ticket for row in export.rows if isinstance(row, Report)}
    assert export.in_file == len(export.rows) == 495
    assert (figures["registered"], figures["repeated"]) == (len(tickets), 495 - len(tickets))


def test_i13_a_tree_of_categories_is_no_export_and_says_what_is_missing() -> None:
    with pytest.raises(Refusal, match="no column holds ticket, reported_at, text, so nothing was registered"):
        read_export(real(BOARD / "附件1_分类体系.xlsx"), SHANGHAI)


def test_i13_a_foreign_export_is_read_with_its_own_columns_and_time_zone() -> None:
    export = read_export(real(BOSTON), NEW_YORK, {"TYPE": "text", "resolution_hours#2": "title"})
    with BOSTON.open(newline="", encoding="utf-8-sig") as file:
        header, *lines = list(csv.reader(file))
    assert [name for name in header if header.count(name) == 2] == ["resolution_hours", "resolution_days"] * 2
    assert len(export.rows) == len(lines) == 4995 and export.passed_over == 0
    second = len(header) - 1 - header[::-1].index("resolution_hours")
    opened = header.index("OPEN_DT")
    for line, row in zip(lines, export.rows, strict=True):
        assert isinstance(row, Report)
        assert row.reported_at == datetime.fromisoformat(line[opened]).replace(tzinfo=NEW_YORK)
        assert row.title == text_of(line[second])


def test_i13_the_flags_of_an_export_are_reproduced_from_its_own_target_times(tmp_path: Path) -> None:
    said = tmp_path / "said.json"
    arguments = ["--dry-run", "--check-targets", "--map", "TYPE=text", "--time-zone", "America/New_York"]
    result = CliRunner().invoke(import_.app, [str(real(BOSTON)), *arguments, "--json", str(said)])
    assert result.exit_code == 0, result.output
    found = json.loads(said.read_text())["targets"]
    with BOSTON.open(newline="", encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    late = {"ONTIME": 0, "OVERDUE": 0}
    odd = []
    for number, line in enumerate(lines, 2):  # judged here once more, in the plainest way: as text
        if line["TARGET_DT"]:
            ours = "OVERDUE" if line["CLOSED_DT"] > line["TARGET_DT"] else "ONTIME"
            if ours == line["OnTime_Status"]:
                late[ours] += 1
            else:
                odd.append(number)
    assert found["agreeing"] == {"ontime": late["ONTIME"], "overdue": late["OVERDUE"]}
    assert found["differing"] == {"no_target": 711, "no_flag": len(odd)} and len(odd) == 1
    assert [one["row"] for one in found["differences"] if one["why"] == "no_flag"] == odd
    assert set(found["explained"]) == {"no_target", "no_flag"}
    assert found["rows"] == 4995 == sum(found["agreeing"].values()) + len(found["differences"])


def test_i14_a_real_column_is_suggested_far_better_than_by_words(tmp_path: Path) -> None:
    said = tmp_path / "said.json"
    file, tree = real(BOARD / "附件2_示例_495.xlsx"), str(BOARD / "附件1_分类体系.xlsx")
    arguments = ["evaluate", str(file), "--text", "留言详情", "--label", "一级分类", "--keywords", tree]
    result = CliRunner().invoke(suggest.app, [*arguments, "--json", str(said)])
    assert result.exit_code == 0, result.output
    found = json.loads(said.read_text())
    print(f"macro-F1 {found['chosen']['macro_f1']}, accuracy {found['chosen']['accuracy']}")
    words = next(one for one in found["baselines"] if one["baseline"] == "keywords")
    assert found["chosen"]["macro_f1"] > 0.8 > words["macro_f1"] + 0.2
    assert found["chosen"]["calibration"]["expected_error"] < 0.08


def test_i5_altered_copies_of_real_texts_share_a_band_and_are_alike() -> None:
    """What people do to a text they send again: a clause less, the halves turned, words before it."""
    rows = [row for row in read_export(real(BOARD / "附件3_4326.xlsx"), SHANGHAI).rows if isinstance(row, Report)]
    shared: dict[int, set[int]] = {}
    plain = [(row.title, row.text) for row in rows]
    for at, one in enumerate(plain):
        for band in matter.bands(*one):
            shared.setdefault(band, set()).add(at)
    tried = found = 0
    for at in range(0, len(plain), 40):
        title, text = plain[at]
        clauses = text.split("，")
        if len(text) < 40 or len(clauses) < 4:
            continue
        middle = len(clauses) // 2
        for copy in (
            "，".join(clauses[:1] + clauses[2:]),
            "，".join(clauses[middle:] + clauses[:middle]),
            f"尊敬的领导您好，我之前反映过没有人回复，现在再次反映：{text}请尽快处理！",
        ):
            tried += 1
            likely = {other for band in matter.bands(title, copy) for other in shared.get(band, ())}
            alike = matter.likeness(matter.normalised(title + copy), matter.normalised(title + text))
            found += at in likely and alike >= matter.ALIKE
    assert tried > 200 and found / tried > 0.97
