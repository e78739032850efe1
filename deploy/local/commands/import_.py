"""`minping import FILE`: an export of a hotline goes through the bus as that source, and every row is accounted for."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import nats
import nats.errors
import nats.js.errors
import typer
from nats.aio.client import Client
from nats.js import JetStreamContext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.local import deployment
from deploy.local.commands.import_report import reading, show, targets
from deploy.local.layout import DEFAULT_DATA
from deploy.local.output import DataFolder, JsonFile, Output
from deploy.local.outside import Bus
from services.intake.importing import Sender, event_of, read_export, read_targets
from shared.errors import Refusal
from shared.programme import load

app = typer.Typer(add_completion=False)
AT_ONCE = 256
PATIENCE_S = 120.0
RETRY_S = 0.3
AWAY = (nats.errors.Error, nats.js.errors.Error, OSError)
OTHERS_LATER_S = 30


@app.command()
def import_(
    file: Annotated[Path, typer.Argument(help="Export of a hotline: .xlsx, .csv or .jsonl.")],
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="C", help="The programme's channel it came by.")
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="S", help="The source; it needs an account: `minping source add S`."),
    ] = None,
    maps: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="What a column holds, where its name does not say it. Of two columns NAME the second is NAME#2.",
        ),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option(metavar="ZONE", help="Zone of times without one, like America/New_York; the programme's."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read and report only; nothing has to run.")] = False,
    check_targets: Annotated[
        bool,
        typer.Option("--check-targets", help="Also: on time or overdue by the file's own times, beside its flags."),
    ] = False,
    data: DataFolder = DEFAULT_DATA,
    json_file: JsonFile = None,
) -> None:
    """Register an export: repeated rows are found, those that cannot be registered are kept for repair."""
    given, out = mapping(maps or []), Output(json_file)
    if dry_run:
        report = reading(file, zone_of(time_zone, load("window-units").zone), given)
    else:
        if channel is None or source is None:
            missing = "--channel" if channel is None else "--source"
            raise Refusal(missing, "", "a row needs both to be registered", "give it, or --dry-run to look only")
        report = import_file(file, channel, source, given, time_zone=time_zone, data=data)
    if check_targets:
        zone = zone_of(time_zone, load("window-units").zone)
        report["targets"] = targets(read_targets(file, zone, given))
    show(out.console, report)
    out.result(report)
    if report.get("unanswered"):
        raise typer.Exit(1)


def import_file(
    file: Path, channel: str, source: str, given: dict[str, str], *, time_zone: str | None, data: Path
) -> dict[str, Any]:
    """Read an export and play it through the bus of a running deployment; gives the report. Raises Refusal."""
    layout, ports, state = deployment.opened(data)
    bus = Bus(layout, ports)
    programme = load(state.get("programme") or "window-units")
    export = read_export(file, zone_of(time_zone, programme.zone), given)
    if source not in {one.name for one in bus.outside() if one.kind == "source"}:
        raise Refusal("source", source, "it has no account on the bus", f"make one: minping source add {source}")
    sender = Sender(
        source=source,
        channel=channel,
        vault_key_pem=bus.keyring.vault_public_key_file().read_bytes(),
        run=secrets.token_hex(6),
        with_identity=programme.channel(channel).identity == "vault",
    )
    events = {}
    began = time.perf_counter()
    for row in export.rows:
        key, body = event_of(row, sender)
        events[key] = (row.row, body)
    run = Run(sender, events, ports.nats_url, bus.keyring.password(source))
    asyncio.run(run.play(Console(stderr=True)))
    report = run.report(file.name, time.perf_counter() - began)
    return {**report, "in_file": export.in_file, "passed_over": export.passed_over}


def zone_of(name: str | None, otherwise: ZoneInfo) -> ZoneInfo:
    """A time zone by its name. Raises Refusal."""
    if name is None:
        return otherwise
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise Refusal("--time-zone", name, "there is no such time zone", "write it like Asia/Shanghai") from error


def mapping(given: Iterable[str]) -> dict[str, str]:
    """`COLUMN=FIELD …` as a dictionary. Raises Refusal."""
    found: dict[str, str] = {}
    for one in given:
        column, sign, target = one.rpartition("=")
        if not (column and sign and target):
            raise Refusal("--map", one, "it is not COLUMN=FIELD", "write it like --map 内容=text")
        found[column] = target
    return found


@dataclass
class Run:
    """One import: publishes every event until the stream has it, and waits until every row has its receipt."""

    sender: Sender
    events: dict[str, tuple[int, bytes]]
    url: str
    password: str = field(repr=False)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    published: int = 0
    _heard_at: float = 0.0

    async def play(self, console: Console) -> None:
        """Publish and listen, side by side, through restarts of the broker and of intake."""
        client = await self._connect()
        try:
            with Progress(
                TextColumn("{task.description:12}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
                console=console, transient=True,
            ) as progress:  # fmt: skip
                sent = progress.add_task("published", total=len(self.events))
                answered = progress.add_task("answered", total=len(self.events))
                self._heard_at = time.monotonic()
                pull = await client.jetstream().pull_subscribe_bind(durable=self.sender.source, stream="RECEIPTS")
                publishing = asyncio.create_task(self._publish(client))
                try:
                    while len(self.receipts) < len(self.events) and self._is_patient():
                        await self._listen(pull)
                        progress.update(sent, completed=self.published)
                        progress.update(answered, completed=len(self.receipts))
                        if publishing.done():
                            publishing.result()
                finally:
                    publishing.cancel()
                    await asyncio.gather(publishing, return_exceptions=True)
        finally:
            await client.close()

    def _is_patient(self) -> bool:
        return time.monotonic() - self._heard_at < PATIENCE_S

    async def _connect(self) -> Client:
        async def unheard(_: Exception) -> None:
            """What goes wrong is tried again by the call that needs it."""

        try:
            return await nats.connect(
                self.url,
                user=self.sender.source,
                password=self.password,
                name=f"minping import {self.sender.source}",
                inbox_prefix=f"_INBOX_{self.sender.source}",
                connect_timeout=5,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.2,
                allow_reconnect=True,
                error_cb=unheard,
            )
        except AWAY as error:
            reason = f"cannot be reached as {self.sender.source}: {error or type(error).__name__}"
            raise Refusal("bus", self.url, reason, "start it with `minping up`", 503) from error

    async def _publish(self, client: Client) -> None:
        js, gate = client.jetstream(timeout=5), asyncio.Semaphore(AT_ONCE)
        subject = f"minping.inbox.complaint.{self.sender.source}"

        async def one(key: str, body: bytes) -> None:
            try:
                while True:
                    try:
                        await js.publish(subject, body, headers={"Nats-Msg-Id": f"{self.sender.source}:{key}"})
                        break
                    except AWAY:  # whether it arrived is not known; its id makes the repeat harmless
                        await asyncio.sleep(RETRY_S)
                self.published += 1
            finally:
                gate.release()

        async with asyncio.TaskGroup() as group:
            for key, (_, body) in self.events.items():
                await gate.acquire()
                group.create_task(one(key, body))

    async def _listen(self, pull: JetStreamContext.PullSubscription) -> None:
        """Take what has come. The subscription stays the same however long nothing comes: what the server has sent to
        one that is given up reaches nobody before it is sent again, ten seconds later, and perhaps to the same fate."""
        try:
            found = await pull.fetch(batch=500, timeout=1)
        except nats.errors.TimeoutError:
            return
        except AWAY:
            await asyncio.sleep(0.05)
            return
        for message in found:
            event = json.loads(message.data)["data"]
            key = event.get("answers")
            try:
                if key in self.events:
                    self.receipts[key] = event
                    self._heard_at = time.monotonic()
                    await message.ack()
                else:  # somebody else's answer, or news of an earlier report: left for whom it is meant
                    await message.nak(delay=OTHERS_LATER_S)
            except AWAY:  # it comes again, and says the same
                continue

    def report(self, name: str, elapsed: float) -> dict[str, Any]:
        """Every row accounted for: registered, repeated, or kept for repair with row number, field and reason."""
        states = Counter(receipt["state"] for receipt in self.receipts.values())
        kept, notes = [], []
        for key, (row, _) in self.events.items():
            receipt = self.receipts.get(key)
            if receipt and receipt["state"] == "kept_for_repair":
                kept.append(
                    {"row": row, **{part: receipt[part] for part in ("ticket", "field", "value", "reason", "remedy")}}
                )
            elif receipt and receipt.get("reason"):
                notes.append({"row": row, "number": receipt["number"], "note": receipt["reason"]})
        return {
            "file": name,
            "source": self.sender.source,
            "channel": self.sender.channel,
            "read": len(self.events),
            "registered": states["registered"],
            "repeated": states["repeated"],
            "kept_for_repair": states["kept_for_repair"],
            "linked": sum(1 for r in self.receipts.values() if r["state"] == "registered" and r.get("linked_to")),
            "unanswered": len(self.events) - len(self.receipts),
            "elapsed_s": round(elapsed, 3),
            "problems": kept,
            "notes": notes,
        }
