"""Rules as data (N2): a table that an office reads and changes, checked row by row, written back into the programme."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.local.commands.notice import app
from services.notify import rules_file
from services.notify.domain.rule_table import COLUMNS
from services.notify.event_labels import LABELS
from services.notify.usecases.following import events
from shared import programme
from shared.errors import Refusal
from shared.programme.rewriting import list_part, with_list
from shared.programme.sources import source

HEADER = [column.heading for column in COLUMNS.values()]
TEXT = source("window-units")


def table() -> list[dict[str, str]]:
    rows = rules_file.rows(programme.load("window-units"), TEXT)
    return [dict(zip(HEADER, ("" if cell is None else str(cell) for cell in row), strict=True)) for row in rows]


def take(rows: list[dict[str, str]], *channels: str) -> rules_file.Taken:
    return rules_file.take(TEXT, HEADER, list(enumerate(rows, 2)), channels)


def index(event: str) -> int:
    return next(n for n, row in enumerate(table()) if row["事件"] == event)


def test_n2_a_table_that_was_not_changed_gives_the_same_file_byte_for_byte() -> None:
    done = take(table())
    assert (done.errors, done.added, done.removed) == ((), (), ())
    assert done.text == TEXT


def test_n2_a_changed_row_changes_its_line_and_no_other() -> None:
    rows = table()
    row = rows[index("rectification.deadline.passed")]
    row |= {
        "告诉谁": "经办人、主要负责人",
        "缓急": "紧急",
        "渠道": "email、sms",
        "期限节点": "到期、逾期3个工作日",
        "备注": "试行",
    }
    done = take(rows, "sms")
    assert done.errors == ()
    assert len(done.added) == len(done.removed) == 1
    before, after = TEXT.splitlines(), done.text.splitlines()
    changed = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
    assert len(changed) == 1
    assert changed[0][1] == (
        "  - {event: rectification.deadline.passed, tells: [handler, main_leader], template: deadline_passed, "
        "channels: [email, sms], steps: [expired, escalation_3], urgency: urgent}   # 试行"
    )


def test_n2_every_error_of_a_table_is_named_by_row_and_field_and_nothing_is_written() -> None:
    rows = table()[:6]
    rows[0] |= {"事件": "intake.transfer.requestd", "信件模板": "transfer_reqested"}
    rows[1] |= {"告诉谁": "厨师", "缓急": "马上"}
    rows[2] |= {"渠道": "飞鸽", "附件文书": "诗集", "期限节点": "下周", "语言": "法文"}
    rows[3] |= {"告诉谁": ""}
    rows[4] = dict(rows[5])
    done = take(rows)
    assert [(e.row, e.field) for e in done.errors] == [
        (2, "event"), (2, "template"), (3, "tells"), (3, "urgency"),
        (4, "channels"), (4, "language"), (4, "documents"), (4, "steps"), (5, "tells"), (7, "event"),
    ]  # fmt: skip
    assert "intake.transfer.requested" in done.errors[0].remedy
    assert "transfer_requested" in done.errors[1].remedy
    assert done.text == TEXT


@pytest.mark.parametrize(
    ("event", "tells", "reason"),
    [
        ("intake.identity.disclosed", "评议办", "I3"),
        ("intake.matter.referred", "主要负责人", "I15"),
        ("intake.transfer.requested", "主要负责人", "I7"),
    ],
)
def test_n2_a_rule_that_would_tell_whom_it_must_not_is_refused(event: str, tells: str, reason: str) -> None:
    rows = table()
    rows[index(event)] |= {"告诉谁": tells}
    [error] = take(rows).errors
    assert error.field == "tells"
    assert reason in error.reason


def test_n2_remarks_stay_with_their_rules_and_a_rule_may_be_added_or_taken_out() -> None:
    rows = table()
    marked = next(n for n, row in enumerate(rows) if row["备注"])
    remark = rows[marked]["备注"]
    moved = rows.pop(marked)
    rows.append(moved | {"告诉谁": "纪检部门"} if moved["事件"].startswith("intake.matter") else moved)
    del rows[0 if marked else 1]
    done = take(rows)
    assert done.errors == ()
    assert len(done.removed) == 1
    assert remark in done.text.splitlines()[len(done.text[: done.text.index(remark)].splitlines()) - 1]


def test_n2_every_event_that_a_rule_can_be_about_has_a_name_for_the_table() -> None:
    assert LABELS.keys() == events().keys()
    assert len(set(LABELS.values())) == len(LABELS)


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("a: 1\nnotices: []\nb: 2\n", ["  - {x: 1}"], "a: 1\nnotices:\n  - {x: 1}\nb: 2\n"),
        ("notices:\n  - {x: 1}  # one\n# of b\nb: 2\n", [], "notices: []\n# of b\nb: 2\n"),
        ("notices:\n- x: 1\n  y: 2\n\n# of b\nb: 2\n", ["- {x: 3}"], "notices:\n- {x: 3}\n\n# of b\nb: 2\n"),
        ("a: 1\nnotices:\n  - {x: 1}\n", ["  - {x: 2}", "  - {x: 3}"], "a: 1\nnotices:\n  - {x: 2}\n  - {x: 3}\n"),
    ],
)
def test_one_part_of_a_file_is_written_anew_and_the_rest_stays(text: str, entries: list[str], expected: str) -> None:
    assert with_list(text, "notices", entries) == expected


def test_a_remark_stands_behind_an_entry_or_before_it() -> None:
    part = list_part("notices:\n  # 先\n  - {x: 1}   # 后\n  - {x: 2}\nb: 1\n", "notices")
    assert part.remarks == ("先 后", "")
    with pytest.raises(Refusal):
        list_part("a: 1\n", "notices")


def test_n2_the_table_goes_out_and_comes_back_by_the_command(tmp_path: Path) -> None:
    file, out = tmp_path / "p.yaml", tmp_path / "rules.xlsx"
    file.write_text(TEXT, encoding="utf-8")
    run = CliRunner().invoke

    def rules(*arguments: Any) -> Any:
        return run(app, ["rules", *map(str, arguments)])

    assert rules("--out", out, "--programme", file).exit_code == 0
    back = rules("--from", out, "--programme", file, "--json", tmp_path / "said.json")
    assert back.exit_code == 0, back.output
    assert file.read_text(encoding="utf-8") == TEXT
    rows = table()
    rows[0]["信件模板"] = "no_such"
    wrong = tmp_path / "rules.csv"
    with wrong.open("w", encoding="utf-8-sig", newline="") as target:
        writer = csv.DictWriter(target, HEADER)
        writer.writeheader()
        writer.writerows(rows)
    refused = rules("--from", wrong, "--programme", file)
    assert refused.exit_code == 1
    assert re.search(r"2 行 row, template 'no_such'", refused.output)
    assert file.read_text(encoding="utf-8") == TEXT
