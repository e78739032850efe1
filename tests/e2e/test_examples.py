"""The examples of the docs run as they stand, in processes of their own, against a real house."""

import asyncio
import json
import os
import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.local.commands.ledger import app as ledger
from deploy.local.demo.appraisal import Appraisal
from deploy.local.demo.hall import marks
from deploy.local.demo.http import House
from deploy.local.demo.script import bundled
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.scoring.domain.ballot import Ballot, BallotForm, open_ballot, public_from_text
from services.scoring.domain.cards import Card, receipt_ticket
from services.scoring.domain.shamir import combine_key
from shared.programme import demo, load

pytestmark = pytest.mark.e2e
EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
SOURCE = "city-hotline"


def run(name: str, *arguments: str, card: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run an example as a stranger would: nothing of our code on its path."""
    environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*", **variables}
    command = [sys.executable, "-P", "-I", str(EXAMPLES / name), *arguments]
    return subprocess.run(
        command, env=environment, input=card, capture_output=True, text=True, timeout=120, check=False
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


# --- the hotline


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A house on the machine's clock, as `minping up` starts it."""
    folder = tmp_path_factory.mktemp("house")
    with Deployment(folder, Ports.free(), Plan(sources=(SOURCE,))) as running:
        yield running


def report(house: Deployment, ticket: str) -> subprocess.CompletedProcess[str]:
    return run(
        "hotline.py", SOURCE, ticket,
        MINPING_NATS_URL=house.ports.nats_url,
        MINPING_PASSWORD_FILE=str(house.keyring.password_file(SOURCE)),
        MINPING_VAULT_KEY_FILE=str(house.keyring.vault_public_key_file()),
    )  # fmt: skip


def test_the_hotline_gets_a_number_and_the_same_ticket_again_is_the_same_complaint(house: Deployment) -> None:
    first, again, other = report(house, "T-1"), report(house, "T-1"), report(house, "T-2")
    assert (first.returncode, again.returncode, other.returncode) == (0, 0, 0), first.stderr
    registered, repeated, linked = answer(first), answer(again), answer(other)
    assert registered["state"] == "registered"
    assert registered["number"].endswith("-000001")
    assert registered["tracking_code"]
    assert (repeated["state"], repeated["number"]) == ("repeated", registered["number"])
    # the same text with another ticket is another petitioner of the same matter (I5)
    assert (linked["state"], linked["linked_to"]) == ("registered", registered["number"])


def test_who_complained_is_in_no_file_of_the_house_in_the_clear(house: Deployment) -> None:
    answer(report(house, "T-3"))
    canaries = [text.encode() for text in ("王小明", "13800000000")]
    for path in house.layout.data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [text for text in canaries if text in content], path


def test_the_ledger_of_a_running_house_is_verified_by_a_command(house: Deployment) -> None:
    done = CliRunner().invoke(ledger, ["verify", "--data", str(house.layout.data), "--json", "-"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["holds"] is True


def test_the_open311_calls_of_the_guide_report_and_read(house: Deployment) -> None:
    guide = (EXAMPLES.parent / "open311.md").read_text(encoding="utf-8")
    calls = guide.partition("```sh\n")[2].partition("```")[0]
    variables = {"INTAKE": house.urls["intake"], "KEY": house.token("source", sub="city-app"), "NO_PROXY": "*"}
    environment = {"PATH": os.environ["PATH"], **variables}
    done = subprocess.run(
        ["bash", "-ec", calls], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert '"service_code":"delay"' in done.stdout
    assert '"service_request_id":"' in done.stdout
    assert "<service_requests><request><service_request_id>" in done.stdout


# --- the terminal


class Hall(Appraisal):
    """A meeting of the demo up to open ballots; from there the terminals of this test cast them."""

    cards: tuple[Card, ...]
    shares: tuple[str, ...]

    async def open(self) -> str:
        """Set up, draw, gather, open the ballots; the meeting's name."""
        await self._stage.begin()
        await self.set_up()
        meeting, _ = await self.to_open_ballots()
        await self._deployment.bus.add(self._meeting, "meeting")
        self.cards, self.shares = meeting.tellers.cards, meeting.tellers.shares
        return self._meeting


async def opened(deployment: Deployment) -> tuple[Hall, str, dict[str, Any]]:
    programme, people = load("window-units"), House(deployment.urls, deployment.token)
    script = bundled(programme)
    try:
        async with deployment.bus.connect("driver") as driver:
            stage = Stage(people, driver, window=timedelta(days=60), start=script.starts)
            hall = Hall(stage, people, deployment, programme, script)
            name = await hall.open()
        return hall, name, await people.anybody().get("scoring", f"/api/v1/meetings/{name}/form")
    finally:
        await people.close()


def test_the_terminal_casts_over_http_and_the_bus_and_what_it_sealed_opens(tmp_path: Path) -> None:
    with Deployment(tmp_path / "data", Ports.free(), Plan(clock="simulated")) as deployment:
        hall, name, shown = asyncio.run(opened(deployment))
        plan = demo.meeting()
        given = marks(shown, plan.leanings, plan.unknown_share, random.Random(1))
        (tmp_path / "marks.json").write_text(json.dumps(given), encoding="utf-8")
        arguments = ("terminal.py", deployment.urls["scoring"], name, str(tmp_path / "marks.json"))
        token = deployment.token("terminal")
        by_bus = {
            "MINPING_NATS_URL": deployment.ports.nats_url,
            "MINPING_PASSWORD_FILE": str(deployment.keyring.password_file(name)),
        }

        http = run(*arguments, card=hall.cards[0].text, MINPING_TOKEN=token)
        bus = run(*arguments, card=hall.cards[1].text, **by_bus)
        used = run(*arguments, card=hall.cards[0].text, **by_bus)
        nobody = run(*arguments, card=hall.cards[2].text, MINPING_TOKEN="forged")

        assert answer(http) == {"token_hash": hall.cards[0].hash, "state": "accepted"}
        assert (answer(bus)["ticket"], answer(bus)["state"]) == (receipt_ticket(hall.cards[1].token), "accepted")
        assert (used.returncode, answer(used)["state"]) == (1, "refused")
        assert (nobody.returncode, "401" in nobody.stderr) == (1, True)

        key = combine_key(hall.shares[:3], public_from_text(shown["public_key"]), needed=3)
        form = BallotForm(
            name,
            tuple(shown["form"]["units"]),
            tuple(shown["form"]["dimensions"]),
            tuple(shown["form"]["choices"]),
            shown["abstain"],
        )
        with sqlite3.connect(deployment.layout.database("scoring")) as store:
            kept = store.execute("SELECT token_hash, ciphertext FROM ballot").fetchall()
        assert {token_hash for token_hash, _ in kept} == {hall.cards[0].hash, hall.cards[1].hash}
        for token_hash, ciphertext in kept:
            ballot = open_ballot(key, form, token_hash, ciphertext)
            assert isinstance(ballot, Ballot)
            assert ballot.marks(form) == given
