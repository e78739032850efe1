"""The vault's key is rotated while intake is killed again and again: all stays readable, and the old key opens nothing
that is kept (I3, X11)."""

import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.intake.sealing import seal_identity
from services.intake.vault import Vault
from shared.errors import Refusal
from tests.support.wait import until

pytestmark = pytest.mark.live
MANY = 4_000
PERSON = {"name": "欧阳小明", "phone": "13800001111"}
TEXT = "清河镇便民中心三号窗口每天下午四点就没有人了，跑了三趟都没有办成，打13800001111"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Deployment]:
    """Intake alone with its broker."""
    with Deployment(tmp_path / "data", Ports.free(), Plan(services=("intake",))) as running:
        yield running


def sql(house: Deployment, query: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(house.layout.database("intake"), timeout=20)) as store:
        return store.execute(query, values).fetchall()


def fill(house: Deployment, vault: Vault) -> dict[str, bytes]:
    """Many identities in the vault, sealed to the key of today; gives what was sealed."""
    person = json.dumps(PERSON).encode()
    rows = [(f"bulk-{n}", "bulk", f"B-{n}", vault.seal("vault", f"bulk|B-{n}", person), vault.current)
            for n in range(MANY)]  # fmt: skip
    with closing(sqlite3.connect(house.layout.database("intake"), timeout=20)) as store, store:
        store.executemany("INSERT INTO vault (number, source, ticket, identity, key_id) VALUES (?, ?, ?, ?, ?)", rows)
    return {row[0]: row[3] for row in rows}


def call(house: Deployment, role: str, method: str, path: str, **body: Any) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {house.token(role, sub=f'{role}-1')}"}
    url = f"{house.urls['intake']}/api/v1{path}"
    return httpx2.request(method, url, headers=headers, json=body or None, timeout=30)


def rotate(house: Deployment, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "deploy.local.cli", "vault", "rotate", "--data", str(house.layout.data), *options]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def reading(house: Deployment, number: str) -> Any:
    asked = call(house, "clerk", "POST", "/disclosures", number=number, reason="须当面核实").json()
    call(house, "custodian", "POST", f"/disclosures/{asked['id']}/consent", reason="同意")
    return call(house, "clerk", "POST", f"/disclosures/{asked['id']}/reading").json()


async def test_x11_a_rotation_killed_again_and_again_loses_nothing_and_ends(house: Deployment) -> None:
    key_file = house.keyring.vault_key_file()
    old = Vault.from_file(key_file)
    body = {"channel": "hotline_daily", "text": TEXT, "identity": "named", "person": PERSON}
    first = call(house, "source", "POST", "/complaints", ticket="T-1", **body).json()
    broken = {"channel": "hotline_daily", "text": "另一件事，一直没有人管", "identity": "named"}
    sealed_before = fill(house, old)

    running, kills = rotate(house), 0

    def at_new() -> int:
        return int(sql(house, "SELECT count(*) FROM vault WHERE key_id NOT IN (?, '')", old.current)[0][0])

    for part in (0.1, 0.4, 0.7):
        await until(lambda least=part: at_new() >= MANY * least, f"{part:.0%} sealed anew", within=90)
        if at_new() < MANY:
            os.kill(house.supervisor.pid("intake"), signal.SIGKILL)
            kills += 1
            await until(lambda: house.supervisor.is_ready("intake"), "intake is back", within=60)
    said, _ = running.communicate(timeout=180)
    assert running.returncode == 0, said
    assert kills, "it was too fast to be killed in the middle"

    both = Vault.from_file(key_file)
    assert both.key_ids[1:] == old.key_ids
    assert sql(house, "SELECT DISTINCT key_id FROM vault") == [(both.current,)]
    assert (
        call(house, "source", "POST", "/complaints", ticket="T-1", **body).json()["tracking_code"]
        == (first["tracking_code"])
    )
    shown = reading(house, first["number"])
    assert (shown["identity"]["phone"], shown["original"]["text"]) == (PERSON["phone"], TEXT)

    late = base64.b64encode(seal_identity(old.public_pem.encode(), "source-1", "T-2", PERSON)).decode()
    taken = call(house, "source", "POST", "/complaints", ticket="T-2", sealed_identity=late, **broken)
    assert taken.status_code == 201, "a source that has not fetched the new key yet"

    ending = rotate(house, "--destroy-old")
    said, _ = ending.communicate(timeout=180)
    assert ending.returncode == 0, said
    new = Vault.from_file(key_file)
    assert new.key_ids == (both.current,)
    assert new.codes == old.codes
    state = json.loads(call(house, "operator", "GET", "/vault/keys").text)
    assert (state["keys"], state["waiting"], state["unreadable"]) == ([new.current], 0, 0)

    kept = sql(house, "SELECT number, source, ticket, identity FROM vault WHERE identity IS NOT NULL")
    assert len(kept) == MANY + 2
    for number, source, ticket, sealed in kept:
        assert new.open_identity(source, ticket, sealed).phone == "13800001111", number
    for _, source, ticket, sealed in kept[:: MANY // 20]:
        with pytest.raises(Refusal):
            old.open_identity(source, ticket, sealed)
    assert reading(house, taken.json()["number"])["identity"]["name"] == PERSON["name"]

    too_late = call(house, "source", "POST", "/complaints", ticket="T-3", sealed_identity=late,
                    sealed_to=old.current, **broken)  # fmt: skip
    assert (too_late.status_code, "no longer in use" in too_late.json()["reason"]) == (422, True)
    key = call(house, "clerk", "GET", "/vault/public-key").json()
    assert key["key_id"] == new.current
    assert house.keyring.vault_public_key_file().read_text() == key["public_key_pem"]

    def nothing_of_the_old() -> bool:
        files = house.layout.database("intake").parent.glob("intake.db*")
        content = b"".join(file.read_bytes() for file in files)
        return not any(sealed in content for sealed in list(sealed_before.values())[:: MANY // 40])

    await until(nothing_of_the_old, "old ciphertexts are overwritten in the store's files", within=30)
