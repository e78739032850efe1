"""A meeting as the people of a simulated year hold it: the evening before, the hall, the vote, the count, the seal."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from deploy.local.demo.assembly import Assembly, Revealed
from deploy.local.demo.hall import Marks, Tellers, marks
from deploy.local.simulate.ending import thought_of, voted_on
from deploy.local.simulate.world import World
from services.scoring.domain.canon import digest
from services.scoring.domain.cards import Card
from services.scoring.domain.minutes import MINUTES_ORIGIN
from shared.programme import CycleDates

POOL = "yunxi"
PLACE = "云溪市人民会堂"
UNKNOWN = 0.04
"""How often a representative does not know a unit."""


class Gathering:
    """One meeting. units: who is voted on; group: whose own method; rerun_of: the annulled meeting held again."""

    def __init__(
        self, world: World, cycle: CycleDates, name: str, day: date, units: Sequence[str], *,
        group: str | None = None, rehearsal: bool = False, rerun_of: str | None = None,
    ) -> None:  # fmt: skip
        self.world, self.name, self.day, self.units = world, name, day, tuple(units)
        self._cycle, self._group, self._rehearsal, self._rerun_of = cycle, group, rehearsal, rerun_of
        rules = world.programme.meeting
        self.chance = world.chance("meeting", name)
        given = [f"teller-{number}" for number in range(1, rules.ballot_key.given + 1)]
        tellers = Tellers(given, "scrutineer-1", self.chance, guidance="guidance-1")
        needed = rules.ballot_key.needed
        self.assembly = Assembly(world.house, world.deployment, name, tellers, self.chance, needed=needed)
        self.taken: list[Card] = []

    @property
    def evening(self) -> datetime:
        """When witnesses commit and the pool is frozen, the evening before."""
        return self.world.at(self.day - timedelta(days=1), 17)

    @property
    def lot(self) -> datetime:
        """When the lot is drawn: the public value is known."""
        return self.world.at(self.day - timedelta(days=1), 20, 30)

    def hour(self, hour: int, minute: int = 0) -> datetime:
        """A time of the meeting's day."""
        return self.world.at(self.day, hour, minute)

    async def prepare(self, at: datetime) -> dict[str, Any]:
        """The meeting, its keys, the commitments, the freeze; what was frozen."""
        units = {"units": list(self.units)} if self._group is None else {"group": self._group}
        body: dict[str, Any] = {
            "cycle": self._cycle.name, "date": self.day.isoformat(), "pool": POOL, "rehearsal": self._rehearsal,
            "rerun_of": self._rerun_of, **units,
        }  # fmt: skip
        values = ("枫桥夜泊", "春江花月", "山居秋暝")
        witnesses = [
            Revealed(f"witness-{number}", f"{value}-{self.chance.randrange(1000):03d}", self.chance.randbytes(32))
            for number, value in enumerate(values, 1)
        ]
        source = f"{self.name} 前一晚公布的彩票开奖号码（虚构）"
        cut_off = self.world.at(self.day - timedelta(days=1), 20)
        return await self.assembly.prepare(body, witnesses, source, cut_off, at)

    async def draw(self, at: datetime) -> None:
        """The lot; one of those drawn is ill, and an alternate is invited."""
        value = f"{self.name} " + " ".join(f"{self.chance.randrange(1, 34):02d}" for _ in range(6))
        dice = [self.chance.randrange(10) for _ in range(self.world.programme.meeting.dice_least)]
        await self.assembly.draw(value, dice, at)
        seated = next(people for people in self.assembly.drawn["seated"].values() if people)
        gone = {"representative": seated[0], "reason": "因病请假"}
        found = await self.assembly.act("clerk", "/refusals", gone, at=at)
        self.assembly.drawn["seated"] = found["seated"]

    async def announce(self, at: datetime, *, named: bool) -> list[str]:
        """Units, procedure, place and time; who speaks is named by the office or drawn. The units that speak."""
        least = self.world.programme.meeting.oral_statements_least
        if named:
            worst = sorted(self.units, key=lambda key: self.world.cast.unit(key).standing)
            spoken = {"units": worst[: min(least, len(worst))], "reason": "本周期群众反映较多"}
            await self.assembly.act("office", "/speakers", spoken, at=at)
        await self.assembly.announce(PLACE, self.hour(9), "民主评议政风行风", at)
        speak = list((await self.assembly.read("/announcement"))["speakers"]["speak"])
        for unit in self.units:
            if unit not in speak:
                name = self.world.cast.unit(unit).name
                await self.assembly.write(unit, f"{name}本周期政风行风情况报告。", at)
        return speak

    async def hall(self, at: datetime, absent: Sequence[str] = ()) -> dict[str, Any]:
        """Key, cards, check-in of all but the absent; alternates are called. How the hall is then."""
        await self.assembly.open_hall(at)
        await self.assembly.check_in([one for one in self.assembly.invited if one not in absent], at)
        return await self.assembly.call_alternates(at)

    def ordinary(self, people: Sequence[str]) -> list[str]:
        """Those of them who are ordinary people."""
        ordinary, stratum = self.world.programme.pool.ordinary, {one.id: one.stratum for one in self.world.cast.pool}
        return [one for one in people if stratum[one] in ordinary]

    def opinion(self, form: Mapping[str, Any]) -> Marks:
        """One representative's ballot."""
        leanings = {one.key: thought_of(self.world, one) for one in voted_on(self.world)}
        return marks(form, leanings, UNKNOWN, self.chance)

    async def vote(self, at: datetime, *, on_paper: int = 0) -> list[Card]:
        """All but one use their cards, some of them on paper; the cards of those."""
        self.taken = await self.assembly.take_cards()
        used = self.taken[:-1]
        await self.assembly.vote(used[on_paper:], self.opinion, at)
        return used[:on_paper]

    async def count_and_seal(self, at: datetime) -> None:
        """Closed, counted, signed; the guidance group signs the minutes."""
        await self.assembly.act("office", "/closing", at=at)
        counted = await self.assembly.count(1, at)
        await self.assembly.sign(counted["checkpoint"], at)

    async def sign_minutes(self, at: datetime) -> None:
        """The guidance group signs the minutes as they stand from the seal on."""
        record = await self.world.house.raw("scoring", f"/api/v1/meetings/{self.name}/minutes-record")
        note = f"{MINUTES_ORIGIN}\n{self.name}\n{digest(record)}\n"
        guidance = self.assembly.tellers.guidance
        assert guidance is not None  # it has a key
        await self.assembly.act("guidance", "/minutes-signatures", {"signatures": [guidance.sign(note)]}, at=at)


def changed(bundle: bytes) -> bytes:
    """A bundle in which somebody has changed the tally by one blank."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as found, zipfile.ZipFile(target, "w") as made:
        for name in found.namelist():
            made.writestr(name, found.read(name) + (b" " if name == "tally.json" else b""))
    return target.getvalue()
