"""What is committed is published, each event once, whatever becomes of broker, answer or service (T4, T6)."""

import signal
import uuid

import pytest
from sqlalchemy import create_engine, update
from sqlmodel import Session, select

from shared.contracts.rectification import CaseAccepted
from shared.settings import ServiceSettings
from tests.support import toy
from tests.support.broker import Broker
from tests.support.house import NOON, Stream, envelope, running
from tests.support.wait import until

pytestmark = pytest.mark.live


async def test_what_is_committed_while_the_broker_is_away_is_published_once_when_it_is_back(
    broker: Broker, stream: Stream, settings: ServiceSettings
) -> None:
    async with running(settings) as one:
        await one.post("before")
        await one.quiet()
        broker.kill()
        answers = [await one.post(f"away{number}", events=3) for number in range(5)]
        assert [answer.status_code for answer in answers] == [201] * 5, "taking over HTTP does not need the broker"
        assert one.unsent() == 15
        await broker.start()
        await one.quiet()
        await until(lambda: one.unsent() == 0, "marked as sent")
        keys = await stream.published()
    assert len(keys) == len(set(keys)) == 16
    assert keys == stored_ids(settings), "in the order of the commits"


async def test_an_answer_that_came_too_late_does_not_double_an_event(
    broker: Broker, stream: Stream, settings: ServiceSettings
) -> None:
    """A publish that timed out is stored all the same: the repeat must carry the same id."""
    async with running(settings) as one:
        broker.signal(signal.SIGSTOP)
        await one.post("slow", events=3)
        relay = one.parts.relay  # type: ignore[union-attr]  # it runs in this process
        failures = watch_failures(relay)
        await until(lambda: failures, "a publish without an answer", within=12)
        broker.signal(signal.SIGCONT)
        await one.quiet()
        keys = await stream.published()
    assert sorted(keys) == sorted(stored_ids(settings)) and len(keys) == 3


async def test_a_service_started_with_unsent_rows_publishes_all_of_them(
    broker: Broker, stream: Stream, settings: ServiceSettings
) -> None:
    await store_unsent(settings, count := 12_000)
    async with running(settings) as one:
        await one.quiet()
        await until(lambda: one.unsent() == 0, "marked as sent")
    state = (await stream.nc.jetstream().stream_info("EVENTS")).state
    assert state.messages == count


async def test_events_that_are_in_the_stream_but_not_marked_are_not_doubled(
    stream: Stream, settings: ServiceSettings
) -> None:
    """The service died between the broker's answer and the mark."""
    async with running(settings) as one:
        await one.post("case", events=30)
        await one.quiet()
    keys = await stream.published()
    forget_marks(settings)
    async with running(settings) as one:
        await until(lambda: one.unsent() == 0, "marked as sent")
        await one.post("another")
        await one.quiet()
    assert (await stream.published())[:-1] == keys and len(keys) == 30


async def test_a_batch_of_which_part_is_stored_gets_the_rest_stored_and_nothing_twice(
    stream: Stream, settings: ServiceSettings
) -> None:
    rows = await store_unsent(settings, 50)
    for key, body in rows[10:30]:
        await stream.send(body, subject=CaseAccepted.TYPE, msg_id=key)
    async with running(settings) as one:
        await one.quiet()
        await until(lambda: one.unsent() == 0, "marked as sent")
    published = await stream.published()
    assert len(published) == 50 and set(published) == {key for key, _ in rows}


async def test_thousands_of_events_go_out_in_whole_batches_in_order(stream: Stream, settings: ServiceSettings) -> None:
    async with running(settings) as one:
        await one.post("many", events=2_500)
        await one.quiet()
    assert await stream.published() == stored_ids(settings)
    last = await stream.nc.jetstream().get_msg("EVENTS", 2_500, direct=True)
    assert (last.headers or {})["Nats-Batch-Sequence"] == "500", "1,000 and 1,000 and 500"


async def test_rows_of_two_streams_in_turn_still_go_out_in_batches(stream: Stream, settings: ServiceSettings) -> None:
    def in_turn(tx: toy.Tx) -> None:
        for number in range(40):
            tx.publish(CaseAccepted(case=str(number), unit="u", handler="h"), subject="1")
            tx.answer(CaseAccepted(case=str(number), unit="u", handler="h"), to=f"minping.dead.{toy.NAME}")

    async with running(settings) as one:
        await one.parts.unit.run(in_turn, at=NOON)  # type: ignore[union-attr]  # it runs in this process
        await one.quiet()
    last = await stream.nc.jetstream().get_msg("EVENTS", 40, direct=True)
    assert (last.headers or {})["Nats-Batch-Sequence"] == "40"
    assert (await stream.nc.jetstream().stream_info("DEAD_LETTERS")).state.messages == 40


async def test_a_message_that_no_stream_takes_fails_where_it_is_published_and_blocks_nobody(
    stream: Stream, settings: ServiceSettings
) -> None:
    def astray(tx: toy.Tx) -> None:
        tx.answer(CaseAccepted(case="1", unit="u", handler="h"), to="minping.nowhere.at.all")

    def too_large(tx: toy.Tx) -> None:
        tx.publish(CaseAccepted(case="1" * 1_100_000, unit="u", handler="h"), subject="1")

    async with running(settings) as one:
        unit = one.parts.unit  # type: ignore[union-attr]  # it runs in this process
        with pytest.raises(LookupError, match=r"minping\.nowhere\.at\.all"):
            await unit.run(astray, at=NOON)
        with pytest.raises(ValueError, match=r"bytes on minping\.rectification\.case\.accepted\.v1"):
            await unit.run(too_large, at=NOON)
        await one.post("next")
        await one.quiet()
        assert len(await stream.published()) == 1


def watch_failures(relay: object) -> list[str]:
    """Note every batch of which the relay could not tell whether it was taken."""
    seen: list[str] = []
    one = relay._one  # type: ignore[attr-defined]  # the moment in between is what the test is about

    async def noted(row: object) -> None:
        seen.append("one by one")
        await one(row)

    relay._one = noted  # type: ignore[attr-defined]  # as above
    return seen


def stored_ids(settings: ServiceSettings) -> list[str]:
    """Ids in the outbox, in commit order."""
    engine = create_engine(settings.database_url)
    with Session(engine) as session:
        ids = list(session.exec(select(toy.Outbox.id).order_by(toy.Outbox.seq)))
    engine.dispose()
    return ids


def forget_marks(settings: ServiceSettings) -> None:
    """As if the marks had not been written."""
    engine = create_engine(settings.database_url)
    with engine.begin() as connection:
        connection.execute(update(toy.Outbox).values(sent=False))
    engine.dispose()


async def store_unsent(settings: ServiceSettings, count: int) -> list[tuple[str, bytes]]:
    """An outbox as a service left it that was killed after its commits: ids and bodies."""
    engine = create_engine(settings.database_url)
    toy.create_tables(engine, toy.NAME, toy.Base)
    rows = [
        (key := uuid.uuid4().hex, envelope(CaseAccepted(case=str(number), unit="u", handler="h"), key))
        for number in range(count)
    ]
    with engine.begin() as connection:
        values = [
            {"id": key, "subject": CaseAccepted.TYPE, "payload": body, "created": NOON, "sent": False}
            for key, body in rows
        ]
        connection.execute(toy.Outbox.__table__.insert(), values)  # type: ignore[attr-defined]  # SQLModel makes it
    engine.dispose()
    return rows
