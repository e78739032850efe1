"""Offices on one machine are strangers to each other on the bus: real brokers, every user, every subject."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import nats.errors
import pytest
from nats.aio.msg import Msg
from nats.js.errors import ServiceUnavailableError

from deploy.local import bus_config
from deploy.local.bus_config import Outside
from deploy.local.deployment import Deployment, Plan
from deploy.local.doctor_offices import examine_offices
from deploy.local.layout import Ports
from deploy.local.offices import Offices
from deploy.local.offices_file import Office
from deploy.local.offices_root import FILING_PASSWORD
from shared.bus.topology import SERVICES
from shared.errors import Refusal
from tests.support.bus_attempts import (
    WIDE,
    as_user,
    foreign_subjects,
    forge_replies,
    is_told_nothing,
    stored,
    stores_nothing,
)
from tests.support.wait import until

pytestmark = pytest.mark.live
CITY = Office(key="city", programme="integrity-drive")
COUNTIES = [Office(key=f"county-{letter}", programme="county", files_to="city") for letter in "ab"]
OWN, OTHER = Outside("county-a", "office"), "county-b"
SERVERS = Plan(services=())


def offices(data: Path, *given: Office) -> Offices:
    """The servers of some offices, without services."""
    return Offices(data, given, SERVERS, ports={one.key: Ports.free() for one in given})


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Deployment]]:
    """A city and two counties that file to it."""
    with offices(tmp_path_factory.mktemp("offices"), CITY, *COUNTIES) as running:
        yield running.houses


def users(house: Deployment) -> list[str]:
    """Everybody who may come in at a house's bus."""
    inside = (*SERVICES, *bus_config.TOOLS, bus_config.SYSTEM_USER)
    return [*inside, *(account.name for account in house.bus.outside())]


@pytest.mark.parametrize(("here", "there"), [("city", "county-a"), ("county-a", "city"), ("county-b", "county-a")])
async def test_no_user_of_one_offices_bus_comes_in_at_anothers(
    houses: dict[str, Deployment], here: str, there: str
) -> None:
    assert len(users(houses[here])) >= 9
    for user in users(houses[here]):
        async with as_user(houses[here].bus, user):
            pass  # the password is right, at home
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            async with as_user(houses[there].bus, user, password=houses[here].keyring.password(user)):
                pass


async def test_a_county_files_at_the_city_under_its_own_name_and_stores_nothing_else(
    houses: dict[str, Deployment],
) -> None:
    city = houses["city"].bus
    before = await stored(city)
    assert OWN.subjects == ["minping.inbox.filing.county-a"]
    password = (houses["county-a"].layout.secrets / FILING_PASSWORD).read_text()
    async with as_user(city, OWN.name, password=password) as county:
        await stores_nothing(county, foreign_subjects(OWN, OTHER))
        await county.jetstream().publish("minping.inbox.filing.county-a", b"{}")
    assert await stored(city) == before | {"INBOX": before["INBOX"] + 1}


async def test_the_citys_broker_has_no_interface_of_its_own_for_a_county(houses: dict[str, Deployment]) -> None:
    city = houses["city"].bus
    async with city.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"not for you")
    before = await stored(city)
    async with as_user(city, OWN.name) as county:
        await is_told_nothing(county, OWN.name, OTHER, b"not for you")
        foreign = await county.jetstream().pull_subscribe_bind(consumer=OTHER, stream="RECEIPTS")
        with pytest.raises((ServiceUnavailableError, nats.errors.NoRespondersError, nats.errors.TimeoutError)):
            await foreign.fetch(1, timeout=0.5)
    assert await stored(city) == before


async def test_a_county_that_listens_to_everything_at_the_city_hears_only_itself(
    houses: dict[str, Deployment],
) -> None:
    city = houses["city"].bus
    heard: list[Msg] = []

    async def hear(message: Msg) -> None:
        heard.append(message)

    async with as_user(city, OWN.name) as county:
        for subject in (*WIDE, f"_INBOX_{OTHER}.>", f"minping.inbox.filing.{OTHER}", f"minping.receipt.{OTHER}"):
            await county.subscribe(subject, cb=hear)
        await county.flush()
        async with as_user(city, OTHER) as other, city.connect("scoring") as scoring:
            await other.jetstream().publish(f"minping.inbox.filing.{OTHER}", b"another's result")
            await scoring.jetstream().publish("minping.scoring.filing.received.v1", b"the city's own")
            await scoring.jetstream().publish(f"minping.receipt.{OTHER}", b"another's receipt")
        await county.publish("own.account.only", b"the last one")
        async with asyncio.timeout(5):
            while not any(message.data == b"the last one" for message in heard):
                await asyncio.sleep(0.01)
    assert {(message.subject, message.data) for message in heard} == {("own.account.only", b"the last one")}


async def test_a_countys_forged_reply_writes_nowhere_at_the_city(houses: dict[str, Deployment]) -> None:
    city = houses["city"].bus
    async with city.connect("scoring") as scoring:
        await scoring.jetstream().publish(f"minping.receipt.{OWN.name}", b"own receipt")
    before = await stored(city)
    targets = [*foreign_subjects(OWN, OTHER), "$JS.API.STREAM.PURGE.INBOX", "$JS.API.STREAM.PURGE.RECEIPTS"]
    targets += [f"$JS.API.CONSUMER.DELETE.RECEIPTS.{OTHER}"]
    async with as_user(city, OWN.name) as county:
        sent = await forge_replies(county, OWN, OTHER, targets)
    assert await stored(city) == before | {"INBOX": before["INBOX"] + sent}
    async with city.connect("provision") as client:
        assert (await client.jetstream().consumer_info("RECEIPTS", OTHER)).name == OTHER
        assert (await client.jetstream().stream_info("INBOX")).state.messages >= before["INBOX"]


async def test_the_city_has_no_account_at_a_countys_bus_nor_one_county_at_anothers(
    houses: dict[str, Deployment],
) -> None:
    """What crosses goes upward only: below nobody is let in, and what is filed below is stored nowhere."""
    for key in ("county-a", "county-b"):
        assert [one for one in houses[key].bus.outside() if one.kind == "office"] == []
        for name in ("city", "county-a", "county-b"):
            with pytest.raises(nats.errors.Error, match="Authorization Violation"):
                async with as_user(houses[key].bus, name, password=houses["city"].keyring.password("county-a")):
                    pass


async def test_a_crash_in_one_office_is_mended_there_and_touches_no_other(tmp_path: Path) -> None:
    told: list[str] = []
    several = offices(tmp_path, CITY, COUNTIES[0])
    several.tell = lambda part, text: told.append(f"{part}: {text}")
    with several:
        city, county = (several.houses[key].supervisor for key in ("city", "county-a"))
        before = {part: city.pid(part) for part in ("nats", "valkey", "smtp")}
        killed = county.pid("nats")
        os.kill(killed, signal.SIGKILL)
        await until(lambda: any(line.startswith("county-a nats: ready again") for line in told), "the county's broker")
        assert county.pid("nats") != killed and {part: city.pid(part) for part in before} == before
        assert not [line for line in told if line.startswith("city") and "again" in line]
        async with as_user(several.houses["city"].bus, "county-a") as filing:
            await filing.jetstream().publish("minping.inbox.filing.county-a", b"{}")


async def test_the_doctor_looks_over_all_offices_and_what_keeps_them_apart(tmp_path: Path) -> None:
    several = offices(tmp_path, CITY, COUNTIES[0])

    async def wrong() -> dict[str, list[str]]:
        # services are not part of this plan: that they do not run is all that may be found
        found = [one async for one in examine_offices(several.root) if one.wrong]
        away = (*SERVICES, "processes")
        return {one.part: one.wrong for one in found if one.part.partition(": ")[2] not in away}

    with several:
        assert await wrong() == {}
        city, county = several.houses["city"], several.houses["county-a"]
        county.layout.data.chmod(0o750)
        (county.layout.secrets / "stolen.key").write_bytes(city.keyring.token_key_file().read_bytes())
        (county.layout.secrets / "stolen.key").chmod(0o600)
        (county.layout.secrets / FILING_PASSWORD).write_text("guess")
        said = json.dumps(await wrong())
    for words in ("can be entered by others", "city and county-a hold the same secret token.key", "another password"):
        assert words in said


async def test_an_office_that_files_no_longer_to_another_is_shut_out_at_the_next_start(tmp_path: Path) -> None:
    with offices(tmp_path, CITY, COUNTIES[0]) as first:
        password = first.houses["city"].keyring.password("county-a")
        assert not (first.houses["city"].layout.secrets / FILING_PASSWORD).exists()
    alone = COUNTIES[0].model_copy(update={"files_to": ""})
    with offices(tmp_path, CITY, alone) as second:
        with pytest.raises(nats.errors.Error, match="Authorization Violation"):
            async with as_user(second.houses["city"].bus, "county-a", password=password):
                pass
        assert not (second.houses["county-a"].layout.secrets / FILING_PASSWORD).exists()
        with pytest.raises(Refusal, match="another deployment"):
            offices(tmp_path, CITY).start()


async def test_an_office_elsewhere_is_admitted_while_the_bus_runs_and_cut_off_again(
    houses: dict[str, Deployment],
) -> None:
    city = houses["city"].bus
    await city.add("county-c", "office")
    async with as_user(city, "county-c") as county:
        await county.jetstream().publish("minping.inbox.filing.county-c", b"{}")
        await city.remove("county-c", "office")
        with pytest.raises(nats.errors.Error):
            await county.jetstream().publish("minping.inbox.filing.county-c", b"{}", timeout=2)
    assert "county-c" not in {account.name for account in city.outside()}
    with pytest.raises(Refusal, match="this is a source"):
        await city.remove("demo-hotline", "office")
    async with as_user(city, OWN.name) as other:
        await other.jetstream().publish("minping.inbox.filing.county-a", b"{}")
