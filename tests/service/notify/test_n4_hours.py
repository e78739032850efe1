"""When letters go after an outage, at any hour, on any clock (N4, T8): gathered, in working hours, once."""

from datetime import date
from typing import Any

import pytest

from services.notify.domain.delivery import Outcome
from services.notify.store import letters
from services.notify.usecases import Envelope, Result, take_turn
from shared.contracts.notify import NoticeDropped, NoticeSent
from shared.contracts.rectification import DeadlineApproaching, DeadlineEscalated, DeadlinePassed
from tests.support.notify_house import SENT, House, local, opened, passed

pytestmark = pytest.mark.asyncio
TEMPORARY = Outcome("temporary", "rcpt", "450 greylisted")


async def look(house: House, at: str, *results: Result, limit: int = 100) -> tuple[Envelope, ...]:
    """What a sender on the system's clock finds to send."""
    turn = await house.do(at, lambda tx: take_turn(house.desk, tx, results, limit, digests=True, punctual=False))
    return turn.envelopes  # type: ignore[no-any-return]  # do is untyped


async def post(house: House, at: str, outcome: Outcome = SENT) -> list[str]:
    """Send all that goes at a moment; returns the recipients."""
    told: list[str] = []
    envelopes = await look(house, at)
    while envelopes:
        told += [e.recipient.partition("@")[0] for e in envelopes]
        envelopes = await look(house, at, *(Result(e.letter, outcome, local(at)) for e in envelopes))
    return told


def step(event: type[Any], number: int, due: str = "2026-03-30", **more: Any) -> Any:
    fields: dict[str, Any] = {
        "case": "2026-000001", "unit": "tax", "kind": "solve", "title": "窗口办事拖延", "due": date.fromisoformat(due),
        "expires_at": local("2026-03-31T00:00"), "roles": ("handler",), "step": str(number),
    }  # fmt: skip
    return event(**(fields | more))


async def states(house: House, **wanted: str) -> list[str]:
    return [n["state"] for n in await house.notices(**wanted)]


async def test_n4_the_digests_of_days_of_silence_are_one_letter_a_person(house: House) -> None:
    """The bus was away from Monday to Thursday: then everything comes at once, each with its own time."""
    for day in range(9, 13):
        for number in range(3):
            await house.hear(f"2026-03-{day:02d}T10:00", opened(f"2026-{day:03d}{number:03d}"))
    assert sorted(await post(house, "2026-03-16T11:00")) == ["li", "wang"]
    assert set(await states(house)) == {"sent"}
    assert len(await house.notices()) == 24
    assert {n.notice for n in house.events(NoticeSent)} == {n["id"] for n in await house.notices()}
    [letter] = {n["letter"] for n in await house.notices(person="wang")}
    [told] = [x for x in await letters_of(house) if x["id"] == letter]
    assert all(f"2026-{day:03d}{number:03d}" in told["text"] for day in range(9, 13) for number in range(3))


async def letters_of(house: House) -> list[dict[str, Any]]:
    ids = {n["letter"] for n in await house.notices() if n["letter"]}
    return [dict(row) for row in (await house.unit.read(lambda s: letters.some(s, ids))).values()]


@pytest.mark.parametrize(
    ("looks", "goes"),
    [
        ("2026-03-13T03:00", False),  # at night
        ("2026-03-14T10:00", False),  # on a Saturday
        ("2026-03-13T08:59", False),
        ("2026-03-13T17:30", False),
        ("2026-03-13T09:00", True),
        ("2026-03-13T17:29", True),
        ("2026-10-03T10:00", False),  # National Day
        ("2026-10-10T10:00", True),  # a make-up Saturday
    ],
)
@pytest.mark.parametrize("urgency", ["ordinary", "expiry"])
async def test_n4_what_is_late_waits_for_working_hours(house: House, looks: str, goes: bool, urgency: str) -> None:
    """Make-up workdays among them."""
    await house.hear("2026-03-09T10:00", opened() if urgency == "ordinary" else passed())
    assert sorted(await post(house, looks)) == (["li", "wang"] if goes else [])


async def test_n4_an_urgent_letter_goes_at_once_at_any_hour_and_before_all_others(house: House) -> None:
    for number in range(5):
        await house.hear("2026-03-09T00:00", passed(f"2026-{number:06d}"))
    [first] = await look(house, "2026-03-09T09:00", limit=1)
    doubt, night = Outcome("uncertain", "final dot", "silence"), "2026-03-09T23:00"
    following = await look(house, night, Result(first.letter, doubt, local(night)), limit=1)
    assert [e.recipient for e in following] == ["op@office.example"]
    assert await look(house, night) == ()


async def test_n4_a_letter_of_the_hour_goes_although_the_hour_ends_and_the_late_one_does_not(house: House) -> None:
    """A digest at 09:00 that a slow server takes two hours over is on time; its second try in the night is not."""
    await house.hear("2026-03-09T16:00", opened())
    [one, two] = await look(house, "2026-03-10T10:59")
    at = "2026-03-10T10:59"
    assert await look(house, at, *(Result(e.letter, TEMPORARY, local(at)) for e in (one, two))) == ()
    assert await look(house, "2026-03-10T22:00") == ()
    again = await look(house, "2026-03-11T09:00")
    assert {e.letter: e.message for e in again} == {e.letter: e.message for e in (one, two)}


async def test_n4_a_digest_that_was_tried_stays_as_it_was_written(house: House) -> None:
    """Somebody may have it: a second try is the same letter, and what came later has another."""
    await house.hear("2026-03-09T10:00", opened("2026-000001"))
    first = await look(house, "2026-03-10T09:00")
    at = "2026-03-10T09:00"
    await look(house, at, *(Result(e.letter, TEMPORARY, local(at)) for e in first), limit=1)
    for day in (10, 11):
        await house.hear(f"2026-03-{day}T10:00", opened(f"2026-0000{day}"))
    later = await look(house, "2026-03-13T11:00")
    assert sorted(e.recipient.partition("@")[0] for e in later) == ["li", "li", "wang", "wang"]
    assert {e.message for e in first} <= {e.message for e in later}


async def test_n4_of_late_warnings_of_one_deadline_only_the_last_goes(house: House) -> None:
    """The service was away for two weeks: not seven letters about one deadline."""
    await house.hear("2026-03-23T00:00", step(DeadlineApproaching, 5))
    await house.hear("2026-03-27T00:00", step(DeadlineApproaching, 1))
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0))
    await house.hear("2026-04-02T00:00", step(DeadlineEscalated, 1, roles=("handler", "main_leader")))
    await house.hear("2026-04-08T00:00", step(DeadlineEscalated, 2, roles=("handler", "main_leader", "superior")))
    assert sorted(await post(house, "2026-04-10T14:00")) == ["li", "wang", "zhao"]
    kept = [n for n in await house.notices(case="2026-000001") if n["state"] == "sent"]
    assert {(n["person"], n["facts"]["step"]) for n in kept} == {("wang", "2"), ("li", "2"), ("zhao", "2")}
    gone = [n for n in await house.notices(case="2026-000001") if n["state"] == "void"]
    assert len(gone) == 5
    assert all(n["reason"].startswith("superseded by n-") for n in gone)
    assert {e.notice for e in house.events(NoticeDropped)} == {n["id"] for n in gone}
    assert await post(house, "2026-04-13T14:00") == []


async def test_n4_warnings_of_other_deadlines_and_other_people_are_not_superseded(house: House) -> None:
    await house.hear("2026-03-23T00:00", step(DeadlineApproaching, 5, due="2026-04-30"))
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0))
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0, case="2026-000002"))
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0, kind="accept"))
    await house.hear("2026-04-02T00:00", step(DeadlineEscalated, 1, roles=("superior",)))
    await post(house, "2026-04-10T14:00")
    assert set(await states(house)) == {"sent"}


async def test_n4_a_warning_of_a_day_that_is_past_does_not_go(house: House) -> None:
    """The unit solved it in time, while the mail server was away: nothing approaches any more."""
    await house.hear("2026-03-23T00:00", step(DeadlineApproaching, 5))
    assert await post(house, "2026-04-10T14:00") == []
    [dropped] = await house.notices()
    assert (dropped["state"], dropped["reason"]) == ("void", "the day that it warned of is past")


async def test_n4_in_quiet_times_each_step_has_its_letter(house: House) -> None:
    told: list[str] = []
    for at, event in (
        ("2026-03-23", step(DeadlineApproaching, 5)),
        ("2026-03-31", step(DeadlinePassed, 0)),
        ("2026-04-02", step(DeadlineEscalated, 1)),
    ):
        await house.hear(f"{at}T00:00", event)
        told += await post(house, f"{at}T09:30")
    assert told == ["wang", "wang", "wang"]


async def test_n4_a_replay_after_the_gathering_tells_nobody_again(house: House) -> None:
    """T3: the notices that were gathered or dropped are there."""
    for at in ("2026-03-23T00:00", "2026-03-24T00:00"):
        await house.hear(at, step(DeadlineApproaching, 5), "e1")
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0), "e2")
    assert await post(house, "2026-04-10T14:00") == ["wang"]
    await house.hear("2026-03-23T00:00", step(DeadlineApproaching, 5), "e1-again")
    await house.hear("2026-03-31T00:00", step(DeadlinePassed, 0), "e2-again")
    assert await post(house, "2026-04-13T14:00") == []


async def test_n4_a_clock_that_jumps_a_day_and_back_sends_everything_once(house: House) -> None:
    """T8."""
    await house.hear("2026-03-10T10:00", opened("2026-000001"))
    await house.hear("2026-03-11T10:00", opened("2026-000002"))
    told = [await post(house, at) for at in ("2026-03-11T09:30", "2026-03-12T09:30", "2026-03-11T09:31")]
    assert [len(x) for x in told] == [2, 2, 0]
    for at in ("2026-03-12T09:30", "2026-03-13T09:30"):
        assert await post(house, at) == []
    assert set(await states(house)) == {"sent"}


@pytest.mark.parametrize("moments", [("2026-03-11T13:00",), ("2026-03-11T08:59", "2026-03-12T10:00")])
async def test_n4_a_service_that_was_down_across_the_hour_tells_everybody_once(
    house: House, moments: tuple[str, ...]
) -> None:
    """T8."""
    await house.hear("2026-03-10T10:00", opened())
    await house.hear("2026-03-11T00:00", passed())
    told = [person for at in moments for person in await post(house, at)]
    assert sorted(told) == ["li", "li", "wang", "wang"], "a digest and an expiry notice each"
    assert await post(house, "2026-03-20T10:00") == []


async def test_n4_a_year_without_a_calendar_has_working_hours_as_well(house: House) -> None:
    """T8: weekends and statutory days only."""
    await house.hear("2031-03-07T10:00", opened())
    assert await post(house, "2031-03-08T12:00") == []
    assert sorted(await post(house, "2031-03-10T09:00")) == ["li", "wang"]
