"""The table in which paper is keyed in, and the paper itself (S16): what is wrong is named by row and column."""

import csv
from types import SimpleNamespace

import pytest
import xlsxwriter
from typer.testing import CliRunner

from deploy.local.ceremony import paper_ballots
from deploy.local.commands import paper as command
from deploy.local.commands.meeting import app
from shared.errors import Refusal

FORM = {
    "meeting": "M-1",
    "units": [{"key": "u01", "name": "第一<所>"}, {"key": "u02", "name": "第二所"}],
    "dimensions": [{"key": "d1", "label": "效率"}, {"key": "d2", "label": "作风"}],
    "grades": [
        {"key": "good", "label": "满意"},
        {"key": "fair", "label": "基本满意"},
        {"key": "bad", "label": "不满意"},
    ],
    "abstain": "unknown",
}
ROWS = [["AAAA-1111", "", "1", "满意", "bad", ""], ["BBBB-2222", "是", "", "", "", ""], ["", "", "", "", "", ""]]


def written(path, rows):
    table = [paper_ballots.headings(FORM), *rows]
    if path.suffix == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file).writerows(table)
    else:
        book = xlsxwriter.Workbook(str(path))
        page = book.add_worksheet()
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                page.write(number, column, int(cell) if cell.isdigit() and number else cell)
        book.close()
    return path


@pytest.mark.parametrize("name", ["table.xlsx", "table.csv"])
def test_s16_numbers_labels_and_keys_are_read_and_empty_means_no_opinion(tmp_path, name):
    first, spoiled = paper_ballots.read_table(written(tmp_path / name, ROWS), FORM)
    assert (first.row, first.card) == (2, "AAAA-1111")
    assert first.marks == {"u01": {"d1": "good", "d2": "good"}, "u02": {"d1": "bad", "d2": "unknown"}}
    assert (spoiled.row, spoiled.card, spoiled.marks) == (3, "BBBB-2222", None)


def test_s16_what_is_no_grade_is_named_by_row_and_cell(tmp_path):
    path = written(tmp_path / "t.csv", [ROWS[0], ["CCCC-3333", "", "1", "7", "1", "1"]])
    with pytest.raises(Refusal) as refused:
        list(paper_ballots.read_table(path, FORM))
    assert (refused.value.field, refused.value.value) == ("row 3, u01.d2", "7")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    for name, field in (("empty.csv", "file"), ("other.csv", "columns"), ("none.xlsx", "file")):
        with pytest.raises(Refusal) as refused:
            list(paper_ballots.read_table(tmp_path / name, FORM))
        assert refused.value.field == field


def test_s16_the_paper_has_every_unit_and_dimension_and_says_when_it_is_a_rehearsal():
    real, rehearsal = paper_ballots.sheet(FORM, rehearsal=False), paper_ballots.sheet(FORM, rehearsal=True)
    assert "第一&lt;所&gt;" in real and "效率" in real and "1=满意" in real and "评议卡" in real
    assert "REHEARSAL" in rehearsal and "REHEARSAL" not in real


def test_s16_the_command_names_differences_in_words_and_ends_with_1(tmp_path, monkeypatch):
    asked = []

    def act(path, role, body):
        asked.append((path, role, body))
        if body.get("spoiled"):
            raise Refusal("card", "…", "this card was used at a terminal", "lay it aside", 409)
        return {"state": "differs", "cells": ["u01.d2", "u02.d1"]}

    house = SimpleNamespace(token="mine", read=lambda path: FORM, act=act)
    monkeypatch.setattr(command, "house", lambda url, token_file, data: house)
    path = written(tmp_path / "t.csv", ROWS)
    told = CliRunner().invoke(app, ["paper", "M-1", str(path)])
    assert told.exit_code == 1
    assert "第一<所>·作风、第二所·效率" in told.output and "used at a terminal" in told.output
    assert [(p, r) for p, r, _ in asked] == [("/meetings/M-1/paper-ballots", "clerk")] * 2
    house.token = None
    refused = CliRunner().invoke(app, ["paper", "M-1", str(path)])
    assert isinstance(refused.exception, Refusal) and refused.exception.field == "token-file"
