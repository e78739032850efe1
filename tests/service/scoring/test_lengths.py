"""S6: how long the encrypted files of a counted meeting are does not tell how the hall voted."""

import json
import secrets
import shutil
from pathlib import Path

from services.scoring.domain.cards import card_list
from services.scoring.domain.key_file import KeyFile, split_public
from services.scoring.domain.shamir import new_key, split_key
from tests.service.scoring.house import TELLER, House
from tests.service.scoring.people import EVE, People

OF_THE_DRAW = ("seal/draw_proof.json", "seal/keys.json")
"""Whoever was drawn has a longer or a shorter id, and each house its own keys."""


class Everything(People):
    """Everybody grades everything alike; the tellers bring all three keys."""

    grade = ""

    def marks(self) -> dict[str, dict[str, str]]:
        return {u: {d.key: self.grade for d in self.house.desk.programme.dimensions} for u in self.units}

    async def bring_key_and_cards(self) -> None:
        names = [teller.name for teller in self.tellers]
        split = []
        for needed in (4, 2):
            key = new_key(secrets.token_bytes)
            split.append(split_public(key.public_key(), needed, names, split_key(key, needed=needed, given=5)))
        ballot = split_public(self.secret.public_key(), 3, names, self.shares)
        body = json.loads(KeyFile(self.meeting, ballot, *split).to_bytes())
        await self.house.done(f"{self.path}/ballot-key", body, who=TELLER, at=f"{EVE} 22:00")
        found = card_list(self.meeting, [(card.hash, "all") for card in self.cards])
        signed = [teller.sign(found.note_text) for teller in self.tellers[:2]]
        cards = {"cards": [card.hash for card in self.cards], "signatures": signed}
        await self.house.done(f"{self.path}/cards", cards, who=TELLER, at=f"{EVE} 22:00")


async def lengths(store: Path, grade: str) -> dict[str, int]:
    """Files of a counted meeting in which everybody gave this grade → bytes."""
    house = House(f"sqlite:///{store}")
    house.unit.start()
    try:
        people = Everything(house)
        people.grade = grade
        await people.prepare()
        await people.to_closing()
        assert (await people.count()).status_code == 200
        rows = await house.rows("SELECT name, length(data) FROM meeting_file")
        return {name: length for name, length in rows if name.startswith("seal/") or name.endswith(".bin")}
    finally:
        await house.close()


async def test_s6_no_length_of_a_locked_file_tells_how_the_hall_voted(empty_store: Path, tmp_path: Path) -> None:
    found = []
    for grade in ("satisfied", "basically_satisfied", "dissatisfied"):
        store = tmp_path / f"{grade}.db"
        shutil.copy(empty_store, store)
        found.append({n: size for n, size in (await lengths(store, grade)).items() if n not in OF_THE_DRAW})
    print(found[0])
    assert {"openings.bin", "locked-result.bin"} <= found[0].keys()
    assert found[0] == found[1] == found[2]
