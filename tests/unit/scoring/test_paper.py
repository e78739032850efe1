"""Paper ballots between the two who key them in (S16): compared cell by cell, and nothing readable is kept."""

import pytest

from services.scoring.domain import ballot, paper
from shared.errors import Refusal


def rows(world, **cells):
    """Every cell satisfied but those given as U001_d1="dissatisfied"."""
    return tuple(tuple(cells.get(f"{u}_{d}", "satisfied") for d in world.form.dimensions) for u in world.form.units)


def test_two_keyings_are_compared_cell_by_cell(world):
    token = world.cards[0].token
    one = paper.sketch(world.form, token, rows(world))
    other = paper.sketch(world.form, token, rows(world, U001_d2="dissatisfied", U003_d1="abstain"))
    assert paper.differences(world.form, one, paper.sketch(world.form, token, rows(world))) == ()
    assert paper.differences(world.form, one, other) == ("U001.d2", "U003.d1")
    spoiled = paper.sketch(world.form, token, None)
    assert len(paper.differences(world.form, one, spoiled)) == 6


def test_the_third_look_agrees_with_one_of_the_two_in_every_cell(world):
    token = world.cards[0].token

    def seen(**cells):
        return paper.sketch(world.form, token, rows(world, **cells))

    first, second = seen(), seen(U001_d2="dissatisfied", U003_d1="abstain")
    paper.check_third_look(world.form, first, second, seen(U003_d1="abstain"))
    for cells, named in (({"U001_d2": "abstain"}, "U001.d2"), ({"U002_d1": "abstain"}, "U002.d1")):
        with pytest.raises(Refusal) as refused:
            paper.check_third_look(world.form, first, second, seen(**cells))
        assert refused.value.value == [named]


def test_what_is_kept_between_the_two_tells_nothing_without_the_card(world):
    one, other = (paper.sketch(world.form, card.token, rows(world)) for card in world.cards[:2])
    cells = [one[i : i + paper.CELL_BYTES] for i in range(0, len(one), paper.CELL_BYTES)]
    assert len(set(cells)) == 6, "the same grade in two cells looks different"
    assert not set(cells) & {other[i : i + paper.CELL_BYTES] for i in range(0, len(other), paper.CELL_BYTES)}


def test_a_spoiled_paper_is_void_and_as_long_as_every_ballot(world):
    card = world.cards[0]
    data = ballot.seal_spoiled(world.key.public_key(), world.form, card.hash)
    assert len(data) == world.form.sealed_size
    opened = ballot.open_ballot(world.key, world.form, card.hash, data)
    assert isinstance(opened, ballot.Void) and opened.reason == "spoiled"
    assert set(ballot.VOID_REASONS) >= {opened.reason}
