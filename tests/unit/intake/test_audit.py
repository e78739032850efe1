"""The audit's chain: what was altered, removed, moved or cut off is named by its position (I3, X6)."""

from services.intake.domain import audit
from services.intake.domain.audit import GENESIS, Head

Row = tuple[int, str, dict[str, object]]


def chain(length: int) -> list[Row]:
    previous, rows = GENESIS, []
    for position in range(1, length + 1):
        entry: dict[str, object] = {"position": position, "what": "requested"}
        previous = audit.chained(previous, entry)
        rows.append((position, previous, entry))
    return rows


def test_an_altered_removed_or_moved_entry_is_named_by_its_position() -> None:
    rows = chain(5)
    assert audit.verify(rows).position is None
    altered = [*rows]
    altered[2] = (3, rows[2][1], {"position": 3, "what": "refused"})
    assert audit.verify(altered).position == 3
    assert audit.verify(rows[:1] + rows[2:]).position == 2
    assert audit.verify([rows[0], (2, *rows[2][1:]), (3, *rows[1][1:]), *rows[3:]]).position == 2


def test_a_tail_that_was_cut_off_or_written_anew_is_found_by_the_head_that_was_noted() -> None:
    rows = chain(5)
    noted = audit.verify(rows).head
    assert audit.verify(rows[:3]).position is None
    assert audit.verify(rows[:3], noted).position == 4
    assert audit.verify(chain(6), noted).position is None
    assert audit.verify(rows, Head(4, "0" * 64)).position == 4
