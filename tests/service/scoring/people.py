"""Those who hold a meeting, through the public interface: office, witnesses, tellers, representatives."""

import base64
import random
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from services.scoring.domain import ballot as ballots
from services.scoring.domain.cards import Card, card_list, make_cards
from services.scoring.domain.freezing import commit
from services.scoring.domain.note import Signer, signer
from services.scoring.domain.shamir import new_key, split_key
from shared.contracts.inbox import BallotCast
from tests.service.scoring.house import CLERK, TELLER, TERMINAL, House

SHARES = {
    "enterprise": 22, "resident": 22, "villager": 34, "deputy": 10, "cppcc": 8, "democratic": 4,
    "party_delegate": 6, "retired_cadre": 4,
}  # fmt: skip
GOOD, FAIR, BAD = "satisfied", "basically_satisfied", "dissatisfied"
DAY = "2026-07-10"
EVE = "2026-07-09"


class People:
    """A meeting `m1` on ten units: six of a township, four windows."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.meeting = "m1"
        self.units = [*(f"u{i:02}" for i in range(1, 7)), *(f"w{i:02}" for i in range(1, 5))]
        self.tellers: list[Signer] = [signer(f"teller-{i}", secrets.token_bytes(32)) for i in range(1, 6)]
        self.scrutineer = signer("scrutineer-1", secrets.token_bytes(32))
        self.secret: ec.EllipticCurvePrivateKey = new_key(secrets.token_bytes)
        self.shares = split_key(self.secret, needed=3, given=5)
        self.cards: tuple[Card, ...] = make_cards(70, secrets.token_bytes)
        self.nonce = secrets.token_bytes(32)
        self.drawn: dict[str, list[str]] = {}
        self.alternates: dict[str, list[str]] = {}
        self.random = random.Random(7)

    @property
    def path(self) -> str:
        """The meeting's path."""
        return f"/meetings/{self.meeting}"

    async def prepare(self) -> None:
        """Register units, the cycle, the pool."""
        township = [
            {"unit": u, "name": f"所{u}", "category": "enforcement", "township": "清河镇"} for u in self.units[:6]
        ]
        windows = [{"unit": u, "name": f"窗口{u}", "category": "service_window"} for u in self.units[6:]]
        await self.house.done("/units", [*township, *windows], at="2026-01-01 09:00")
        await self.house.done("/cycles", {"name": "2026-H1"}, at="2026-01-01 09:00")
        await self.house.done("/pools/p1", {"members": self.members()}, at="2026-06-01 09:00")

    def members(self) -> list[dict[str, Any]]:
        """110 evaluators; the first of each stratum works for a unit."""
        return [
            {"id": f"{stratum}-{i}", "stratum": stratum, "conflicts": ["u01"] if i == 0 else []}
            for stratum, number in SHARES.items()
            for i in range(number)
        ]

    async def create(self, **changes: Any) -> Any:
        """Create the meeting and enrol who signs."""
        body = {"name": self.meeting, "cycle": "2026-H1", "date": DAY, "pool": "p1", "units": self.units}
        made = await self.house.done("/meetings", {**body, **changes}, at="2026-07-01 09:00")
        keys = [("teller", t) for t in self.tellers] + [("scrutineer", self.scrutineer)]
        for role, who in keys:
            await self.house.done(f"{self.path}/keys", {"role": role, "vkey": who.vkey}, at="2026-07-01 09:00")
        return made

    async def freeze(self) -> Any:
        """A witness commits, the pool is frozen."""
        body = {"witness": "witness-1", "commitment": commit(self.nonce, "枫桥夜泊")}
        await self.house.done(f"{self.path}/commitments", body, at=f"{EVE} 10:00")
        cut_off = {"public_source": "当晚开奖号码", "cut_off": f"{EVE}T21:00:00+08:00"}
        return await self.house.done(f"{self.path}/freezing", cut_off, at=f"{EVE} 12:00")

    def entropy(self) -> dict[str, Any]:
        """All entropy of the draw."""
        reveal = {"witness": "witness-1", "nonce": self.nonce.hex(), "value": "枫桥夜泊"}
        return {"public_value": "03 08 14 21 27 33 + 11", "dice": [3, 7] * 10, "reveals": [reveal]}

    async def draw(self) -> Any:
        """The lots are drawn."""
        found = await self.house.done(f"{self.path}/draw", self.entropy(), at=f"{EVE} 21:30")
        self.drawn, self.alternates = found["seated"], found["alternates"]
        return found

    async def bring_key_and_cards(self) -> None:
        """The tellers bring the public key, and two of them the list of cards."""
        key = ballots.public_text(self.secret.public_key())
        await self.house.done(f"{self.path}/key", {"public_key": key}, who=TELLER, at=f"{EVE} 22:00")
        found = card_list(self.meeting, self.cards)
        body = {
            "cards": [c.hash for c in self.cards],
            "signatures": [t.sign(found.note_text) for t in self.tellers[:2]],
        }
        await self.house.done(f"{self.path}/cards", body, who=TELLER, at=f"{EVE} 22:00")

    async def to_check_in(self) -> None:
        """Everything up to the opening of the check-in."""
        await self.create()
        await self.freeze()
        await self.draw()
        await self.bring_key_and_cards()
        await self.announce()
        await self.house.done(f"{self.path}/check-in-opening", at=f"{DAY} 08:30")

    async def announce(self) -> None:
        """Place and time are told; who speaks is drawn."""
        body = {"place": "清河镇会堂", "starts_at": f"{DAY}T09:00:00+08:00"}
        await self.house.done(f"{self.path}/announcement", body, at=f"{EVE} 22:30")

    async def arrive(self, who: str) -> Any:
        """A representative checks in."""
        body = {"representative": who}
        return await self.house.done(f"{self.path}/check-ins", body, who=CLERK, at=f"{DAY} 08:45")

    def seated(self) -> list[str]:
        """Everybody drawn."""
        return [person for people in self.drawn.values() for person in people]

    async def to_ballots(self) -> None:
        """Everything up to the opening of the ballots; everybody drawn is present."""
        await self.to_check_in()
        for person in self.seated():
            await self.arrive(person)
        await self.to_questions()
        await self.house.done(f"{self.path}/ballots-opening", at=f"{DAY} 09:30")

    async def to_questions(self) -> None:
        """The statements are opened and given; questions are open."""
        await self.house.done(f"{self.path}/statements-opening", at=f"{DAY} 09:00")
        for unit in (await self.house.get(f"{self.path}/announcement")).json()["speakers"]["speak"]:
            await self.speak(unit)
        await self.house.done(f"{self.path}/questions-opening", at=f"{DAY} 09:20")

    async def speak(self, unit: str) -> Any:
        """A unit gives its statement."""
        body = {"presided_by": "主持人", "spoken_by": "局长"}
        return await self.house.done(f"{self.path}/statements/{unit}/delivery", body, who=CLERK, at=f"{DAY} 09:10")

    def marks(self) -> dict[str, dict[str, str]]:
        """How a representative marks the units: u06 and w04 badly, the others rather well."""
        dimensions = [d.key for d in self.house.desk.programme.dimensions]
        grades = [GOOD, FAIR, BAD]

        def one(unit: str) -> str:
            odds = [1, 2, 5] if unit in ("u06", "w04") else [8, 3, 1]
            return self.random.choices(grades, odds)[0]

        return {u: {d: one(u) for d in dimensions} for u in self.units}

    def form(self) -> ballots.BallotForm:
        """The ballot's form."""
        p = self.house.desk.programme
        rules = self.house.desk.rules("2026-H1")
        return ballots.BallotForm(
            self.meeting, tuple(sorted(self.units, key=self._order)), tuple(d.key for d in p.dimensions),
            rules.choices, rules.abstain,
        )  # fmt: skip

    def _order(self, unit: str) -> tuple[str, str]:
        return ("township:清河镇" if unit.startswith("u") else "approval-centre", unit)

    def encrypted(self, card: Card, marks: dict[str, dict[str, str]] | None = None) -> str:
        """A ballot as a terminal sends it."""
        data = ballots.seal_ballot(self.secret.public_key(), self.form(), card.hash, marks or self.marks())
        return base64.b64encode(data).decode()

    def message(self, card: Card, **changes: str) -> BallotCast:
        """A ballot as it comes by the bus."""
        whole = {"meeting": self.meeting, "token": card.text, "ciphertext": self.encrypted(card)}
        return BallotCast(**{**whole, **changes})

    async def vote(self, card: Card, ciphertext: str | None = None) -> Any:
        """A terminal casts a ballot."""
        body = {"token": card.text, "ciphertext": ciphertext or self.encrypted(card)}
        return await self.house.post(f"{self.path}/ballots", body, who=TERMINAL, at=f"{DAY} 10:00")

    async def to_closing(self, voters: int = 60) -> None:
        """Everything up to the closing; the first `voters` cards were used."""
        await self.to_ballots()
        for card in self.cards[:voters]:
            assert (await self.vote(card)).status_code == 201
        await self.house.done(f"{self.path}/closing", at=f"{DAY} 11:00")

    async def count(self, **changes: Any) -> Any:
        """Three tellers bring their shares."""
        body = {"shares": self.shares[1:4], "left_in_box": 10, "unused": 0}
        return await self.house.post(f"{self.path}/count", {**body, **changes}, who=TELLER, at=f"{DAY} 11:10")

    async def sign(self, checkpoint: str, *who: Signer) -> Any:
        """People sign the checkpoint."""
        body = {"signatures": [w.sign(checkpoint) for w in who]}
        return await self.house.post(f"{self.path}/signatures", body, who=TELLER, at=f"{DAY} 11:20")

    async def to_seal(self, voters: int = 60) -> None:
        """Everything up to the seal."""
        await self.to_closing(voters)
        counted = await self.count(unused=60 - voters)
        assert counted.status_code == 200, counted.text
        sealed = await self.sign(counted.json()["checkpoint"], *self.tellers[:3], self.scrutineer)
        assert sealed.json()["state"] == "sealed", sealed.text

    async def to_ranking(self) -> Any:
        """Everything up to the ranking of the cycle."""
        await self.to_seal()
        await self.house.done("/cycles/2026-H1/closing", at="2026-07-11 09:00")
        return await self.house.done("/cycles/2026-H1/ranking", at="2026-07-12 09:00")
