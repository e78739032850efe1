"""P5: an export from .xlsx to registered, linked and published, against the bare parse of the same file.

Each run has a fresh deployment (servers and intake), so that no row is known already; its start is not counted. Ours
ends when every row has its receipt and intake has nothing left to publish.
"""

from __future__ import annotations

import asyncio
import json
import random
import secrets
import sqlite3
import time
import urllib.request
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter
from python_calamine import CalamineWorkbook
from rich.console import Console

from deploy.local.bench.figure import Beside, Figure, Tell
from deploy.local.commands.import_ import Run
from deploy.local.deployment import Deployment, Plan
from deploy.local.layout import Ports
from services.intake.importing import Sender, event_of, read_file
from shared.contracts import Event
from shared.contracts.inbox import ComplaintSubmitted
from shared.programme import load

ROWS = 4_000
PATIENCE_S = 120.0
PLAIN_TABLE = "CREATE TABLE report (ticket TEXT PRIMARY KEY, at TEXT NOT NULL, title TEXT, text TEXT)"
SOURCE, CHANNEL = "bench", "web_form"
HEADER = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情")
PLACES = ("清河镇便民中心", "柳林街道综合窗口", "石桥镇税务所", "审批中心二楼", "南门派出所", "供电营业厅", "水利站")
MATTERS = (
    "办营业执照跑了三趟", "不动产登记排队到下午还没有叫号", "小区供水停了两天没有人通知", "交了押金一直不退",
    "窗口只收现金不开收据", "路灯坏了半年", "工地夜里施工", "医保报销的材料退回三次",
)  # fmt: skip
MANNERS = (
    "工作人员让我回去等电话", "问了两个窗口互相推", "公示栏上写的时限早就过了", "打电话没有人接",
    "说系统坏了又不肯登记", "要求补一张清单上没有的证明", "负责人不在就没有人能签字",
)  # fmt: skip
WISHES = ("请尽快处理并给一个书面答复", "希望公开办理时限", "请核实后告诉我什么时候能办", "希望改进服务态度")


def measure(tell: Tell, *, runs: int, file: Path | None = None) -> Figure:
    """Complaints a second, `runs` times; of `file`, or of an export that is written here."""
    ours: list[float] = []
    limit: list[float] = []
    plain: list[float] = []
    with TemporaryDirectory(prefix="minping-bench-") as folder:
        export = file or written(Path(folder) / "export.xlsx", ROWS)
        rows = 0
        for turn in range(1, runs + 1):
            rows, elapsed = bare_parse(export)
            limit.append(rows / elapsed)
            plain.append(rows / durable(export, Path(folder) / f"plain-{turn}.db"))
            elapsed = imported(export, Path(folder) / f"house-{turn}", rows)
            ours.append(rows / elapsed)
            tell(f"run {turn} of {runs}: {rows} rows in {elapsed:.1f} s")
    return Figure(
        name="import",
        ours_is="from .xlsx to registered, linked and published",
        limit_is="bare parse of the same file (python-calamine)",
        unit="complaints/s",
        ours=tuple(ours),
        limit=tuple(limit),
        sense="at least",
        bound=0.25,
        notes={"rows": rows, "file": export.name},
        beside=Beside("parse, validate, one durable commit of the same rows", tuple(plain)),
    )


def bare_parse(export: Path) -> tuple[int, float]:
    """Rows below the header, and the seconds it takes to read all cells."""
    began = time.perf_counter()
    with CalamineWorkbook.from_path(export) as book:
        rows = book.get_sheet_by_index(0).to_python()
    return len(rows) - 1, time.perf_counter() - began


def durable(export: Path, store: Path) -> float:
    """Seconds to read the same rows, check each as a report and write it, in one transaction that is on the disk.

    No number, receipt, seal, scrubbing, repeats or events: what no registration in Python can be faster than.
    """
    zone = load("window-units").zone
    sender = Sender(source=SOURCE, channel=CHANNEL, vault_key_pem=b"", run="plain", with_identity=False)
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", PLAIN_TABLE):
            connection.execute(statement)
        began = time.perf_counter()
        reports = (
            Event[ComplaintSubmitted].model_validate_json(event_of(r, sender)[1]) for r in read_file(export, zone)
        )
        found = [(one.data.ticket, one.time.isoformat(), one.data.title, one.data.text) for one in reports]
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO report VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", found)
        connection.execute("COMMIT")
        return time.perf_counter() - began


def imported(export: Path, data: Path, rows: int) -> float:
    """Seconds from opening the file until all of it is registered, answered and published.

    Raises AssertionError if a row is not accounted for.
    """
    with Deployment(data, Ports.free(), Plan(services=("intake",), sources=(SOURCE,), log_level="WARNING")) as house:
        programme = load("window-units")
        began = time.perf_counter()
        sender = Sender(
            source=SOURCE,
            channel=CHANNEL,
            vault_key_pem=house.keyring.vault_public_key_file().read_bytes(),
            run=secrets.token_hex(6),
            with_identity=True,
        )
        events = {}
        for row in read_file(export, programme.zone):
            key, body = event_of(row, sender)
            events[key] = (row.row, body)
        run = Run(sender, events, house.ports.nats_url, house.keyring.password(SOURCE))
        asyncio.run(run.play(Console(quiet=True)))
        patience = time.monotonic() + PATIENCE_S
        while _unsent(house.urls["intake"]):
            if time.monotonic() > patience:
                raise AssertionError(f"intake did not publish everything within {PATIENCE_S:.0f} s")
            time.sleep(0.002)  # its outbox says nothing by itself, it is asked; short, for this is what is measured
        elapsed = time.perf_counter() - began
    report = run.report(export.name, elapsed)
    if report["registered"] + report["repeated"] + report["kept_for_repair"] != rows:
        raise AssertionError(f"not every row is accounted for: {report}")
    return elapsed


def _unsent(url: str) -> int:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(f"{url}/api/v1/quiescence", timeout=10) as answer:
        said = json.load(answer)
    return int(said["unsent"]) + int(said["in_hand"])


def written(path: Path, rows: int) -> Path:
    """An export as hotlines write them: real dates, users, titles, texts of which some come again."""
    chance = random.Random(1)  # the same file on every machine
    at = datetime(2025, 1, 6, 8, tzinfo=UTC)
    texts: list[str] = []
    with xlsxwriter.Workbook(path, {"constant_memory": True, "remove_timezone": True}) as book:
        sheet, dated = book.add_worksheet(), book.add_format({"num_format": "yyyy/m/d h:mm:ss"})
        sheet.write_row(0, 0, HEADER)
        for row in range(1, rows + 1):
            at += timedelta(minutes=chance.randrange(1, 120))
            if chance.random() < 0.03 and texts:
                text = chance.choice(texts[-200:])
            else:
                parts = [chance.choice(kind) for kind in (PLACES, MATTERS, MANNERS, MANNERS, WISHES)]
                text = (
                    f"{parts[0]}{parts[1]}，{parts[2]}，{parts[3]}。前后{chance.randrange(2, 400)}天，" * 2 + parts[4]
                )
                texts.append(text)
            sheet.write_row(row, 0, (f"B{row:06d}", f"U{chance.randrange(rows):06d}", text[:18]))
            sheet.write_datetime(row, 3, at, dated)
            sheet.write_string(row, 4, text)
    return path
