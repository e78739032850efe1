"""Meetings held in a real deployment: the hall's people of the service tests, over real HTTP, and its terminals."""

import asyncio
import base64
import io
import json
import random
import secrets
import zipfile
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import nats
import nats.errors
import nats.js.errors
from nats.aio.client import Client

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.domain.ballot import BallotForm, public_from_text, seal_ballot
from services.scoring.domain.cards import Card, make_cards, receipt_ticket
from services.scoring.usecases.desk import Desk
from shared.bus.topology import CLOCK_SUBJECT, STREAMS
from shared.clock import ClockEntry
from shared.programme import load
from tests.service.scoring.house import OFFICE, SEAL_SEED, TERMINAL, local, signer
from tests.service.scoring.people import DAY, People
from tests.support.wait import until

Marks = dict[str, dict[str, str]]
AWAY = (nats.errors.Error, nats.js.errors.Error, OSError, TimeoutError)
SPARE = 10
"""Cards that stay in the box."""


@asynccontextmanager
async def hall(folder: Path, *meetings: str, house: type[Deployment] = Deployment) -> AsyncIterator["Hall"]:
    """A deployment with scoring alone, on a clock that allows all of 2026, with an account for each meeting."""
    plan = Plan(services=("scoring",), sources=("hotline",), clock="simulated")
    deployment = house(folder, Ports.free(), plan)
    for name in meetings:
        deployment.layout.create()
        deployment.bus.register(name, "meeting")
    await asyncio.to_thread(deployment.start)
    try:
        async with deployment.bus.connect("driver") as driver:
            entry = ClockEntry(now=local("2026-01-01 00:00"), horizon=local("2027-01-01 00:00"), revision=1)
            await driver.jetstream().publish(CLOCK_SUBJECT, entry.model_dump_json().encode())
        async with Hall(deployment) as found:
            await found.until_clock()
            yield found
    finally:
        await asyncio.to_thread(deployment.stop)


class Hall:
    """The service as the people of a meeting reach it: by HTTP, tried again while it is away."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.desk = Desk(load("window-units"), signer("minping", SEAL_SEED), secrets.token_bytes)
        self._tokens: dict[str, str] = {}
        limits = httpx2.Limits(max_connections=200, max_keepalive_connections=200)
        self.http = httpx2.AsyncClient(
            base_url=deployment.urls["scoring"], timeout=10, limits=limits, trust_env=False, verify=False
        )

    async def __aenter__(self) -> "Hall":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def until_clock(self) -> None:
        """Wait until the service follows the clock."""
        while (await self.post("/units", [], at="2026-01-01 09:00")).status_code == 409:
            await asyncio.sleep(0.02)

    def token(self, who: dict[str, Any]) -> str:
        """A bearer token, made once a person."""
        return self._tokens.setdefault(json.dumps(who), self.deployment.token(**who))

    async def send(self, method: str, path: str, who: dict[str, Any] | None, **more: Any) -> httpx2.Response:
        """One request to the interface, as often as it takes."""
        return await self.request(method, f"/api/v1{path}", who, **more)

    async def request(self, method: str, path: str, who: dict[str, Any] | None, **more: Any) -> httpx2.Response:
        """One request, as often as it takes: the same bytes again while nobody knows."""
        headers = {**more.pop("headers", {}), **({"Authorization": f"Bearer {self.token(who)}"} if who else {})}
        for pause in (0.05, 0.1, 0.2, *[0.4] * 150):
            try:
                answer = await self.http.request(method, path, headers=headers, **more)
                if answer.status_code != 503:
                    return answer
            except httpx2.TransportError:
                pass
            await asyncio.sleep(pause)
        raise AssertionError(f"{method} {path} was not answered for a minute")

    async def get(self, path: str, who: dict[str, Any] | None = None, **query: str) -> httpx2.Response:
        """Read; without `who` as anybody."""
        return await self.send("GET", path, who, params=query)

    async def post(
        self, path: str, body: Any = None, *, who: dict[str, Any] = OFFICE, at: str | None = None
    ) -> httpx2.Response:
        """Act, at a time (without it: at the clock's)."""
        return await self.send(
            "POST", path, who, json=body, headers={"Minping-At": local(at).isoformat()} if at else {}
        )

    async def done(self, path: str, body: Any = None, **more: Any) -> Any:
        """Act and expect that it is done."""
        answer = await self.post(path, body, **more)
        assert answer.status_code < 300, f"{path}: {answer.text}"
        return answer.json()

    async def logged(self, event: str, meeting: str = "") -> None:
        """Wait until the service says that it has done something."""
        log = self.deployment.layout.log("scoring")

        def said() -> bool:
            told = [json.loads(line) for line in log.read_text().splitlines() if f'"{event}"' in line]
            return any(not meeting or line.get("meeting") == meeting for line in told)

        await until(said, f"{event} {meeting}", within=60)

    async def messages(self) -> list[tuple[str, int, str, bytes]]:
        """Stream, number, subject and body of everything that the bus still gives."""
        found = []
        async with self.deployment.bus.connect("provision") as client:
            js = client.jetstream()
            for stream in STREAMS:
                state = (await js.stream_info(stream.name)).state
                for seq in range(max(1, state.first_seq), state.last_seq + 1) if state.messages else ():
                    with suppress(nats.js.errors.NotFoundError):  # a gap
                        one = await js.get_msg(stream.name, seq, direct=True)
                        found.append((stream.name, seq, one.subject or "", one.data or b""))
        return found

    async def register(self, *assemblies: "Assembly") -> None:
        """Units, the cycle and one pool, for all meetings."""
        every = [
            {"unit": unit, "name": f"所{unit}", "category": "enforcement", "township": one.township}
            for one in assemblies
            for unit in one.units
        ]
        await self.done("/units", every, at="2026-01-01 09:00")
        await self.done("/cycles", {"name": "2026-H1"}, at="2026-01-01 09:00")
        await self.done("/pools/p1", {"members": assemblies[0].members()}, at="2026-06-01 09:00")

    async def publish(self, *assemblies: "Assembly") -> dict[str, bytes]:
        """The cycle's result and the bundles, by meeting."""
        await self.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
        await self.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
        for one in assemblies:
            await self.done(f"{one.path}/publication", at="2026-07-12 10:00")
        return {one.meeting: (await self.get(f"{one.path}/bundle")).content for one in assemblies}


class Assembly(People):
    """One meeting on a township of its own; each representative has a card, marks, and the ballot as sealed once."""

    def __init__(self, house: Any, meeting: str, *, units: int, seats: int, chance: random.Random) -> None:
        super().__init__(house)
        self.meeting, self.seats, self.chance = meeting, seats, chance
        self.township = f"{meeting}镇"
        self.units = [f"{meeting}u{i:02}" for i in range(1, units + 1)]
        self.cards: tuple[Card, ...] = make_cards(seats + SPARE, secrets.token_bytes)
        self.given: dict[str, Marks] = {}
        self.sealed: dict[str, str] = {}

    async def prepare(self) -> None:
        """The hall registers all meetings' units together."""
        raise NotImplementedError("use Hall.register")

    def members(self) -> list[dict[str, Any]]:
        """The pool, of whom nobody works for a unit here."""
        return [{**member, "conflicts": []} for member in super().members()]

    async def create(self, **changes: Any) -> Any:
        """Create it with its seats."""
        return await super().create(seats=self.seats, **changes)

    async def to_voting(self) -> None:
        """Everything up to the opening of the ballots; who comes takes any card and marks it for himself."""
        await self.to_ballots()
        for card in self.voting_cards:
            self.given[card.hash] = self.opinion()
        await self.seal_all()

    @property
    def voting_cards(self) -> tuple[Card, ...]:
        """The cards that were taken."""
        return self.cards[: self.seats]

    @property
    def dimensions(self) -> Sequence[Any]:
        """What each unit is graded in."""
        return tuple(self.house.desk.programme.dimensions)

    def opinion(self) -> Marks:
        """One representative's marks, some of them 不了解, some left out."""
        programme = self.house.desk.programme
        choices = [*(g.key for g in programme.grades), programme.abstain.key]
        temper = [self.chance.random() ** 2 + 0.05 for _ in choices]
        found: Marks = {}
        for unit in self.units:
            row = {d.key: self.chance.choices(choices, temper)[0] for d in programme.dimensions}
            found[unit] = {d: c for d, c in row.items() if self.chance.random() > 0.02}
        return found

    async def seal_all(self) -> None:
        """Each terminal encrypts its ballot once, to the key that the form shows."""
        shown = (await self.house.get(f"{self.path}/form")).json()
        self._form = BallotForm(
            self.meeting, tuple(shown["form"]["units"]), tuple(shown["form"]["dimensions"]),
            tuple(shown["form"]["choices"]), shown["abstain"],
        )  # fmt: skip
        self._key = public_from_text(shown["public_key"])
        for card in self.voting_cards:
            self.sealed[card.hash] = self.seal_for(card, self.given[card.hash])

    def seal_for(self, card: Card, marks: Marks) -> str:
        """A ballot as a terminal encrypts it: other bytes each time."""
        return base64.b64encode(seal_ballot(self._key, self._form, card.hash, marks)).decode()

    def body(self, card: Card) -> dict[str, str]:
        """What a terminal sends for a card: the same bytes each time."""
        return {"token": card.text, "ciphertext": self.sealed[card.hash]}

    async def cast(self, card: Card, terminal: str) -> httpx2.Response:
        """A terminal casts over HTTP, again and again until it is answered."""
        return await self.house.send("POST", f"{self.path}/ballots", TERMINAL | {"sub": terminal}, json=self.body(card))

    async def finish(self, unused: int = 0) -> None:
        """Close, count, sign."""
        await self.close()
        await self.count_and_sign(unused)

    async def close(self) -> None:
        """No more ballots."""
        await self.house.done(f"{self.path}/closing", at=f"{DAY} 11:00")

    async def sealed_file(self, name: str) -> Any:
        """A member of the sealed bundle."""
        answer = await self.house.get(f"{self.path}/sealed-bundle", OFFICE)
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            return json.loads(file.read(name))

    async def count_and_sign(self, unused: int = 0) -> None:
        """Three tellers bring their shares; three and the scrutineer sign."""
        counted = await self.count(left_in_box=SPARE, unused=unused)
        assert counted.status_code == 200, counted.text
        sealed = await self.sign(counted.json()["checkpoint"], *self.tellers[:3], self.scrutineer)
        assert sealed.json()["state"] == "sealed", sealed.text


@dataclass
class BusTerminals:
    """A meeting's terminals on the bus, under its own account, as docs/terminals.md describes them."""

    hall: Hall
    meeting: str
    receipts: list[dict[str, Any]] = field(default_factory=list)
    client: Client | None = None

    @asynccontextmanager
    async def connected(self) -> AsyncIterator["BusTerminals"]:
        """The meeting's connection, which outlives the broker, and the one reader of its receipts."""
        deployment = self.hall.deployment

        async def unheard(_: Exception) -> None:
            """The calls that need the server raise by themselves."""

        self.client = await nats.connect(
            deployment.ports.nats_url, user=self.meeting, password=deployment.keyring.password(self.meeting),
            inbox_prefix=f"_INBOX_{self.meeting}", max_reconnect_attempts=-1, reconnect_time_wait=0.1, error_cb=unheard,
        )  # fmt: skip
        reading = asyncio.create_task(self._read())
        try:
            yield self
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            await self.client.close()

    async def cast(self, body: dict[str, str]) -> None:
        """Publish until the broker has it; the receipt comes to `receipts`."""
        assert self.client
        message = json.dumps({"meeting": self.meeting, **body}).encode()
        while True:
            try:
                await self.client.jetstream(timeout=2).publish(f"minping.inbox.ballot.{self.meeting}", message)
                return
            except AWAY:
                await asyncio.sleep(0.1)

    def answered(self, cards: Iterable[Card]) -> bool:
        """Whether each of these cards has a receipt."""
        return {receipt_ticket(card.token) for card in cards} <= {receipt["ticket"] for receipt in self.receipts}

    async def _read(self) -> None:
        assert self.client
        pull = await self.client.jetstream().pull_subscribe_bind(durable=self.meeting, stream="RECEIPTS")
        while True:
            try:
                for message in await pull.fetch(batch=100, timeout=1):
                    self.receipts.append(json.loads(message.data))
                    await message.ack()
            except AWAY:
                await asyncio.sleep(0.02)
