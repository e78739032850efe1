"""S16: tablets or power fail. Paper by decision on record, keyed in twice, one card one ballot, the same seal."""

from typing import Any

from services.scoring.domain.canon import parse_canonical
from services.scoring.domain.cards import Card
from services.scoring.verify import verify_bytes
from tests.service.scoring.house import GUIDANCE, OFFICE, TELLER, TERMINAL, refused
from tests.service.scoring.people import BAD, DAY, GOOD, People
from tests.service.scoring.test_seal import members

FIRST = {"role": "clerk", "sub": "clerk-7"}
SECOND = {"role": "teller", "sub": "teller-4"}
THIRD = {"role": "clerk", "sub": "clerk-9"}


async def decide(people: People) -> None:
    reason = {"reason": "停电，平板无法使用"}
    await people.house.done(f"{people.path}/paper-fallback", reason, who=OFFICE, at=f"{DAY} 09:40")
    await people.house.done(f"{people.path}/paper-fallback/confirmation", who=GUIDANCE, at=f"{DAY} 09:41")


async def key(people: People, card: Card, who: dict[str, Any], marks: Any = None, **more: Any) -> Any:
    body = {"card": card.text, **({"marks": marks} if marks is not None else {}), **more}
    return await people.house.post(f"{people.path}/paper-ballots", body, who=who, at=f"{DAY} 11:30")


async def test_s16_paper_waits_for_the_decision_of_office_and_guidance_group(people: People) -> None:
    await people.to_ballots()
    path, reason = f"{people.path}/paper-fallback", {"reason": "停电"}
    refused(await key(people, people.cards[0], FIRST, people.marks()), 409, "paper")
    refused(await people.house.post(f"{path}/confirmation", who=GUIDANCE), 409, "paper")
    refused(await people.house.post(path, reason, who=GUIDANCE), 403, "role")
    await people.house.done(path, reason, who=OFFICE)
    refused(await key(people, people.cards[0], FIRST, people.marks()), 409, "paper")
    refused(await people.house.post(f"{path}/confirmation", who=OFFICE), 403, "role")
    await people.house.done(f"{path}/confirmation", who=GUIDANCE)
    assert (await key(people, people.cards[0], FIRST, people.marks())).json()["state"] == "once"
    record = await people.house.rows(
        "SELECT step, role, reason FROM meeting_record WHERE step LIKE 'paper%' ORDER BY at, step"
    )
    steps = {(step, role) for step, role, _ in record}
    assert steps == {("paper_proposed", "office"), ("paper_confirmed", "guidance")}


async def test_s16_a_paper_is_keyed_in_by_two_and_differences_are_resolved_by_a_third(people: People) -> None:
    await people.to_ballots()
    await decide(people)
    card, marks = people.cards[0], people.marks()
    marks["u01"] = dict.fromkeys(marks["u01"], GOOD)
    dimension = next(iter(marks["u01"]))
    other = {**marks, "u01": {**marks["u01"], dimension: BAD}}
    assert (await key(people, card, FIRST, marks)).json()["state"] == "once"
    assert (await key(people, card, FIRST, marks)).json()["state"] == "once", "the same person again is no second look"
    refused(await key(people, card, FIRST, other), 409, "card")
    differs = (await key(people, card, SECOND, other)).json()
    assert (differs["state"], differs["cells"]) == ("differs", [f"u01.{dimension}"])
    refused(await key(people, card, SECOND, marks), 409, "card")
    shown = (await people.house.get(f"{people.path}/paper-fallback", OFFICE)).json()
    assert [c["cells"] for c in shown["differing"]] == [[f"u01.{dimension}"]]
    wrong = {**marks, "u02": dict.fromkeys(marks["u02"], people.form().abstain)}
    refused(await key(people, card, THIRD, wrong), 409, "marks")
    assert (await key(people, card, THIRD, marks)).json()["state"] == "accepted"
    refused(await key(people, card, {"role": "clerk", "sub": "clerk-11"}, marks), 409, "card")
    assert (await people.house.get(f"{people.path}/turnout")).json()["returned"] == 1


async def test_s16_a_card_votes_once_on_paper_or_at_a_terminal(people: People) -> None:
    await people.to_ballots()
    await decide(people)
    used, marks = people.cards[0], people.marks()
    await people.vote(used)
    refused(await key(people, used, FIRST, marks), 409, "card")
    for who in (FIRST, SECOND):
        await key(people, people.cards[1], who, marks)
    refused(await people.vote(people.cards[1]), 409, "token")
    await key(people, people.cards[2], FIRST, marks)
    await people.vote(people.cards[2])
    refused(await key(people, people.cards[2], SECOND, marks), 409, "card")
    stranger = people.cards[0].text[:-1] + ("0" if people.cards[0].text[-1] != "0" else "1")
    body = {"card": stranger, "marks": marks}
    assert (await people.house.post(f"{people.path}/paper-ballots", body, who=FIRST)).status_code == 422
    refused(await people.house.post(f"{people.path}/paper-ballots", body, who=TERMINAL), 403, "role")
    unknown = {"u01": {"efficiency": "?"}}
    refused(await key(people, people.cards[3], FIRST, unknown), 422, "marks.u01.efficiency")


async def test_s16_terminals_and_paper_go_into_one_seal_that_tells_how_many_were_paper(people: People) -> None:
    """Half the hall voted when the power failed; the rest is keyed in after the closing, one paper is spoiled."""
    await people.to_ballots()
    for card in people.cards[:30]:
        await people.vote(card)
    await decide(people)
    await people.house.done(f"{people.path}/closing", at=f"{DAY} 11:00")
    on_paper = {card.hash: people.marks() for card in people.cards[30:59]}
    for card in people.cards[30:59]:
        for who in (FIRST, SECOND):
            done = await key(people, card, who, on_paper[card.hash])
    assert done.json()["state"] == "accepted"
    await key(people, people.cards[59], FIRST, spoiled=True)
    refused(await people.count(), 409, "paper")
    await key(people, people.cards[59], SECOND, spoiled=True)
    counted = (await people.count()).json()
    assert (counted["returned"], counted["valid"], counted["void"]) == (60, 59, 1)
    await people.sign(counted["checkpoint"], *people.tellers[:3], people.scrutineer)
    bundle = (await people.house.get(f"{people.path}/sealed-bundle", OFFICE)).content
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    figures = parse_canonical(members(bundle)["reconciliation.json"])
    assert (figures["paper"], figures["void_reasons"]) == (30, {"spoiled": 1})
    assert "30 of them on paper" in report.text()
    receipt = await people.house.get(f"{people.path}/receipts/{people.cards[40].hash}")
    assert verify_bytes(bundle, receipt=receipt.content).exit_code == 0


async def test_s16_what_is_kept_of_a_paper_shows_no_mark_before_or_after_the_count(people: People) -> None:
    await people.to_ballots()
    await decide(people)
    card = people.cards[0]
    marks = {u: dict.fromkeys(row, BAD) for u, row in people.marks().items()}
    await key(people, card, FIRST, marks)
    (kept,) = await people.house.rows("SELECT * FROM paper_ballot")
    assert BAD.encode() not in str(kept).encode() and card.text not in str(kept)
    await key(people, card, SECOND, marks)
    for other in people.cards[1:60]:
        await people.vote(other)
    await people.house.done(f"{people.path}/closing", at=f"{DAY} 11:00")
    assert (await people.count()).status_code == 200
    assert await people.house.rows("SELECT first, second FROM paper_ballot") == [(b"", None)]
    assert await people.house.rows("SELECT count(*) FROM idempotency WHERE answer LIKE '%token_hash%'") == [(0,)]
    refused(await key(people, people.cards[61], FIRST, marks), 409, "meeting")
    shown = (await people.house.get(f"{people.path}/paper-fallback", TELLER)).json()
    assert shown["accepted"] == 1 and "marks" not in shown
