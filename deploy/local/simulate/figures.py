"""The figures that services publish at the end of a simulated span, asked of them as anybody or the office would."""

from typing import Any

from deploy.local.demo.http import Answered
from deploy.local.simulate.mechanism import Figures
from deploy.local.simulate.world import World

NOT_FOUND = 404


async def collect(world: World) -> Figures:
    """Published results and consequences of every cycle, and what intake read. Raises Answered."""
    office = world.person("office")
    results: dict[str, Any] = {}
    consequences: dict[str, Any] = {}
    for cycle in world.cycles:
        try:
            results[cycle.name] = await world.anybody().get("scoring", f"/results/{cycle.name}/result.json")
        except Answered as answer:
            if answer.status != NOT_FOUND:
                raise
        consequences[cycle.name] = await office.get("scoring", "/api/v1/consequences", cycle=cycle.name)
    seen = await office.get("intake", "/api/v1/statistics")
    read = {name: int(seen[name]) for name in ("received", "registered", "repeated", "linked", "kept_for_repair")}
    return Figures(results, consequences, read)
