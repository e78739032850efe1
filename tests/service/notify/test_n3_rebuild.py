"""The whole store made anew from the events (N3, T3): the same notices to the same people, and nothing goes out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.rebuild import Heard, Report, rebuild
from services.notify.usecases import Result, resolve, take_turn
from shared.contracts import Event, EventData
from shared.contracts.rectification import DeadlineApproaching
from shared.contracts.scoring import UnitRegistered
from tests.support.notify_house import OFFICE, SENT, House, a_house, local, opened, passed, seat

pytestmark = pytest.mark.asyncio
BAD = Outcome("bad_address", "rcpt", "550 no such user")
REFUSED = Outcome("refused", "final dot", "554 rejected")
UNKNOWN = Outcome("uncertain", "final dot", "SMTPServerDisconnected")
TEMPORARY = Outcome("temporary", "rcpt", "450 greylisted")
NINE = "2026-03-31T09:00"


@dataclass
class Recorded:
    """A house beside which the stream is kept."""

    house: House
    url: str
    stream: list[Heard] = field(default_factory=list)

    def flush(self) -> None:
        """What the house published since goes into the stream."""
        for row in self.house.published:
            self.stream.append(Heard(row.subject, len(self.stream) + 1, row.payload))
        self.house.published.clear()

    async def hear(self, at: str, data: EventData, id: str) -> None:
        self.flush()
        kind = type(data)
        event = Event[kind](id=id, source="minping.test", type=kind.TYPE, time=local(at), data=data)  # type: ignore[valid-type]  # known at run time only
        self.stream.append(Heard(kind.TYPE, len(self.stream) + 1, event.model_dump_json().encode()))
        await self.house.hear(at, data, id)
        self.flush()

    async def post(self, at: str, **outcomes: Outcome) -> list[dict[str, Any]]:
        found = await self.house.post(at, **outcomes)
        self.flush()
        return found

    def again(self, folder: Path, stopped_at: str = "2026-12-01T00:00") -> tuple[Report, str]:
        """Make the store anew."""
        url = f"sqlite:///{folder / 'anew.db'}"
        report = rebuild(
            self.house.desk, url, self.url, self.stream, programme="window-units", stopped_at=local(stopped_at)
        )
        return report, url


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Recorded]:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    async with a_house(url) as house:
        made = Recorded(house, url)
        unit = UnitRegistered(
            unit="tax", name="清河税务所", name_en="Qinghe Tax Office", category="enforcement", scope="township"
        )
        await made.hear("2026-01-01T08:00", unit, "unit-tax")
        await house.hold(
            "2026-01-01T08:00",
            seat("tax", "handler", "wang", name="王芳"),
            seat("tax", "main_leader", "li", name="李强"),
            seat("tax", "superior", "zhao"),
            seat(OFFICE, "office", "clerk"),
            seat(OFFICE, "operator", "op"),
        )
        yield made


async def told(url: str, house: House) -> dict[str, tuple[Any, ...]]:
    """Every notice of a store: whom, when, what became of it, in which letter."""
    async with a_house(url) as one:
        one.desk = house.desk
        names = ("key", "person", "unit", "role", "template", "due", "state", "reason", "follows", "letter")
        return {n["id"]: tuple(n[name] for name in names) for n in await one.notices()}


async def test_n3_the_store_made_anew_tells_the_same(recorded: Recorded, tmp_path: Path) -> None:
    """Sent, in a digest, refused, in doubt, greylisted, not due yet: each as it was."""
    await recorded.hear("2026-03-27T10:00", opened("2026-000001"), "e1")
    await recorded.hear("2026-03-27T11:00", opened("2026-000002"), "e2")
    await recorded.post("2026-03-30T09:00")
    await recorded.hear("2026-03-31T00:00", passed("2026-000001"), "e3")
    await recorded.post(NINE, wang=REFUSED, li=UNKNOWN)
    await recorded.hear("2026-04-02T00:00", passed("2026-000002"), "e4")
    await recorded.post("2026-04-02T09:00", zhao=TEMPORARY)
    await recorded.hear("2026-11-30T10:00", opened("2026-000003"), "e5")
    before = await told(recorded.url, recorded.house)
    report, url = recorded.again(tmp_path, "2026-11-30T12:00")
    assert report.same, report
    assert (report.uncertain, report.notices) == (0, len(before))
    assert await told(url, recorded.house) == before


async def test_n3_nothing_goes_out_of_the_store_made_anew_but_what_was_still_to_go(
    recorded: Recorded, tmp_path: Path
) -> None:
    """Old events tell nobody again, a new one has its letter; no event is published a second time."""
    await recorded.hear("2026-03-31T00:00", passed("2026-000001"), "e1")
    await recorded.post(NINE, wang=UNKNOWN)
    _, url = recorded.again(tmp_path)
    async with a_house(url) as anew:
        assert anew.published == []
        assert [x["person"] for x in await anew.post("2026-12-01T09:00")] == []
        await anew.hear("2026-12-01T00:00", passed("2026-000001"), "e1")
        await anew.hear("2026-12-01T00:00", passed("2026-000001"), "e1-by-another-id")
        assert await anew.post("2026-12-02T09:00") == []
        await anew.hear("2026-12-02T00:00", passed("2026-000009"), "e9")
        assert sorted(x["person"] for x in await anew.post("2026-12-02T09:00")) == ["li", "wang"]


async def test_n3_a_bad_address_and_who_was_told_instead_come_back(recorded: Recorded, tmp_path: Path) -> None:
    """The next in line, the operators' letters, and that the address is not written to."""
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e1")
    await recorded.post(NINE, wang=BAD)
    await recorded.post("2026-04-01T09:00")
    await recorded.hear("2026-04-02T00:00", passed("2026-000002", roles=("handler",)), "e2")
    await recorded.post("2026-04-02T09:00")
    before = await told(recorded.url, recorded.house)
    report, url = recorded.again(tmp_path)
    assert report.same, report
    assert await told(url, recorded.house) == before
    async with a_house(url) as anew:
        await anew.hear("2026-12-02T00:00", passed("2026-000009", roles=("handler",)), "e9")
        assert [x["person"] for x in await anew.post("2026-12-02T09:00")] == ["li"]


async def test_n3_whoever_was_told_then_stays_told_whoever_holds_the_office_now(
    recorded: Recorded, tmp_path: Path
) -> None:
    """The directory says today that another was in office that day: the letter went to whom it went."""
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e1")
    await recorded.post(NINE)
    await recorded.house.hold("2026-04-10T10:00", seat("tax", "handler", "sun", since="2026-03-01"))
    recorded.flush()
    await recorded.hear("2026-04-12T00:00", passed("2026-000002", roles=("handler",)), "e2")
    await recorded.post("2026-04-13T09:00")
    report, url = recorded.again(tmp_path)
    assert report.same, report
    found = await told(url, recorded.house)
    assert sorted((row[1], row[6]) for row in found.values()) == [("sun", "sent"), ("wang", "sent")]


async def test_n3_what_moved_to_the_successor_is_his(recorded: Recorded, tmp_path: Path) -> None:
    await recorded.hear("2026-03-30T10:00", opened("2026-000001"), "e1")
    await recorded.house.hold("2026-03-30T15:00", seat("tax", "handler", "sun", since="2026-03-30"))
    recorded.flush()
    await recorded.post("2026-03-31T09:00")
    report, url = recorded.again(tmp_path)
    assert report.same, report
    assert {row[1] for row in (await told(url, recorded.house)).values()} == {"sun", "li"}


async def test_n3_warnings_that_were_dropped_stay_dropped(recorded: Recorded, tmp_path: Path) -> None:
    approaching = DeadlineApproaching(
        case="2026-000001", unit="tax", kind="solve", title="x", due=local("2026-03-30T00:00").date(),
        expires_at=local("2026-03-31T00:00"), roles=("handler",), step="5",
    )  # fmt: skip
    await recorded.hear("2026-03-23T00:00", approaching, "e1")
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e2")
    at = "2026-04-10T14:00"
    turn = await recorded.house.do(
        at, lambda tx: take_turn(recorded.house.desk, tx, [], 9, digests=True, punctual=False)
    )
    results = [Result(e.letter, SENT, local(at)) for e in turn.envelopes]
    await recorded.house.turn(at, *results)
    recorded.flush()
    report, url = recorded.again(tmp_path)
    assert report.same, report
    assert sorted(row[6] for row in (await told(url, recorded.house)).values()) == ["sent", "void"]
    async with a_house(url) as anew:
        assert await anew.post("2026-12-02T09:00") == []


async def test_n3_what_an_operator_decided_is_known(recorded: Recorded, tmp_path: Path) -> None:
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e1")
    await recorded.post(NINE, wang=UNKNOWN)
    notice = (await recorded.house.notices(person="wang"))[0]["id"]
    await recorded.house.do(
        "2026-04-01T10:00", lambda tx: resolve(recorded.house.desk, tx, notice, "sent", "he has it")
    )
    recorded.flush()
    report, url = recorded.again(tmp_path)
    assert report.same, report
    assert {row[6] for row in (await told(url, recorded.house)).values()} == {"sent"}


async def test_n3_what_no_event_tells_of_is_uncertain_and_nothing_is_left_out(
    recorded: Recorded, tmp_path: Path
) -> None:
    """The old store is empty of it: lost between the letter and its event. Due before: a person decides; due after
    the service stopped: it goes."""
    await recorded.hear("2026-03-31T00:00", passed("2026-000001", roles=("handler",)), "e1")
    await recorded.hear("2026-04-02T00:00", passed("2026-000002", roles=("handler",)), "e2")
    await recorded.house.turn(NINE)  # on its way when the machine was lost

    def lose(tx: Any) -> None:
        tx.session.connection().exec_driver_sql("DELETE FROM notice")
        tx.session.connection().exec_driver_sql("DELETE FROM letter")

    await recorded.house.do("2026-04-01T00:00", lose)
    report, url = recorded.again(tmp_path, "2026-04-01T00:00")
    assert report.uncertain == 1
    async with a_house(url) as anew:
        assert {n["case"]: n["state"] for n in await anew.notices()} == {
            "2026-000001": "uncertain", "2026-000002": "planned"
        }  # fmt: skip
        assert [x["person"] for x in await anew.post("2026-04-02T09:00")] == ["wang"]


async def test_a_report_says_what_differs(recorded: Recorded, tmp_path: Path) -> None:
    await recorded.hear("2026-03-31T00:00", passed("2026-000001"), "e1")
    await recorded.post(NINE)
    recorded.stream = [one for one in recorded.stream if b'"id":"e1"' not in one.body]
    report, _ = recorded.again(tmp_path)
    assert not report.same
    assert len(report.missing) == len(report.unexplained) == 2
