"""The ledger: nothing is edited, removed, inserted or reordered unseen (R1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rectification.domain.ledger import ORIGIN, Entry, Head, append, verify

START = datetime(2026, 3, 2, 2, tzinfo=UTC)


def chain(length: int = 6) -> list[Entry]:
    entries: list[Entry] = []
    head = Head()
    for i in range(length):
        data = {"reply": "已办结", "round": i, "late": False, "grades": ["satisfied"], "none": None}
        entry = append(head, f"2026-{i % 2:06d}", "solved", START + timedelta(hours=i), "handler:a", data)
        head = Head(entry.seq, entry.hash)
        entries.append(entry)
    return entries


def test_an_untouched_chain_holds_and_gives_its_head() -> None:
    entries = chain()
    verdict = verify(entries)
    assert verdict.holds
    assert (verdict.entries, verdict.head) == (6, Head(6, entries[-1].hash))
    assert entries[0].previous == ORIGIN


@pytest.mark.parametrize(
    "change",
    [
        {"case": "2026-000009"},
        {"kind": "closed"},
        {"at": START + timedelta(microseconds=1)},
        {"actor": "handler:b"},
        {"data": {"reply": "已办结。"}},
        {"hash": "f" * 64},
        {"previous": "f" * 64},
    ],
)
@pytest.mark.parametrize("position", [1, 3, 6])
def test_every_change_of_an_entry_is_found_where_it_is(change: dict[str, Any], position: int) -> None:
    entries = chain()
    entries[position - 1] = replace(entries[position - 1], **change)
    assert verify(entries).position == position


def test_an_entry_edited_with_a_fitting_hash_breaks_the_one_behind_it() -> None:
    entries = chain()
    before = Head(2, entries[1].hash)
    entries[2] = append(before, "2026-000000", "solved", START, "handler:a", {"reply": "改过的"})
    verdict = verify(entries)
    assert (verdict.position, verdict.entries) == (4, 3)


@given(st.integers(1, 5))
def test_a_removed_entry_is_named_missing(position: int) -> None:
    entries = chain()
    del entries[position - 1]
    verdict = verify(entries)
    assert verdict.position == position
    assert "missing" in verdict.reason


def test_two_exchanged_entries_are_found() -> None:
    entries = chain()
    entries[2], entries[3] = entries[3], entries[2]
    assert verify(entries).position == 3


def test_a_tail_cut_off_is_found_by_whoever_noted_the_head() -> None:
    entries = chain()
    noted = verify(entries).head
    assert verify(entries[:4]).holds
    verdict = verify(entries[:4], noted=noted)
    assert (verdict.position, verdict.entries) == (5, 4)


def test_a_chain_written_anew_is_found_by_whoever_noted_the_head() -> None:
    noted = verify(chain(4)).head
    forged: list[Entry] = []
    head = Head()
    for i in range(6):
        forged.append(append(head, "2026-000000", "closed", START + timedelta(hours=i), "office:x", {}))
        head = Head(forged[-1].seq, forged[-1].hash)
    assert verify(forged).holds
    assert verify(forged, noted=noted).position == 4
    assert verify(chain(6), noted=noted).holds
