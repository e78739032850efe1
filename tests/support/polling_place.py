"""A hall to vote in: scoring as a process of its own on real servers, and a meeting up to its open ballots."""

import os
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
from cryptography.hazmat.primitives.asymmetric import ec

from deploy.local.demo.rehearsal import rehearse, to_check_in
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.domain.ballot import BallotForm, Void, open_ballot
from services.scoring.domain.cards import Card
from services.scoring.domain.shamir import new_key

STRATA = {
    "enterprise": 22, "resident": 22, "villager": 34, "deputy": 10, "cppcc": 8, "democratic": 4,
    "party_delegate": 6, "retired_cadre": 4,
}  # fmt: skip
UNITS = (
    ("market", "清河镇市场监督管理所", "Qinghe Market Supervision Station"),
    ("police", "清河镇派出所", "Qinghe Police Station"),
    ("land", "清河镇自然资源所", "Qinghe Land Office"),
    ("tax", "清河镇税务分局", "Qinghe Tax Office"),
)
WITHIN = 60.0


class PollingPlace:
    """`with PollingPlace(folder) as hall: hall.open("m1")`. The server is started, stopped and killed by the test."""

    def __init__(self, data: Path) -> None:
        self.house = Deployment(data, Ports.free(), Plan(services=()))
        self.secret: ec.EllipticCurvePrivateKey = new_key(os.urandom)
        self.cards: dict[str, tuple[Card, ...]] = {}
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx2.Client(timeout=30, trust_env=False)

    def __enter__(self) -> "PollingPlace":
        self.house.start()
        try:
            self.start()
            self._people()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._http.close()
        self.house.stop()

    # --- the server

    @property
    def url(self) -> str:
        """Where scoring answers."""
        return self.house.urls["scoring"]

    def start(self) -> None:
        """Start scoring and wait until it is ready."""
        part = self.house.part_of_service("scoring")
        with self.house.layout.log("scoring").open("ab") as log:
            self._process = subprocess.Popen(part.argv, env=dict(part.env), stdout=log, stderr=log)
        until = time.monotonic() + WITHIN
        while (why := part.ready()) is not None:
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError(
                    f"scoring is not ready: {why}\n{self.house.layout.log('scoring').read_text()[-3000:]}"
                )
            time.sleep(0.05)  # it tells nobody

    def kill(self) -> None:
        """`kill -9`: the server is dead until it is started again."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def act(self, role: str, path: str, body: Any = None, *, method: str = "POST", unit: str = "") -> Any:
        """Somebody does something that must go well."""
        headers = {"Authorization": f"Bearer {self.house.token(role, unit=unit or None)}"}
        answer = self._http.request(method, self.url + path, headers=headers, json=body)
        assert answer.is_success, f"{path}: {answer.text}"
        return answer.json() if answer.content else None

    def signin(self, role: str = "terminal") -> str:
        """The link with which a terminal is signed in."""
        return f"{self.url}/signin?token={self.house.token(role)}"

    # --- the meeting

    def _people(self) -> None:
        units = [
            {"unit": key, "name": name, "name_en": english, "category": "enforcement", "township": "清河镇"}
            for key, name, english in UNITS
        ]
        self.act("office", "/api/v1/units", units)
        now = datetime.now(UTC)
        cycle = {"name": "c1", "starts": str(now - timedelta(days=90)), "ends": str(now + timedelta(days=90))}
        self.act("office", "/api/v1/cycles", cycle)
        members = [{"id": f"{stratum}-{i}", "stratum": stratum} for stratum, n in STRATA.items() for i in range(n)]
        self.act("office", "/api/v1/pools/p1", {"members": members})

    def open(self, meeting: str, *, ballots: bool = True) -> tuple[Card, ...]:
        """A rehearsal from its creation to the opening of its ballots; its cards."""
        units = [key for key, _, _ in UNITS]
        cards = rehearse(self._do, meeting, units, "c1", "p1", self.secret, to_ballots=ballots)
        self.cards[meeting] = cards
        return cards

    def to_check_in(self, meeting: str, *, rehearsal: bool = True) -> dict[str, list[str]]:
        """A meeting from its creation to the opening of its check-in; who is drawn, by stratum."""
        units = [key for key, _, _ in UNITS]
        self.cards[meeting], drawn = to_check_in(self._do, meeting, units, "c1", "p1", self.secret, rehearsal=rehearsal)
        return drawn

    def _do(self, role: str, path: str, body: Any) -> Any:
        return self.act(role, path, body, method="GET" if body is None else "POST")

    def returned(self, meeting: str) -> int:
        """How many ballots the server has."""
        return int(self._http.get(f"{self.url}/api/v1/meetings/{meeting}/turnout").json()["returned"])

    def marks(self, meeting: str, card: Card, ciphertext: bytes) -> dict[str, dict[str, str]]:
        """What a ballot says, opened with the meeting's key by the server's own code."""
        found = self._http.get(f"{self.url}/api/v1/meetings/{meeting}/form").json()["form"]
        form = BallotForm(
            meeting, tuple(found["units"]), tuple(found["dimensions"]), tuple(found["choices"]), found["abstain"]
        )
        ballot = open_ballot(self.secret, form, card.hash, ciphertext)
        assert not isinstance(ballot, Void), ballot.reason
        return ballot.marks(form)
