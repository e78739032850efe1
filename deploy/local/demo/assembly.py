"""One meeting from the evening's draw to its seal, act by act, through the public interfaces only.

Each act happens at the time it is given; when, with whom and how people vote is the caller's play.
"""

import hashlib
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deploy.local.demo.hall import SPARE_CARDS, Marks, Tellers, Terminals
from deploy.local.demo.http import House
from deploy.local.deployment import Deployment
from services.scoring.domain.cards import Card

Vote = Callable[[Mapping[str, Any]], Marks]
"""How one representative votes: form → unit → dimension → grade."""
RESULT = {"presided_by": "主持人", "spoken_by": "主要负责人"}


@dataclass(frozen=True, slots=True)
class Revealed:
    """A witness with the value and the 32 bytes under which he commits to it."""

    witness: str
    value: str
    nonce: bytes

    @property
    def commitment(self) -> str:
        """What he shows before the freeze."""
        return hashlib.sha256(self.nonce + self.value.encode()).hexdigest()


class Assembly:
    """A meeting by its name. chance: which cards lie where in the box; everything else is given."""

    def __init__(
        self, house: House, deployment: Deployment, name: str, tellers: Tellers, chance: random.Random, *, needed: int
    ) -> None:
        self.name, self.tellers = name, tellers
        self._house, self._deployment, self._chance, self._needed = house, deployment, chance, needed
        self._revealed: tuple[Revealed, ...] = ()
        self.drawn: dict[str, Any] = {}
        self.left: list[Card] = []
        self.terminals = Terminals(house, deployment, name)

    async def act(self, role: str, step: str, body: Any = None, *, at: datetime, name: str = "") -> Any:
        """A step of somebody of this role. Raises Answered."""
        path = f"/api/v1/meetings/{self.name}{step}"
        return await self._house.person(role, name=name).post("scoring", path, body, at=at)

    async def read(self, what: str, role: str = "") -> Any:
        """What this role, or anybody, sees. Raises Answered."""
        who = self._house.person(role) if role else self._house.anybody()
        return await who.get("scoring", f"/api/v1/meetings/{self.name}{what}")

    @property
    def invited(self) -> list[str]:
        """Those drawn, stratum by stratum."""
        return [person for people in self.drawn["seated"].values() for person in people]

    async def prepare(
        self, body: Mapping[str, Any], witnesses: Sequence[Revealed], source: str, cut_off: datetime, at: datetime
    ) -> dict[str, Any]:
        """The meeting, its keys, the witnesses' commitments, the freeze; what was frozen."""
        await self._house.person("office").post("scoring", "/api/v1/meetings", {"name": self.name, **body}, at=at)
        for one in self.tellers.signers.values():
            await self.act("office", "/keys", {"role": "teller", "vkey": one.vkey}, at=at)
        await self.act("office", "/keys", {"role": "scrutineer", "vkey": self.tellers.scrutineer.vkey}, at=at)
        if self.tellers.guidance is not None:
            await self.act("office", "/keys", {"role": "guidance", "vkey": self.tellers.guidance.vkey}, at=at)
        self._revealed = tuple(witnesses)
        for witness in witnesses:
            promise = {"witness": witness.witness, "commitment": witness.commitment}
            await self.act("witness", "/commitments", promise, at=at, name=witness.witness)
        freezing = {"public_source": source, "cut_off": cut_off.isoformat()}
        return dict(await self.act("office", "/freezing", freezing, at=at))

    async def draw(self, public_value: str, dice: Sequence[int], at: datetime) -> dict[str, Any]:
        """The lot, from the public value, the dice and what the witnesses reveal."""
        reveals = [{"witness": w.witness, "nonce": w.nonce.hex(), "value": w.value} for w in self._revealed]
        entropy = {"public_value": public_value, "dice": list(dice), "reveals": reveals}
        self.drawn = dict(await self.act("office", "/draw", entropy, at=at))
        return self.drawn

    async def announce(self, place: str, starts: datetime, content: str, at: datetime) -> None:
        """Units, procedure, place and time."""
        told = {"place": place, "starts_at": starts.isoformat(), "content": content}
        await self.act("office", "/announcement", told, at=at)

    async def write(self, unit: str, text: str, at: datetime) -> None:
        """A unit that does not speak hands in its statement."""
        body = {"text": text, "handed_in_by": "主要负责人"}
        leader = self._house.person("leader", unit=unit)
        await leader.post("scoring", f"/api/v1/meetings/{self.name}/statements/{unit}/text", body, at=at)

    async def open_hall(self, at: datetime) -> None:
        """Key and cards, then the check-in."""
        key = {"public_key": self.tellers.make_key(self._needed)}
        await self.act("teller", "/key", key, at=at, name="teller-1")
        cards = self.tellers.print_cards(self.name, len(self.invited) + SPARE_CARDS)
        await self.act("teller", "/cards", cards, at=at, name="teller-1")
        await self.act("office", "/check-in-opening", at=at)

    async def check_in(self, people: Iterable[str], at: datetime) -> None:
        """These come."""
        for person in people:
            await self.act("clerk", "/check-ins", {"representative": person}, at=at)

    async def call_alternates(self, at: datetime) -> dict[str, Any]:
        """Alternates are called while ordinary people are too few; how the hall is then."""
        while True:
            hall = await self.read("/hall", "clerk")
            if hall["may_open"] or not hall["to_call"]:
                return dict(hall)
            await self.check_in(hall["to_call"], at)

    async def deliver(self, units: Iterable[str], at: datetime) -> None:
        """These units speak."""
        for unit in units:
            await self.act("clerk", f"/statements/{unit}/delivery", RESULT, at=at)

    async def ask(self, number: int, unit: str, text: str, reply: Mapping[str, Any], at: datetime) -> None:
        """A question, by its number, and the leader's reply: an answer, or a date with its reason."""
        await self.act("clerk", "/questions", {"unit": unit, "text": text}, at=at)
        path = f"/api/v1/meetings/{self.name}/questions/{number}/{'answer' if 'text' in reply else 'deferral'}"
        await self._house.person("leader", unit=unit).post("scoring", path, dict(reply), at=at)

    async def take_cards(self) -> list[Card]:
        """Everybody present takes a card from the shuffled box."""
        turnout = await self.read("/turnout")
        box = list(self.tellers.cards)
        self._chance.shuffle(box)
        self.left = box[turnout["issued"] :]
        return box[: turnout["issued"]]

    async def vote(self, cards: Sequence[Card], opinion: Vote, at: datetime) -> None:
        """These cards are used at the terminals."""
        form = await self.read("/form")
        voting = [(card, opinion(form)) for card in cards]
        await self.terminals.cast(voting, at)

    async def count(self, unused: int, at: datetime) -> dict[str, Any]:
        """Three tellers bring their shares: the figures and the checkpoint, never a result. Raises Answered."""
        counted = {"shares": self.tellers.shares[: self._needed], "left_in_box": len(self.left), "unused": unused}
        return dict(await self.act("teller", "/count", counted, at=at, name="teller-1"))

    async def sign(self, checkpoint: str, at: datetime) -> dict[str, Any]:
        """Tellers and scrutineer sign: the meeting is sealed."""
        for name, one in list(self.tellers.signers.items())[: self._needed]:
            await self.act("teller", "/signatures", {"signatures": [one.sign(checkpoint)]}, at=at, name=name)
        scrutineer = self.tellers.scrutineer
        lines = {"signatures": [scrutineer.sign(checkpoint)]}
        return dict(await self.act("scrutineer", "/signatures", lines, at=at, name=scrutineer.name))
