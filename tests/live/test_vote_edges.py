"""Scoring killed at every edge of a ballot's way (T2), and one card used a hundred times at once (X3)."""

import asyncio
import base64
import random
import secrets
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

from deploy.local import supervisor
from deploy.local.deployment import Deployment
from deploy.local.supervisor import Part
from services.scoring.domain.cards import Card, receipt_ticket
from tests.service.scoring.house import TERMINAL
from tests.support.assembly import Assembly, BusTerminals, Hall, hall
from tests.support.failing_scoring import BALLOT_EDGES, COUNT_EDGES
from tests.support.second_count import second_count
from tests.support.wait import until

pytestmark = pytest.mark.live
ROOT = Path(__file__).parents[2]
UNITS, SEATS = 6, 60
ATTEMPTS = 100


class Failing(Deployment):
    """The house whose scoring dies where the file `edge` says."""

    @property
    def edge(self) -> Path:
        """Where the edge is named."""
        return self.layout.data / "edge"

    def part_of_service(self, service: str) -> Part:
        part = super().part_of_service(service)
        argv = [sys.executable, "-P", "-m", "tests.support.failing_scoring", str(self.edge)]
        return Part(part.name, argv, {**part.env, "PYTHONPATH": str(ROOT)}, part.ready)


def kept(one: Hall) -> dict[str, bytes]:
    """The ballots in the store: card's hash → ciphertext."""
    with sqlite3.connect(one.deployment.layout.database("scoring")) as store:
        return dict(store.execute("SELECT token_hash, ciphertext FROM ballot").fetchall())


def model(m: Assembly, cards: list[Card]) -> dict[str, bytes]:
    """What the store must hold when these cards were used."""
    return {card.hash: base64.b64decode(m.sealed[card.hash]) for card in cards}


async def as_counted(m: Assembly) -> None:
    """The sealed tally is that of a second count."""
    sealed = await m.sealed_file("tally.json")
    wanted = second_count(list(m.given.values()), m.units)
    assert {u["unit"]: {d["dimension"]: d["counts"] for d in u["dimensions"]} for u in sealed["units"]} == {
        unit: found["cells"] for unit, found in wanted.items()
    }


async def test_s5_a_kill_at_any_edge_of_a_ballots_way_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", 0.3)
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    async with hall(tmp_path / "house", "m", house=Failing) as one:
        assert isinstance(one.deployment, Failing)
        edge = one.deployment.edge
        m = Assembly(one, "m", units=UNITS, seats=SEATS, chance=chance)
        await one.register(m)
        await m.to_voting()
        waiting, used = list(m.voting_cards), list[Card]()
        bus = BusTerminals(one, "m")
        async with bus.connected():
            for name in BALLOT_EDGES:
                cards, waiting = waiting[:6], waiting[6:]
                each = name.endswith(("ack", "answer"))  # the others may come once for all ballots together
                edge.write_text(f"{name} {chance.randrange(1, 4) if each else 1}")
                answers = [m.cast(card, "terminal-1") for card in cards[:3]]
                sent = [bus.cast(m.body(card)) for card in cards[3:]]
                states, _ = await asyncio.gather(asyncio.gather(*answers), asyncio.gather(*sent))
                await until(lambda: not edge.exists(), f"scoring dies at: {name}", within=30)
                await until(lambda cards=cards: bus.answered(cards[3:]), f"receipts after: {name}", within=30)
                assert {answer.status_code for answer in states} <= {200, 201}
                used += cards
                assert kept(one) == model(m, used), name
                turnout = (await one.get(f"{m.path}/turnout")).json()
                print(f"{name}: {[a.status_code for a in states]}, turnout {turnout['returned']}")
                assert turnout["returned"] == len(used)
            for card in waiting:
                assert (await m.cast(card, "terminal-2")).status_code == 201
        assert {receipt["state"] for receipt in bus.receipts} <= {"accepted", "repeated"}
        await m.close()
        for name in COUNT_EDGES:
            edge.write_text(f"{name} 1")
            counted = await m.count(left_in_box=10, unused=0)
            assert counted.status_code == 200, counted.text
            assert not edge.exists(), name
        again = await m.count(left_in_box=10, unused=0)
        assert again.json()["checkpoint"] == counted.json()["checkpoint"], "counted once"
        await m.count_and_sign()
        await as_counted(m)


async def test_s5_one_card_used_a_hundred_times_at_once_by_http_and_bus_counts_once(tmp_path: Path) -> None:
    async with hall(tmp_path / "house", "m") as one:
        m = Assembly(one, "m", units=UNITS, seats=SEATS, chance=random.Random(1))
        await one.register(m)
        await m.to_voting()
        card, *others = m.voting_cards
        tries = [m.opinion() for _ in range(ATTEMPTS)]
        sealed = [m.seal_for(card, marks) for marks in tries]
        bus = BusTerminals(one, "m")
        async with bus.connected():
            by_http = [
                one.send(
                    "POST", f"{m.path}/ballots", TERMINAL | {"sub": f"t{n}"}, json={"token": card.text, "ciphertext": c}
                )
                for n, c in enumerate(sealed[::2])
            ]
            by_bus = [bus.cast({"token": card.text, "ciphertext": c}) for c in sealed[1::2]]
            answers, _ = await asyncio.gather(asyncio.gather(*by_http), asyncio.gather(*by_bus))
            await until(lambda: len(bus.receipts) >= ATTEMPTS // 2, "every receipt")
        assert {r["ticket"] for r in bus.receipts} == {receipt_ticket(card.token)}
        states = Counter(a.json().get("state", a.status_code) for a in answers)
        states.update(r["state"] if r["state"] != "refused" else 409 for r in bus.receipts)
        assert states == {"accepted": 1, 409: ATTEMPTS - 1}
        reasons = {a.json()["reason"] for a in answers if a.status_code == 409}
        reasons |= {r["reason"].partition(": ")[2] for r in bus.receipts if r["state"] == "refused"}
        assert reasons == {"this card has been used"}

        (counted,) = kept(one).values()
        m.given[card.hash] = tries[[base64.b64decode(c) for c in sealed].index(counted)]
        assert (await one.get(f"{m.path}/turnout")).json()["returned"] == 1
        for other in others:
            assert (await m.cast(other, "t")).status_code == 201
        await m.finish()
        await as_counted(m)
