"""A meeting from its creation to the hall, step by step (S3, S4, S7)."""

import json

import pytest

from services.scoring.domain.canon import digest
from services.scoring.domain.cards import card_list
from services.scoring.domain.freezing import commit
from services.scoring.verify import verify_bytes
from shared.contracts.scoring import (
    BallotsOpened,
    DrawPublished,
    MeetingAnnounced,
    MeetingOpened,
    PoolFrozen,
    RepresentativeReplaced,
)
from tests.service.scoring.house import CLERK, GUIDANCE, OFFICE, TELLER, refused
from tests.service.scoring.people import DAY, EVE, People


async def test_a_meeting_votes_on_whole_scopes_and_a_unit_is_voted_on_once_a_cycle(people: People) -> None:
    body = {"name": "m0", "cycle": "2026-H1", "date": DAY, "pool": "p1"}
    refused(await people.house.post("/meetings", {**body, "units": ["u01"]}), 422, "units")
    made = await people.create()
    assert (made["state"], made["units"]) == ("created", [*people.units[6:], *people.units[:6]])
    refused(await people.house.post("/meetings", {**body, "scopes": ["approval-centre"]}), 409, "units")
    rehearsal = await people.house.post("/meetings", {**body, "scopes": ["approval-centre"], "rehearsal": True})
    assert rehearsal.status_code == 201


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("cycle", {"cycle": "2030-H1"}),
        ("pool", {"pool": "p9"}),
        ("units", {"units": ["nobody"]}),
        ("scopes", {"units": [], "scopes": ["mars"]}),
        ("scopes", {"units": []}),
        ("seats", {"seats": 49}),
        ("name", {"name": "a.b"}),
    ],
)
async def test_a_meeting_that_cannot_be_held_is_refused_by_field(
    people: People, field: str, changes: dict[str, object]
) -> None:
    body = {"name": "m1", "cycle": "2026-H1", "date": DAY, "pool": "p1", "units": people.units}
    answer = await people.house.post("/meetings", {**body, **changes})
    assert answer.json()["field"] == field, answer.text
    assert answer.status_code in (404, 422)


async def test_the_pool_is_frozen_and_published_before_the_public_value_exists(people: People) -> None:
    await people.create()
    frozen = await people.freeze()
    pool = await people.house.get("/meetings/m1/pool")
    assert digest(pool.content) == frozen["pool_hash"]
    assert frozen["pool_hash"] in frozen["note"]
    assert (frozen["eligible"], frozen["excluded"], sum(frozen["seats"].values())) == (102, 8, 60)
    told = people.house.published(PoolFrozen)[0]
    assert (told.pool_hash, told.members) == (frozen["pool_hash"], 102)


async def test_who_declared_a_conflict_is_not_drawn(people: People) -> None:
    await people.create()
    await people.freeze()
    found = await people.draw()
    everybody = [p for group in (found["seated"], found["alternates"]) for ids in group.values() for p in ids]
    assert len(everybody) == 102
    assert not any(person.endswith("-0") for person in everybody)


async def test_after_the_freeze_no_key_no_commitment_and_no_second_freeze(people: People) -> None:
    await people.create()
    await people.freeze()
    key = {"role": "teller", "vkey": people.tellers[0].vkey}
    refused(await people.house.post("/meetings/m1/keys", key), 409, "meeting")
    body = {"witness": "w", "commitment": commit(people.nonce, "x")}
    refused(await people.house.post("/meetings/m1/commitments", body), 409, "meeting")
    body = {"public_source": "x", "cut_off": f"{DAY}T21:00:00+08:00"}
    refused(await people.house.post("/meetings/m1/freezing", body, at=f"{EVE} 13:00"), 409, "meeting")


async def test_a_freeze_needs_tellers_a_scrutineer_and_a_witness(people: People) -> None:
    body = {"name": "m1", "cycle": "2026-H1", "date": DAY, "pool": "p1", "units": people.units}
    await people.house.done("/meetings", body)
    freezing = {"public_source": "x", "cut_off": f"{EVE}T21:00:00+08:00"}
    refused(await people.house.post("/meetings/m1/freezing", freezing, at=f"{EVE} 12:00"), 409, "keys.teller")
    for role, who in [("teller", t) for t in people.tellers] + [("scrutineer", people.scrutineer)]:
        await people.house.done("/meetings/m1/keys", {"role": role, "vkey": who.vkey})
    refused(await people.house.post("/meetings/m1/freezing", freezing, at=f"{EVE} 12:00"), 422, "witnesses")


async def test_a_commitment_stays(people: People) -> None:
    await people.create()
    body = {"witness": "w", "commitment": commit(people.nonce, "x")}
    await people.house.done("/meetings/m1/commitments", body)
    await people.house.done("/meetings/m1/commitments", body)
    body["commitment"] = commit(people.nonce, "y")
    refused(await people.house.post("/meetings/m1/commitments", body), 409, "witness")


async def test_nobody_draws_before_the_cut_off(people: People) -> None:
    await people.create()
    await people.freeze()
    answer = await people.house.post("/meetings/m1/draw", people.entropy(), at=f"{EVE} 20:59")
    refused(answer, 409, "draw")
    assert people.house.published(DrawPublished) == []


async def test_a_witness_who_reveals_another_value_is_found_out_and_dice_take_his_place(people: People) -> None:
    await people.create()
    await people.freeze()
    entropy = people.entropy()
    entropy["reveals"][0]["value"] = "another"
    refused(await people.house.post("/meetings/m1/draw", entropy, at=f"{EVE} 21:30"), 422, "witnesses.witness-1")
    entropy["reveals"] = []
    entropy["thrown"] = [{"witness": "witness-1", "dice": [5] * 20, "reason": "he did not come"}]
    await people.house.done("/meetings/m1/draw", entropy, at=f"{EVE} 21:30")


async def test_anybody_can_repeat_the_draw_from_its_proof(people: People) -> None:
    await people.create()
    await people.freeze()
    found = await people.draw()
    proof = await people.house.get("/meetings/m1/draw-proof")
    assert digest(proof.content) == found["proof_hash"]
    report = verify_bytes(proof.content)
    assert report.exit_code == 0, report.text()
    changed = json.loads(proof.content)
    changed["strata"][0]["seated"].reverse()
    assert (
        verify_bytes(json.dumps(changed, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()).exit_code
        == 1
    )
    told = people.house.published(DrawPublished)[0]
    assert (told.drawn, told.alternates, told.ordinary) == (60, 42, found["ordinary"])
    assert found["ordinary"] >= 45


async def test_who_refuses_is_replaced_by_the_next_alternate_of_the_stratum_on_record(people: People) -> None:
    await people.create()
    await people.freeze()
    found = await people.draw()
    gone, comes = found["seated"]["villager"][0], found["alternates"]["villager"][0]
    body = {"representative": gone, "reason": "生病"}
    panel = await people.house.done("/meetings/m1/refusals", body, who=CLERK)
    assert panel["replacements"] == [{"gone": gone, "reason": "生病", "called": comes}]
    assert comes in panel["seated"]["villager"]
    refused(await people.house.post("/meetings/m1/refusals", body, who=CLERK), 409, "representative")
    assert [(r.stratum, r.reason) for r in people.house.published(RepresentativeReplaced)] == [("villager", "生病")]


async def test_cards_are_signed_by_two_tellers_and_are_enough_for_all(people: People) -> None:
    await people.create()
    await people.freeze()
    await people.draw()
    found = card_list("m1", people.cards)
    hashes = [c.hash for c in people.cards]
    one = {"cards": hashes, "signatures": [people.tellers[0].sign(found.note_text)]}
    refused(await people.house.post("/meetings/m1/cards", one, who=TELLER), 422, "signatures")
    forged = {"cards": hashes, "signatures": [people.scrutineer.sign(found.note_text)]}
    refused(await people.house.post("/meetings/m1/cards", forged, who=TELLER), 422, "signatures")
    few = {"cards": hashes[:59], "signatures": one["signatures"]}
    refused(await people.house.post("/meetings/m1/cards", few, who=TELLER), 422, "cards")
    await people.bring_key_and_cards()


async def test_check_in_opens_only_with_key_and_cards(people: People) -> None:
    await people.create()
    await people.freeze()
    await people.draw()
    await people.announce()
    refused(await people.house.post("/meetings/m1/check-in-opening"), 409, "public_key")
    await people.bring_key_and_cards()
    await people.house.done("/meetings/m1/check-in-opening", at=f"{DAY} 08:30")
    assert [m.date.isoformat() for m in people.house.published(MeetingAnnounced)] == [DAY]
    assert len(people.house.published(MeetingOpened)) == 1


async def test_only_those_drawn_check_in_and_twice_counts_once(people: People) -> None:
    await people.to_check_in()
    first = people.seated()[0]
    assert (await people.arrive(first))["repeated"] is False
    again = await people.arrive(first)
    assert (again["repeated"], again["present"]) == (True, 1)
    alternate = {"representative": people.alternates["villager"][0]}
    refused(await people.house.post("/meetings/m1/check-ins", alternate, who=CLERK), 409, "representative")
    stranger = {"representative": "nobody"}
    refused(await people.house.post("/meetings/m1/check-ins", stranger, who=CLERK), 404, "representative")


async def test_ballots_open_only_when_ordinary_people_are_70_per_cent_and_alternates_are_called(people: People) -> None:
    await people.to_check_in()
    ordinary = [p for s in ("enterprise", "resident", "villager") for p in people.drawn[s]]
    others = [p for p in people.seated() if p not in ordinary]
    for person in [*others, *ordinary[: 40 - len(others)]]:
        await people.arrive(person)
    hall = (await people.house.get("/meetings/m1/hall", CLERK)).json()
    assert (hall["present"], hall["ordinary"], hall["may_open"]) == (40, 40 - len(others), False)
    await people.to_questions()
    refused(await people.house.post("/meetings/m1/ballots-opening"), 409, "hall.ordinary")
    assert hall["to_call"]
    for person in hall["to_call"]:
        await people.arrive(person)
    hall = (await people.house.get("/meetings/m1/hall", CLERK)).json()
    assert (hall["may_open"], hall["to_call"]) == (True, [])
    await people.house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")
    told = people.house.published(BallotsOpened)[0]
    assert (told.present, str(told.ordinary_share)) == (hall["present"], hall["ordinary_share"])


async def test_the_guidance_group_halts_a_step_and_lets_it_go_on(people: People) -> None:
    await people.to_check_in()
    await people.house.done("/meetings/m1/halt", {"reason": "票箱未封"}, who=GUIDANCE)
    body = {"representative": people.seated()[0]}
    refused(await people.house.post("/meetings/m1/check-ins", body, who=CLERK), 409, "meeting")
    refused(await people.house.post("/meetings/m1/halt", {"reason": "x"}, who=OFFICE), 403, "role")
    await people.house.done("/meetings/m1/resumption", {"reason": "已封箱"}, who=GUIDANCE)
    await people.house.done("/meetings/m1/check-ins", body, who=CLERK)


async def test_an_annulled_meeting_is_held_again_under_another_name(people: People) -> None:
    await people.to_ballots()
    await people.house.done("/meetings/m1/annulment", {"reason": "停电"})
    refused(await people.vote(people.cards[0]), 409, "meeting")
    people.meeting = "m2"
    assert (await people.create(rerun_of="m1"))["state"] == "created"


async def test_the_roll_knows_no_time_and_no_card(people: People) -> None:
    await people.to_ballots()
    columns = {
        table: {row[1] for row in await people.house.rows(f"PRAGMA table_info({table})")}
        for table in ("roll", "card", "ballot")
    }
    assert columns == {
        "roll": {"meeting", "representative", "stratum"},
        "card": {"meeting", "token_hash", "card_class"},
        "ballot": {"meeting", "token_hash", "ciphertext"},
    }
    tables = dict(await people.house.rows("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
    for table in columns:
        assert "WITHOUT ROWID" in tables[table]
