"""S6: from the count until the daily scores stand, nobody who holds the database can read the result."""

import json
import secrets
from typing import Any

import pytest

from services.scoring.domain.key_file import KeyFile, split_public
from services.scoring.domain.shamir import new_key, split_key
from services.scoring.store.tables import FileRow
from services.scoring.verify import verify_bytes
from shared.contracts.rectification import CaseClosed
from tests.service.scoring.house import LEADER, OFFICE, OTHER_OFFICE, TELLER, House, refused
from tests.service.scoring.people import EVE, People


class Locking(People):
    """Tellers who bring a key for the result beside the ballots' key."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.result = new_key(secrets.token_bytes)
        self.result_shares = split_key(self.result, needed=2, given=5)

    async def bring_key_and_cards(self) -> None:
        names = [teller.name for teller in self.tellers]
        ballot = split_public(self.secret.public_key(), 3, names, self.shares)
        result = split_public(self.result.public_key(), 2, names, self.result_shares)
        body = json.loads(KeyFile(self.meeting, ballot, None, result).to_bytes())
        await self.house.done(f"{self.path}/ballot-key", body, who=TELLER, at=f"{EVE} 22:00")
        await super().bring_key_and_cards()


@pytest.fixture
async def people(house: House) -> Locking:
    """Units, a cycle and a pool are registered."""
    found = Locking(house)
    await found.prepare()
    return found


async def open_result(people: Locking, *shares: str, **more: Any) -> Any:
    return await people.house.post(f"{people.path}/result-opening", {"shares": shares}, who=TELLER, **more)


async def dump(people: Locking) -> bytes:
    names = await people.house.rows("SELECT name FROM sqlite_master WHERE type = 'table'")
    found = b""
    for (table,) in names:
        for row in await people.house.rows(f"SELECT * FROM {table}"):
            found += b"\x00".join(v if isinstance(v, bytes) else str(v).encode() for v in row)
    return found


async def test_s6_the_database_does_not_tell_the_result_between_count_and_publication(people: Locking) -> None:
    await people.to_seal()
    whole = await dump(people)
    for telling in (b"minping.tally.v1", b"minping.interval.v1", b'"grade":'):
        assert telling not in whole, telling
    assert b"minping.seal.v1" in whole, "the manifest is there, to be signed"
    refused(await people.house.get(f"{people.path}/sealed-bundle", OFFICE), 409, "result")
    assert (await people.house.get(f"{people.path}/checkpoint")).status_code == 200
    assert (await people.house.get(f"{people.path}/result-lock")).json()["locked"] is True
    copy = await people.house.get(f"{people.path}/locked-result", TELLER)
    assert len(copy.content) > 10_000
    assert (await people.house.get(f"{people.path}/locked-result")).status_code == 401


async def test_s6_two_tellers_open_the_result_once_no_appeal_can_change_a_daily_score(people: Locking) -> None:
    house, shares = people.house, people.result_shares
    await people.to_seal()
    late = CaseClosed(case="2026-000001", unit="u01", paying_unit="u01", outcome="solved", late=True)
    await house.take(late, "2026-06-30 10:00")
    refused(await open_result(people, *shares[:2]), 409, "cycle")
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 00:00")
    await house.done("/points/2026-H1.2026-000001.late.u01/appeal", {"grounds": "x"}, who=LEADER, at="2026-07-02 09:00")
    refused(await open_result(people, *shares[:2]), 409, "appeals")
    ruling = {"upheld": False, "reason": "x"}
    await house.done("/points/2026-H1.2026-000001.late.u01/ruling", ruling, who=OTHER_OFFICE)
    refused(await house.post("/cycles/2026-H1/ranking"), 409, "meetings")
    refused(await open_result(people, shares[0]), 409, "shares")
    assert (await open_result(people, people.shares[0], people.shares[1])).status_code == 422, "shares of another key"
    opened = await open_result(people, shares[1], shares[4])
    assert opened.json()["locked"] is False, opened.text
    assert (await open_result(people, shares[1], shares[4])).status_code == 200, "twice is harmless"
    await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    await house.done(f"{people.path}/publication", at="2026-07-12 10:00")
    report = verify_bytes((await house.get(f"{people.path}/bundle")).content)
    assert report.exit_code == 0, report.text()
    record = await house.rows("SELECT step FROM meeting_record WHERE step = 'result_opened'")
    assert record == [("result_opened",)]


async def test_s6_no_result_is_computed_from_a_seal_that_was_changed(people: Locking) -> None:
    house, shares = people.house, people.result_shares
    await people.to_seal()
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 00:00")
    await open_result(people, *shares[:2])

    def change(tx: Any) -> None:
        row = tx.session.get(FileRow, (people.meeting, "seal/tally.json"))
        row.data = row.data.replace(b'"satisfied":1', b'"satisfied":2', 1)

    await house.unit.run(change, at=house.clock.now())
    answer = await house.post("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    refused(answer, 409, "seal")
    assert "tally" in str(answer.json()["value"])
