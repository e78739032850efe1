"""The declaration of the bus: every message has one stream, every service may do what it does and no more."""

from itertools import combinations

import pytest

from shared.bus.topology import (
    CONSUMES,
    SERVICES,
    STREAMS,
    consumers,
    matches,
    permissions,
    publishes,
    receipts_consumer,
    stream_of,
    subject_of,
)
from shared.contracts import EVENTS


@pytest.mark.parametrize("subject", sorted(kind.subject() for kind in EVENTS.values()))
def test_every_message_is_taken_by_exactly_one_stream(subject: str) -> None:
    takers = [s.name for s in STREAMS if any(matches(pattern, subject) for pattern in s.subjects)]
    assert takers == [stream_of(subject)]


def test_what_no_stream_takes_is_an_error() -> None:
    with pytest.raises(LookupError, match=r"minping\.nowhere"):
        stream_of("minping.nowhere")


@pytest.mark.parametrize(
    ("pattern", "subject", "does"),
    [
        ("a.b", "a.b", True),
        ("a.*", "a.b", True),
        ("a.*", "a.b.c", False),
        ("a.*", "a", False),
        ("a.>", "a.b.c", True),
        ("a.>", "a", False),
        (">", "a.b", True),
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.d", False),
        ("a.b", "a.b.c", False),
    ],
)
def test_subjects_match_as_on_the_server(pattern: str, subject: str, does: bool) -> None:
    assert matches(pattern, subject) is does


def test_consumers_have_names_of_their_own_and_never_give_up() -> None:
    names = [(one.stream, one.name) for service in SERVICES for one in consumers(service)]
    assert len(names) == len(set(names))
    for one in (*(c for service in SERVICES for c in consumers(service)), receipts_consumer("hotline")):
        config = one.config()
        assert (config["ack_policy"], config["max_deliver"]) == ("explicit", -1)
        assert set(one.name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_"), "it stands in subjects"


def test_nothing_in_a_stream_can_be_deleted_and_little_purged() -> None:
    for stream in STREAMS:
        assert stream.config()["deny_delete"] and stream.config()["retention"] == "limits"
        assert stream.config()["deny_purge"] or stream.name in ("INBOX", "BALLOTS", "RECEIPTS", "DEAD_LETTERS")


def test_outside_streams_take_no_atomic_batches() -> None:
    """Fifty open batches would block a stream for ten seconds."""
    outside = [s for s in STREAMS if any(subject.startswith("minping.inbox.") for subject in s.subjects)]
    assert len(outside) == 3 and not any(stream.atomic for stream in outside)


def test_a_service_may_publish_in_its_own_name_only() -> None:
    for one, other in combinations(SERVICES, 2):
        for service, stranger in ((one, other), (other, one)):
            theirs = f"minping.{stranger}.case.opened.v1"
            assert not any(matches(pattern, theirs) for pattern in permissions(service)["publish"])
            assert not any(matches(pattern, f"minping.dead.{stranger}") for pattern in publishes(service))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_neither_make_nor_change_nor_read_past_its_consumers(service: str) -> None:
    allowed = permissions(service)
    forbidden = [
        "$JS.API.STREAM.CREATE.X",
        "$JS.API.STREAM.UPDATE.EVENTS",
        "$JS.API.STREAM.DELETE.EVENTS",
        "$JS.API.STREAM.PURGE.EVENTS",
        "$JS.API.STREAM.MSG.GET.EVENTS",
        "$JS.API.DIRECT.GET.EVENTS",
        "$JS.API.DIRECT.GET.BALLOTS.minping.inbox.ballot.m",
        f"$JS.API.CONSUMER.CREATE.EVENTS.{service}",
        f"$JS.API.CONSUMER.DELETE.EVENTS.{service}",
        "$KV.clock.now",
        "minping.inbox.complaint.x",
        "_INBOX.x",
    ]
    for subject in forbidden:
        assert not any(matches(pattern, subject) for pattern in allowed["publish"]), subject
    for subject in ("minping.scoring.x", "minping.inbox.ballot.m", "_INBOX.x", "_INBOX_other.x", "$SYS.x"):
        assert not any(matches(pattern, subject) for pattern in allowed["subscribe"]), subject


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_take_and_acknowledge_what_it_consumes(service: str) -> None:
    allowed = permissions(service)["publish"]
    for one in consumers(service):
        for subject in (
            f"$JS.API.CONSUMER.INFO.{one.stream}.{one.name}",
            f"$JS.API.CONSUMER.MSG.NEXT.{one.stream}.{one.name}",
            f"$JS.ACK.{one.stream}.{one.name}.1.2.3.4.5",
        ):
            assert any(matches(pattern, subject) for pattern in allowed), subject


def test_what_is_consumed_is_published_by_somebody() -> None:
    published = {subject_of(kind) for kinds in CONSUMES.values() for kind in kinds}
    for subject in published:
        inbox = subject.startswith("minping.inbox.")
        assert inbox or any(matches(pattern, subject) for service in SERVICES for pattern in publishes(service))
