"""Notify's store made anew from the events on the bus, in a house that stands still."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nats.aio.client import Client
from nats.errors import TimeoutError as NothingThere
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from deploy.local import deployment
from deploy.local.deployment import Deployment, Plan
from services.notify.carriers.secrets import known, read_ways
from services.notify.main import desk_of
from services.notify.rebuild import KINDS, Heard, Report, rebuild
from services.notify.settings import NotifySettings
from shared import programme
from shared.errors import Refusal

STREAM = "EVENTS"
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it, and where the stores are. `kept`: the old one, if the new one is in its place."""

    report: Report
    store: Path
    kept: Path | None


def rebuild_house(data: Path, *, stopped_at: datetime | None = None, replace: bool = False) -> Rebuilt:
    """Start the servers of a folder without its services, make the store anew beside the old one, and stop.

    replace: put it in the old one's place, which is kept. Raises Refusal: the house runs, or there is no store.
    """
    layout, ports, state = deployment.opened(data)
    old = layout.database("notify")
    if not old.exists():
        remedy = "bring its last copy back: no event holds the directory's addresses"
        raise Refusal("store", str(old), "there is no old store", remedy, 404)
    plan = Plan(programme=state["programme"], clock=state["clock"], services=(), sources=())
    new = old.with_name("notify.rebuilt.db")
    for path in _files(new):
        path.unlink(missing_ok=True)
    with Deployment(data, ports, plan) as house:
        wanted = {name.removeprefix("MINPING_").lower(): value for name, value in house.settings("notify").items()}
        settings = NotifySettings.model_validate(wanted)
        rules = programme.load(settings.programme)
        desk = desk_of(settings, rules, known(read_ways(settings.channels_file, settings.channel_timeout_s)))
        messages = asyncio.run(_read(house))
    report = rebuild(
        desk, f"sqlite:///{new}", f"sqlite:///{old}", messages,
        programme=rules.key, stopped_at=stopped_at or datetime.now(UTC),
    )  # fmt: skip
    if not replace:
        return Rebuilt(report, new, None)
    return Rebuilt(report, old, _swap(old, new))


async def _read(house: Deployment) -> list[Heard]:
    async with house.bus.connect("provision") as client:
        return await events(client)


async def events(client: Client) -> list[Heard]:
    """All events of the stream that a store of notify is made of, in their order."""
    js = client.jetstream()
    last = (await js.stream_info(STREAM)).state.last_seq
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, deliver_policy=DeliverPolicy.ALL, inactive_threshold=60)
    reading = await js.pull_subscribe("minping.>", stream=STREAM, config=config)
    found: list[Heard] = []
    seen = 0
    while seen < last:
        try:
            batch = await reading.fetch(AT_ONCE, timeout=5)
        except NothingThere:
            break  # the last ones of the stream are gone
        for message in batch:
            seen = message.metadata.sequence.stream
            if message.subject in KINDS:
                found.append(Heard(message.subject, seen, message.data))
    await reading.unsubscribe()
    return found


def _swap(old: Path, new: Path) -> Path:
    kept = old.with_name(f"notify.before-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.db")
    for path, to in zip(_files(old), _files(kept), strict=True):
        if path.exists():
            path.rename(to)
    for path, to in zip(_files(new), _files(old), strict=True):
        if path.exists():
            path.rename(to)
    return kept


def _files(store: Path) -> tuple[Path, ...]:
    """A store with what belongs to it: SQLite's log and shared memory, the journals of letters and channels."""
    return tuple(Path(f"{store}{end}") for end in ("", "-wal", "-shm", "-letters"))
