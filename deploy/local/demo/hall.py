"""In the hall: the tellers with their keys and cards, and the representatives at the terminals."""

import asyncio
import base64
import json
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import nats
import nats.errors
import nats.js.errors

from deploy.local.demo.http import House
from deploy.local.deployment import Deployment
from services.scoring.domain.ballot import BallotForm, public_from_text, public_text, seal_ballot
from services.scoring.domain.cards import Card, card_list, make_cards, receipt_ticket
from services.scoring.domain.note import Signer, signer
from services.scoring.domain.shamir import new_key, split_key

Marks = dict[str, dict[str, str]]
"""A ballot: unit → dimension → grade."""
PATIENCE_S = 90.0
SPARE_CARDS = 10


class Tellers:
    """The tellers' own laptop, offline: keys, the ballot key's shares, the cards. Nothing of it is the service's."""

    def __init__(
        self, names: Sequence[str], scrutineer: str, entropy: random.Random, guidance: str | None = None
    ) -> None:
        self._entropy = entropy
        self.signers: dict[str, Signer] = {name: signer(name, self._bytes(32)) for name in names}
        self.scrutineer = signer(scrutineer, self._bytes(32))
        self.guidance = signer(guidance, self._bytes(32)) if guidance else None
        self.shares: tuple[str, ...] = ()
        self.cards: tuple[Card, ...] = ()

    def _bytes(self, number: int) -> bytes:
        return self._entropy.randbytes(number)

    def make_key(self, needed: int) -> str:
        """Make the ballot key, split it, forget it; the public half as text."""
        key = new_key(self._bytes)
        self.shares = split_key(key, needed=needed, given=len(self.signers))
        return public_text(key.public_key())

    def print_cards(self, meeting: str, number: int) -> dict[str, Any]:
        """Print cards under two tellers; what the server gets: hashes and two signatures."""
        self.cards = make_cards(number, self._bytes)
        listed = card_list(meeting, self.cards)
        lines = [one.sign(listed.note_text) for one in list(self.signers.values())[:2]]
        return {"cards": list(listed.classes), "signatures": lines}


def marks(form: Mapping[str, Any], leanings: Mapping[str, float], unknown: float, chance: random.Random) -> Marks:
    """One representative's opinion: around each unit's standing, with a temper of one's own."""
    grades, abstain = [grade["key"] for grade in form["grades"]], form["abstain"]
    temper = chance.gauss(0, 0.09)
    ballot: Marks = {}
    for unit in form["form"]["units"]:
        if chance.random() < unknown:
            ballot[unit] = dict.fromkeys(form["form"]["dimensions"], abstain)
            continue
        liking = leanings.get(unit, 0.7) + temper + chance.gauss(0, 0.12)
        ballot[unit] = {}
        for dimension in form["form"]["dimensions"]:
            felt = liking + chance.gauss(0, 0.12)
            ballot[unit][dimension] = grades[0] if felt >= 0.66 else grades[1] if felt >= 0.38 else grades[-1]
    return ballot


class Terminals:
    """The hall's terminals: every other one speaks HTTP, the rest the bus through the meeting's own account."""

    def __init__(self, house: House, deployment: Deployment, meeting: str) -> None:
        self._house, self._deployment, self._meeting = house, deployment, meeting
        self.sent: tuple[tuple[Card, str], ...] = ()

    async def cast(self, ballots: Sequence[tuple[Card, Marks]], at: datetime) -> dict[str, int]:
        """All vote at once; a used card is tried again and must be refused. Returns how many went which way."""
        found = await self._house.anybody().get("scoring", f"/api/v1/meetings/{self._meeting}/form")
        form = BallotForm(
            found["meeting"],
            tuple(found["form"]["units"]),
            tuple(found["form"]["dimensions"]),
            tuple(found["form"]["choices"]),
            found["abstain"],
        )
        key = public_from_text(found["public_key"])
        sealed = [
            (card, base64.b64encode(seal_ballot(key, form, card.hash, given)).decode()) for card, given in ballots
        ]
        self.sent = tuple(sealed)
        by_http, by_bus = sealed[::2], sealed[1::2]
        await asyncio.gather(self._over_http(by_http, at), self._over_bus(by_bus))
        return {"http": len(by_http), "bus": len(by_bus)}

    async def again(self, card: Card, ciphertext: str, at: datetime) -> str:
        """A card is shown to a terminal again: `repeated` for the very same ballot. Raises Answered for another one."""
        terminal = self._house.person("terminal", name=f"terminal-{self._meeting}")
        body = {"token": card.text, "ciphertext": ciphertext}
        found = await terminal.post("scoring", f"/api/v1/meetings/{self._meeting}/ballots", body, at=at)
        return str(found["state"])

    async def _over_http(self, ballots: Sequence[tuple[Card, str]], at: datetime) -> None:
        terminal = self._house.person("terminal", name=f"terminal-{self._meeting}")
        path = f"/api/v1/meetings/{self._meeting}/ballots"
        async with asyncio.TaskGroup() as group:
            for card, text in ballots:
                group.create_task(terminal.post("scoring", path, {"token": card.text, "ciphertext": text}, at=at))

    async def _over_bus(self, ballots: Sequence[tuple[Card, str]]) -> None:
        name = self._meeting
        await self._deployment.bus.add(name, "meeting")
        client = await nats.connect(
            self._deployment.ports.nats_url,
            user=name,
            password=self._deployment.keyring.password(name),
            max_reconnect_attempts=-1,
            reconnect_time_wait=0.2,
        )
        try:
            for card, text in ballots:
                body = json.dumps({"meeting": name, "token": card.text, "ciphertext": text}).encode()
                await _publish(client, f"minping.inbox.ballot.{name}", body, card.hash)
            await _receipts(client, name, {receipt_ticket(card.token) for card, _ in ballots})
        finally:
            await client.close()


async def _publish(client: Any, subject: str, body: bytes, key: str) -> None:
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            await client.jetstream(timeout=3).publish(subject, body, headers={"Nats-Msg-Id": key})
            return
        except (nats.errors.Error, nats.js.errors.Error, OSError):
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.1)


async def _receipts(client: Any, name: str, waiting: set[str]) -> None:
    """Wait for each card's receipt. Raises TimeoutError, or ValueError for a ballot that was refused."""
    pull = await client.jetstream().pull_subscribe_bind(durable=name, stream="RECEIPTS")
    deadline = asyncio.get_running_loop().time() + PATIENCE_S
    while waiting:
        if asyncio.get_running_loop().time() > deadline:
            raise TimeoutError(f"{len(waiting)} ballots got no receipt")
        try:
            messages = await pull.fetch(batch=100, timeout=1)
        except (nats.errors.Error, nats.js.errors.Error, OSError):
            await asyncio.sleep(0.05)
            continue
        for message in messages:
            receipt = json.loads(message.data)
            if receipt["state"] == "refused":
                raise ValueError(f"a ballot was refused: {receipt['reason']}")
            waiting.discard(receipt["ticket"])
            await message.ack()
