"""The attack on the secrecy of the vote (X4), written out: every file, every key of the office, the hall watched.

The attacker noted in which order people checked in and voted, and on which terminal. He takes every file of the data
folder, JetStream's blocks past the server (its key is in the environment), all streams, metrics as they stood after
each vote, logs; while ballots are open, after they closed, after the seal, after the publication. He does not have
three tellers' shares, nor what he did not copy in time.
"""

import asyncio
import base64
import io
import json
import random
import secrets
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from services.scoring.domain.canon import canonical
from services.scoring.domain.cards import Card
from tests.support.assembly import Assembly, BusTerminals, Hall, hall
from tests.support.jetstream_disk import decrypted
from tests.support.linkage import (
    Files,
    Finding,
    Voter,
    evidence_bound,
    findings,
    marks_linked,
    partial,
    report,
    together,
)
from tests.support.wait import until

pytestmark = pytest.mark.live
UNITS, SEATS = 12, 50
MEETINGS = ("m1", "m2", "m3")


@dataclass
class Watched:
    """A meeting of which the attacker saw who came and voted when; `cards` in the order of the voting."""

    m: Assembly
    cards: list[Card]
    on_bus: set[str]
    arrivals: list[int]
    """voter (by time of vote) → place in the check-in"""
    metrics: list[str] = field(default_factory=list)

    @property
    def voters(self) -> list[Voter]:
        """All of them, by time of vote."""
        return [
            Voter(
                card.text, card.token, card.hash, base64.b64decode(self.m.sealed[card.hash]),
                canonical(self.m.given[card.hash])[200:320],
            )
            for card in self.cards
        ]  # fmt: skip

    async def vote(self, one: Hall, bus: BusTerminals) -> None:
        """One voter after another, by HTTP or by the bus, at any of four terminals; the metrics are read in between."""
        for number, card in enumerate(self.cards):
            if card.hash in self.on_bus:
                await bus.cast(self.m.body(card))
                await until(lambda card=card: bus.answered([card]), "a receipt")
            else:
                assert (await self.m.cast(card, f"terminal-{number % 4}")).status_code == 201
            self.metrics.append((await one.http.get("/metrics")).text)

    def attack(self, files: Files) -> list[Finding]:
        """All orders in which traces stand, held against the voting and against the check-in."""
        by_vote = findings(files, self.voters)
        by_arrival = [
            Finding(one.where, f"{one.what} (check-in)", tuple(self.arrivals[n] for n in one.order)) for one in by_vote
        ]
        return by_vote + by_arrival


def watched(one: Hall, name: str, chance: random.Random) -> Watched:
    m = Assembly(one, name, units=UNITS, seats=SEATS, chance=chance)
    cards = list(m.voting_cards)
    chance.shuffle(cards)
    on_bus = {card.hash for card in chance.sample(cards, SEATS // 2)}
    return Watched(m, cards, on_bus, chance.sample(range(SEATS), SEATS))


async def dump(one: Hall, everybody: Sequence[Watched]) -> dict[str, bytes]:
    """All there is to copy at this moment."""
    layout = one.deployment.layout
    files = {str(p.relative_to(layout.data)): p.read_bytes() for p in layout.data.rglob("*") if p.is_file()}
    key = one.deployment.keyring.jetstream_key()
    files |= {f"decrypted {name}": plain for name, plain in decrypted(layout.nats, key)}
    told: dict[str, list[bytes]] = {}
    for stream, seq, subject, body in await one.messages():
        told.setdefault(f"stream {stream}", []).append(b"%d %s %s" % (seq, subject.encode(), body))
    files |= {stream: b"\n".join(texts) for stream, texts in told.items()}
    files["metrics"] = "\n".join(text for w in everybody for text in w.metrics).encode()
    return files


@pytest.fixture
async def chance() -> random.Random:
    seed = secrets.randbelow(10**9)
    print(f"seed {seed}")
    return random.Random(seed)


async def hotline_receipts(one: Hall, number: int) -> None:
    """The hotline's own receipts lie in the same stream for weeks: what they share a block with stays as long."""
    async with one.deployment.bus.connect("intake") as intake:
        for n in range(number):
            await intake.jetstream().publish("minping.receipt.hotline", json.dumps({"ticket": n, "ok": True}).encode())


def innocent(title: str, found: list[Finding], voters: int, admitted: tuple[str, ...] = ()) -> None:
    """Print, and assert that no order is better than chance and no part of the voters stands apart.

    admitted: places that are said to tell until another meeting is over.
    """
    print(report(title, found, voters))
    for one in [one for one in found if one.where.startswith(admitted)] if admitted else ():
        print(f"   admitted for now: {one.where}: {one.what}: {one.linked} of {len(one.order)}, p {one.chance:.1e}")
        found.remove(one)
    bound = evidence_bound(len(found))
    assert not [one for one in found if one.chance < bound], f"an order that is no accident (p < {bound:.1e})"
    apart = partial(found, voters)
    assert not apart, f"only some voters in {sorted({(one.where, one.what, len(one.order)) for one in apart})}"


async def test_s5_the_linkage_attack_does_no_better_than_chance_after_the_seal(
    tmp_path: Path, chance: random.Random
) -> None:
    async with hall(tmp_path / "house", *MEETINGS) as one:
        everybody = [watched(one, name, chance) for name in MEETINGS]
        first, *others = everybody
        await one.register(*(w.m for w in everybody))
        for w in everybody:
            await w.m.to_voting()
        await hotline_receipts(one, 20)
        buses = {w.m.meeting: BusTerminals(one, w.m.meeting) for w in everybody}
        async with buses["m1"].connected(), buses["m2"].connected(), buses["m3"].connected():
            await asyncio.gather(*(w.vote(one, buses[w.m.meeting]) for w in everybody))
        await hotline_receipts(one, 20)

        files = await dump(one, everybody)
        seen = first.attack(files)
        print(report("while ballots are open", seen, SEATS, 8))
        assert any(one.chance < evidence_bound(len(seen)) for one in seen), "the attack itself works"

        await first.m.close()
        await one.logged("store_put_in_order")
        files = await dump(one, everybody)
        innocent("m1 closed, its shares not there yet", first.attack(files), SEATS, ("decrypted", "stream"))
        await first.m.count_and_sign()
        await one.logged("ballots_purged", "m1")
        files = await dump(one, everybody)
        innocent("m1 sealed, two other meetings still open", first.attack(files), SEATS, ("decrypted MINPING/BALLOTS",))
        for w in others:
            await w.m.finish()
            await one.logged("ballots_purged", w.m.meeting)
        bundles = await one.publish(*(w.m for w in everybody))
        files = await dump(one, everybody) | {f"bundle of {name}": data for name, data in bundles.items()}
        for w in everybody:
            innocent(f"{w.m.meeting} after the publication", w.attack(files), SEATS)
        said, p = together([w.attack(files) for w in everybody])
        print(f"best over {len(everybody)} meetings: {said}; p among all places {p:.2f}")
        assert p > evidence_bound(1), "no accident over several meetings"
        for w in everybody:
            await slices_tell_nothing(w, bundles[w.m.meeting], chance)


async def slices_tell_nothing(w: Watched, bundle: bytes, chance: random.Random) -> None:
    """The public slices in any order that the attacker has against the true marks."""
    with zipfile.ZipFile(io.BytesIO(bundle)) as file:
        lines = [json.loads(line) for line in file.read("slices.jsonl").splitlines()]
    silent = w.m.house.desk.programme.abstain.key
    marks = [
        {(u, d.key): w.m.given[c.hash].get(u, {}).get(d.key, silent) for u in w.m.units for d in w.m.dimensions}
        for c in w.cards
    ]
    by_nonce: dict[tuple[str, str], list[str]] = {}
    as_written: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        as_written.setdefault((line["unit"], line["dimension"]), []).append(line["grade"])
    for line in sorted(lines, key=lambda line: line["nonce"]):
        by_nonce.setdefault((line["unit"], line["dimension"]), []).append(line["grade"])
    leaves = [(await w.m.house.get(f"{w.m.path}/receipts/{c.hash}")).json()["leaf"] for c in w.cards]
    voters = range(SEATS)
    orders = {
        "votes": list(voters),
        "check-in": sorted(voters, key=lambda n: w.arrivals[n]),
        "hashes": sorted(voters, key=lambda n: w.cards[n].hash),
        "leaves": sorted(voters, key=lambda n: leaves[n]),
    }
    for name, order in orders.items():
        for how, slices in (("as written", as_written), ("by nonce", by_nonce)):
            z = marks_linked(slices, marks, order, chance)
            print(f"   {w.m.meeting}: slices {how}, voters by {name}: marks named {z:+.1f} sigma beside chance")
            assert abs(z) < 5, "the slices name the voters' marks"
