"""What a ballot leaves behind: nothing that says when, where or in which order it was cast (S5)."""

import sqlite3

from services.scoring.domain.cards import Card
from tests.service.scoring.people import People


def stored(people: People, table: str) -> list[sqlite3.Row]:
    with sqlite3.connect(people.house.url.removeprefix("sqlite:///")) as connection:
        return connection.execute(f"SELECT * FROM {table}").fetchall()


async def cast(people: People, card: Card) -> tuple[int, str]:
    """As a terminal that sends an Idempotency-Key with everything."""
    body = {"token": card.text, "ciphertext": people.encrypted(card)}
    token = people.house._token({"role": "terminal", "sub": "terminal-7"})
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": f"terminal-7-{card.hash[:4]}"}
    answer = await people.house.http.post("/api/v1/meetings/m1/ballots", json=body, headers=headers)
    return answer.status_code, answer.json()["state"]


async def test_a_ballot_sent_with_an_idempotency_key_leaves_neither_terminal_nor_time(people: People) -> None:
    await people.to_ballots()
    before = stored(people, "idempotency")
    for card in people.cards[:3]:
        assert await cast(people, card) == (201, "accepted")
    assert stored(people, "idempotency") == before
    (columns,) = {len(row) for row in stored(people, "ballot")}
    assert columns == 3  # meeting, hash of the card, ciphertext


async def test_ballots_lie_in_the_order_of_their_cards_not_in_that_of_voting(people: People) -> None:
    await people.to_ballots()
    for card in reversed(people.cards[:8]):
        await cast(people, card)
    hashes = [row[1] for row in stored(people, "ballot")]
    assert hashes == sorted(hashes)
