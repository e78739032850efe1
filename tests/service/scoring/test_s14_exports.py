"""S14: a published result to take away: table, data with the system's signature, a pack for the media."""

import hashlib
import io
import json
import zipfile
from pathlib import Path

from python_calamine import CalamineWorkbook

from services.scoring.domain.canon import canonical
from services.scoring.domain.note import KeyRing, assemble, open_note
from services.scoring.domain.published import published_note
from services.scoring.verify import Beside, verify_bytes, verify_file
from services.scoring.verify.__main__ import main
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


async def test_s14_the_result_is_verified_by_itself_and_every_changed_byte_is_found(
    people: People, tmp_path: Path
) -> None:
    await published_result(people)
    data, note = await fetched(people, "result.json"), await fetched(people, "result.json.note")
    file = tmp_path / "result.json"
    file.write_bytes(data)
    assert verify_file(file).exit_code == 1, "without its note nobody can say who issued it"
    (tmp_path / "result.json.note").write_bytes(note)
    report = verify_file(file, trusted=[people.house.desk.signer.vkey])
    assert report.exit_code == 0, report.text()
    assert {"published.signature", "result.daily", "result.composite", "result.ranking", "published.interval"} <= {
        check.name for check in report.checks
    }
    assert "全部成立" in report.text()
    keys = tmp_path / "keys.txt"
    keys.write_text(people.house.desk.signer.vkey + "\n")
    assert main([str(file), "--trusted", str(keys), "--json", str(tmp_path / "report.json")]) == 0
    assert json.loads((tmp_path / "report.json").read_text())["kind"] == "published"
    assert verify_file(file, trusted=["someone+00000000+AAAA"]).exit_code == 1
    assert verify_file(file, note=tmp_path / "none").exit_code == 1
    small = small_result(people, data)
    assert verify_bytes(small[0], beside=Beside(note=small[1])).exit_code == 0
    for number, (whole, where) in enumerate((*((small[0], i) for i in range(len(small[0]))),
                                             *((small[1], i) for i in range(len(small[1]))))):  # fmt: skip
        changed = bytearray(whole)
        changed[where] ^= 1 << (number % 8)
        one = (bytes(changed), small[1]) if whole is small[0] else (small[0], bytes(changed))
        found = verify_bytes(one[0], beside=Beside(note=one[1]))
        assert found.exit_code != 0, f"byte {where} was changed and nobody saw it"


def small_result(people: People, data: bytes) -> tuple[bytes, bytes]:
    """The same result with the windows of the approval centre alone, signed by the system."""
    whole = json.loads(data)
    rows = [row for row in whole["units"] if row["scope"] == "approval-centre"]
    few = canonical({**whole, "units": rows})
    text = published_note(whole["programme"], whole["cycle"], whole["version"], few)
    return few, assemble(text, [people.house.desk.signer.sign(text)]).encode()


WRONG = (
    ({"composite": "99.99"}, "result.composite"),
    ({"rank": 1}, "result.ranking"),
    ({"category_rank": 9}, "result.ranking"),
    ({"daily": "100"}, "result.daily"),
    ({"formula": "20% × 100"}, "published.formula"),
    ({"concentrated_published": "99.00"}, "published.rows"),
    ({"rank_high": 1}, "published.interval"),
    ({"may_be_last": False}, "published.interval"),
)


async def test_s14_a_signed_result_whose_arithmetic_is_wrong_does_not_hold(people: People) -> None:
    """Even the system's own signature does not make a wrong sum right: u01 lost points, u06 is last."""
    await published_result(people)
    right = await fetched(people, "result.json")
    for change, found_by in WRONG:
        whole = json.loads(right)
        [row] = [row for row in whole["units"] if row["unit"] == ("u01" if "daily" in change else "u06")]
        assert all(row[name] != value for name, value in change.items())
        row.update(change)
        data = canonical(whole)
        text = published_note(whole["programme"], whole["cycle"], whole["version"], data)
        note = assemble(text, [people.house.desk.signer.sign(text)]).encode()
        report = verify_bytes(data, beside=Beside(note=note))
        assert report.exit_code == 1
        assert found_by in {check.name for check in report.failures}, change
        assert "published.signature" not in {check.name for check in report.failures}


def test_s14_a_file_of_another_kind_is_not_ours(tmp_path: Path) -> None:
    file = tmp_path / "other.json"
    file.write_text('{"kind":"minping.result.v1"}')
    assert verify_file(file).exit_code == 2
