"""Real exports, where this checkout has them: every row is accounted for, by a count of the test's own."""

import json
import unicodedata
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from python_calamine import CalamineWorkbook

from services.intake.importing import Sender, event_of, read_file
from tests.service.intake.house import House

DATA = Path(__file__).parents[4] / "shared" / "data" / "teddy2020_c"


@pytest.mark.parametrize(("name", "least"), [("附件3_4326.xlsx", 104), ("附件4_至2018.xlsx", 10)])
async def test_an_export_of_a_message_board_is_registered_whole(house: House, name: str, least: int) -> None:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no real data at {DATA}")
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    column = sheet[0].index("留言详情")
    bodies = ["".join(filter(str.isalnum, unicodedata.normalize("NFKC", str(r[column])).lower())) for r in sheet[1:]]
    sender = Sender("board", "forum", house.rules.vault.public_pem.encode(), "run")
    for row in read_file(path, ZoneInfo("Asia/Shanghai")):
        await house.source_sends(json.loads(event_of(row, sender)[1]), source="board")
    figures = await house.done("office", "GET", "/statistics")
    assert (figures["received"], figures["registered"]) == (len(bodies), len(bodies))
    linked = len(bodies) - len(set(bodies))
    assert linked >= least
    # nothing was closed meanwhile, so every repeat joins; scrubbing may make one or two more texts the same
    assert linked <= figures["linked"] <= linked + 3
