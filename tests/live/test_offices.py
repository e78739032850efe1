"""Two offices in one deployment, strictly apart: neither sees a record, event or metric of the other, but filings.

Both houses are whole and real. Every endpoint is tried with every role's token of the other office, every file is
searched for the other's words; then a county files its published result, and the city sees that and nothing else.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from typer.testing import CliRunner

from deploy import reference
from deploy.local import asking, processes
from deploy.local.commands.doctor import app as doctor_app
from deploy.local.commands.offices import app as offices_app
from deploy.local.deployment import Deployment, opened
from deploy.local.layout import SERVICES
from deploy.local.offices_root import FILING_PASSWORD
from shared.bus.topology import STREAMS
from shared.errors import Refusal
from shared.identity import OF_A_UNIT, ROLES, cookie_name
from shared.web import roles_of
from tests.support.offices_pair import START, WORDS, Pair, complain, people_of, staged, started
from tests.support.wait import until

pytestmark = pytest.mark.live
Request = tuple[str, str, dict[str, str]]
"""Method, path and headers."""
END = START + timedelta(days=8)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Stopped by one Ctrl-C, which is the last test of all."""
    with started(tmp_path_factory.mktemp("offices")) as running:
        yield running


@pytest.fixture(scope="module")
def houses(pair: Pair) -> dict[str, Deployment]:
    return pair.offices.houses


@pytest.fixture(scope="module")
def played(houses: dict[str, Deployment]) -> dict[str, Deployment]:
    """A complaint in each office, from the report to the unit's case."""
    for key, house in houses.items():
        asyncio.run(complain(house, WORDS[key]))
    return houses


# --- one command


def test_one_command_starts_the_higher_office_first_and_tells_each_ones_addresses_and_links(pair: Pair) -> None:
    assert pair.said.index("city           starting, office 1 of 2") < pair.said.index(
        "county-a       starting, office 2"
    )
    assert pair.said.index("county-a       starting") > pair.said.index("city scoring   ready")
    city, county = pair.said.split("甲县评议办 county-a is ready")
    for key, said in (("city", city), ("county-a", county)):
        house = pair.offices.houses[key]
        links = dict(re.findall(r"^\s+(\w+)\s+http://[\d.:]+(/signin\?token=\S+)$", said, re.MULTILINE))
        assert set(house.urls.values()) <= set(re.findall(r"http://[\d.]+:\d+", said))
        assert answers(house.urls["intake"], [("GET", links["clerk"], {})]) == [303]
    assert answers(pair.offices.houses["city"].urls["intake"], [("GET", links["clerk"], {})]) == [401]


def test_the_list_and_the_doctor_look_at_all_offices_and_commands_work_on_one(pair: Pair) -> None:
    data = str(pair.offices.root.data)
    listed = CliRunner().invoke(offices_app, ["list", "--data", data, "--json", "-"])
    assert listed.exit_code == 0, listed.output
    city, county = json.loads(listed.stdout)
    assert (city["key"], city["takes_from"], city["files_to"]) == ("city", ["county-a"], "")
    assert (county["files_to"], county["takes_from"], county["vkey"]) == (
        "city",
        [],
        pair.offices.houses["county-a"].vkey,
    )
    looked = CliRunner().invoke(doctor_app, ["--data", data, "--json", "-"])
    assert looked.exit_code == 0, looked.stdout
    assert {"city: scoring", "county-a: scoring", "who files to whom"} <= {
        p["part"] for p in json.loads(looked.stdout)["parts"]
    }
    folder = str(pair.offices.houses["county-a"].layout.data)
    assert CliRunner().invoke(doctor_app, ["--data", folder]).exit_code == 0
    with pytest.raises(Refusal, match="several offices"):
        opened(Path(data))


# --- the doors of the services


def calls(service: str, url: str) -> list[tuple[str, str, bool]]:
    """Every method and path of a service as it runs, and whether anybody may; those that the document hides too."""
    document = asking.ask(f"{url}/api/v1/openapi.json", "")
    shown = {(method.upper(), path) for path, methods in document["paths"].items() for method in methods}
    known = {
        (method, re.sub(":[a-z]+}", "}", str(route.path))): roles_of(route) == ("public",)
        for route in reference.endpoints(service)
        for method in route.methods or ()
    }
    assert shown <= set(known)
    return [(method, path, public) for (method, path), public in sorted(known.items())]


def tokens(house: Deployment) -> dict[str, str]:
    return {role: house.token(role, unit="bird" if role in OF_A_UNIT else None) for role in ROLES}


def answers(url: str, requests: list[Request]) -> list[int]:
    """The status of each method, path and headers, over one connection."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    found = []
    for method, path, headers in requests:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        found.append(answer.status)
    connection.close()
    return found


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def filled(path: str) -> str:
    """A path with something in each of its places."""
    return re.sub("{[a-z_]+}", "1", path.replace("{kind}", "json"))


def refusal(path: str) -> int:
    """How a path answers who has no token of the house; Open311's specification has a number of its own for keys."""
    return 403 if path.startswith("/open311/") else 401


@pytest.mark.parametrize(("here", "there"), [("city", "county-a"), ("county-a", "city")])
def test_no_endpoint_of_one_office_takes_any_token_of_the_other(
    houses: dict[str, Deployment], here: str, there: str
) -> None:
    foreign, own, urls = tokens(houses[there]), tokens(houses[here]), houses[here].urls
    doors = {service: calls(service, urls[service]) for service in SERVICES}

    def tried(service: str) -> tuple[int, list[str]]:
        guarded = [(method, filled(path)) for method, path, public in doors[service] if not public]
        asked = [(method, path, role) for method, path in guarded for role in ROLES]
        said = answers(urls[service], [(method, path, bearing(foreign[role])) for method, path, role in asked])
        at_home = answers(urls[service], [("GET", "/desk", bearing(token)) for token in own.values()])
        assert at_home == [200] * len(own), "its own tokens open it"
        let_in = [f"{s} {' '.join(one)}" for s, one in zip(said, asked, strict=True) if s != refusal(one[1])]
        return len(asked), let_in

    with ThreadPoolExecutor(len(SERVICES)) as threads:
        found = dict(zip(SERVICES, threads.map(tried, SERVICES), strict=True))
    assert {service: wrong for service, (_, wrong) in found.items()} == {service: [] for service in SERVICES}
    assert all(count > 50 * len(ROLES) for count, _ in found.values()), "every endpoint was tried"


def test_a_public_page_shows_a_stranger_with_the_other_offices_token_what_it_shows_anybody(
    houses: dict[str, Deployment],
) -> None:
    stranger = bearing(houses["city"].token("auditor"))
    for service in SERVICES:
        url = houses["county-a"].urls[service]
        pages = [filled(path) for method, path, public in calls(service, url) if public and method == "GET"]
        assert pages
        asked = [[("GET", page, who) for page in pages] for who in ({}, stranger)]
        assert answers(url, asked[0]) == answers(url, asked[1]), service


@pytest.mark.parametrize(("here", "there"), [("city", "county-a"), ("county-a", "city")])
def test_a_sign_in_link_of_one_office_signs_nobody_in_at_the_other(
    houses: dict[str, Deployment], here: str, there: str
) -> None:
    own_cookie, foreign_cookie = (cookie_name(public_key(houses[key])) for key in (here, there))
    assert own_cookie != foreign_cookie
    foreign = tokens(houses[there])
    for service in SERVICES:
        url = houses[here].urls[service]
        links: list[tuple[str, str, dict[str, str]]] = [
            ("GET", f"/signin?token={token}", {}) for token in foreign.values()
        ]
        assert answers(url, links) == [401] * len(ROLES), service
        for name in (own_cookie, foreign_cookie):  # the browser sends what the other office gave it, too
            signed_in = [("GET", "/desk", {"Cookie": f"{name}={token}"}) for token in foreign.values()]
            assert answers(url, signed_in) == [401] * len(ROLES), service
        at_home = f"{foreign_cookie}={foreign['clerk']}; {own_cookie}={houses[here].token('clerk')}"
        assert answers(url, [("GET", "/desk", {"Cookie": at_home})]) == [200]


def public_key(house: Deployment) -> Ed25519PublicKey:
    """The key by which a house knows its tokens."""
    key = load_pem_public_key(house.keyring.token_public_key_file().read_bytes())
    assert isinstance(key, Ed25519PublicKey)
    return key


# --- what lies on the disk, in streams, metrics and logs


def holding(folder: Path, word: str) -> list[str]:
    """The files under a folder that hold a word, in any of the spellings in which it is written."""
    spellings = (word.encode(), word.encode("unicode_escape"), word.encode("utf-16-le"), word.encode("gb18030"))
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and any(spelling in path.read_bytes() for spelling in spellings)
    ]


async def in_streams(house: Deployment, word: str) -> list[str]:
    """The streams of a house with a message that holds a word: their files are encrypted, so they are read."""
    found = []
    spellings = (word.encode(), word.encode("unicode_escape"))
    async with house.bus.connect("provision") as client:
        js = client.jetstream()
        for stream in STREAMS:
            state = (await js.stream_info(stream.name)).state
            for seq in range(max(1, state.first_seq), state.last_seq + 1):
                message = await js.get_msg(stream.name, seq)
                if any(spelling in (message.data or b"") for spelling in spellings):
                    found.append(stream.name)
                    break
    return found


@pytest.mark.parametrize(("here", "there"), [("city", "county-a"), ("county-a", "city")])
async def test_no_store_stream_log_letter_or_metric_of_one_office_holds_a_word_of_the_other(
    played: dict[str, Deployment], here: str, there: str
) -> None:
    own, other = played[here], played[there]
    for word in WORDS[here].all:
        files = holding(own.layout.data, word)
        assert files, f"{word} is nowhere, not even at home: nothing is proved"
        assert holding(other.layout.data, word) == []
        assert await in_streams(other, word) == []
        for service in SERVICES:
            metrics = asking.fetch(f"{other.urls[service]}/metrics")
            assert word.encode() not in metrics and word.encode("unicode_escape") not in metrics
    assert "EVENTS" in await in_streams(own, WORDS[here].unit)
    assert list(own.layout.letters.glob("*.eml")), "letters went out, into the folder that was searched"


def test_every_folder_is_its_owners_and_no_secret_is_that_of_the_other(pair: Pair) -> None:
    offices = pair.offices
    folders = [offices.root.data, offices.root.data / "offices"]
    for house in offices.houses.values():
        folders += [house.layout.data, *(one for one in house.layout.data.iterdir() if one.is_dir())]
    assert {str(folder): oct(stat.S_IMODE(folder.stat().st_mode)) for folder in folders} == {
        str(folder): "0o700" for folder in folders
    }
    held = {
        key: {path.name: path.read_bytes() for path in house.layout.secrets.iterdir()}
        for key, house in offices.houses.items()
    }
    assert {
        path.stat().st_mode & 0o77 for house in offices.houses.values() for path in house.layout.secrets.iterdir()
    } == {0}
    shared = set(held["city"].values()) & set(held["county-a"].values())
    assert shared == {held["county-a"][FILING_PASSWORD]} == {held["city"]["county-a.password"]}
    for house in offices.houses.values():
        for service in SERVICES:
            given = " ".join(house.settings(service).values())
            assert not [
                key for key, other in offices.houses.items() if other is not house and str(other.layout.data) in given
            ]


# --- what crosses


async def test_what_a_county_files_is_seen_by_the_city_and_nothing_else_of_it(played: dict[str, Deployment]) -> None:
    city, county = played["city"], played["county-a"]
    async with people_of(city) as above:
        office, leader = above.person("office"), above.person("approver")
        await office.post(
            "scoring",
            "/api/v1/units",
            [{"unit": "jia", "name": "甲县", "category": "county_office", "scope": "counties"}],
        )
        await office.post("scoring", "/api/v1/cycles", {"name": "2026"})
        await office.post(
            "scoring", "/api/v1/filing-offices", {"unit": "jia", "vkey": county.vkey, "account": "county-a"}
        )
        await leader.post("scoring", "/api/v1/filing-offices/jia/decision", {"version": 1, "confirmed": True})
        await publish(county)
        [filing] = await until(lambda: items(office, "/api/v1/filings"), "the filing at the city", within=30)
        assert (filing["office"], filing["unit"], filing["state"]) == ("county-a", "jia", "received"), filing
        units = (await office.get("scoring", f"/api/v1/filings/{filing['id']}/units"))["items"]
        assert WORDS["county-a"].unit in {unit["name"] for unit in units}, "the result that was filed"
        await until(lambda: taken(county), "the receipt at the county", within=30)
    for word in (WORDS["county-a"].title, WORDS["county-a"].text):
        assert holding(city.layout.data, word) == [] and await in_streams(city, word) == []
    for word in WORDS["city"].all:
        assert holding(county.layout.data, word) == [] and await in_streams(county, word) == []


async def publish(county: Deployment) -> None:
    """A cycle of the county, published by its office and filed upward."""
    async with staged(county, revision=1000) as (stage, people):
        office = people.person("office")
        await office.post("scoring", "/api/v1/cycles", {"name": "2026-H2"})
        await stage.play_until(END)
        for step in ("closing", "ranking", "publication"):
            await office.post("scoring", f"/api/v1/cycles/2026-H2/{step}")
        await office.post("scoring", "/api/v1/cycles/2026-H2/filings", {})


async def items(person: Any, path: str) -> list[Any]:
    return list((await person.get("scoring", path))["items"])


def taken(county: Deployment) -> bool:
    token = county.token("office")
    found = asking.ask(f"{county.urls['scoring']}/api/v1/cycles/2026-H2/filings", token)["items"]
    return [one["state"] for one in found] == ["received"]


# --- the end


def test_one_ctrl_c_stops_every_office_and_leaves_no_process(pair: Pair) -> None:
    running = {key: processes.ours(house.layout.run) for key, house in pair.offices.houses.items()}
    assert all(set(parts) == {"nats", "valkey", "smtp", *SERVICES} for parts in running.values())
    said = pair.stop()
    assert "stopped; everything is kept in" in said and "killed" not in said
    assert [pid for parts in running.values() for pid in parts.values() if processes.started(pid)] == []
