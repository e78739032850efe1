"""Two boxes of cards, where a programme weighs ordinary people and the others instead of counting alike (S5, S7)."""

import io
import json
import secrets
import zipfile
from dataclasses import replace
from typing import Any

import pytest

from services.scoring.domain import ballot as ballots
from services.scoring.domain.cards import Card, card_list, make_cards
from services.scoring.verify import verify_bytes
from shared.programme import Programme
from shared.programme.meeting import CardClass
from tests.service.scoring.house import OFFICE, TELLER, House, refused
from tests.service.scoring.people import BAD, DAY, EVE, GOOD, People

CLASSES = tuple(
    CardClass.model_validate({"key": key, "label": {"zh": zh, "en": key}, "weight": weight, "ordinary": ordinary})
    for key, zh, weight, ordinary in (("ordinary", "普通群众", 70, True), ("other", "其他代表", 30, False))
)


def weighted(programme: Programme) -> Programme:
    meeting = programme.meeting.model_copy(update={"card_classes": CLASSES})
    return programme.model_copy(update={"meeting": meeting})


class Boxes(People):
    """The same people, with a box of cards for ordinary people and one for the others."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.boxes = {
            "ordinary": make_cards(60, secrets.token_bytes, "ordinary"),
            "other": make_cards(25, secrets.token_bytes, "other"),
        }
        self.cards = (*self.boxes["ordinary"], *self.boxes["other"])

    async def bring_key_and_cards(self) -> None:
        """Key, and the list with its classes."""
        key = ballots.public_text(self.secret.public_key())
        await self.house.done(f"{self.path}/key", {"public_key": key}, who=TELLER, at=f"{EVE} 22:00")
        await self.house.done(f"{self.path}/cards", self.upload(self.cards), who=TELLER, at=f"{EVE} 22:00")

    def upload(self, cards: tuple[Card, ...]) -> dict[str, Any]:
        """As `minping cards print --class` writes it."""
        found = card_list(self.meeting, cards)
        return {"classes": found.classes, "signatures": [t.sign(found.note_text) for t in self.tellers[:2]]}

    def ordinary(self) -> int:
        """Ordinary people drawn."""
        return sum(len(people) for stratum, people in self.drawn.items()
                   if stratum in self.house.desk.programme.pool.ordinary)  # fmt: skip

    async def grade(self, card: Card, grade: str) -> None:
        """A ballot with one grade throughout."""
        dimensions = [d.key for d in self.house.desk.programme.dimensions]
        marks = {u: dict.fromkeys(dimensions, grade) for u in self.units}
        assert (await self.vote(card, self.encrypted(card, marks))).status_code == 201


@pytest.fixture
async def boxes(house: House) -> Boxes:
    """A programme that insists on weights."""
    house.desk = replace(house.desk, programme=weighted(house.desk.programme))
    await house.restart()
    found = Boxes(house)
    await found.prepare()
    return found


async def test_s7_two_classes_are_weighted_by_the_published_formula_and_the_bundle_verifies(boxes: Boxes) -> None:
    await boxes.to_ballots()
    ordinary = boxes.ordinary()
    for card in boxes.boxes["ordinary"][:ordinary]:
        await boxes.grade(card, GOOD)
    for card in boxes.boxes["other"][: 60 - ordinary]:
        await boxes.grade(card, BAD)
    await boxes.house.done(f"{boxes.path}/closing", at=f"{DAY} 11:00")
    counted = await boxes.count(left_in_box=25)
    assert counted.status_code == 200, counted.text
    await boxes.sign(counted.json()["checkpoint"], *boxes.tellers[:3], boxes.scrutineer)
    bundle = (await boxes.house.get(f"{boxes.path}/sealed-bundle", OFFICE)).content
    report = verify_bytes(bundle)
    assert report.exit_code == 0, report.text()
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        files = {name: opened.read(name) for name in opened.namelist()}
    tally = json.loads(files["tally.json"])
    assert {unit["score"] for unit in tally["units"]} == {"82.00"}  # 70% × 100 + 30% × 40
    assert tally["ballots"] == {"ordinary": ordinary, "other": 60 - ordinary}
    assert [c["weight"] for c in json.loads(files["rules.json"])["classes"]] == ["70", "30"]
    assert json.loads(files["interval.json"])["scopes"] == []


async def test_s7_a_class_of_fewer_than_ten_ballots_is_not_shown_apart(boxes: Boxes) -> None:
    await boxes.to_ballots()
    ordinary = boxes.ordinary()
    for card in [*boxes.boxes["ordinary"][:ordinary], *boxes.boxes["other"][:9]]:
        await boxes.grade(card, GOOD)
    await boxes.house.done(f"{boxes.path}/closing", at=f"{DAY} 11:00")
    refused(await boxes.count(left_in_box=25, unused=60 - ordinary - 9), 409, "classes.other")


async def test_s7_more_ballots_of_a_class_than_people_of_it_void_the_vote(boxes: Boxes) -> None:
    await boxes.to_ballots()
    ordinary = boxes.ordinary()
    for card in [*boxes.boxes["ordinary"][: ordinary + 1], *boxes.boxes["other"][: 59 - ordinary]]:
        await boxes.grade(card, GOOD)
    await boxes.house.done(f"{boxes.path}/closing", at=f"{DAY} 11:00")
    answer = await boxes.count(left_in_box=25)
    refused(answer, 409, "classes.ordinary")
    assert "void" in answer.json()["remedy"]


async def test_s5_cards_of_no_class_of_an_unknown_one_or_too_few_are_refused(boxes: Boxes) -> None:
    await boxes.create()
    await boxes.freeze()
    await boxes.draw()
    path = f"{boxes.path}/cards"
    signed = boxes.upload(boxes.cards)
    plain = {"cards": [c.hash for c in boxes.cards], "signatures": signed["signatures"]}
    refused(await boxes.house.post(path, plain, who=TELLER, at=f"{EVE} 22:00"), 422, "cards")
    strange = {**signed, "classes": {**signed["classes"], boxes.cards[0].hash: "vip"}}
    refused(await boxes.house.post(path, strange, who=TELLER, at=f"{EVE} 22:00"), 422, "classes")
    few = boxes.upload((*boxes.boxes["ordinary"], *boxes.boxes["other"][:3]))
    refused(await boxes.house.post(path, few, who=TELLER, at=f"{EVE} 22:00"), 422, "cards.other")


async def test_s7_who_checks_in_is_told_the_box_and_weights_stand_for_the_70_per_cent(boxes: Boxes) -> None:
    await boxes.to_check_in()
    deputies, villagers = boxes.drawn["deputy"], boxes.drawn["villager"]
    assert (await boxes.arrive(deputies[0]))["box"] == "其他代表"
    assert (await boxes.arrive(villagers[0]))["box"] == "普通群众"
    hall = (await boxes.house.get(f"{boxes.path}/hall", OFFICE)).json()
    assert (hall["may_open"], hall["ordinary_share"]) == (True, "0.50")


async def test_s5_one_box_takes_no_classes(people: People) -> None:
    await people.create()
    await people.freeze()
    await people.draw()
    body = {"classes": {c.hash: "ordinary" for c in people.cards}, "signatures": ["x"]}
    refused(await people.house.post(f"{people.path}/cards", body, who=TELLER, at=f"{EVE} 22:00"), 422, "cards")
