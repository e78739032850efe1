"""The tellers' ceremony through the public interface: shares, hand count, signing, destruction (S5, S6)."""

import json
from typing import Any

import pytest

from services.scoring.domain.cards import card_list
from services.scoring.domain.destruction import cards_text, share_text
from services.scoring.domain.key_file import KeyFile, split_public
from services.scoring.domain.note import Signer, assemble
from services.scoring.domain.shamir import parse_share
from services.scoring.domain.signing import signing_from_bytes
from services.scoring.verify import verify_bytes
from tests.service.scoring.house import GUIDANCE, LEADER, OFFICE, TELLER, refused
from tests.service.scoring.people import DAY, EVE, People


@pytest.fixture
def tellers(people: People) -> People:
    """Tellers who bring, with the key, who holds which share."""

    async def bring() -> None:
        await people.house.done(f"{people.path}/ballot-key", key_of(people), who=TELLER, at=f"{EVE} 22:00")
        await cards(people)

    people.bring_key_and_cards = bring  # type: ignore[method-assign]  # the same step, as `minping` takes it
    return people


def key_of(people: People, **changes: Any) -> dict[str, Any]:
    names = [t.name for t in people.tellers]
    found = KeyFile(people.meeting, split_public(people.secret.public_key(), 3, names, people.shares), None)
    return {**json.loads(found.to_bytes()), **changes}


async def cards(people: People) -> None:
    listed = card_list(people.meeting, people.cards)
    body = {"cards": [*listed.classes], "signatures": [t.sign(listed.note_text) for t in people.tellers[:2]]}
    await people.house.done(f"{people.path}/cards", body, who=TELLER, at=f"{EVE} 22:00")


def note(text: str, *who: Signer) -> dict[str, str]:
    return {"note": assemble(text, [w.sign(text) for w in who])}


def gone(people: People, *who: Signer, cards: int = 70) -> dict[str, str]:
    listed = card_list(people.meeting, people.cards)
    return note(cards_text(people.meeting, cards, listed.root), *who)


def mistyped(share: str) -> str:
    """Another character in the middle: the check digits find it."""
    return share[:20] + ("A" if share[20] != "A" else "B") + share[21:]


async def test_s6_a_wrong_share_names_whose_it_is_even_where_only_three_came(tellers: People) -> None:
    await tellers.to_closing()
    forged = parse_share(tellers.shares[2])
    wrong = type(forged)(forged.needed, forged.number, forged.key_id, bytes(32)).text
    answer = await tellers.count(shares=[tellers.shares[0], wrong, tellers.shares[4]])
    refused(answer, 422, "share")
    assert answer.json()["value"] == "3 (teller-3)"
    assert wrong[:11] not in answer.text
    refused(await tellers.count(shares=[mistyped(tellers.shares[0]), *tellers.shares[1:3]]), 422, "share")
    assert (await tellers.count()).status_code == 200


async def test_s6_the_key_comes_with_its_holders_as_the_programme_splits_it(people: People) -> None:
    await people.create()
    await people.freeze()
    await people.draw()
    path, at = f"{people.path}/ballot-key", f"{EVE} 22:00"
    two = key_of(people)
    two["ballot"] = {**two["ballot"], "needed": 2}
    refused(await people.house.post(path, two, who=TELLER, at=at), 422, "ballot_key.ballot")
    refused(await people.house.post(path, key_of(people, meeting="m2"), who=TELLER, at=at), 422, "ballot_key.meeting")
    stranger = json.loads(json.dumps(key_of(people)).replace("teller-5", "teller-9"))
    refused(await people.house.post(path, stranger, who=TELLER, at=at), 422, "ballot_key.holders")
    refused(await people.house.post(path, key_of(people, kind="x"), who=TELLER, at=at), 422, "ballot_key")
    refused(await people.house.get(path), 404, "meeting")
    made = await people.house.done(path, key_of(people), who=TELLER, at=at)
    assert made["public_key"] == key_of(people)["ballot"]["public_key"]
    assert (await people.house.get(path)).json() == key_of(people)
    for share in people.shares:
        assert share not in (await people.house.get(path)).text


async def test_s6_figures_are_reconciled_by_hand_before_any_share_is_brought(tellers: People) -> None:
    path, at = f"{tellers.path}/reconciliation", f"{DAY} 11:05"
    await tellers.to_ballots()
    refused(await tellers.house.post(path, {"left_in_box": 10, "unused": 0}, who=TELLER), 409, "meeting")
    for card in tellers.cards[:58]:
        await tellers.vote(card)
    await tellers.house.done(f"{tellers.path}/closing", at=f"{DAY} 11:00")
    good = await tellers.house.done(path, {"left_in_box": 10, "unused": 2}, who=TELLER, at=at)
    assert (good["agrees"], good["issued"], good["returned"], good["roll"]) == (True, 60, 58, 60)
    assert good["lines"][0]["says"] == "发出 issued 60 = 印制 printed 70 − 箱中余 left in the box 10"
    box = await tellers.house.done(path, {"left_in_box": 11, "unused": 1}, who=TELLER, at=at)
    assert [line["holds"] for line in box["lines"]] == [True, False, True]
    assert "重数箱中余卡" in box["lines"][1]["again"]["zh"]
    unused = await tellers.house.done(path, {"left_in_box": 10, "unused": 1}, who=TELLER, at=at)
    assert "重数交回的未用卡" in unused["lines"][2]["again"]["zh"]
    stuffed = await tellers.house.done(path, {"left_in_box": 13, "unused": 0}, who=TELLER, at=at)
    assert "作废" in stuffed["lines"][3]["again"]["zh"]
    assert not stuffed["agrees"]


async def test_s6_ballots_closed_by_mistake_are_opened_again_by_the_guidance_group_on_record(people: People) -> None:
    await people.to_ballots()
    await people.vote(people.cards[0])
    path = f"{people.path}/reopening"
    refused(await people.house.post(path, {"reason": "x"}, who=GUIDANCE), 409, "meeting")
    await people.house.done(f"{people.path}/closing", at=f"{DAY} 10:30")
    refused(await people.vote(people.cards[1]), 409, "meeting")
    refused(await people.house.post(path, {"reason": "误点"}, who=OFFICE), 403, "role")
    opened = await people.house.done(path, {"reason": "误点"}, who=GUIDANCE, at=f"{DAY} 10:31")
    assert opened["state"] == "voting"
    assert (await people.vote(people.cards[1])).status_code == 201
    record = (await people.house.get(f"{people.path}/record", GUIDANCE)).json()
    last = record["items"][-1]
    assert (last["step"], last["reason"], last["role"]) == ("reopening", "误点", "guidance")


async def test_s6_who_signs_sees_figures_that_are_provably_in_the_root_and_no_result(tellers: People) -> None:
    await tellers.to_closing()
    path = f"{tellers.path}/signing"
    refused(await tellers.house.get(path, TELLER), 409, "meeting")
    checkpoint = (await tellers.count()).json()["checkpoint"]
    refused(await tellers.house.get(path, LEADER), 403, "role")
    paper = signing_from_bytes((await tellers.house.get(path, TELLER)).content)
    assert paper.checkpoint == checkpoint
    said = "\n".join(paper.words())
    assert "发出 issued      60 = 收回 returned 60 + 未用 unused 0" in said
    assert set(paper.facts) >= {"counts", "files", "units"}
    assert not {"tally", "score", "result"} & set(paper.facts)


async def test_s5_the_cards_file_is_destroyed_under_two_tellers_and_the_seal_says_so(tellers: People) -> None:
    await tellers.to_check_in()
    path, at = f"{tellers.path}/card-destruction", f"{DAY} 08:40"
    one, two, *_ = tellers.tellers
    refused(await tellers.house.post(path, gone(tellers, one), who=TELLER, at=at), 422, "note")
    refused(await tellers.house.post(path, gone(tellers, one, two, cards=69), who=TELLER, at=at), 422, "note")
    refused(await tellers.house.post(path, gone(tellers, one, tellers.scrutineer), who=TELLER, at=at), 422, "note")
    body = gone(tellers, one, two)
    first = await tellers.house.done(path, body, who=TELLER, at=at)
    assert first["signed"] == ["teller-1", "teller-2"]
    assert await tellers.house.done(path, body, who=TELLER, at=at) == first
    for person in tellers.seated():
        await tellers.arrive(person)
    await tellers.to_questions()
    await tellers.house.done(f"{tellers.path}/ballots-opening", at=f"{DAY} 09:30")
    for card in tellers.cards[:60]:
        await tellers.vote(card)
    await tellers.house.done(f"{tellers.path}/closing", at=f"{DAY} 11:00")
    counted = (await tellers.count()).json()
    await tellers.sign(counted["checkpoint"], *tellers.tellers[:3], tellers.scrutineer)
    bundle = (await tellers.house.get(f"{tellers.path}/sealed-bundle", OFFICE)).content
    assert verify_bytes(bundle).exit_code == 0
    assert b"minping/cards-destroyed" in bundle
    assert b"minping/key-forgotten" in bundle


async def test_s6_each_teller_declares_that_the_own_share_is_destroyed_after_the_seal(tellers: People) -> None:
    path, at = f"{tellers.path}/share-destructions", f"{DAY} 12:00"
    await tellers.to_closing()
    key = parse_share(tellers.shares[0]).key_id.hex()
    own = note(share_text(tellers.meeting, key, 1), tellers.tellers[0])
    refused(await tellers.house.post(path, own, who=TELLER, at=at), 409, "meeting")
    counted = (await tellers.count()).json()
    await tellers.sign(counted["checkpoint"], *tellers.tellers[:3], tellers.scrutineer)
    other = note(share_text(tellers.meeting, key, 2), tellers.tellers[0])
    refused(await tellers.house.post(path, other, who=TELLER, at=at), 422, "note")
    strange = note(share_text(tellers.meeting, "00000000", 1), tellers.tellers[0])
    refused(await tellers.house.post(path, strange, who=TELLER, at=at), 422, "note")
    for number, teller in enumerate(tellers.tellers, 1):
        body = note(share_text(tellers.meeting, key, number), teller)
        await tellers.house.done(path, body, who=TELLER, at=at)
    found = (await tellers.house.get(f"{tellers.path}/destructions")).json()
    assert set(found) == {"ballot-key.txt", *(f"ballot-{n}.txt" for n in range(1, 6))}
    assert found["ballot-key.txt"].startswith(f"minping/key-forgotten\nm1\n{key}\n60\n")
