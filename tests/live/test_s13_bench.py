"""The benches of online evaluation measure what they say: both sides really run, in small sizes; no time asserted."""

import pytest

from deploy.local.bench import accepting, draining, memory, publishing, tallying, watching

pytestmark = pytest.mark.live


def test_s13_the_drain_bench_counts_every_message_on_both_sides() -> None:
    found = draining.measure(print, runs=2, messages=600, units=7)
    assert len(found.ours) == len(found.limit) == 2 and found.bound == 0.6


def test_s13_the_http_bench_counts_what_was_answered_201() -> None:
    found = accepting.measure(print, runs=1, requests=60, people=8)
    assert len(found.ours) == len(found.limit) == 1 and found.bound == 0.5


def test_s13_the_publish_bench_has_every_message_acknowledged() -> None:
    found = publishing.measure(print, runs=1, batched=2_500, single=20)
    assert len(found.ours) == len(found.limit) == 1 and found.bound == 8


def test_s13_the_tally_bench_ranks_every_unit() -> None:
    anew, kept = tallying.measure(print, runs=1, evaluations=600, units=8)
    assert len(anew.ours) == len(kept.ours) == 1 and anew.bound == 3


def test_s13_the_memory_bench_drains_all_and_looks_at_the_service() -> None:
    idle, draining_ = memory.measure(print, runs=1, messages=700, units=5)
    assert 0 < idle.ours[0] <= draining_.ours[0]


def test_s13_the_watching_bench_drains_the_same_with_and_without_counters() -> None:
    found = watching.measure(print, runs=1, messages=600, units=7)
    assert len(found.ours) == len(found.limit) == 1 and found.bound == 0.95
