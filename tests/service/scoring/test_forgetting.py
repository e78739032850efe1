"""Once ballots are closed nothing in the store's files tells in which order they came (S5)."""

import base64
import random
import secrets
from pathlib import Path

from services.scoring.domain.canon import canonical
from services.scoring.store import forgetting
from services.scoring.store.tables import Outbox
from shared.store import forget_deleted, mark_sent
from tests.service.scoring.people import DAY, People
from tests.support.linkage import Finding, Voter, evidence_bound, findings, report

SEATS = 60
SUBJECT = "minping.inbox.ballot.m1"


async def voted(people: People) -> list[Voter]:
    """Everybody votes, one after another, with any card."""
    cards = list(people.cards[:SEATS])
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    random.Random(seed).shuffle(cards)
    found = []
    for card in cards:
        marks = people.marks()
        sealed = people.encrypted(card, marks)
        assert (await people.vote(card, sealed)).status_code == 201
        found.append(Voter(card.text, card.token, card.hash, base64.b64decode(sealed), canonical(marks)[200:320]))
    return found


def told(people: People, voters: list[Voter]) -> list[Finding]:
    """What the database and its log say of the order."""
    path = Path(people.house.url.removeprefix("sqlite:///"))
    files = {file.name: file.read_bytes() for file in (path, path.with_name(f"{path.name}-wal")) if file.exists()}
    return findings(files, voters)


async def test_s5_at_the_closing_pages_and_log_forget_the_order_of_the_voting(people: People) -> None:
    await people.to_ballots()
    voters = await voted(people)
    before = told(people, voters)
    print(report("as it was written", before, SEATS))
    assert any(one.chance < evidence_bound(len(before)) for one in before), "the attack works"
    await people.house.done(f"{people.path}/closing", at=f"{DAY} 11:00")
    assert await people.house.unit.read(forgetting.closed) == {"m1"}

    await people.house.unit.run(lambda tx: forgetting.rearrange(tx.session), at=people.house.clock.now())
    assert forget_deleted(people.house.url, rebuilt=forgetting.TELLING)
    after = told(people, voters)
    print(report("put in order", after, SEATS))
    assert after and not [one for one in after if one.chance < evidence_bound(len(after)) or len(one.order) < SEATS]
    assert (await people.count()).status_code == 200, "the count finds every ballot"


async def test_s5_receipts_on_their_way_are_known_so_that_none_comes_after_the_purge(people: People) -> None:
    await people.to_ballots()
    for card in people.cards[:3]:
        await people.house.ballot(people.message(card), SUBJECT)
    unit, outbox = people.house.unit, Outbox.__table__  # type: ignore[attr-defined]  # SQLModel gives it to every table
    assert await unit.read(lambda session: forgetting.unsent_receipts(session, "m1")) == 3
    assert await unit.read(lambda session: forgetting.unsent_receipts(session, "m2")) == 0
    ids = [row.id for row in people.house.outgoing if row.subject == "minping.receipt.m1"]
    await unit.run(lambda tx: mark_sent(tx.session, outbox, ids[:2]), at=people.house.clock.now())
    assert await unit.read(lambda session: forgetting.unsent_receipts(session, "m1")) == 1
