"""The count, signatures, the seal, ranking and publication (S6, S9–S15), end to end on a real store."""

import io
import json
import zipfile

import pytest

from services.scoring.domain.bundle import write_bundle
from services.scoring.domain.canon import canonical
from services.scoring.verify import verify_bytes
from shared.contracts.rectification import CaseClosed
from shared.contracts.scoring import (
    ConsequenceConfirmed,
    ConsequenceProposed,
    ConsequenceWithdrawn,
    MeetingPublished,
    MeetingSealed,
    RankingPublished,
)
from tests.service.scoring.house import APPROVER, LEADER, OFFICE, OTHER_OFFICE, TELLER, refused
from tests.service.scoring.people import DAY, People


def members(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


async def test_a_count_answers_the_checkpoint_and_no_result(people: People) -> None:
    await people.to_closing()
    counted = (await people.count()).json()
    assert (counted["issued"], counted["returned"], counted["valid"], counted["void"]) == (60, 60, 60, 0)
    assert counted["checkpoint"].startswith("minping/window-units/2026-H1/m1\n61\n")
    assert counted["signed"] == ["minping"]
    assert len(counted["missing"]) == 2
    assert set(counted) == {
        "meeting", "state", "checkpoint", "issued", "returned", "valid", "void", "signed", "missing",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("shares", {"shares": 2}),
        ("share", {"shares": "wrong"}),
        ("reconciliation", {"left_in_box": 11}),
        ("reconciliation", {"unused": 1}),
    ],
)
async def test_too_few_shares_or_figures_that_do_not_agree_count_nothing_and_may_be_mended(
    people: People, field: str, changes: dict[str, object]
) -> None:
    await people.to_closing()
    if changes.get("shares") == 2:
        changes = {"shares": people.shares[:2]}
    elif "shares" in changes:
        changes = {"shares": [*people.shares[:2], people.shares[0]]}
    answer = await people.count(**changes)
    assert answer.json()["field"] == field, answer.text
    assert (await people.house.get("/meetings/m1")).json()["state"] == "closed"
    assert (await people.count()).status_code == 200


async def test_without_a_quorum_nothing_is_sealed(people: People) -> None:
    await people.to_closing(voters=39)
    answer = await people.count(unused=21)
    refused(answer, 409, "reconciliation")
    assert answer.json()["remedy"] == "vote again"


async def test_a_void_ballot_is_counted_as_void_and_votes_for_nobody(people: People) -> None:
    await people.to_ballots()
    for card in people.cards[:59]:
        await people.vote(card)
    await people.vote(people.cards[59], people.encrypted(people.cards[58]))  # sealed under another card
    await people.house.done(f"{people.path}/closing", at=f"{DAY} 11:00")
    counted = (await people.count()).json()
    assert (counted["returned"], counted["valid"], counted["void"]) == (60, 59, 1)


async def test_counted_once_the_checkpoint_stays_and_a_restart_loses_nothing(people: People) -> None:
    await people.to_closing()
    first = (await people.count()).json()
    await people.house.restart()
    assert (await people.count()).json() == first
    assert (await people.house.get("/meetings/m1/count", TELLER)).json() == first
    await people.sign(first["checkpoint"], *people.tellers[:2])
    await people.house.restart()
    sealed = await people.sign(first["checkpoint"], people.tellers[2], people.scrutineer)
    assert (sealed.json()["state"], sealed.json()["missing"]) == ("sealed", [])
    assert [m.valid for m in people.house.published(MeetingSealed)] == [60]


async def test_the_seal_needs_three_tellers_and_the_scrutineer(people: People) -> None:
    await people.to_closing()
    checkpoint = (await people.count()).json()["checkpoint"]
    assert (await people.sign(checkpoint, *people.tellers)).json()["missing"] == ["scrutineer: 0 of 1 signed"]
    refused(await people.sign(checkpoint + "x\n", people.scrutineer), 422, "signatures")
    assert people.house.published(MeetingSealed) == []
    assert (await people.house.get("/meetings/m1/checkpoint")).status_code == 409
    assert (await people.sign(checkpoint, people.scrutineer)).json()["state"] == "sealed"
    note = (await people.house.get("/meetings/m1/checkpoint")).text
    assert note == people.house.published(MeetingSealed)[0].checkpoint


async def test_at_the_seal_only_the_checkpoint_is_public(people: People) -> None:
    await people.to_seal()
    assert (await people.house.get("/meetings/m1/checkpoint")).status_code == 200
    refused(await people.house.get("/meetings/m1/bundle"), 404, "meeting")
    assert (await people.house.get("/meetings/m1/sealed-bundle")).status_code == 401
    refused(await people.house.get("/meetings/m1/sealed-bundle", LEADER), 403, "role")
    sealed = await people.house.get("/meetings/m1/sealed-bundle", OFFICE)
    report = verify_bytes(sealed.content)
    assert report.exit_code == 0, report.text()


async def test_a_representative_can_show_that_his_ballot_is_in_the_seal(people: People) -> None:
    await people.to_seal()
    receipt = await people.house.get(f"/meetings/m1/receipts/{people.cards[3].hash}")
    bundle = await people.house.get("/meetings/m1/sealed-bundle", OFFICE)
    assert verify_bytes(bundle.content, receipt=receipt.content).exit_code == 0
    unused = await people.house.get(f"/meetings/m1/receipts/{people.cards[65].hash}")
    refused(unused, 404, "token_hash")


async def test_a_sealed_meeting_takes_no_further_step(people: People) -> None:
    await people.to_seal()
    refused(await people.house.post("/meetings/m1/annulment", {"reason": "x"}), 409, "meeting")
    refused(await people.vote(people.cards[65]), 409, "meeting")
    refused(await people.count(), 409, "meeting")
    refused(await people.sign("x\n", people.tellers[0]), 409, "meeting")


async def test_a_ranking_waits_for_the_cycle_its_meetings_and_its_appeals(people: People) -> None:
    house = people.house
    await people.to_closing()
    late = CaseClosed(case="2026-000001", unit="u01", paying_unit="u01", outcome="solved", late=True)
    await house.take(late, "2026-06-29 10:00")
    refused(await house.post("/cycles/2026-H1/ranking"), 409, "cycle")
    await house.done("/cycles/2026-H1/closing", at="2026-07-01 00:00")
    await house.done("/points/2026-H1.2026-000001.late.u01/appeal", {"grounds": "x"}, who=LEADER, at="2026-07-02 09:00")
    refused(await house.post("/cycles/2026-H1/ranking"), 409, "appeals")
    ruling = {"upheld": False, "reason": "x"}
    await house.done("/points/2026-H1.2026-000001.late.u01/ruling", ruling, who=OTHER_OFFICE)
    refused(await house.post("/cycles/2026-H1/ranking"), 409, "meetings")
    await people.sign((await people.count()).json()["checkpoint"], *people.tellers, people.scrutineer)
    ranking = await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    assert {r["unit"]: r["daily"] for r in ranking["rows"]}["u01"] == "99"
    assert house.published(RankingPublished) == [], "units are told at the publication"


async def test_the_ranking_has_formula_interval_and_the_published_figures(people: People) -> None:
    ranking = await people.to_ranking()
    rows = {r["unit"]: r for r in ranking["rows"]}
    assert rows["u06"]["rank"] == 6
    assert (rows["u06"]["rank_low"], rows["u06"]["rank_high"], rows["u06"]["may_be_last"]) == (6, 6, True)
    assert rows["w04"]["rank"] == 4
    assert all(rows[u]["rank_low"] <= rows[u]["rank"] <= rows[u]["rank_high"] for u in people.units)
    score = (await people.house.get("/units/u06/score", OFFICE, cycle="2026-H1")).json()
    assert score["formula"].startswith("20% × 100.00 (daily) + 80% × ")
    assert (score["composite"], score["rank"], score["ratings"]) == (rows["u06"]["composite"], 6, 60)
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    public = await people.house.get("/cycles/2026-H1/ranking")
    assert public.json()["rows"] == ranking["rows"]


async def test_the_published_bundle_is_verified_with_its_result(people: People) -> None:
    house = people.house
    await people.to_seal()
    refused(await house.post("/meetings/m1/publication"), 409, "cycle")
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    published = await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    bundle = await house.get("/meetings/m1/bundle")
    assert house.published(MeetingPublished)[0].bundle_sha256 == published["bundle_sha256"]
    report = verify_bytes(bundle.content)
    assert report.exit_code == 0, report.text()
    names = {c.name for c in report.checks}
    assert {"result.signature", "result.composite", "result.ranking", "result.daily", "result.interval"} <= names


CHANGES = [
    (lambda r: r["units"][0].update(rank_low=1, rank_high=9), "result.interval"),
    (lambda r: r["units"][0].update(may_be_last=not r["units"][0]["may_be_last"]), "result.interval"),
    (lambda r: r["interval"].update(resamples=1), "result.interval"),
    (lambda r: r["units"][0].update(daily="99"), "result.daily"),
    (lambda r: r["units"][0]["cases"].append({"case": "c", "points": "1", "cut": "0", "lines": []}), "result.daily"),
    (lambda r: r["units"][0].update(concentrated="99"), "result.concentrated"),
    (lambda r: r["units"][0].update(composite="99.99"), "result.composite"),
    (lambda r: r["units"][0].update(rank=7), "result.ranking"),
]


async def test_a_result_that_does_not_follow_from_the_seal_is_named(people: People) -> None:
    await people.to_ranking()
    await people.house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    files = members((await people.house.get("/meetings/m1/bundle")).content)
    for change, check in CHANGES:
        result = json.loads(files["result.json"])
        change(result)
        report = verify_bytes(write_bundle({**files, "result.json": canonical(result)}))
        assert report.exit_code == 1
        assert check in {c.name for c in report.failures}


async def test_a_reissue_gives_its_reason_and_keeps_the_first_beside_it(people: People) -> None:
    house = people.house
    await people.to_ranking()
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    first = (await house.get("/meetings/m1/bundle")).content
    refused(await house.post("/cycles/2026-H1/ranking"), 409, "reason")
    canvassing = {"cycle": "2026-H1", "unit": "u01", "evidence": "查实宴请代表"}
    await house.done("/canvassing", canvassing, at="2026-07-13 09:00")
    again = await house.done("/cycles/2026-H1/ranking", {"reason": "认定拉选票"}, at="2026-07-21 10:00")
    assert (again["version"], again["reason"]) == (2, "认定拉选票")
    rows = {r["unit"]: r for r in again["rows"]}
    assert (rows["u01"]["rank"], rows["u01"]["canvassing"], rows["u06"]["rank"]) == (6, True, 5)
    second = (await house.get("/meetings/m1/bundle")).content
    assert first != second
    assert verify_bytes(second).exit_code == 0
    assert (await house.rows("SELECT version FROM bundle ORDER BY version")) == [(1,), (2,)]
    assert (await house.rows("SELECT version FROM ranking ORDER BY version")) == [(1,), (2,)]


async def test_consequences_are_proposed_and_wait_for_a_leader(people: People) -> None:
    house = people.house
    ranking = await people.to_ranking()
    found = (await house.get("/consequences", APPROVER, cycle="2026-H1")).json()
    last = [c for c in found if c["unit"] == "u06"]
    assert ranking["consequences"] == len(found) == len(house.published(ConsequenceProposed))
    first_three = {"circulated_criticism", "written_self_criticism", "key_help_list"}
    assert {c["kind"] for c in last} == {*first_three, "rectification"}
    assert {(c["state"], c["review"]) for c in last} == {("proposed", False)}
    key = last[0]["id"]
    await house.done("/meetings/m1/publication", at="2026-07-12 10:00")
    refused(await house.post(f"/consequences/{key}/confirmation", who=OFFICE), 403, "role")
    done = await house.done(f"/consequences/{key}/confirmation", who=APPROVER, at="2026-07-13 10:00")
    assert (done["state"], done["due"]) == ("confirmed", "2026-08-03")
    refused(await house.post(f"/consequences/{key}/withdrawal", {"reason": "x"}, who=APPROVER), 409, "consequence")
    await house.done(f"/consequences/{last[1]['id']}/withdrawal", {"reason": "已整改"}, who=APPROVER)
    assert [c.consequence for c in house.published(ConsequenceConfirmed)] == [key]
    assert [c.reason for c in house.published(ConsequenceWithdrawn)] == ["已整改"]


async def test_no_key_no_whole_ballot_and_no_link_is_left_after_the_seal(people: People) -> None:
    await people.to_seal()
    dump = b""
    for table in await tables(people):
        dump += b"".join([str(row).encode() for row in await people.house.rows(f"SELECT * FROM {table}")])
    for share in people.shares:
        assert share.encode() not in dump
    secret = people.secret.private_numbers().private_value
    assert str(secret).encode() not in dump
    assert secret.to_bytes(32, "big").hex().encode() not in dump
    for card in people.cards:
        assert card.text.encode() not in dump


async def tables(people: People) -> list[str]:
    return [name for (name,) in await people.house.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
