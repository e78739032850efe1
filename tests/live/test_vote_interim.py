"""Interim results never (S6): two meetings with opposite marks look the same to everybody until the seal.

What every role gets from every address, all messages of all streams, metrics, logs, valkey's keys and the sizes of all
tables are written down; ids, keys, hashes and times are masked. Any figure that follows the marks would differ.
"""

import random
import re
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import redis.asyncio as redis
from fastapi import FastAPI

from deploy.local.deployment import Deployment
from services.scoring.api import routers
from services.scoring.pages import pages
from shared.identity import OF_A_UNIT, ROLES
from shared.web import routes_of
from tests.support.assembly import Assembly, BusTerminals, Hall, hall
from tests.support.wait import until

pytestmark = pytest.mark.live
UNITS, SEATS, VOTED, ON_BUS = 6, 60, 50, 20
MASKS = (
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+\d\d:\d\d)?"), "·time·"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}"), "·uuid·"),
    (re.compile(r"\b(?=\w*\d)([0-9a-f]{8}|[0-9a-f]{12,})\b"), "·hex·"),
    (re.compile(r"[A-Za-z0-9+/_-]{40,}={0,2}"), "·base64·"),
    (re.compile(r"\+[0-9a-f]{8}\+|[A-Z0-9]{4}(-[A-Z0-9]{4}){6}"), "·key·"),
    (re.compile(r"127\.0\.0\.1:\d+|\"port\": \d+|process \[?\d+"), "·port·"),
    (re.compile(r'(?<=class="qrline")[^>]*'), "·qr·"),
)
KNOWING = ("office", "teller", "scrutineer", "guidance", "auditor", "terminal")
TIMED = ("_seconds", "_created", "process_", "python_", "minping_commit_size", "_lag")


def masked(text: str) -> str:
    """Without ids, hashes, keys, times."""
    text = text.replace("\\n", "\n")
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


def addresses(one: Hall, m: Assembly) -> list[str]:
    """Every address that can be read, filled in for the meeting, a unit, a card that was used and one that was not."""
    app = FastAPI()
    for router in (*routers(one.desk), *pages(one.desk)):
        app.include_router(router)
    known = {"meeting": [m.meeting], "unit": [m.units[0], m.units[-1]], "cycle": ["2026-H1"], "pool": ["p1"]}
    known |= {"token_hash": [m.voting_cards[0].hash, m.cards[-1].hash], "number": ["1"], "name": ["2026-H1", "p1", "m"]}
    found: set[str] = set()
    for route in routes_of(app):
        if "GET" not in (route.methods or ()) or str(route.path).startswith(("/assets", "/ca")):
            continue  # what every house has of its own: a version, a certificate
        paths = {str(route.path)}
        for part in re.findall(r"{(\w+)(?::\w+)?}", str(route.path)):
            paths = {
                re.sub(rf"{{{part}(:\w+)?}}", value, path) for path in paths for value in known.get(part, ["1", "m"])
            }
        found |= paths
    return sorted(found)


async def answers(one: Hall, m: Assembly, roles: Sequence[str]) -> dict[str, str]:
    """What every one of these roles and nobody gets from every address."""
    people: list[dict[str, Any] | None] = [None]
    people += [{"role": r, "sub": r, **({"unit": m.units[0]} if r in OF_A_UNIT else {})} for r in roles]
    found = {}
    for path in addresses(one, m):
        for who in people:
            answer = await one.request("GET", path, who)
            found[f"{who['role'] if who else 'anybody'} {masked(path)}"] = f"{answer.status_code} {masked(answer.text)}"
    return found


async def streams(one: Hall) -> dict[str, str]:
    """All messages of all streams, each subject's in any order."""
    told: dict[str, list[str]] = {}
    for _, _, subject, body in await one.messages():
        told.setdefault(f"stream {subject}", []).append(masked(body.decode()))
    return {subject: "\n".join(sorted(texts)) for subject, texts in told.items()}


async def cache(one: Hall) -> dict[str, str]:
    """All that valkey holds."""
    client = redis.from_url(one.deployment.settings("scoring")["MINPING_VALKEY_URL"], decode_responses=True)
    try:
        keys = sorted([key async for key in client.scan_iter("*")])
        return {f"valkey {masked(key)}": masked(repr(await client.dump(key))) for key in keys}
    finally:
        await client.aclose()


def tables(one: Hall) -> dict[str, str]:
    """Rows of every table, and how long its values are."""
    found = {}
    with sqlite3.connect(one.deployment.layout.database("scoring")) as store:
        for (table,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            columns = [row[1] for row in store.execute(f'PRAGMA table_info("{table}")')]
            lengths = ", ".join(f'sum(length("{column}"))' for column in columns)
            found[f"table {table}"] = str(store.execute(f'SELECT count(*), {lengths} FROM "{table}"').fetchone())
    return found


def logs(one: Hall) -> dict[str, str]:
    """What every part logged, without times; what is polled comes as often as it happens to."""
    found = {}
    for path in sorted(one.deployment.layout.logs.glob("*.log")):
        figures = "" if path.stem == "scoring" else r"\d+"  # servers log sizes and durations of their own
        lines = {re.sub(figures, "", masked(line)) for line in path.read_text().splitlines()}
        found[f"log {path.name}"] = "\n".join(sorted(lines))
    return found


async def metrics(one: Hall) -> dict[str, str]:
    """The counters that do not measure time; of requests only those with ballots, the others are our own looking."""
    text = (await one.http.get("/metrics")).text
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    kept = [line for line in lines if not any(word in line for word in TIMED)]
    kept += [line for line in lines if line.startswith("minping_http_request_seconds_count") and "/ballots" in line]
    return dict(line.rsplit(" ", 1) for line in kept)


async def observed(folder: Path, grade: str) -> Mapping[str, dict[str, str]]:
    """A meeting in which everybody gives everything the same grade: what is seen in the middle, closed and counted."""
    async with hall(folder, "m", house=Unhurried) as one:
        m = Assembly(one, "m", units=UNITS, seats=SEATS, chance=random.Random(11))
        m.nonce = bytes(32)
        m.opinion = lambda: {u: {d.key: grade for d in m.dimensions} for u in m.units}  # type: ignore[method-assign]
        await one.register(m)
        await m.to_voting()
        bus = BusTerminals(one, "m")
        async with bus.connected():
            for number, card in enumerate(m.voting_cards[:VOTED]):
                if number < ON_BUS:
                    await bus.cast(m.body(card))
                    await until(lambda card=card: bus.answered([card]), "a receipt")
                else:
                    assert (await m.cast(card, "terminal-1")).status_code == 201
        seen = {}
        for moment in ("voting", "closed", "counted"):
            if moment == "closed":
                await m.close()
                await one.logged("store_put_in_order")
            if moment == "counted":
                assert (await m.count(left_in_box=10, unused=SEATS - VOTED)).status_code == 200
            await until(lambda: quiet(one), "nothing in hand")
            roles = ROLES if moment == "voting" else KNOWING
            parts = [await answers(one, m, roles), await streams(one), await cache(one), await metrics(one), logs(one)]
            if moment != "counted":  # from then on the sealed result stands in the database, and no address gives it
                parts.append(tables(one))
            seen[moment] = {key: value for part in parts for key, value in part.items()}
        return seen


class Unhurried(Deployment):
    """One address asks for everything here: it is not told to come back in a minute."""

    def settings(self, service: str) -> dict[str, str]:
        """The service's settings."""
        more = {"MINPING_EVALUATIONS_A_MINUTE": "1000000"} if service == "scoring" else {}
        return super().settings(service) | more


async def quiet(one: Hall) -> bool:
    """Whether the service has nothing in hand."""
    said = (await one.http.get("/api/v1/quiescence")).json()
    return not said["unsent"] and not said["in_hand"]


async def test_s6_until_the_seal_nothing_that_can_be_seen_depends_on_the_marks(tmp_path: Path) -> None:
    best, worst = (
        await observed(tmp_path / "best", "satisfied"),
        await observed(tmp_path / "worst", "dissatisfied"),
    )
    for moment, seen in best.items():
        other = worst[moment]
        print(f"{moment}: {len(seen)} observations, {sum(len(text) for text in seen.values()):,} characters")
        assert seen.keys() == other.keys()
        different = {key: (seen[key], other[key]) for key in seen if seen[key] != other[key]}
        for key, (one, two) in list(different.items())[:20]:
            at = next((n for n, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
            print(f"  {key}: …{one[max(0, at - 80) : at + 80]!r} against …{two[max(0, at - 80) : at + 80]!r}")
        assert not list(different), f"different while {moment}"
