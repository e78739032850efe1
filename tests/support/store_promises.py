"""What the store promises, whichever database it is on: inherited by one test class a database."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Column
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Field, Session, func, select

from shared.errors import Refusal
from shared.identity import Actor
from shared.store import Outgoing, Tables, Tx, mark_sent, prune_sent, reader_engine, unsent, writer_engine
from shared.tables import DecimalText, JSONType, UtcDateTime
from shared.unit import DUPLICATE, IdempotencyKey, Replay, Unit
from tests.support import toy
from tests.support.house import NOON

CLERK = Actor(sub="clerk-1", role="clerk")


class Sample(toy.Base, table=True):  # type: ignore[name-defined,misc]  # the base is made at run time
    """One column of each type of the house."""

    __tablename__ = "sample"

    key: str = Field(primary_key=True)
    at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    score: Decimal | None = Field(default=None, sa_type=DecimalText)
    body: Any = Field(default=None, sa_column=Column(JSONType))


class Desk:
    """A unit on a database, and what it handed to the relay."""

    def __init__(self, url: str) -> None:
        self.writer, self.reader = writer_engine(url), reader_engine(url)
        self.given: list[Outgoing] = []
        self.tables = Tables.of(toy.Base)
        self.unit = Unit(
            "toy", self.writer, self.reader, self.tables, programme="window-units", committed=self.given.extend
        )

    def rows(self, column: Any) -> list[Any]:
        """One column of a table, as committed."""
        with Session(self.reader) as session:
            return list(session.exec(select(column).order_by(column)))


def case(number: str, *, fault: Exception | None = None) -> Callable[[Tx], toy.Made]:
    """A use case that makes a case, tells of it, and then may fail."""

    def make(tx: Tx) -> toy.Made:
        made = toy.Case(number=number)
        tx.session.add(made)
        toy.accepted(tx, number)
        if fault:
            raise fault
        tx.session.flush()
        return toy.Made(number=number, seq=made.seq or 0)

    return make


def key_of(body: bytes = b"{}", *, key: str = "k", actor: Actor = CLERK) -> IdempotencyKey:
    """A caller's key for a request."""
    return IdempotencyKey.of(key, actor, "POST", "/api/v1/cases", body)


class StorePromises:
    """Subclasses give the fixture `url`: an empty database."""

    @asynccontextmanager
    async def open(self, url: str) -> AsyncIterator[Desk]:
        """A running unit; the tables are made if they are not there."""
        desk = Desk(url)
        toy.Base.metadata.create_all(desk.writer)
        desk.unit.start()
        try:
            yield desk
        finally:
            await desk.unit.stop()
            desk.writer.dispose()
            desk.reader.dispose()

    @pytest.fixture
    async def desk(self, url: str) -> AsyncIterator[Desk]:
        """A running unit on an empty database."""
        async with self.open(url) as desk:
            yield desk

    async def test_one_failing_use_case_among_many_fails_alone(self, desk: Desk) -> None:
        faults = {3: Refusal("number", "3", "wrong", "mend"), 7: ZeroDivisionError()}
        runs = [desk.unit.run(case(str(n), fault=faults.get(n)), at=NOON) for n in range(10)]
        results = await asyncio.gather(*runs, return_exceptions=True)
        assert [n for n, result in enumerate(results) if isinstance(result, Exception)] == [3, 7]
        assert isinstance(results[3], Refusal) and isinstance(results[7], ZeroDivisionError)
        assert desk.rows(toy.Case.number) == [str(n) for n in range(10) if n not in faults]
        assert len(desk.rows(toy.Outbox.id)) == len(desk.given) == 8, "nor is anything published of what failed"

    async def test_a_use_case_that_fails_at_the_commit_fails_alone(self, desk: Desk) -> None:
        def same_key(tx: Tx) -> None:
            tx.session.add(Sample(key="same"))

        await desk.unit.run(same_key, at=NOON)
        runs = [desk.unit.run(case("1"), at=NOON), desk.unit.run(same_key, at=NOON), desk.unit.run(case("2"), at=NOON)]
        results = await asyncio.gather(*runs, return_exceptions=True)
        assert isinstance(results[1], IntegrityError)
        assert desk.rows(toy.Case.number) == ["1", "2"]

    async def test_an_error_of_the_database_does_not_tell_what_was_to_be_stored(self, desk: Desk) -> None:
        def twice(tx: Tx) -> None:
            tx.session.add_all([Sample(key="1", body="canary"), Sample(key="1", body="canary")])

        with pytest.raises(IntegrityError) as caught:
            await desk.unit.run(twice, at=NOON)
        assert "canary" not in str(caught.value)

    async def test_events_are_applied_in_stream_order_however_they_arrive(self, desk: Desk) -> None:
        def note(order: int) -> Callable[[Tx], None]:
            return lambda tx: toy.keep(tx, f"e{order}", str(order))

        arriving = [5, 3, 9, 1, 7, 2]
        runs = [desk.unit.run(note(order), at=NOON, order=order, inbox_key=f"e{order}") for order in arriving]
        await asyncio.gather(*runs)
        with Session(desk.reader) as session:
            applied = list(session.exec(select(toy.Taken.name).order_by(toy.Taken.seq)))
        assert applied == ["1", "2", "3", "5", "7", "9"]

    async def test_an_event_counts_once_at_once_later_and_after_a_restart(self, url: str) -> None:
        async with self.open(url) as desk:
            both = [desk.unit.run(case("1"), at=NOON, inbox_key="s|e1") for _ in range(2)]
            assert [result is DUPLICATE for result in await asyncio.gather(*both)] == [False, True]
            assert await desk.unit.run(case("1"), at=NOON, inbox_key="s|e1") is DUPLICATE
        async with self.open(url) as desk:
            assert await desk.unit.run(case("1"), at=NOON, inbox_key="s|e1") is DUPLICATE
            assert desk.rows(toy.Case.number) == ["1"] and len(desk.rows(toy.Outbox.id)) == 1

    async def test_an_event_that_failed_is_taken_when_it_comes_again(self, desk: Desk) -> None:
        with pytest.raises(ZeroDivisionError):
            await desk.unit.run(case("1", fault=ZeroDivisionError()), at=NOON, inbox_key="s|e1")
        await desk.unit.run(case("1"), at=NOON, inbox_key="s|e1")
        assert desk.rows(toy.Case.number) == ["1"]

    async def test_an_event_taken_by_two_workers_at_the_same_time_counts_once(self, url: str) -> None:
        """A worker that stood still in the middle, and the one that was given its event meanwhile (T9)."""
        inside, go_on = threading.Event(), threading.Event()

        def slow(tx: Tx) -> toy.Made:
            made = case("1")(tx)
            inside.set()
            assert go_on.wait(10)
            return made

        async with self.open(url) as frozen, self.open(url) as successor:
            first = asyncio.ensure_future(frozen.unit.run(slow, at=NOON, inbox_key="s|e1"))
            await asyncio.to_thread(inside.wait, 10)
            second = asyncio.ensure_future(successor.unit.run(case("1"), at=NOON, inbox_key="s|e1"))
            await asyncio.to_thread(go_on.wait, 0.2)
            go_on.set()
            outcomes = await asyncio.gather(first, second, return_exceptions=True)
            assert sum(isinstance(outcome, toy.Made) for outcome in outcomes) == 1, outcomes
            assert all(isinstance(o, toy.Made | IntegrityError) or o is DUPLICATE for o in outcomes)
            assert await successor.unit.run(case("1"), at=NOON, inbox_key="s|e1") is DUPLICATE
            assert successor.rows(toy.Case.number) == ["1"] and len(successor.rows(toy.Outbox.id)) == 1

    async def test_two_hundred_writes_at_once_all_commit(self, desk: Desk) -> None:
        await asyncio.gather(*[desk.unit.run(case(str(n)), at=NOON) for n in range(200)])
        assert len(desk.rows(toy.Case.number)) == len(desk.given) == 200

    async def test_a_repeated_request_gets_its_first_answer_and_has_one_effect(self, desk: Desk) -> None:
        first = await desk.unit.run(case("1"), at=NOON, actor=CLERK, idempotency=key_of())
        again: Any = await desk.unit.run(case("1"), at=NOON, actor=CLERK, idempotency=key_of())
        assert again == Replay(first.model_dump_json())
        assert desk.rows(toy.Case.number) == ["1"]

    async def test_a_request_sent_twice_at_the_same_time_has_one_effect(self, desk: Desk) -> None:
        results = await asyncio.gather(*[desk.unit.run(case("1"), at=NOON, idempotency=key_of()) for _ in range(20)])
        assert sum(isinstance(result, Replay) for result in results) == 19
        assert desk.rows(toy.Case.number) == ["1"]

    async def test_a_key_is_for_one_request_of_one_person(self, desk: Desk) -> None:
        await desk.unit.run(case("1"), at=NOON, idempotency=key_of())
        with pytest.raises(Refusal, match="the key was used for another request"):
            await desk.unit.run(case("2"), at=NOON, idempotency=key_of(b'{"other": 1}'))
        somebody_else = key_of(actor=Actor(sub="clerk-2", role="clerk"))
        assert not isinstance(await desk.unit.run(case("3"), at=NOON, idempotency=somebody_else), Replay)
        assert desk.rows(toy.Case.number) == ["1", "3"]

    async def test_a_request_that_was_refused_leaves_its_key_free(self, desk: Desk) -> None:
        with pytest.raises(ZeroDivisionError):
            await desk.unit.run(case("1", fault=ZeroDivisionError()), at=NOON, idempotency=key_of())
        assert (await desk.unit.run(case("1"), at=NOON, idempotency=key_of())).number == "1"

    async def test_any_answer_that_json_can_tell_is_repeated(self, desk: Desk) -> None:
        def answer(_tx: Tx) -> Any:
            return [{"at": NOON, "score": Decimal("1.50")}, None]

        await desk.unit.run(answer, at=NOON, idempotency=key_of())
        again = await desk.unit.run(answer, at=NOON, idempotency=key_of())
        assert again == Replay('[{"at":"2026-03-02T04:00:00Z","score":"1.50"},null]')

    async def test_what_is_unsent_is_found_in_order_until_it_is_marked(self, desk: Desk) -> None:
        await asyncio.gather(*[desk.unit.run(case(str(n)), at=NOON) for n in range(1_200)])
        with Session(desk.reader) as session:
            found = unsent(session, desk.tables.outbox)
        assert found == desk.given and len(found) == 1_200
        await desk.unit.run(
            lambda tx: mark_sent(tx.session, desk.tables.outbox, [r.id for r in found[:1_100]]), at=NOON
        )
        with Session(desk.reader) as session:
            assert unsent(session, desk.tables.outbox) == found[1_100:]

    async def test_published_events_leave_in_small_steps_and_what_is_unsent_or_young_stays(self, desk: Desk) -> None:
        def old(tx: Tx) -> None:
            tx.now = NOON - timedelta(days=8)
            toy.accepted(tx, "old")

        for _ in range(25):
            await desk.unit.run(old, at=NOON - timedelta(days=8))
        await asyncio.gather(*[desk.unit.run(case(str(n)), at=NOON) for n in range(5)])
        sent = [row.id for row in desk.given if row is not desk.given[20]]
        await desk.unit.run(lambda tx: mark_sent(tx.session, desk.tables.outbox, sent), at=NOON)
        week_ago = NOON - timedelta(days=7)

        def prune(tx: Tx) -> int:
            return prune_sent(tx.session, desk.tables.outbox, week_ago, 10)

        steps = [await desk.unit.run(prune, at=NOON) for _ in range(4)]
        assert steps == [10, 10, 4, 0]
        assert sorted(desk.rows(toy.Outbox.id)) == sorted(row.id for row in [desk.given[20], *desk.given[25:]])

    async def test_a_reader_sees_only_what_is_committed_and_writes_nothing(self, desk: Desk) -> None:
        seen: list[int] = []

        def look(tx: Tx) -> None:
            case("1")(tx)
            with Session(desk.reader) as other:
                seen.append(other.exec(select(func.count()).select_from(toy.Case)).one())

        await desk.unit.run(look, at=NOON)
        assert seen == [0]
        assert await desk.unit.read(lambda session: session.exec(select(toy.Case.number)).all()) == ["1"]

    async def test_the_probe_writes_and_leaves_nothing(self, desk: Desk) -> None:
        await desk.unit.probe(at=NOON)
        await desk.unit.probe(at=NOON)
        assert desk.rows(toy.Idempotency.key) == []

    async def test_times_are_stored_in_utc_and_compared_across_zones(self, desk: Desk) -> None:
        shanghai = timezone(timedelta(hours=8))
        local = datetime(2026, 3, 2, 12, 0, 0, 123456, shanghai)

        def store(tx: Tx) -> None:
            tx.session.add(Sample(key="a", at=local))
            tx.session.add(Sample(key="b", at=local - timedelta(hours=1)))

        await desk.unit.run(store, at=NOON)
        with Session(desk.reader) as session:
            back = session.exec(select(Sample.at).where(Sample.at >= local)).all()
        assert back == [datetime(2026, 3, 2, 4, 0, 0, 123456, UTC)] and back[0].utcoffset() == timedelta(0)

    async def test_a_naive_time_is_refused_rather_than_guessed(self, desk: Desk) -> None:
        with pytest.raises((StatementError, ValueError), match="naive"):
            await desk.unit.run(lambda tx: tx.session.add(Sample(key="a", at=datetime(2026, 3, 2))), at=NOON)  # noqa: DTZ001

    @pytest.mark.parametrize("text", ["0.1", "94.05", "1E-20", "123456789012345678901234567890.10", "-0.00", "100"])
    async def test_decimals_keep_every_digit(self, desk: Desk, text: str) -> None:
        await desk.unit.run(lambda tx: tx.session.add(Sample(key="a", score=Decimal(text))), at=NOON)
        (back,) = desk.rows(Sample.score)
        assert str(back) == text

    async def test_json_keeps_its_structure_and_chinese_text(self, desk: Desk) -> None:
        body = {"区": ["窗口", {"score": 1.5, "none": None, "yes": True}], "emoji": "🧾"}
        await desk.unit.run(lambda tx: tx.session.add(Sample(key="a", body=body)), at=NOON)
        with Session(desk.reader) as session:
            assert session.exec(select(Sample.body)).one() == body
