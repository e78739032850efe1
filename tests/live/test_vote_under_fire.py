"""The vote while broker and scoring are killed again and again (T1): counted once, lost never, proved to anybody."""

import asyncio
import io
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import time
import zipfile
from collections import Counter
from contextlib import suppress
from decimal import Decimal
from pathlib import Path

import pytest

from services.scoring.domain.cards import Card, receipt_ticket
from tests.service.scoring.house import OFFICE
from tests.support.assembly import Assembly, BusTerminals, Hall, hall
from tests.support.second_count import second_count
from tests.support.wait import until

pytestmark = pytest.mark.live
UNITS = 60
FIRST, SECOND = 80, 50
ON_BUS = 20
KILLS = 6


def kill(one: Hall, part: str) -> None:
    """`kill -9`; the supervisor starts it again."""
    with suppress(ProcessLookupError):  # it is just being started again
        os.kill(one.deployment.supervisor.pid(part), signal.SIGKILL)


class Terminals:
    """All terminals of both meetings, each a task of its own; they wait for their turn, vote, and vote once more."""

    def __init__(self, first: Assembly, second: Assembly, buses: dict[str, BusTerminals]) -> None:
        self.states: dict[str, list[int]] = {}
        self.turn = asyncio.Semaphore(0)
        self.answered = 0
        by_http = [*((first, card) for card in first.voting_cards)]
        by_http += [(second, card) for card in second.voting_cards[ON_BUS:]]
        by_bus = [(second, card) for card in second.voting_cards[:ON_BUS]]
        again = [(first, card) for card in first.voting_cards[:ON_BUS]]
        self.on_bus = {
            one.meeting: [card for owner, card in (*by_bus, *again) if owner is one] for one in (first, second)
        }
        self.all = [self._http(one, card, n) for n, (one, card) in enumerate(by_http)]
        self.all += [self._bus(buses[one.meeting], one.body(card)) for one, card in (*by_bus, *again)]

    async def _http(self, one: Assembly, card: Card, number: int) -> None:
        await self.turn.acquire()
        for _ in range(2):
            answer = await one.cast(card, f"terminal-{number}")
            body = answer.json()
            assert answer.status_code in (200, 201), answer.text
            assert body["state"] == ("accepted" if answer.status_code == 201 else "repeated")
            self.states.setdefault(body["token_hash"], []).append(answer.status_code)
            self.answered += 1

    async def _bus(self, bus: BusTerminals, body: dict[str, str]) -> None:
        await self.turn.acquire()
        for _ in range(2):
            await bus.cast(body)
            self.answered += 1


async def under_fire(one: Hall, terminals: Terminals, chance: random.Random) -> list[str]:
    """Let the terminals vote in waves; in the middle of each, parts are killed. Returns what was."""
    killed: list[str] = []
    chance.shuffle(terminals.all)
    async with asyncio.TaskGroup() as group:
        for terminal in terminals.all:
            group.create_task(terminal)
        wave, released = len(terminals.all) // KILLS, 0
        for number in range(KILLS):
            more = wave if number < KILLS - 1 else len(terminals.all) - released
            released += more
            for _ in range(more):
                terminals.turn.release()
            wanted = min(2 * released - 1, terminals.answered + chance.randrange(1, 2 * more))
            await until(lambda wanted=wanted: terminals.answered >= wanted, "votes go on", within=60)
            victims = (("nats",), ("scoring",), ("nats", "scoring"))[number % 3]
            for part in victims:
                kill(one, part)
                killed.append(f"{part} after {terminals.answered}")
    return killed


def checked(tmp_path: Path, name: str, bundle: bytes, receipt: bytes) -> str:
    """`minping verify` in a process of its own; what it says."""
    (tmp_path / f"{name}.zip").write_bytes(bundle)
    (tmp_path / f"{name}.receipt").write_bytes(receipt)
    command = [sys.executable, "-m", "deploy.local.cli", "verify", f"{name}.zip", "--receipt", f"{name}.receipt"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def test_s5_two_meetings_at_once_under_fire_lose_no_ballot_and_count_none_twice(tmp_path: Path) -> None:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    began = time.monotonic()
    async with hall(tmp_path / "house", "a", "b") as one:
        first = Assembly(one, "a", units=UNITS, seats=FIRST, chance=chance)
        second = Assembly(one, "b", units=UNITS, seats=SECOND, chance=chance)
        await one.register(first, second)
        await asyncio.gather(first.to_voting(), second.to_voting())
        print(f"ballots open after {time.monotonic() - began:.0f} s")

        buses = {m.meeting: BusTerminals(one, m.meeting) for m in (first, second)}
        async with buses["a"].connected(), buses["b"].connected():
            terminals = Terminals(first, second, buses)
            killed = await under_fire(one, terminals, chance)
            for name, bus in buses.items():
                cards = terminals.on_bus[name]
                await until(lambda bus=bus, cards=cards: bus.answered(cards), f"receipts of {name}", within=60)
        print(f"{terminals.answered} answers, killed: {'; '.join(killed)}; {time.monotonic() - began:.0f} s")

        for states in terminals.states.values():
            assert states.count(201) <= 1, "accepted twice"
        by_http = {token_hash for token_hash, states in terminals.states.items() if 201 in states}
        tickets = {receipt_ticket(c.token): c.hash for m in (first, second) for c in m.voting_cards}
        by_bus = {tickets[r["ticket"]] for b in buses.values() for r in b.receipts if r["state"] == "accepted"}
        assert not by_http & by_bus, "accepted by both ways"
        for m in (first, second):
            states = Counter(r["state"] for r in buses[m.meeting].receipts)
            print(m.meeting, dict(states))
            assert set(states) <= {"accepted", "repeated"}
            turnout = (await one.get(f"{m.path}/turnout")).json()
            assert (turnout["issued"], turnout["returned"]) == (m.seats, m.seats)
            await m.finish()
        bundles = await one.publish(first, second)
        ranking = (await one.get("/cycles/2026-H1/ranking", OFFICE)).json()
        published = {row["unit"]: row["concentrated"] for row in ranking["rows"]}
        for m in (first, second):
            await as_the_model_says(m, bundles[m.meeting], published, tmp_path)
    print(f"{time.monotonic() - began:.0f} s in all")


async def as_the_model_says(m: Assembly, bundle: bytes, published: dict[str, str], tmp_path: Path) -> None:
    """Each card once, figures that agree, the tally of a second count, a bundle that anybody can check."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        counts = json.loads(file.read("reconciliation.json"))
        tally = json.loads(file.read("tally.json"))
        leaves = file.read("ballots.txt").split()
    assert counts["issued"] == counts["returned"] + counts["unused"] == m.seats
    assert counts["returned"] == counts["valid"] + counts["void"] and counts["void"] == 0
    model = second_count(list(m.given.values()), m.units)
    for unit in tally["units"]:
        wanted = model[unit["unit"]]
        assert {d["dimension"]: d["counts"] for d in unit["dimensions"]} == wanted["cells"]
        assert Decimal(unit["score"]) == wanted["score"] == Decimal(published[unit["unit"]])
    assert {unit["unit"] for unit in tally["units"]} == set(m.units)
    receipts = [(await m.house.get(f"{m.path}/receipts/{card.hash}")).json() for card in m.voting_cards]
    assert len({r["leaf"] for r in receipts}) == len(leaves) == m.seats, "each card once in the seal"
    assert (await m.house.get(f"{m.path}/receipts/{m.cards[-1].hash}")).status_code == 404
    shown = (await m.house.get(f"{m.path}/receipts/{m.voting_cards[0].hash}")).content
    print(checked(tmp_path, m.meeting, bundle, shown).splitlines()[-1])
