"""What becomes of an event that cannot be taken: again with a growing delay, then the dead letters (T5)."""

import base64
import itertools
import json
import time

import pytest

from deploy.local import dead_letters
from shared.bus import settle
from shared.contracts import Event
from shared.contracts.scoring import CycleClosed, UnitRegistered
from shared.errors import NotYet, Refusal
from shared.settings import ServiceSettings
from shared.store import Tx
from tests.support import toy
from tests.support.house import NOON, Stream, envelope, running, unit_registered
from tests.support.wait import until

pytestmark = pytest.mark.live
ONE_DELIVERY_S = 0.03  # what fails in a group commit is run once more alone, within the same delivery


class Deliveries:
    """A handler that fails as it is told, and remembers when each event came."""

    def __init__(self, **failures: Exception) -> None:
        self.failures = failures
        self.times: dict[str, list[float]] = {}

    def __call__(self, tx: Tx, event: Event[UnitRegistered]) -> None:
        """Fail, or take it."""
        name = event.data.name
        times = self.times.setdefault(name, [])
        if not times or time.monotonic() - times[-1] > ONE_DELIVERY_S:
            times.append(time.monotonic())
        if name in self.failures:
            raise self.failures[name]
        toy.take(tx, event)

    def pauses(self, name: str) -> list[float]:
        """Seconds between one delivery and the next."""
        times = self.times[name]
        return [later - earlier for earlier, later in itertools.pairwise(times)]


async def test_a_raising_handler_is_tried_again_with_growing_delay_while_others_flow(
    stream: Stream, settings: ServiceSettings
) -> None:
    handler = Deliveries(poison=ZeroDivisionError("no such rule"))
    async with running(settings, on_unit=handler) as one:
        await stream.send(unit_registered("poison", id="p1"))
        others = [f"good{number}" for number in range(20)]
        for name in others:
            await stream.send(unit_registered(name))
        await one.until_taken(others)
        assert len(handler.times["poison"]) < settle.FAULT_TRIES, "the others had to wait for the poison"
        (letter,) = await stream.letters()
        await until(lambda: stream_is_done(stream), "all acknowledged")
    assert len(handler.times["poison"]) == settle.FAULT_TRIES
    pauses = handler.pauses("poison")
    assert all(pause >= wanted * 0.9 for pause, wanted in zip(pauses, settle.DELAYS_S, strict=False)), pauses
    assert (letter.error, letter.reason) == ("ZeroDivisionError", "no such rule")
    assert (letter.service, letter.consumer) == (toy.NAME, "rectification-scoring-unit-registered-v1")
    assert (letter.subject, letter.stream, letter.sequence) == (UnitRegistered.TYPE, "EVENTS", 1)
    assert letter.deliveries == settle.FAULT_TRIES
    assert json.loads(base64.b64decode(letter.body))["id"] == "p1"


async def test_a_refused_event_is_not_tried_again_and_its_letter_says_field_value_reason_remedy(
    stream: Stream, settings: ServiceSettings
) -> None:
    handler = Deliveries(wrong=Refusal("unit", "u9", "no such unit", "register it first"))
    async with running(settings, on_unit=handler):
        await stream.send(unit_registered("wrong"))
        (letter,) = await stream.letters()
    assert len(handler.times["wrong"]) == letter.deliveries == 1
    assert (letter.field, letter.value, letter.reason, letter.remedy) == (
        "unit",
        "u9",
        "no such unit",
        "register it first",
    )


async def test_what_does_not_parse_goes_to_the_dead_letters_naming_the_field(
    stream: Stream, settings: ServiceSettings
) -> None:
    bad_schema = json.loads(unit_registered("x"))
    del bad_schema["data"]["category"]
    async with running(settings) as one:
        await stream.send(b"{bad")
        await stream.send(json.dumps(bad_schema).encode())
        await stream.send(unit_registered("good"))
        await one.until_taken(["good"])
        not_json, no_category = await stream.letters(2)
    assert not_json.field == "(body)" and "JSON" in not_json.reason
    assert (no_category.field, no_category.reason) == ("data.category", "Field required")
    assert base64.b64decode(not_json.body) == b"{bad"


async def test_a_kind_with_a_handler_for_malformed_messages_keeps_them_for_repair(
    stream: Stream, settings: ServiceSettings
) -> None:
    async with running(settings, on_malformed=toy.keep_malformed) as one:
        await stream.send(b"{bad")
        await stream.send(unit_registered("good"))
        await one.until_taken(["good"])
        await until(lambda: one.count(toy.Kept), "kept for repair")
        await until(lambda: stream_is_done(stream), "acknowledged")
        assert (await stream.all("DEAD_LETTERS")) == []
        assert one.read(lambda session: session.get(toy.Kept, 1)).body == b"{bad"  # type: ignore[union-attr]


async def test_a_dead_letter_is_taken_when_it_is_replayed_after_the_fix(
    stream: Stream, settings: ServiceSettings
) -> None:
    handler = Deliveries(case=Refusal("rule", "r", "unknown", "mend"))
    async with running(settings, on_unit=handler) as one:
        await stream.send(unit_registered("case"), msg_id="first")
        await stream.letters()
        assert one.taken() == []
        del handler.failures["case"]
        await dead_letters.replay(stream.nc, [1])
        await one.until_taken(["case"])
        await dead_letters.replay(stream.nc, [1])
        await until(lambda: stream_is_done(stream), "the second replay is acknowledged")
        assert one.taken() == ["case"], "a letter replayed twice counts once"


async def test_an_event_that_came_too_early_is_delivered_until_what_it_needs_is_there(
    stream: Stream, settings: ServiceSettings
) -> None:
    tries: list[float] = []

    def early(tx: Tx, event: Event[UnitRegistered]) -> None:
        tries.append(time.monotonic())
        if len(tries) <= 3:
            raise NotYet("the cycle is not known yet")
        toy.take(tx, event)

    async with running(settings, on_unit=early) as one:
        await stream.send(unit_registered("early"))
        await one.until_taken(["early"])
        await until(lambda: stream_is_done(stream), "acknowledged")
        await stream.send(envelope(CycleClosed(name="later", starts=NOON, ends=NOON)), subject=CycleClosed.TYPE)
        await one.until_taken(["early", "later"])
    assert len(tries) == 4, "no storm: as many deliveries as were needed"
    pauses = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert all(pause >= wanted * 0.9 for pause, wanted in zip(pauses, settle.DELAYS_S, strict=False)), pauses
    assert (await stream.all("DEAD_LETTERS")) == []


async def test_an_event_that_stays_too_early_is_dead_lettered_in_the_end(
    stream: Stream, settings: ServiceSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "DELAYS_S", (0.01,))
    handler = Deliveries(orphan=NotYet("case 7 is not known"))
    async with running(settings, on_unit=handler):
        await stream.send(unit_registered("orphan"))
        (letter,) = await stream.letters()
    assert (letter.error, letter.reason, letter.deliveries) == ("NotYet", "case 7 is not known", settle.NOT_YET_TRIES)


async def test_a_huge_message_that_does_not_parse_does_not_block_what_the_service_publishes(
    stream: Stream, settings: ServiceSettings
) -> None:
    """Its dead letter would be over the broker's largest message, and stand before all others for ever."""
    async with running(settings) as one:
        await stream.send(b"{" + b"x" * 1_000_000)
        await stream.send(unit_registered("good"))
        await one.until_taken(["good"])
        (letter,) = await stream.letters()
        await one.quiet()
        assert len(await stream.published()) == 1
    assert letter.field == "(body)" and letter.sequence == 1
    assert not letter.complete and len(base64.b64decode(letter.body)) < 1_000_000


async def stream_is_done(stream: Stream) -> bool:
    """Everything on the toy's consumer is acknowledged."""
    return await stream.waiting() == 0
