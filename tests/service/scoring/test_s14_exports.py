"""S14: a published result to take away: table, data with the system's signature, a pack for the media."""

import hashlib
import io
import json
import zipfile

from python_calamine import CalamineWorkbook

from services.scoring.domain.note import KeyRing, open_note
from tests.service.scoring.people import People
from tests.service.scoring.test_s14_results import published_result

FILES = ("result.json", "result.json.note", "result.xlsx", "media.zip")


async def fetched(people: People, name: str) -> bytes:
    answer = await people.house.http.get(f"/results/2026-H1/{name}")
    assert answer.status_code == 200, answer.text
    return answer.content


async def test_s14_no_file_of_a_result_is_there_before_its_publication(people: People) -> None:
    await people.to_ranking()
    for name in FILES:
        assert (await people.house.http.get(f"/results/2026-H1/{name}")).status_code == 404
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    for name in FILES:
        assert (await people.house.http.get(f"/results/2026-H1/{name}")).status_code == 200
        assert (await people.house.http.get(f"/results/2026-H1/{name}?version=7")).status_code == 404


async def test_s14_the_data_is_signed_by_the_system_and_says_what_the_page_says(people: People) -> None:
    await published_result(people)
    data, note = await fetched(people, "result.json"), (await fetched(people, "result.json.note")).decode()
    ring = KeyRing((people.house.desk.system_key,))
    text, signers = open_note(note, ring.verifiers())
    assert signers == ("minping",)
    assert text.splitlines() == ["minping/window-units/2026-H1/published", "1", hashlib.sha256(data).hexdigest()]
    rows = (await people.house.get("/cycles/2026-H1/ranking")).json()["rows"]
    assert [(u["unit"], u["rank"], u["composite"]) for u in json.loads(data)["units"]] == [
        (row["unit"], row["rank"], row["composite"]) for row in rows
    ]


async def test_s14_the_table_holds_every_unit_and_no_cell_that_runs(people: People) -> None:
    names = [{"unit": "x1", "name": "=HYPERLINK(1)", "category": "enforcement", "township": "南山镇"}]
    await people.house.done("/units", names, at="2026-01-01 09:00")
    await published_result(people)
    book = CalamineWorkbook.from_filelike(io.BytesIO(await fetched(people, "result.xlsx")))
    head, *rows = book.get_sheet_by_index(0).to_python()
    assert len(rows) == 11
    ranking = {r["unit"]: r for r in (await people.house.get("/cycles/2026-H1/ranking")).json()["rows"]}
    for row in rows:
        said, mine = dict(zip(head, row, strict=True)), ranking[row[3]]
        assert (said["名次"] or None) == mine["rank"]
        assert said["综合得分"] == ("" if mine["composite"] is None else float(mine["composite"]))
    odd = next(row for row in rows if row[3] == "x1")
    assert odd[2] == "'=HYPERLINK(1)"


async def test_s14_the_media_pack_holds_page_table_data_and_checkpoints(people: People) -> None:
    await published_result(people)
    data = await fetched(people, "media.zip")
    assert data == await fetched(people, "media.zip")
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        assert set(pack.namelist()) == {
            "README.txt", "result.html", "result.xlsx", "result.json", "result.json.note", "checkpoint-m1.txt",
            "assets/style.css", "assets/results.css", "assets/icon.svg",
        }  # fmt: skip
        assert pack.read("result.json") == await fetched(people, "result.json")
        page = pack.read("result.html").decode()
        assert 'href="assets/results.css"' in page
        assert "所u01" in page
