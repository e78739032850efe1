"""Casting ballots over HTTP and the bus (S5), turnout, closing (S6)."""

import asyncio
import base64

from prometheus_client import REGISTRY

from services.scoring.domain.cards import make_cards, receipt_ticket
from services.scoring.usecases import ballots
from shared.contracts.inbox import BallotReceipt
from shared.contracts.scoring import MeetingClosed
from tests.service.scoring.house import CLERK, OFFICE, TELLER, House, refused
from tests.service.scoring.people import DAY, People

SUBJECT = "minping.inbox.ballot.m1"


async def returned(house: House) -> int:
    return int((await house.get("/meetings/m1/turnout")).json()["returned"])


async def test_one_card_is_one_ballot_and_the_very_same_again_is_harmless(people: People) -> None:
    await people.to_ballots()
    card, ciphertext = people.cards[0], people.encrypted(people.cards[0])
    first, again = await people.vote(card, ciphertext), await people.vote(card, ciphertext)
    assert (first.status_code, first.json()["state"]) == (201, "accepted")
    assert (again.status_code, again.json()["state"]) == (200, "repeated")
    refused(await people.vote(card), 409, "token")
    assert await returned(people.house) == 1


async def test_no_ballot_before_they_are_open_nor_after_they_are_closed(people: People) -> None:
    await people.to_check_in()
    refused(await people.vote(people.cards[0]), 409, "meeting")
    for person in people.seated():
        await people.arrive(person)
    await people.to_questions()
    await people.house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")
    ciphertext = people.encrypted(people.cards[0])
    assert (await people.vote(people.cards[0], ciphertext)).status_code == 201
    await people.house.done("/meetings/m1/closing", at=f"{DAY} 11:00")
    refused(await people.vote(people.cards[1]), 409, "meeting")
    # a terminal whose answer was lost asks again, after the closing too
    assert (await people.vote(people.cards[0], ciphertext)).json()["state"] == "repeated"
    told = people.house.published(MeetingClosed)[0]
    assert (told.issued, told.returned) == (60, 1)


async def test_what_is_wrong_with_a_ballot_is_said_and_never_repeats_the_card(people: People) -> None:
    await people.to_ballots()
    card = people.cards[0]
    other = make_cards(1, lambda n: b"x" * n)[0]
    typo = card.text[:-1] + ("A" if card.text[-1] != "A" else "B")
    for status, field, token, ciphertext in (
        (422, "token", other.text, people.encrypted(card)),
        (422, "card", typo, people.encrypted(card)),
        (422, "ciphertext", card.text, base64.b64encode(b"short").decode()),
        (422, "ciphertext", card.text, "§§§"),
    ):
        body = {"token": token, "ciphertext": ciphertext}
        answer = await people.house.post("/meetings/m1/ballots", body, who={"role": "terminal", "sub": "t"})
        refused(answer, status, field)
        assert token not in answer.text
    assert await returned(people.house) == 0
    refused(
        await people.house.post(
            "/meetings/m9/ballots", {"token": "x", "ciphertext": "x"}, who={"role": "terminal", "sub": "t"}
        ),
        404,
        "meeting",
    )


async def test_only_terminals_cast_ballots(people: People) -> None:
    await people.to_ballots()
    body = {"token": people.cards[0].text, "ciphertext": people.encrypted(people.cards[0])}
    for who in (CLERK, OFFICE, TELLER):
        refused(await people.house.post("/meetings/m1/ballots", body, who=who), 403, "role")


async def test_a_hundred_at_once_with_one_card_count_once(people: People) -> None:
    await people.to_ballots()
    answers = await asyncio.gather(*(people.vote(people.cards[0]) for _ in range(100)))
    assert sorted(a.status_code for a in answers) == [201] + [409] * 99
    assert await returned(people.house) == 1


async def test_a_ballot_by_the_bus_is_answered_on_the_meetings_own_subject(people: People) -> None:
    await people.to_ballots()
    message = people.message(people.cards[0])
    accepted = await people.house.ballot(message, SUBJECT)
    assert (accepted.state, accepted.ticket) == ("accepted", receipt_ticket(people.cards[0].token))
    assert people.cards[0].hash.encode() not in people.house.outgoing[-1].payload, "receipts lie in the voting's order"
    assert (await people.house.ballot(message, SUBJECT)).state == "repeated"
    assert people.house.outgoing[-1].subject == "minping.receipt.m1"
    assert await returned(people.house) == 1


async def test_a_refused_ballot_by_the_bus_says_why(people: People) -> None:
    await people.to_ballots()
    cast = await people.house.ballot(people.message(people.cards[0]), SUBJECT)
    assert cast.state == "accepted"
    for message, subject, says in (
        (people.message(people.cards[0]), SUBJECT, "this card has been used"),
        (people.message(people.cards[1], meeting="m2"), SUBJECT, "came from the terminals of m1"),
        (people.message(people.cards[1], token="nonsense"), SUBJECT, "a card has 28"),
        (people.message(people.cards[1], ciphertext="AAAA"), SUBJECT, "every ballot of this meeting"),
        (people.message(people.cards[1], meeting="m2"), "minping.inbox.ballot.m2", "no such meeting"),
    ):
        answer = await people.house.ballot(message, subject)
        assert answer.state == "refused"
        assert says in (answer.reason or "")


async def test_a_message_that_is_no_ballot_is_answered_with_the_field_at_fault(people: People) -> None:
    await people.house.unit.run(
        lambda tx: ballots.refuse_malformed(tx, subject=SUBJECT, body=b"{}", wrong="token: Field required"),
        at=people.house.clock.now(),
    )
    sent = people.house.outgoing[-1]
    receipt = BallotReceipt.model_validate_json(sent.payload)
    assert (sent.subject, receipt.state, receipt.reason) == ("minping.receipt.m1", "refused", "token: Field required")


async def test_anybody_sees_the_turnout_and_nobody_an_interim_result(people: People) -> None:
    await people.to_closing()
    turnout = (await people.house.get("/meetings/m1/turnout")).json()
    assert turnout == {"meeting": "m1", "state": "closed", "issued": 60, "returned": 60}
    for path in ("bundle", "checkpoint", "sealed-bundle", f"receipts/{people.cards[0].hash}"):
        answer = await people.house.get(f"/meetings/m1/{path}", OFFICE)
        assert answer.status_code in (404, 409), path
    refused(await people.house.get("/cycles/2026-H1/ranking"), 404, "cycle")


async def test_only_committed_ballots_are_counted_in_the_metrics(people: People) -> None:
    def figure(outcome: str) -> float:
        return REGISTRY.get_sample_value("minping_scoring_ballots_total", {"outcome": outcome}) or 0

    await people.to_ballots()
    before = {o: figure(o) for o in ("accepted", "repeated", "refused")}
    ciphertext = people.encrypted(people.cards[0])
    await asyncio.gather(*(people.vote(people.cards[0], ciphertext) for _ in range(5)))
    await asyncio.gather(*(people.vote(card) for card in people.cards[:5]))
    assert {o: figure(o) - before[o] for o in before} == {"accepted": 5, "repeated": 4, "refused": 1}
