"""Chat robots, SMS gateways and webhooks over real HTTP that misbehaves: told once, unknown stays unknown (N2, N3)."""

import importlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.notify.carriers import courier
from tests.support.channel_house import TOKEN, ChannelHouse, carrying, channels_file
from tests.support.gateway import Gateway
from tests.support.notify_house import House, bare_house, database_url, furnish, passed, seat
from tests.support.wait import until

pytestmark = [pytest.mark.live, pytest.mark.asyncio]
__all__ = ["bare_house", "database_url"]

PHONE = "+86 138&x=1"


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    made = Gateway()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def ready(bare_house: House) -> House:
    await furnish(bare_house)
    await bare_house.hold("2026-01-01T09:00", seat("tax", "handler", "wang", name="王芳", contacts={"sms": PHONE}))
    return bare_house


async def expired(at: ChannelHouse, *roles: str) -> None:
    await at.house.hear("2026-03-31T00:00", passed(roles=roles or ("handler",)))


async def test_n2_a_robot_and_an_sms_say_who_what_until_when_and_where_to_look(
    ready: House, gateway: Gateway, tmp_path: Path
) -> None:
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("email", "group", "sms")) as at:
        await expired(at)
        await at.done()
        assert await at.states() == {
            ("wang", "email"): "planned", ("wang", "group"): "sent", ("wang", "sms"): "sent"
        }  # fmt: skip
        [robot] = [one for one in gateway.heard if "/robot" in one["line"]]
        [sms] = [one for one in gateway.heard if "/sms" in one["line"]]
        for said in (robot["said"]["message"], sms["said"]["message"]):
            assert "王芳" in said and "2026-000001号" in said and "2026年3月30日" in said and "详见邮件" in said
        assert sms["said"]["phone"] == PHONE
        [notice] = await ready.notices(channel="sms")
        assert sms["said"]["id"] == notice["letter"]
        assert notice["key"].endswith("|wang|sms")


async def test_n2_a_webhook_gets_the_whole_letter(ready: House, gateway: Gateway, tmp_path: Path) -> None:
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("oa",)) as at:
        await expired(at)
        await at.done()
        [heard] = gateway.heard
        assert "逾期通知" in heard["said"]["title"]
        assert "王芳同志" in heard["said"]["message"]


async def test_n2_who_has_no_address_on_a_channel_is_told_by_letter(
    ready: House, gateway: Gateway, tmp_path: Path
) -> None:
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("sms",)) as at:
        await expired(at, "handler", "main_leader")
        await at.done()
        assert await at.states() == {("wang", "sms"): "sent", ("li", "email"): "planned"}


UNKNOWN = ["drop", "hang", "half", (500, {}), (502, {}), (504, {})]


@pytest.mark.parametrize("mood", UNKNOWN, ids=str)
async def test_n3_a_message_that_may_have_gone_is_uncertain_and_never_sent_again(
    ready: House, gateway: Gateway, tmp_path: Path, mood: Any
) -> None:
    gateway.moods = [mood]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group",)) as at:
        await expired(at)
        await until(lambda: at.couriers.degraded(), "the channel is said to be away")
        await at.done()
        assert await at.states() == {("wang", "group"): "uncertain"}
        at.move("2026-06-30T09:00")
        await at.done()
        assert len([text for text in gateway.texts() if "2026-000001" in text]) == 1


@pytest.mark.parametrize("mood", [(503, {}), (429, {}), (200, {"errcode": 45009, "errmsg": "freq limit"})], ids=str)
async def test_n3_a_message_that_was_not_taken_for_now_goes_later(
    ready: House, gateway: Gateway, tmp_path: Path, mood: Any
) -> None:
    gateway.moods = [mood]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group",)) as at:
        await expired(at)
        await until(lambda: gateway.heard, "the first try")
        await at.done()
        assert await at.states() == {("wang", "group"): "planned"}
        at.move("2026-03-31T09:05")
        await at.done()
        assert await at.states() == {("wang", "group"): "sent"}
        assert len(gateway.heard) == 2


@pytest.mark.parametrize("mood", [400, 422, (200, {"errcode": 40035, "errmsg": "no"})], ids=str)
async def test_n3_a_message_refused_for_good_goes_to_the_next_in_line(
    ready: House, gateway: Gateway, tmp_path: Path, mood: Any
) -> None:
    gateway.moods = [mood]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group",)) as at:
        await expired(at)
        await until(lambda: len(gateway.heard) == 2, "the next in line")
        await at.done()
        assert await at.states() == {("wang", "group"): "failed", ("li", "group"): "sent"}


@pytest.mark.parametrize(
    "mood", ["gone", (200, {"errcode": 93000, "errmsg": "invalid webhook url"}), 401, 302], ids=str
)
async def test_n3_a_channel_that_refuses_us_fails_no_message(
    ready: House, gateway: Gateway, tmp_path: Path, mood: Any
) -> None:
    gateway.moods = [mood]
    if mood == "gone":
        await gateway.stop()
        gateway.moods = []
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group",)) as at:
        await expired(at)
        await until(lambda: at.couriers.degraded(), "the channel is said to be away")
        assert await at.states() == {("wang", "group"): "planned"}
        if mood == "gone":
            await gateway.start()
        await until(lambda: not at.couriers.degraded(), "the channel is back")
        await at.done()
        assert await at.states() == {("wang", "group"): "sent"}
        assert all("/elsewhere" not in one["line"] for one in gateway.heard)


async def test_n3_a_gateway_that_knows_the_letters_id_may_be_asked_again(
    ready: House, gateway: Gateway, tmp_path: Path
) -> None:
    gateway.moods = ["drop"]
    path = channels_file(tmp_path, gateway.port, sms={"recognises": True})
    async with carrying(ready, gateway, path, ("sms",)) as at:
        await expired(at)
        await until(lambda: gateway.heard, "the first try")
        await at.done()
        at.move("2026-03-31T09:05")
        await at.done()
        assert await at.states() == {("wang", "sms"): "sent"}
        first, second = (one["said"]["id"] for one in gateway.heard)
        assert first == second


async def test_n3_the_same_person_is_told_by_the_fallback_before_the_next_in_line(
    ready: House, gateway: Gateway, tmp_path: Path
) -> None:
    gateway.moods = [400]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group",), ("sms", "oa")) as at:
        await expired(at)
        await until(lambda: len(gateway.heard) == 2, "the fallback")
        await at.done()
        assert await at.states() == {("wang", "group"): "failed", ("wang", "sms"): "sent"}


async def test_n3_nobody_else_is_told_while_another_channel_of_his_has_not_failed(
    ready: House, gateway: Gateway, tmp_path: Path
) -> None:
    gateway.moods = [400]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("email", "group")) as at:
        await expired(at)
        await until(lambda: gateway.heard, "the robot")
        await at.done()
        assert await at.states() == {("wang", "email"): "planned", ("wang", "group"): "failed"}
        [failed] = await ready.notices(channel="group")
        assert "told by email" in failed["reason"]


async def test_n2_a_full_minute_waits_and_nothing_is_lost(
    ready: House, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = channels_file(tmp_path, gateway.port, group={"per_minute": 3})
    async with carrying(ready, gateway, path, ("group",)) as at:
        for number in range(1, 6):
            await ready.hear("2026-03-31T00:00", passed(f"2026-{number:06d}", roles=("handler",)))
        [of_group] = [one for one in at.couriers._couriers if one.channel.name == "group"]
        await until(lambda: of_group._free_in() > 30 and len(gateway.heard) >= 3, "the minute is full")
        assert len(gateway.heard) == 3
        assert at.couriers.in_hand()
        monkeypatch.setattr(courier, "WINDOW_S", 0.0)  # the minute is over
        at.move("2026-03-31T09:01")
        await at.done()
        assert [n["state"] for n in await ready.notices(channel="group")] == ["sent"] * 5
        assert len(gateway.heard) == 5


async def test_n2_no_secret_shows_anywhere(
    ready: House, gateway: Gateway, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    from prometheus_client import generate_latest

    caplog.set_level("DEBUG")
    echo = {"errcode": 40058, "errmsg": f"invalid Request Parameter, hint: {TOKEN}"}
    gateway.moods = ["drop", (400, echo), (200, echo), 500, "hang"]
    async with carrying(ready, gateway, channels_file(tmp_path, gateway.port), ("group", "sms", "oa")) as at:
        await expired(at, "handler", "main_leader", "superior")
        await until(lambda: len(gateway.heard) >= 3, "messages")
        said = str(at.couriers.degraded()) + repr(at.couriers.__dict__) + repr(vars(at.couriers._couriers[0]))
        said += str([c._carrier.way for c in at.couriers._couriers])
    await gateway.stop()
    kept = str(await ready.notices()) + str([row.payload for row in ready.published])
    out = capfd.readouterr()
    for where in (said, kept, out.out, out.err, caplog.text, generate_latest().decode()):
        assert TOKEN not in where
    assert any(TOKEN in one["head"] + str(one["said"]) for one in gateway.heard), "it did go over the wire"


@pytest.mark.parametrize(
    ("url", "plugin", "where", "text"),
    [
        (f"wecombot://{TOKEN}/", "wecombot.NotifyWeComBot", "/cgi?key={key}", ("text", "content")),
        (f"dingtalk://{TOKEN.replace('-', '')}/", "dingtalk.NotifyDingTalk", "/robot/{token}", ("text", "content")),
        (f"feishu://{TOKEN}/", "feishu.NotifyFeishu", "/hook/{token}/", ("content", "text")),
    ],
    ids=["企业微信", "钉钉", "飞书"],
)
async def test_n2_the_robots_that_offices_use_get_plain_text_that_calls_nobody(
    ready: House, gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, plugin: str, where: str,
    text: tuple[str, str],
) -> None:  # fmt: skip
    module, _, name = plugin.partition(".")
    known = importlib.import_module(f"apprise.plugins.{module}")
    monkeypatch.setattr(getattr(known, name), "notify_url", f"http://127.0.0.1:{gateway.port}{where}")
    path = channels_file(tmp_path, gateway.port, group={"url": url})
    async with carrying(ready, gateway, path, ("group",)) as at:
        title = '拖延<at user_id="all">所有人</at>'
        await ready.hear("2026-03-31T00:00", passed(kind="obligation", title=title, roles=("handler",)))
        await at.done()
        assert await at.states() == {("wang", "group"): "sent"}
        [heard] = gateway.heard
        said = heard["said"][text[0]][text[1]]
        assert "2026-000001号" in said and "王芳" in said and "所有人" in said
        assert "<" not in said
