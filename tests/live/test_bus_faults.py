"""The broker killed, events delivered again, the whole stream replayed: nothing is lost and nothing counts twice."""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest
from nats.aio.msg import Msg
from sqlmodel import select

from shared.contracts.scoring import UnitRegistered
from shared.settings import ServiceSettings
from tests.support import toy
from tests.support.broker import Broker
from tests.support.house import Stream, Toy, process, running, unit_registered
from tests.support.wait import until

pytestmark = pytest.mark.live


async def test_events_delivered_again_after_the_broker_was_killed_change_nothing(
    broker: Broker, stream: Stream, settings: ServiceSettings
) -> None:
    """Acknowledgements are not durable across a kill -9, and some are not sent at all: they are withheld here."""
    names = [f"n{number}" for number in range(50)]
    async with running(settings) as one:
        for name in names[:25]:
            await stream.send(unit_registered(name))
        await one.until_taken(names[:25])
        with withheld_acks():
            for name in names[25:]:
                await stream.send(unit_registered(name))
            await one.until_taken(names[25:] + names[:25])
            await one.quiet()
            broker.kill()
        await one.until_status(503)
        await broker.start()
        await one.until_status(200)
        await until(lambda: acknowledged(stream), "all acknowledged", within=25)
        assert one.taken() == names, "redelivered, and not taken again"
        await one.quiet()
        assert len(await stream.published()) == 50


async def test_the_whole_stream_replayed_past_the_duplicate_window_changes_nothing(
    stream: Stream, settings: ServiceSettings
) -> None:
    """With new message ids the broker takes every event again; only the inbox knows them (T3)."""
    names = [f"n{number}" for number in range(100)]
    async with running(settings) as one:
        for name in names:
            await stream.send(unit_registered(name))
        await one.until_taken(names)
        for subject, body, _ in await stream.all():
            if subject == UnitRegistered.TYPE:
                await stream.send(body, msg_id=os.urandom(8).hex())
        await stream.send(unit_registered("last"))
        await one.until_taken([*names, "last"])
        await until(lambda: acknowledged(stream), "all acknowledged")
        await one.quiet()
        assert one.taken() == [*names, "last"]
        assert len(await stream.published()) == 101


async def test_one_failing_event_in_a_burst_holds_up_nobody_and_the_rest_keeps_its_order(
    stream: Stream, settings: ServiceSettings
) -> None:
    def take(tx: toy.Tx, event: toy.Event[UnitRegistered]) -> None:
        toy.take(tx, event)
        if event.data.name == "poison":
            raise ZeroDivisionError

    names = [f"n{number:03}" for number in range(300)]
    for name in [*names[:150], "poison", *names[150:]]:
        await stream.send(unit_registered(name))
    async with running(settings, on_unit=take) as one:
        await until(lambda: len(one.taken()) == 300, "all the others")
        assert one.taken() == names, "in stream order"
        await one.quiet()
        assert len(await stream.published()) == 300, "what the failing one would have published is not there"


async def test_two_hundred_requests_at_once_while_events_flow_are_all_answered(
    stream: Stream, settings: ServiceSettings
) -> None:
    async def flow() -> None:
        for number in range(200):
            await stream.send(unit_registered(f"n{number}"))

    async with running(settings) as one:
        answers, _ = await asyncio.gather(asyncio.gather(*[one.post(str(number)) for number in range(200)]), flow())
        assert [answer.status_code for answer in answers] == [201] * 200, "no `database is locked`"
        await until(lambda: len(one.taken()) == 200, "all events")
        assert one.count(toy.Case) == 200


async def test_what_was_answered_is_there_after_the_service_is_killed(
    stream: Stream, settings: ServiceSettings
) -> None:
    """`kill -9` right after answers, with requests under way: every 2xx is in the store and then in the stream (T2)."""
    async with process(settings) as one:
        answered: list[str] = []

        async def keep_posting(worker: int) -> None:
            for number in range(10_000):
                try:
                    answer = await one.post(f"{worker}-{number}")
                except Exception as error:  # noqa: BLE001 - the connection breaks in one of many ways
                    assert one.process.poll() is not None, error  # type: ignore[union-attr]
                    return
                assert answer.status_code == 201
                answered.append(answer.json()["number"])
                if len(answered) == 200:
                    one.process.kill()  # type: ignore[union-attr]

        await asyncio.gather(*[keep_posting(worker) for worker in range(8)])
    assert len(answered) >= 200
    async with running(settings) as again:
        stored = set(again.read(lambda session: session.exec(select(toy.Case.number)).all()))
        assert set(answered) <= stored
        await again.quiet()
        published = await stream.published()
        assert len(published) == len(set(published)) == len(stored), "no more and no fewer events than cases"


async def test_a_worker_that_was_frozen_with_an_event_in_hand_changes_nothing_when_it_goes_on(
    stream: Stream, settings: ServiceSettings, tmp_path: Path
) -> None:
    """Longer than `ack_wait`: the event is given to another worker, which commits it first (T9)."""
    hand = tmp_path / "hand"
    async with process(settings, TOY_HOLD=str(hand)) as frozen:
        await stream.send(unit_registered("held"))
        await until(hand.exists, "the worker has the event in hand")
        frozen.process.send_signal(signal.SIGSTOP)  # type: ignore[union-attr]
        async with running(settings) as other:
            await until(lambda: other.taken() == ["held"], "taken by the other worker", within=25)
            frozen.process.send_signal(signal.SIGCONT)  # type: ignore[union-attr]
            hand.unlink()
            await frozen.quiet()
            assert "event_tried_again" not in frozen.said()
            await until(lambda: took(frozen, "taken"), "the frozen worker has gone on with it")
            assert other.taken() == ["held"]
            await other.quiet()
            assert len(await stream.published()) == 1


async def acknowledged(stream: Stream) -> bool:
    """Everything on the toy's consumer is acknowledged."""
    return await stream.waiting() == 0


async def took(one: Toy, outcome: str) -> bool:
    """Has a process settled an event in this way?"""
    metrics = (await one.http.get("/metrics")).text
    return f'minping_events_taken_total{{outcome="{outcome}",service="{toy.NAME}"}} 1.0' in metrics


@contextmanager
def withheld_acks() -> Iterator[None]:
    """While it lasts, acknowledgements do not leave this process."""

    async def lost(_: Msg) -> None:
        """The broker dies before it hears it."""

    with patch.object(Msg, "ack", lost):
        yield
