"""By which channels a notice goes, who is reached by which, and which rules are refused (N2, N3)."""

from typing import Any

import pytest

from services.notify.domain.channel import LONGEST, Channel
from services.notify.domain.delivery import Outcome
from services.notify.usecases import Desk, Result, make_desk, recover, take_turn
from services.notify.usecases.lost_channels import close_lost
from shared import programme
from shared.errors import Refusal
from tests.support.notify_house import OFFICE, House, local, opened, passed, seat
from tests.support.notify_web import Web

pytestmark = pytest.mark.asyncio
NINE = "2026-03-31T09:00"
CHANNELS = {
    "group": Channel("group", "robot", False, 120, 20),
    "sms": Channel("sms", "sms", True, 70, 20),
}


def _desk(event: str, first: tuple[str, ...], then: tuple[str, ...] = ()) -> Desk:
    """Rules of window-units, those about one event told by these channels."""
    rules = programme.load("window-units")
    change = {"channels": first, "fallback_channels": then}
    notices = tuple(one.model_copy(update=change) if one.event == event else one for one in rules.notices)
    return make_desk(
        rules.model_copy(update={"notices": notices}), sender="office@minping.example", domain="minping.example",
        channels=CHANNELS,
    )  # fmt: skip


def _told_by(*first: str, event: str = "rectification.deadline.passed") -> Desk:
    return _desk(event, first)


async def turn(house: House, at: str, channel: str, *results: Result) -> Any:
    done = await house.do(at, lambda tx: take_turn(house.desk, tx, results, 10, digests=True, channel=channel))
    return done.envelopes


async def ways(house: House, case: str = "2026-000001") -> dict[tuple[str, str], str]:
    return {(n["person"], n["channel"]): n["state"] for n in await house.notices(case=case)}


async def test_n2_a_rule_without_channels_tells_by_letter_with_the_key_it_always_had(house: House) -> None:
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    [notice] = await house.notices()
    assert notice["channel"] == "email"
    assert notice["key"] == "deadline 2026-000001 solve 2026-03-30 expired|deadline_passed|wang"


async def test_n3_a_replayed_fact_makes_no_second_notice_on_any_channel(house: House) -> None:
    house.desk = _told_by("email", "group")
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-1")
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)), "event-2")
    assert await ways(house) == {("wang", "email"): "planned", ("wang", "group"): "planned"}


async def test_n3_a_message_claimed_when_the_service_died_is_uncertain_and_letters_are_not(house: House) -> None:
    house.desk = _told_by("email", "group")
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    assert len(await turn(house, NINE, "group")) == 1
    assert len(await turn(house, NINE, "email")) == 1
    assert await house.do(NINE, lambda tx: recover(house.desk, tx, None, channel="group")) == 1
    assert await ways(house) == {("wang", "email"): "planned", ("wang", "group"): "uncertain"}
    assert await turn(house, "2026-05-30T09:00", "group") == ()


async def test_n4_a_digest_on_a_channel_is_one_message_for_many_notices(house: House) -> None:
    house.desk = _told_by("group", event="rectification.case.opened")
    for number in range(1, 8):
        await house.hear("2026-03-09T10:00", opened(f"2026-{number:06d}"))
    [first, second] = await turn(house, "2026-03-10T12:00", "group")
    text = {e.message.decode() for e in (first, second)}
    assert all("7项通知" in one and len(one) <= 120 and one.endswith("查看。") for one in text)
    assert len([one for one in text if "王芳" in one]) == 1


async def test_n2_a_message_is_cut_to_its_channel_and_says_where_to_look(house: House) -> None:
    house.desk = _told_by("sms", "email")
    await house.hold("2026-01-02T09:00", seat("tax", "handler", "wang", name="王芳", contacts={"sms": "138"}))
    await house.hear("2026-03-31T00:00", passed(roles=("handler",), title="窗口办事拖延" * 13))
    [message] = await turn(house, NINE, "sms")
    text = message.message.decode()
    assert len(text) <= 70
    assert "详见邮件" in text
    assert LONGEST["sms"] >= 134


async def test_n1_what_waits_moves_to_the_successor_on_each_channel(house: House) -> None:
    house.desk = _told_by("email", "sms")
    await house.hold("2026-01-02T09:00", seat("tax", "handler", "wang", contacts={"sms": "138"}))
    await house.hear("2026-03-30T10:00", passed(roles=("handler",)))
    await house.hold("2026-03-30T11:00", seat("tax", "handler", "sun", since="2026-03-30", contacts={"sms": "139"}))
    assert await ways(house) == {("sun", "email"): "planned", ("sun", "sms"): "planned"}
    [message] = await turn(house, NINE, "sms")
    assert message.recipient == "sms:139"


async def test_n1_a_successor_without_the_channel_is_told_once_by_letter(house: House) -> None:
    house.desk = _told_by("email", "sms")
    await house.hold("2026-01-02T09:00", seat("tax", "handler", "wang", contacts={"sms": "138"}))
    await house.hear("2026-03-30T10:00", passed(roles=("handler",)))
    await house.hold("2026-03-30T11:00", seat("tax", "handler", "sun", since="2026-03-30"))
    states = await ways(house)
    assert states[("sun", "email")] == "planned"
    assert [key for key, state in states.items() if state == "planned"] == [("sun", "email")]


async def test_n1_who_is_found_at_last_is_told_by_every_channel_of_the_rule(bare_house: House) -> None:
    bare_house.desk = _told_by("email", "sms")
    await bare_house.hear("2026-03-30T10:00", passed(roles=("handler",)))
    assert [n["state"] for n in await bare_house.notices()] == ["unaddressed"]
    await bare_house.hold("2026-03-30T11:00", seat("tax", "handler", "wang", contacts={"sms": "138"}))
    assert await ways(bare_house) == {("wang", "email"): "planned", ("wang", "sms"): "planned"}


async def test_n3_with_all_channels_of_a_person_dead_the_next_in_line_is_told_by_his(house: House) -> None:
    house.desk = _told_by("email", "sms")
    await house.hold(
        "2026-01-02T09:00",
        seat("tax", "handler", "wang", contacts={"sms": "138"}),
        seat("tax", "main_leader", "li", contacts={"sms": "139"}),
    )
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    [sms] = await turn(house, NINE, "sms")
    await turn(house, NINE, "sms", Result(sms.letter, Outcome("refused", "answer", "HTTP 400"), local(NINE)))
    assert ("li", "sms") not in await ways(house), "his letter has not failed"
    await house.post(NINE, wang=Outcome("bad_address", "rcpt", "550"))
    found = await ways(house)
    assert {key for key in found if key[0] == "li"} == {("li", "email"), ("li", "sms")}


async def test_n3_a_suppressed_phone_is_not_called_and_the_letter_goes(house: House) -> None:
    from services.notify.usecases.suppressing import suppress_by_hand

    house.desk = _told_by("sms")
    await house.hold("2026-01-02T09:00", seat("tax", "handler", "wang", contacts={"sms": "138"}))
    await house.do("2026-01-03T09:00", lambda tx: suppress_by_hand(house.desk, tx, "sms", "138", "a wrong number"))
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    assert await ways(house) == {("wang", "email"): "planned"}


@pytest.fixture
async def told_by_both(house: House) -> House:
    house.desk = _told_by("email", "group")
    return house


async def test_n2_the_channels_are_listed_with_what_waits_there(told_by_both: House, web: Web) -> None:
    await told_by_both.hear("2026-03-31T00:00", passed(roles=("handler",)))
    found = (await web("GET", "/channels", "office")).json()["channels"]
    assert [(c["name"], c["kind"], c["personal"], c["states"]) for c in found] == [
        ("email", "email", True, {"planned": 1}), ("group", "robot", False, {"planned": 1}), ("sms", "sms", True, {})
    ]  # fmt: skip


async def test_n3_what_waits_for_a_channel_that_is_gone_goes_another_way(house: House) -> None:
    house.desk = _told_by("group")
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    house.desk = make_desk(programme.load("window-units"), sender="office@minping.example", domain="minping.example")
    assert await house.do(NINE, lambda tx: close_lost(house.desk, tx)) == 1
    found = await ways(house)
    assert found[("wang", "group")] == "failed"
    assert found[("li", "email")] == "planned"


@pytest.mark.parametrize(
    ("event", "first", "field"),
    [
        ("rectification.case.opened", ("telegraph",), "channels"),
        ("intake.transfer.requested", ("group",), "channels"),
        ("notify.notice.failed", ("group",), "channels"),
        ("intake.identity.disclosed", ("sms",), "channels"),
    ],
)
async def test_n2_a_channel_that_would_tell_too_many_is_refused_at_the_start(
    event: str, first: tuple[str, ...], field: str
) -> None:
    assert event in {rule.event for rule in programme.load("window-units").notices}
    with pytest.raises(Refusal) as refused:
        _desk(event, first)
    assert refused.value.field.endswith(field)


async def test_n3_the_office_is_reached_through_its_own_channels(house: House) -> None:
    house.desk = _desk("notify.notice.uncertain", ("email", "sms"))
    await house.hold("2026-01-02T09:00", seat(OFFICE, "operator", "op", contacts={"sms": "137"}))
    await house.hear("2026-03-31T00:00", passed(roles=("handler",)))
    await house.post(NINE, wang=Outcome("uncertain", "final dot", "silence"))
    assert {n["channel"] for n in await house.notices(person="op")} == {"email", "sms"}
