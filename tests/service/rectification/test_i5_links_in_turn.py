"""A complaint is linked, unlinked and linked again: what two consumers bring out of turn ends as it was told (I5)."""

import pytest
from sqlmodel import select

from services.rectification.store.tables import KeptLinkRow
from shared.contracts.intake import ComplaintLinked, ComplaintUnlinked
from shared.errors import NotYet
from tests.service.rectification.house import House

LEAD, OTHER, AT = "2026-000001", "2026-000009", "2026-03-01 10:00"


def linked(step: int) -> ComplaintLinked:
    return ComplaintLinked(number=OTHER, lead=LEAD, how="clerk", petitioners=2, step=step)


def unlinked(step: int) -> ComplaintUnlinked:
    return ComplaintUnlinked(number=OTHER, lead=LEAD, reason="另一件事", step=step)


async def kept(house: House) -> int:
    """How many links wait for the case."""
    return len(await house.unit.read(lambda session: session.exec(select(KeptLinkRow)).all()))


async def test_i5_a_link_made_again_waits_for_the_undoing_of_the_first(house: House) -> None:
    await house.take(linked(1), AT)
    with pytest.raises(NotYet):
        await house.take(linked(3), AT)
    with pytest.raises(NotYet):
        await house.take(unlinked(4), AT)
    await house.take(unlinked(2), AT)
    assert await kept(house) == 0
    await house.take(linked(3), AT)
    assert await kept(house) == 1
    await house.take(unlinked(4), AT)
    assert await kept(house) == 0


async def test_i5_what_a_later_step_has_overtaken_changes_nothing(house: House) -> None:
    await house.take(linked(3), AT)
    for late in (linked(1), unlinked(2), linked(3)):
        await house.take(late, AT)
    assert await kept(house) == 1


async def test_i5_an_undoing_that_comes_before_its_link_waits(house: House) -> None:
    with pytest.raises(NotYet):
        await house.take(unlinked(2), AT)
    await house.take(linked(1), AT)
    await house.take(unlinked(2), AT)
    assert await kept(house) == 0
