"""Canaries (X5): who complains is looked for in every file, stream, log, metric and letter: nowhere in the clear."""

import asyncio
import base64
import io
import zipfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import httpx2
import nats
import pytest
from typer.testing import CliRunner

from deploy.local.commands.import_ import app as importing
from deploy.local.demo.hotline import Hotline
from deploy.local.demo.http import House
from deploy.local.demo.stage import Stage
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import SERVICES, Ports
from shared.programme import demo

pytestmark = pytest.mark.live
SOURCE = "city-hotline"
START = datetime(2026, 3, 2, 1, tzinfo=UTC)
WHO = {"name": "欧阳锦瑟", "phone": "13987654321", "address": "清河镇鹦鹉巷七弄三号", "id_number": "110101199003070097"}
FROM = "203.0.113.77"
"""Where the complainant's own machine is, as a proxy would tell."""
TEXT = "我叫欧阳锦瑟，电话13987654321，身份证110101199003070097，{}窗口每天下午四点就没有人了，跑了三趟都没有办成"
CASE = "2026-000001"
GUARDS = ("measures_carried_out", "misconduct_dealt_with", "problem_solved", "public_answered")


class Stayed:
    """A matter as the demo's hotline reports one."""

    def __init__(self, ticket: str, text: str) -> None:
        self.ticket, self.text, self.row = ticket, text, 1
        self.channel, self.title, self.unit, self.topic = "hotline_daily", "窗口没人", None, None
        self.identity = WHO


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A house of its own, with a hotline, on a clock that is moved by hand."""
    plan = Plan(clock="simulated", sources=(SOURCE,), log_level="DEBUG")
    with Deployment(tmp_path_factory.mktemp("canary"), Ports.free(), plan) as running:
        yield running


@pytest.fixture
async def stage(deployment: Deployment) -> AsyncIterator[tuple[Stage, House, Hotline]]:
    """The clock, the people and the hotline."""
    house = House(deployment.urls, deployment.token)
    keys = deployment.keyring
    driver = await nats.connect(
        deployment.ports.nats_url, user="driver", password=keys.password("driver"), inbox_prefix="_INBOX_driver"
    )
    sealing = keys.vault_public_key_file().read_bytes()
    hotline = await Hotline.connect(SOURCE, deployment.ports.nats_url, keys.password(SOURCE), sealing)
    stage = Stage(house, driver, window=timedelta(days=1), start=START)
    yield stage, house, hotline
    await hotline.close()
    await driver.close()
    await house.close()


async def set_up(stage: Stage, house: House) -> str:
    """Units and their leaders; gives a unit."""
    office, now = house.person("office"), stage.now
    keys = ("name", "name_en", "category", "township", "parent")
    units = [{"unit": one.key} | {name: asdict(one)[name] for name in keys} for one in demo.units()]
    await office.post("scoring", "/api/v1/units", units, at=now)
    await stage.quiet()
    rows = [
        {"unit": one.unit or "office", "role": one.role, "person": one.person, "name": one.name, "email": one.email,
         "since": "2026-01-01"}
        for one in demo.leaders()
    ]  # fmt: skip
    await office.post("notify", "/api/v1/directory/import", {"rows": rows}, at=now)
    return str(units[0]["unit"])


async def play(stage: Stage, house: House, hotline: Hotline, deployment: Deployment, folder: Path) -> None:
    """Three ways in, one case to its closing, and every door of the vault."""
    await stage.begin()
    unit = await set_up(stage, house)
    await hotline.report(Stayed("T-1", TEXT.format("三号")), stage.now)  # type: ignore[arg-type]  # as much as is used
    broken = Stayed("T-9", TEXT.format("九号"))
    broken.channel = "telepathy"
    await hotline.report(broken, stage.now)  # type: ignore[arg-type]
    await stage.quiet()
    body = {"channel": "web_form", "text": TEXT.format("五号"), "identity": "named", "person": WHO}
    sent = httpx2.post(
        f"{deployment.urls['intake']}/api/v1/public/complaints",
        json=body,
        timeout=30,
        headers={"X-Forwarded-For": FROM},
    )
    assert sent.status_code == 201, sent.text
    export = folder / "export.csv"
    export.write_text(
        "ticket,time,text,name,phone,address,id_number\n"
        f"F-1,2026-03-02 08:00,{TEXT.format('七号')},{','.join(WHO.values())}\n"
    )
    data = str(deployment.layout.data)
    command = [str(export), "--channel", "hotline_daily", "--source", SOURCE, "--data", data]
    done = await asyncio.to_thread(CliRunner().invoke, importing, command)
    assert done.exit_code == 0, done.output
    await stage.quiet()
    clerk, approver, custodian = (house.person(role) for role in ("clerk", "approver", "custodian"))
    asked = await clerk.post("intake", "/api/v1/disclosures", {"number": CASE, "reason": "核实"}, at=stage.now)
    path = f"/api/v1/disclosures/{asked['id']}"
    await custodian.post("intake", f"{path}/consent", {"reason": "同意"}, at=stage.now)
    read = await clerk.post("intake", f"{path}/reading", {}, at=stage.now)
    assert read["identity"] == WHO, "the vault opens: otherwise the search below proves nothing"
    screening = {"decision": "accepted", "reason": f"已电话{WHO['phone']}核实", "transfer": {"lead_unit": unit}}
    await clerk.post("intake", f"/api/v1/complaints/{CASE}/screening", screening, at=stage.now)
    await approver.post("intake", f"/api/v1/transfers/{CASE}/approval", {}, at=stage.now)
    await stage.quiet()
    await stage.play_until(START + timedelta(days=2))
    solution = {"measures": "加派人手", "reply": f"已办结，已告知{WHO['phone']}", "evidence": ["照片"]}
    handler = house.person("handler", unit=unit)
    await handler.post("rectification", f"/api/v1/cases/{CASE}/solution", solution, at=stage.now)
    await stage.quiet()
    shown = await clerk.post("intake", f"/api/v1/callbacks/{CASE}/{CASE}/contact", {}, at=stage.now)
    assert shown["phone"] == WHO["phone"]
    await stage.play_until(START + timedelta(days=4))


def spellings() -> dict[str, bytes]:
    """Each canary as it may be written: in UTF-8, GB 18030, UTF-16, base64, quoted-printable, JSON's escapes."""
    found: dict[str, bytes] = {}
    for part, value in (WHO | {"from": FROM}).items():
        escaped = value.encode("unicode_escape")
        found |= {f"{part} utf-8": value.encode(), f"{part} gb18030": value.encode("gb18030")}
        found |= {f"{part} utf-16": value.encode("utf-16-le"), f"{part} escaped": escaped}
        found |= {f"{part} quoted": "".join(f"={b:02X}" for b in value.encode()).encode()}
        for shift in range(3):
            raw = base64.b64encode(b"\0" * shift + value.encode())
            found[f"{part} base64+{shift}"] = raw[(0, 2, 3)[shift] : len(raw) - 4]
    return found


async def test_x5_no_canary_is_found_in_any_store_stream_log_metric_or_letter(
    deployment: Deployment, stage: tuple[Stage, House, Hotline], tmp_path: Path
) -> None:
    await play(*stage, deployment, tmp_path)
    layout = deployment.layout
    canaries = spellings()
    searched = 0
    for path in (path for path in layout.data.rglob("*") if path.is_file() and layout.secrets not in path.parents):
        content = path.read_bytes()
        searched += len(content)
        leaked = [how for how, canary in canaries.items() if canary in content]
        assert not leaked, f"{path}: {leaked}"
    assert searched > 1_000_000
    letters = list(layout.letters.glob("*.eml"))
    assert letters, "nobody was written to: nothing is proved about letters"
    enclosed = 0
    for letter in letters:
        message = message_from_bytes(letter.read_bytes(), policy=policy.default)
        texts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
        whole = "\n".join([str(message["subject"]), *texts])
        assert not [value for value in (*WHO.values(), FROM) if value in whole], letter
        for part in message.iter_attachments():
            for name, content in unpacked(part.get_payload(decode=True)).items():
                assert not [how for how, canary in canaries.items() if canary in content], (letter, name)
                enclosed += 1
    assert enclosed, "no document went with a letter: nothing is proved about documents"
    house = stage[1]
    for service in SERVICES:
        said: Any = await house.anybody().get(service, "/metrics")
        assert not [how for how, canary in canaries.items() if canary in bytes(said)], service
    assert list(layout.nats.rglob("*.blk")), "the streams are in files, and those were searched"
    await published(deployment, stage, canaries)


async def published(deployment: Deployment, stage: tuple[Stage, House, Hotline], canaries: dict[str, bytes]) -> None:
    """What notify gives to the public and to leaders: the bulletin, its feed, every paper (N7, N9)."""
    clock, house, _ = stage
    words = {"title": f"公告{WHO['phone']}", "text": f"联系电话{WHO['phone']}，证件{WHO['id_number']}"}
    await house.person("office").post("notify", "/api/v1/bulletin/announcements", words, at=clock.now)
    url, year = deployment.urls["notify"], clock.now.year
    token = {"Authorization": f"Bearer {deployment.token('auditor')}"}
    async with httpx2.AsyncClient(base_url=url, headers=token, timeout=60, trust_env=False) as client:
        found = {
            path: (await client.get(path)).content
            for path in ("/bulletin", "/bulletin/feed.atom", "/api/v1/bulletin", f"/api/v1/papers/archive?year={year}")
        }
    assert "［电话］".encode() in found["/bulletin"], "the announcement stands there, without the number"
    papers = unpacked(found.popitem()[1])
    assert any(CASE.encode() in paper for paper in papers.values()), "the case is in the papers: they were filled"
    for name, content in {**found, **papers}.items():
        assert not [how for how, canary in canaries.items() if canary in content], name


def unpacked(package: bytes, under: str = "") -> dict[str, bytes]:
    """Every file of a zip, those of the zips in it too."""
    files: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(package)) as held:
        for name in held.namelist():
            content = held.read(name)
            files |= unpacked(content, f"{name}/") if content[:2] == b"PK" else {under + name: content}
    return files
