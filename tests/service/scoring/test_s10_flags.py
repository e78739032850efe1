"""Flags of the count through the doors of the service (voting.md D): for the office, beside the seal, never in it."""

import io
import zipfile
from typing import Any

from services.scoring.verify import verify_bytes
from tests.service.scoring.house import CLERK, LEADER, OFFICE, TELLER, refused
from tests.service.scoring.people import People
from tests.service.scoring.test_custody import Locking


async def test_s10_copies_are_flagged_to_the_office_with_figures_and_no_ballot_and_change_nothing(
    people: People,
) -> None:
    house = people.house
    await people.to_ballots()
    copied = people.marks()
    for i, card in enumerate(people.cards[:60]):
        marks: Any = copied if i < 8 else people.marks()
        assert (await people.vote(card, people.encrypted(card, marks))).status_code == 201
    await house.done(f"{people.path}/closing", at="2026-07-10 11:00")
    refused(await house.get(f"{people.path}/patterns", OFFICE), 409, "meeting")
    counted = await people.count()
    await people.sign(counted.json()["checkpoint"], *people.tellers[:3], people.scrutineer)
    found = (await house.get(f"{people.path}/patterns", OFFICE)).json()
    assert found == {"meeting": "m1", "ballots": 60, "alike": 8, "long_string": 0, "flagged": True}
    for who, status in ((CLERK, 403), (LEADER, 403), (None, 401)):
        assert (await house.get(f"{people.path}/patterns", who)).status_code == status
    bundle = (await house.get(f"{people.path}/sealed-bundle", OFFICE)).content
    assert verify_bytes(bundle).exit_code == 0
    with zipfile.ZipFile(io.BytesIO(bundle)) as members:
        assert not [name for name in members.namelist() if "pattern" in name], "no seller of votes may show it"


async def test_s10_an_honest_hall_raises_no_flag(people: People) -> None:
    await people.to_seal()
    found = (await people.house.get(f"{people.path}/patterns", OFFICE)).json()
    assert (found["alike"], found["long_string"], found["flagged"]) == (0, 0, False)


async def test_s10_under_the_results_lock_the_flags_are_under_lock_too(people: People) -> None:
    locking = Locking(people.house)
    await locking.to_seal()
    house = people.house
    kept = [name for (name,) in await house.rows("SELECT name FROM meeting_file WHERE name LIKE '%pattern%'")]
    assert kept == ["locked-patterns.bin"]
    refused(await house.get(f"{locking.path}/patterns", OFFICE), 409, "result")
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    shares = {"shares": locking.result_shares[:2]}
    await house.done(f"{locking.path}/result-opening", shares, who=TELLER, at="2026-07-12 09:00")
    assert (await house.get(f"{locking.path}/patterns", OFFICE)).json()["ballots"] == 60
