"""The attack on the secrecy of the vote (X4) where the store is PostgreSQL: its numbers, its places, its files."""

import base64
import random
import secrets

import pytest
from sqlalchemy import create_engine, text

from services.scoring.domain.canon import canonical
from services.scoring.store import Base, forgetting
from shared.migrate import upgrade
from shared.store import forget_deleted, writer_engine
from tests.service.scoring.house import House
from tests.service.scoring.people import DAY, People
from tests.support.linkage import Finding, Voter, evidence_bound, findings, report
from tests.support.postgres import Postgres

pytestmark = pytest.mark.live
SEATS = 60
LARGE = (
    "SELECT c.relname FROM pg_class t JOIN pg_class c ON c.oid = t.reltoastrelid WHERE t.relname = 'ballot'"
    " AND t.relnamespace = 'public'::regnamespace"
)


def told(url: str, voters: list[Voter]) -> list[Finding]:
    """The orders that PostgreSQL itself tells: who wrote a row, where it lies, how its large value is numbered."""
    by_hash = {voter.hash: number for number, voter in enumerate(voters)}
    found = []
    engine = create_engine(url)
    with engine.connect() as asking:
        rows = asking.execute(text("SELECT token_hash, xmin::text::bigint, ctid::text FROM ballot")).all()
        places = [tuple(int(part) for part in ctid.strip("()").split(",")) for _, _, ctid in rows]
        placed = sorted(range(len(rows)), key=lambda n: places[n])
        found.append(Finding("ballot", "ctid", tuple(by_hash[rows[n][0]] for n in placed)))
        if len({xmin for _, xmin, _ in rows}) > 1:
            found.append(Finding("ballot", "xmin", tuple(by_hash[h] for h, _, _ in sorted(rows, key=lambda r: r[1]))))
        toast = asking.execute(text(LARGE)).scalar_one()
        chunks = asking.execute(text(f"SELECT chunk_id, chunk_data FROM pg_toast.{toast} WHERE chunk_seq = 0")).all()
        starts = {voter.ciphertext[:32]: number for number, voter in enumerate(voters)}
        numbered = [starts[bytes(data)[:32]] for _, data in sorted(chunks, key=lambda chunk: chunk[0])]
        found.append(Finding(toast, "chunk_id", tuple(numbered)))
    engine.dispose()
    return found


def files(postgres: Postgres, url: str) -> dict[str, bytes]:
    """The database's own files, after a checkpoint; the server's log of changes apart."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as asking:
        asking.execute(text("CHECKPOINT"))
        oid = asking.execute(text("SELECT oid FROM pg_database WHERE datname = current_database()")).scalar_one()
    engine.dispose()
    folder = postgres.folder / "data" / "base" / str(oid)
    return {f"base/{path.name}": path.read_bytes() for path in folder.iterdir() if path.is_file()}


async def test_s5_on_postgresql_neither_numbers_nor_places_tell_the_order_of_the_voting(postgres: Postgres) -> None:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    url = postgres.database()
    engine = writer_engine(url)
    upgrade(engine, "scoring", Base)
    engine.dispose()
    house = House(url)
    house.unit.start()
    try:
        people = People(house)
        await people.prepare()
        await people.to_ballots()
        cards = list(people.cards[:SEATS])
        random.Random(seed).shuffle(cards)
        voters = []
        for card in cards:
            marks = people.marks()
            sealed = people.encrypted(card, marks)
            assert (await people.vote(card, sealed)).status_code == 201
            voters.append(Voter(card.text, card.token, card.hash, base64.b64decode(sealed), canonical(marks)[200:320]))
        await house.done(f"{people.path}/closing", at=f"{DAY} 11:00")
        before = told(url, voters) + findings(files(postgres, url), voters)
        print(report("as it was written", before, SEATS))
        assert {one.what for one in before if one.linked == SEATS} >= {"ctid", "xmin", "chunk_id"}, "the attack works"

        await house.unit.run(lambda tx: forgetting.rearrange(tx.session), at=house.clock.now())
        assert forget_deleted(url, rebuilt=forgetting.TELLING)
        after = told(url, voters) + findings(files(postgres, url), voters)
        print(report("put in order", after, SEATS))
        bound = evidence_bound(len(after))
        assert not [one for one in after if one.chance < bound or len(one.order) < SEATS]
        assert not [one for one in after if one.what == "xmin"], "one transaction wrote them all"
        assert (await people.count()).status_code == 200, "the count finds every ballot"
    finally:
        await house.close()
