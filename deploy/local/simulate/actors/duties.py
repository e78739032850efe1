"""Units and the office do what they owe by its date (R9): by their diligence in time, late, badly at first, or never.

Their own inspections are OwnInspections'.

Each of these is met at least once a year, whatever chance says.
"""

from datetime import date, time, timedelta

from deploy.local.demo.duties import Duties, Duty, Manner, Owed
from deploy.local.simulate.world import World
from shared.programme.obligations import OFFICE

LOOKS_AT = time(8, 30)
"""Before the office day begins and with it the first reminders."""

LATE_BY = (1, 2, 4, 5, 9)
"""Working days after the due date: before, between and after the steps of the ladder."""

OFTEN = 0.5
"""A unit that is in time with nine cases of ten is late with a duty of twenty: dates are easier kept than mended."""


class DutiesKept:
    """Plans who hands in what when, and lets the demo's duties play it."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def begin(self) -> None:
        """Plan the looks of all years."""
        world = self._world
        programme = world.programme
        if not programme.obligations:
            return
        units = tuple(unit.key for unit in world.cast.units)
        owed = Owed(
            units, world.day(world.starts), world.day(world.ends) - timedelta(days=1), self._manner,
            inspects=False, office=True, looks_after=timedelta(), opens=LOOKS_AT,
        )  # fmt: skip
        Duties(world.stage, world.house, lambda: world.programme, owed)

    def _manner(self, duty: Duty, today: date) -> Manner:
        """In time: in the month of the due date, at its first look."""
        world, due = self._world, date.fromisoformat(duty["due"])
        in_time = max(today, min(world.roll(due.replace(day=1)), due))
        chance = world.chance("duty", duty["id"])
        if duty["unit"] == OFFICE:
            return Manner(world.after(due, 2) if duty["period"].endswith(("Q2", "H1")) else in_time)
        if fault := self._meant(duty):
            late = world.after(due, 4)
            return {"late": Manner(late), "never": Manner(None), "returned": Manner(in_time, returned=True)}[fault]
        if chance.random() < (1 - world.cast.unit(duty["unit"]).diligence) * OFTEN:
            return Manner(None if chance.random() < 0.15 else world.after(due, chance.choice(LATE_BY)))
        return Manner(in_time, returned=chance.random() < 0.03)

    def _meant(self, duty: Duty) -> str:
        """The faults that each obligation that opens in a year sees, each by another unit."""
        owing = [unit.key for unit in self._world.cast.units if unit.key != self._world.cast.worst]
        period = f"{duty['obligation']} {duty['period'][:4]}"
        if len(duty["period"]) > 4 and not duty["period"].endswith(("-05", "Q2", "H1")):
            return ""
        chosen = self._world.chance("faults of", period).sample(owing, 3)
        return dict(zip(chosen, ("late", "never", "returned"), strict=True)).get(duty["unit"], "")
