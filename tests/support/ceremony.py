"""The people of a meeting on a real small house: commands as `minping` runs them, and steps that have none."""

import base64
import hashlib
import json
import os
import re
import secrets
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from typer.testing import CliRunner

from deploy.local.cli import COMMANDS
from deploy.local.deployment import Deployment
from services.scoring.domain.ballot import BallotForm, public_from_text, seal_ballot
from services.scoring.domain.canon import canonical
from services.scoring.domain.cards import card_hash, parse_card
from shared.errors import Refusal

MEETING, CYCLE = "m1", "2026-H1"
SHARES = {
    "enterprise": 22, "resident": 22, "villager": 34, "deputy": 10, "cppcc": 8, "democratic": 4,
    "party_delegate": 6, "retired_cadre": 4,
}  # fmt: skip
PASSPHRASE = "三人到齐才能开票"
TELLERS = [f"teller-{i}" for i in range(1, 6)]


def here(at: datetime) -> datetime:
    """A moment on the clocks of the programme: its day is the meeting's."""
    return at.astimezone(ZoneInfo("Asia/Shanghai"))


class Hall:
    """The house, and the laptops of those who hold a meeting in it."""

    def __init__(self, house: Deployment, folder: Path) -> None:
        self.house, self.folder = house, folder
        self._http = httpx2.Client(timeout=30, trust_env=False, base_url=house.urls["scoring"])
        self.passphrase = folder / "passphrase"
        self.passphrase.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
        self.passphrase.chmod(0o600)

    def run(self, command: str, *arguments: str, code: int = 0, typed: str = "", **variables: str) -> str:
        """A command; nothing of the house in its environment unless `variables` says so."""
        app = import_module(f"deploy.local.commands.{COMMANDS[command].module}").app
        nothing = {name: None for name in os.environ if name.startswith("MINPING_")}
        done = CliRunner().invoke(app, list(arguments), input=typed, env={**nothing, "COLUMNS": "200", **variables})
        if isinstance(done.exception, Refusal):  # as `minping` itself tells it
            refusal = done.exception
            said = f"{done.output}{refusal.field} {refusal.value!r}: {refusal.reason}. {refusal.remedy}."
            assert code == 2, f"{command} {arguments}\n{said}"
            return said
        assert done.exit_code == code, f"{command} {arguments}\n{done.output}\n{done.exception!r}"
        return done.output

    def offline(self, *arguments: str, code: int = 0) -> str:
        """A teller's command: no address, no token."""
        return self.run(*arguments, code=code)

    def online(self, role: str, *arguments: str, code: int = 0, typed: str = "") -> str:
        """A command of somebody with a token."""
        where = {"MINPING_URL": self.house.urls["scoring"], "MINPING_TOKEN": self.house.token(role)}
        return self.run("meeting", *arguments, code=code, typed=typed, **where)

    def act(self, role: str, path: str, body: Any = None) -> Any:
        """Somebody's step that has no command."""
        answer = self._http.post(f"/api/v1{path}", json=body, headers=self._as(role))
        assert answer.is_success, f"{path} {answer.text}"
        return answer.json()

    def read(self, path: str, role: str = "") -> Any:
        """What the house says; without a role to anybody."""
        answer = self._http.get(f"/api/v1{path}", headers=self._as(role) if role else {})
        assert answer.is_success, f"{path} {answer.text}"
        return answer.json()

    def _as(self, role: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.house.token(role)}"}

    def leave(self) -> None:
        self._http.close()

    # --- what goes before the tellers come

    def prepare(self) -> None:
        """Units, a cycle, a pool of 110, the meeting."""
        units = [
            {"unit": f"u{i:02}", "name": f"所{i}", "category": "enforcement", "township": "清河镇"} for i in range(1, 4)
        ]
        self.act("office", "/units", units)
        now = datetime.now(UTC)
        days = {"starts": (now - timedelta(days=30)).isoformat(), "ends": (now + timedelta(days=30)).isoformat()}
        self.act("office", "/cycles", {"name": CYCLE, **days})
        members = [{"id": f"{s}-{i}", "stratum": s, "conflicts": []} for s, n in SHARES.items() for i in range(n)]
        self.act("office", "/pools/p1", {"members": members})
        meeting = {"name": MEETING, "cycle": CYCLE, "date": here(now).date().isoformat(), "pool": "p1", "seats": 50,
                   "units": [u["unit"] for u in units]}  # fmt: skip
        self.act("office", "/meetings", meeting)

    def draw(self) -> list[str]:
        """Freeze, wait for the cut-off, draw, announce; who is invited."""
        nonce = secrets.token_bytes(32)
        commitment = hashlib.sha256(nonce + "枫桥夜泊".encode()).hexdigest()
        path = f"/meetings/{MEETING}"
        self.act("witness", f"{path}/commitments", {"witness": "witness-1", "commitment": commitment})
        cut_off = datetime.now(UTC) + timedelta(seconds=1)
        self.act("office", f"{path}/freezing", {"public_source": "当晚开奖号码", "cut_off": cut_off.isoformat()})
        while datetime.now(UTC) <= cut_off:
            time.sleep(0.05)
        reveal = {"witness": "witness-1", "nonce": nonce.hex(), "value": "枫桥夜泊"}
        entropy = {"public_value": "03 08 14 21 27 33 + 11", "dice": [3, 7] * 10, "reveals": [reveal]}
        drawn = self.act("office", f"{path}/draw", entropy)
        now = here(datetime.now(UTC))  # an hour before midnight the meeting still begins today
        starts = min(now + timedelta(hours=1), now.replace(hour=23, minute=59, second=59))
        self.act("office", f"{path}/announcement", {"place": "清河镇会堂", "starts_at": starts.isoformat()})
        return [person for people in drawn["seated"].values() for person in people]

    def gather(self, invited: list[str]) -> None:
        """Check-in, statements, no question."""
        path = f"/meetings/{MEETING}"
        self.online("office", "open", MEETING, "--step", "check-in")
        for person in invited:
            self.act("clerk", f"{path}/check-ins", {"representative": person})
        self.online("office", "open", MEETING, "--step", "statements")
        for unit in self.read(f"{path}/announcement")["speakers"]["speak"]:
            self.act("clerk", f"{path}/statements/{unit}/delivery", {"presided_by": "主持人", "spoken_by": "所长"})
        self.online("office", "open", MEETING, "--step", "questions")

    def vote(self, cards: list[str]) -> None:
        """Terminals cast a ballot a card."""
        found = self.read(f"/meetings/{MEETING}/form")
        form = found["form"]
        known = BallotForm(
            MEETING, tuple(form["units"]), tuple(form["dimensions"]), tuple(form["choices"]), form["abstain"]
        )
        key = public_from_text(found["public_key"])
        for number, text in enumerate(cards):
            grade = known.choices[number % 3]
            marks = {unit: dict.fromkeys(known.dimensions, grade) for unit in known.units}
            sealed = seal_ballot(key, known, card_hash(parse_card(text)), marks)
            body = {"token": text, "ciphertext": base64.b64encode(sealed).decode()}
            self.act("terminal", f"/meetings/{MEETING}/ballots", body)

    def to_count(self, *, scrutineer: bool = True) -> None:
        """Everything up to the paper that is signed: 50 votes, counted with the first three shares."""
        for name in (*TELLERS, *(["scrutineer-1"] if scrutineer else [])):
            self.online("office", "enrol", MEETING, "--role", name.rpartition("-")[0], self.key(name))
        invited = self.draw()
        self.offline("teller", "ballot-key", "--meeting", MEETING, "--out", "ballot-key")
        self.online("teller", "key", MEETING, "ballot-key/ballot-key.json")
        self.offline("cards", "print", "--meeting", MEETING, "--number", "60", "--date", "2026-07-10",
                     "--out", "cards", *self.two())  # fmt: skip
        self.online("teller", "cards", MEETING, "cards/upload.json")
        self.gather(invited)
        self.online("office", "open", MEETING)
        self.vote(printed((self.folder / "cards" / "cards.html").read_text(encoding="utf-8"))[:50])
        self.online("teller", "close", MEETING)
        shares = [option for name in TELLERS[:3] for option in ("--share", f"ballot-key/{name}.ballot.share")]
        self.online("teller", "count", MEETING, "--left-in-box", "10", "--unused", "0", *shares,
                    "--yes", "--out", "signing.json")  # fmt: skip

    def forged_paper(self) -> bytes:
        """What is signed, with one figure changed."""
        paper = self.read(f"/meetings/{MEETING}/signing", "teller")
        return canonical({**paper, "manifest": paper["manifest"].replace('"void":0', '"void":1')})

    # --- the tellers' own

    def key(self, name: str) -> str:
        """Somebody makes a key; the vkey."""
        said = self.offline("teller", "key", "--name", name, "--out", f"{name}.key",
                            "--passphrase-file", "passphrase", "--json", "key.json")  # fmt: skip
        assert PASSPHRASE not in said
        return str(json.loads((self.folder / "key.json").read_text())["vkey"])

    def vkey(self, name: str) -> str:
        """The vkey in a key's file."""
        return re.findall(r"^vkey: (.+)$", (self.folder / f"{name}.key").read_text(encoding="utf-8"), re.M)[0]

    def two(self) -> list[str]:
        """The options of two tellers' keys."""
        keys = [option for name in TELLERS[:2] for option in ("--key", f"{name}.key")]
        return keys + ["--passphrase-file", "passphrase"] * 2

    def sign_offline(self, name: str) -> str:
        """Somebody signs the paper on a laptop; what was shown."""
        return self.offline("teller", "sign", "signing.json", "--key", f"{name}.key", "--out", f"{name}.line",
                            "--passphrase-file", "passphrase", "--yes")  # fmt: skip


def printed(sheet: str) -> list[str]:
    """The texts of the cards on a sheet, in its order."""
    found = re.findall(r'<p class="text">(.*?)</p>', sheet)
    return ["-".join(re.findall(r"<span>(.{4})</span>", card)) for card in found]
