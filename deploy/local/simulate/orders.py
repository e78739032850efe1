"""The cases that a meeting's promise, an opinion or a consequence became."""

from deploy.local.simulate.world import World


async def case_of(world: World, unit: str, text: str) -> str:
    """The number of the newest open case of a unit whose title begins with the text's first words."""
    found = await world.person("office").every("rectification", "/api/v1/cases", unit=unit)
    numbers = [one["case"] for one in found if one["title"].startswith(text[:40]) and one["closed_at"] is None]
    return str(max(numbers))
