"""S15 and S16: what was published stays beside its correction; a rehearsal can never be taken for the real thing."""

import json

from services.scoring.domain.rehearsal import MEMBER, SAYS
from services.scoring.verify import verify_bytes
from tests.service.scoring.house import OFFICE, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_seal import members


async def test_s15_a_corrected_result_stands_beside_the_old_one_with_its_reason(people: People) -> None:
    house = people.house
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    first = (await house.get("/meetings/m1/bundle")).content
    canvassing = {"cycle": "2026-H1", "unit": "u01", "evidence": "查实宴请代表"}
    await house.done("/canvassing", canvassing, at="2026-07-13 09:00")
    await house.done("/cycles/2026-H1/ranking", {"reason": "认定拉选票"}, at="2026-07-21 10:00")
    listed = (await house.get("/meetings/m1/bundles")).json()
    assert [(b["version"], b["reason"]) for b in listed] == [(1, ""), (2, "认定拉选票")]
    assert (await house.get("/meetings/m1/bundle", version="1")).content == first
    second = (await house.get("/meetings/m1/bundle", version="2")).content
    assert second == (await house.get("/meetings/m1/bundle")).content != first
    for data in (first, second):
        assert verify_bytes(data).exit_code == 0
    one, two = ({k: v for k, v in members(d).items() if not k.startswith("result.")} for d in (first, second))
    assert one == two, "the seal is the same, only the result differs"
    result = json.loads(members(second)["result.json"])
    assert (result["version"], result["reason"]) == (2, "认定拉选票")
    refused(await house.get("/meetings/m1/bundle", version="3"), 404, "version")
    issues = (await house.get("/cycles/2026-H1/rankings")).json()
    assert [(i["version"], i["reason"]) for i in issues] == [(1, ""), (2, "认定拉选票")]
    ranks = [(await house.get("/cycles/2026-H1/ranking", version=v)).json()["rows"] for v in ("1", "2")]
    assert [{r["unit"]: r["canvassing"] for r in rows}["u01"] for rows in ranks] == [False, True]


async def test_s16_every_file_of_a_rehearsal_says_so_and_it_has_no_result(people: People) -> None:
    await people.house.done("/cycles/2026-H1/closing", at="2026-07-01 00:00")
    plain = people.create

    async def rehearse(**changes: object) -> object:
        return await plain(rehearsal=True, **changes)

    people.create = rehearse  # type: ignore[method-assign]
    await people.to_seal()
    published = await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    assert published["version"] == 1
    bundle = (await people.house.get("/meetings/m1/bundle")).content
    files = members(bundle)
    assert "result.json" not in files
    assert files["checkpoint.txt"].startswith(b"minping/rehearsal/")
    for name, data in files.items():
        lines = data.splitlines() if name == "slices.jsonl" else [data]
        begin = b"minping/rehearsal/" if name == "checkpoint.txt" else b""
        for line in lines:
            assert (begin and line.startswith(begin)) or f"{MEMBER}".encode() in line[:20], name
            assert begin or SAYS.encode() in line[:80], name
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    assert "演练 REHEARSAL" in report.conclusion and report.text().count("REHEARSAL") >= 3
    receipt = (await people.house.get(f"/meetings/m1/receipts/{people.cards[3].hash}")).content
    assert MEMBER.encode() in receipt
    assert verify_bytes(bundle, receipt=receipt).exit_code == 0
    refused(await people.house.get("/cycles/2026-H1/ranking"), 404, "cycle")


async def test_s16_a_rehearsal_does_not_take_units_from_the_real_vote(people: People) -> None:
    await people.create(rehearsal=True)
    real = People(people.house)
    real.meeting = "m2"
    await real.create()
    assert (await people.house.get("/meetings/m1")).json()["rehearsal"] is True
    assert (await people.house.get("/meetings/m2", OFFICE)).json()["rehearsal"] is False
