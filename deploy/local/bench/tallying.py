"""P7: a million online evaluations counted anew and ranked over a thousand units, against one SQL GROUP BY.

Ours begins with the evaluations themselves, not with the counts that are kept beside them; ranking from those counts
is shown as the second measure. The limit is the least that SQL can do: how many evaluations a unit has.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text
from sqlmodel import Session

from deploy.local.bench.evaluating import CYCLE, NOW, World
from deploy.local.bench.figure import Figure, Tell
from services.scoring.store import evaluations as store
from services.scoring.usecases.evaluation_results import ranked, recounted
from services.scoring.usecases.evaluations import Arrival, take
from shared.service import collect_seldom

EVALUATIONS, UNITS = 1_000_000, 1_000
AT_ONCE = 5_000
GROUP_BY = (
    "SELECT b.unit, count(*) FROM evaluation_code c JOIN evaluation_batch b ON b.id = c.batch "
    "WHERE b.cycle = :cycle AND c.marks IS NOT NULL GROUP BY b.unit"
)


def measure(tell: Tell, *, runs: int, evaluations: int = EVALUATIONS, units: int = UNITS) -> list[Figure]:
    """Seconds to rank, `runs` times."""
    return asyncio.run(_measure(tell, runs, evaluations, units))


async def _measure(tell: Tell, runs: int, evaluations: int, units: int) -> list[Figure]:
    whole: list[float] = []
    kept: list[float] = []
    limit: list[float] = []
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        async with World.of(Path(folder) / "bench.db", units) as world:
            await _fill(world, tell, evaluations)
            collect_seldom()
            for turn in range(1, runs + 1):
                limit.append(await world.unit.read(_bare))
                whole.append(await world.unit.read(lambda session: _ranked(world, session, anew=True, units=units)))
                kept.append(await world.unit.read(lambda session: _ranked(world, session, anew=False, units=units)))
                tell(f"run {turn} of {runs}: {whole[-1]:.2f} s, from the counts {kept[-1]:.3f}, bare {limit[-1]:.2f}")
    about = {"evaluations": evaluations, "units": units}
    bare = "one SQL GROUP BY unit, count(*), of the same rows"
    return [
        Figure(
            name="tally", ours_is="counted anew from the evaluations, and ranked", limit_is=bare, unit="s",
            ours=tuple(whole), limit=tuple(limit), sense="at most", bound=3, notes=about,
        ),
        Figure(
            name="tally-kept", ours_is="ranked from the counts that each commit keeps", limit_is=bare, unit="s",
            ours=tuple(kept), limit=tuple(limit), sense="at most", bound=3,
        ),
    ]  # fmt: skip


async def _fill(world: World, tell: Tell, evaluations: int) -> None:
    given = await world.issue(evaluations)
    for start in range(0, len(given), AT_ONCE):
        part = [Arrival(one.text, one.unit, one.marks, NOW) for one in given[start : start + AT_ONCE]]
        await world.unit.run(lambda tx, part=part: take(world.desk, tx, part), at=NOW)  # type: ignore[misc]  # bound at once
    tell(f"{evaluations:,} evaluations taken")


def _bare(session: Session) -> float:
    began = time.perf_counter()
    session.connection().execute(text(GROUP_BY), {"cycle": CYCLE}).all()
    return time.perf_counter() - began


def _ranked(world: World, session: Session, *, anew: bool, units: int) -> float:
    began = time.perf_counter()
    tallies = recounted(session, CYCLE) if anew else store.tallies(session, CYCLE)
    found = ranked(world.desk, session, tallies)
    elapsed = time.perf_counter() - began
    if len([row for row in found if row.rank is not None]) != units:
        raise AssertionError("not every unit is ranked: take more evaluations")
    return elapsed
