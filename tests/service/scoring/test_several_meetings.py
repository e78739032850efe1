"""Several meetings at once on one service, apart from each other; rehearsals that leave no trace (S4, S16)."""

from typing import Any

from shared.contracts.scoring import MeetingQuestionDeferred, RankingPublished
from tests.service.scoring.house import CLERK, GUIDANCE, OFFICE, House, refused
from tests.service.scoring.people import DAY, People

PROMISE = {"due": "2026-07-24", "reason": "栏目正在改版", "promised_by": "局长"}


class Second(People):
    """A meeting `m2` on the windows alone, while `m1` votes on the township."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.meeting, self.units = "m2", self.units[6:]


async def both(people: People) -> Second:
    """m1 and m2 up to their questions, each step of the one between those of the other."""
    people.units = people.units[:6]
    second = Second(people.house)
    for step in ("create", "freeze", "draw", "bring_key_and_cards", "announce"):
        await getattr(people, step)()
        await getattr(second, step)()
    for one in (people, second):
        await one.house.done(f"{one.path}/check-in-opening", at=f"{DAY} 08:30")
    for a, b in zip(people.seated(), second.seated(), strict=True):
        await people.arrive(a)
        await second.arrive(b)
    await people.to_questions()
    await second.to_questions()
    return second


async def test_s4_two_meetings_at_once_touch_each_other_in_nothing(people: People) -> None:
    house, second = people.house, await both(people)
    await house.done("/meetings/m1/halt", {"reason": "有人代签"}, who=GUIDANCE, at=f"{DAY} 09:21")
    await house.done("/meetings/m2/questions", {"unit": "w01", "text": "何时能网上办理？"}, who=CLERK)
    refused(await house.post("/meetings/m2/questions", {"unit": "u01", "text": "何时？"}, who=CLERK), 422, "unit")
    await house.done("/meetings/m2/questions/1/deferral", PROMISE, at=f"{DAY} 09:22")
    await house.done("/meetings/m2/ballots-opening", at=f"{DAY} 09:30")
    assert (await house.get("/meetings/m1/questions")).json()["items"] == []
    refused(await house.post("/meetings/m1/ballots-opening"), 409, "meeting")

    assert (await second.vote(second.cards[0])).status_code == 201
    foreign = {"token": people.cards[0].text, "ciphertext": second.encrypted(second.cards[1])}
    answer = await house.post("/meetings/m2/ballots", foreign, who={"role": "terminal", "sub": "t"})
    refused(answer, 422, "token")
    shown = {m: (await house.get(f"/meetings/{m}/screen")).json() for m in ("m1", "m2")}
    assert (shown["m1"]["halted"], shown["m1"]["returned"]) == ("有人代签", None)
    assert (shown["m2"]["halted"], shown["m2"]["returned"]) == (None, 1)
    records = {m: (await house.get(f"/meetings/{m}/record", OFFICE)).json()["items"] for m in ("m1", "m2")}
    assert [e["step"] for e in records["m1"]][-1] == "halt"
    assert "halt" not in [e["step"] for e in records["m2"]]


async def test_s16_a_rehearsal_says_so_everywhere_and_its_promises_reach_nobody(people: People) -> None:
    house = people.house
    await people.create(rehearsal=True)
    await people.freeze()
    await people.draw()
    await people.bring_key_and_cards()
    await people.announce()
    await house.done("/meetings/m1/check-in-opening", at=f"{DAY} 08:30")
    for person in people.seated():
        await people.arrive(person)
    await people.to_questions()
    await house.done("/meetings/m1/questions", {"unit": "u01", "text": "何时能网上办理？"}, who=CLERK)
    await house.done("/meetings/m1/questions/1/deferral", PROMISE, at=f"{DAY} 09:22")
    assert house.published(MeetingQuestionDeferred) == []
    for path, who in (
        ("", None), ("/announcement", None), ("/screen", None), ("/steps", None), ("/fact-sheets/u01", None),
        ("/statements", None), ("/questions", None), ("/record", OFFICE),
    ):  # fmt: skip
        assert (await house.get(f"/meetings/m1{path}", who)).json()["rehearsal"] is True, path
    for page in ("/hall/m1", "/meetings/m1/sheets", "/meetings/m1/sheets/u01"):
        text = (await house.http.get(page, headers={"Accept-Language": "zh-CN"})).text
        assert "演练" in text and "不是真实评议" in text, page


async def test_s16_the_result_of_a_rehearsal_enters_no_ranking(people: People) -> None:
    house: Any = people.house
    await people.create(rehearsal=True)
    await people.freeze()
    await people.draw()
    await people.bring_key_and_cards()
    await people.announce()
    await house.done("/meetings/m1/check-in-opening", at=f"{DAY} 08:30")
    for person in people.seated():
        await people.arrive(person)
    await people.to_questions()
    await house.done("/meetings/m1/ballots-opening", at=f"{DAY} 09:30")
    for card in people.cards[:60]:
        assert (await people.vote(card)).status_code == 201
    await house.done("/meetings/m1/closing", at=f"{DAY} 11:00")
    counted = (await people.count()).json()
    await people.sign(counted["checkpoint"], *people.tellers[:3], people.scrutineer)
    await house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
    await house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
    await house.done("/cycles/2026-H1/publication", at="2026-07-12 10:00")
    [ranking] = house.published(RankingPublished)
    assert {row.unit for row in ranking.rows} == set(people.units)
    assert {row.concentrated for row in ranking.rows} == {None}
    assert {row.rank for row in ranking.rows} == {None}
